"""EA PSB 10000 over Modbus: the published frames, the list of registers, what is refused."""

import struct

import pytest
from ea_bench import EaBench

from rig.virtual.boxes.ea_psb10000 import EaRating
from rig.virtual.boxes.ea_registers import load_registers


def test_the_published_frames_work_under_limited_compliance(ea):
    # facts A1.2
    assert ea.frame("00 05 01 92 FF 00 2D FA") == "00 05 01 92 FF 00 2D FA"
    assert ea.frame("00 01 01 92 00 01 5C 0A")[:14] == "00 01 02 FF 00"
    assert ea.frame("00 06 01 F4 CC CC 9D 40") == "00 06 01 F4 CC CC 9D 40"
    assert ea.frame("00 05 01 95 FF 00 9C 3B") == "00 05 01 95 FF 00 9C 3B"
    assert ea.frame("00 05 01 9B FF 00 FD F8") == "00 05 01 9B FF 00 FD F8"
    assert ea.frame("00 03 01 F9 00 02 14 17")[:20] == "00 03 04 00 00 08 86"
    assert ea.frame("00 03 01 FB 00 03 74 17")[:8] == "00 03 06"
    assert ea.terminals.setting.on
    assert ea.terminals.setting.voltage_v == pytest.approx(500)


def test_the_published_frames_work_under_full_compliance(ea):
    assert ea.frame("01 05 01 92 FF 00 2C 2B")[:8] == "01 85 02"
    ea.remote()
    ea.coil(10013, on=True)
    assert ea.frame("01 05 01 92 FF 00 2C 2B") == "01 05 01 92 FF 00 2C 2B"
    assert ea.frame("01 06 01 F5 66 66 33 8E") == "01 06 01 F5 66 66 33 8E"
    assert ea.request("01 01 0192 0001") == "01 01 01 01"
    assert ea.request("00 01 0195 0001") == "00 01 01 00"


def test_the_published_refusals_come_back(ea):
    ea.remote()
    ea.coil(10013, on=True)
    ea.coil(402, on=False)
    assert ea.frame("01 05 01 95 FF 00 9D EA") == "01 85 07 03 52"
    ea.box.press_local(True)
    assert ea.frame("01 05 01 92 FF 00 2C 2B") == "01 85 17 02 9E"


def test_the_nominal_voltage_of_an_80_v_model_reads_as_published():
    ea = EaBench(rating=EaRating(voltage_v=80.0))
    assert ea.request("00 03 0079 0002") == "00 03 04 42 A0 00 00"


def test_nominal_values_and_strings_stand_in_their_registers(ea):
    def text(register):
        return struct.pack(">20H", *ea.read(register, 20)).rstrip(b"\0").decode()

    assert ea.read(0) == [83]
    nominals = struct.unpack(">3f", struct.pack(">6H", *ea.read(121, 6)))
    assert nominals == (500.0, 90.0, 15000.0)
    assert text(1) == "PSB 10500-90"
    assert text(21) == "EA Elektro-Automatik GmbH&Co.KG"
    assert text(191).startswith("V3.10")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("00 04 01F9 0002", "84 01"),  # a function the box has not
        ("00 0F 0192 0001 01 01", "8F 01"),
        ("00 2B 0E01 0000", "AB 01"),
        ("00 03 0192 0001", "83 01"),  # a coil read as a register
        ("00 06 01F9 0000", "86 01"),  # status is read only
        ("00 01 01F4 0001", "81 01"),
        ("00 01 019B 0001", "81 01"),  # acknowledge is write only
        ("00 03 0190 0001", "83 02"),  # no such register
        ("00 03 01FB 0004", "83 02"),  # runs into a gap
        ("00 03 01F9 0003", "83 03"),  # two types in one request
        ("00 03 01F9 0001", "83 03"),  # half a value
        ("00 01 0192 0002", "81 03"),  # coils come one at a time
        ("00 05 0195 1234", "85 07"),  # remote comes before the value
        ("00 05 0192 1234", "85 03"),
        ("00 06 01F4 0000", "86 07"),  # nobody is in remote
        ("00 10 00AB 0001 02 4142", "90 07"),
    ],
)
def test_refusals_by_function_address_access_and_value(ea, body, code):
    assert ea.request(body) == f"00 {code}"


def test_an_order_takes_ff00_only(ea):
    ea.remote()
    assert ea.coil(411, on=False) == "00 85 03"


def test_a_string_may_be_read_in_part(ea):
    assert ea.request("00 03 0001 0002") == "00 03 04 50 53 42 20"


def test_a_block_is_written_up_to_its_border_and_not_beyond(ea):
    ea.remote()
    ea.request("00 10 00AB 0002 04 6162 6300")
    assert ea.read(171, 3) == [0x6162, 0x6300, 0]
    assert ea.request("00 10 00AB 0015 2A " + "41" * 42) == "00 90 03"
    assert ea.request("00 10 0384 0003 06 000000000000") == "00 90 03"
    assert ea.request("00 10 00AC 0001 02 4142") == "00 90 02"


def test_registers_without_a_meaning_keep_what_is_written(ea):
    ea.remote()
    ea.request("00 10 0384 0004 08 3F800000 40000000")
    assert ea.read(900, 16) == [0x3F80, 0, 0x4000, 0] + [0] * 12
    ea.write(859, 7)
    assert ea.read(859) == [7]


def test_every_readable_entry_of_the_list_answers(ea):
    for register in load_registers().values():
        count = min(register.count, 125)
        if 3 in register.functions:
            assert ea.request(f"00 03 {register.address:04X} {count:04X}")[3:5] == "03"
        if 1 in register.functions:
            assert ea.request(f"00 01 {register.address:04X} 0001")[3:5] == "01"


def test_every_function_not_listed_for_an_entry_is_refused_with_01(ea):
    requests = {1: "0001", 3: "0001", 5: "FF00", 6: "0000", 16: "0001 02 0000"}
    ea.remote()
    for register in list(load_registers().values())[:120]:
        for function, rest in requests.items():
            if function not in register.functions:
                reply = ea.request(f"00 {function:02X} {register.address:04X} {rest}")
                assert reply == f"00 {function | 0x80:02X} 01"


def test_a_wrong_crc_is_answered_with_05_and_the_line_goes_on(ea):
    assert ea.frame("00 03 01 F9 00 02 14 18")[:8] == "00 83 05"
    assert ea.frame("00 03 01 F9 00 02 14 17")[:8] == "00 03 04"


def test_a_first_byte_of_neither_protocol_gets_a_modbus_error(ea):
    assert ea.request("07 03 01F9 0002") == "07 83 02"
    assert ea.request("00 03 01F9 0002")[:8] == "00 03 04"
