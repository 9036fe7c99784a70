import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.clock import VirtualClock
from rig.virtual.boxes.ea_psb10000 import Alarm, EaPsb10000, EaRating, Interface
from rig.virtual.boxes.ea_registers import load_registers
from rig.virtual.modbus import seal
from rig.virtual.ports import SupplyReading


class Terminals:
    """Terminals whose reading a test sets; remembers what was applied."""

    def __init__(self):
        self.applied = []
        self.reading = SupplyReading(0.0, 0.0, 0.0, "CV")

    def apply(self, setting):
        self.applied.append(setting)

    def read(self):
        return self.reading

    def show(self, volts, amps, regulation="CV"):
        self.reading = SupplyReading(volts, amps, volts * amps, regulation)


class Wire:
    def __init__(self):
        self.sent, self.charged_s, self.open = b"", 0.0, True

    def send(self, data):
        self.sent += data

    def charge(self, turnaround_s):
        self.charged_s += turnaround_s

    def close(self):
        self.open = False


class Bench:
    def __init__(self, **options):
        self.clock = VirtualClock()
        self.terminals = Terminals()
        self.box = EaPsb10000(
            self.terminals, self.clock, np.random.default_rng(3), **{"meter_noise": 0.0, **options}
        )
        self.wire, self.session = self.connect()

    def connect(self, interface=Interface.ETHERNET):
        wire = Wire()
        return wire, self.box.service(interface)(wire)

    def frame(self, frame):
        """Send a whole frame and return the reply as it stood on the wire."""
        self.wire.sent = b""
        self.session.received(bytes.fromhex(frame))
        return self.wire.sent.hex(" ").upper()

    def ask(self, body):
        """Send a body to which the CRC is added; return the reply without CRC."""
        reply = bytes.fromhex(self.frame(seal(bytes.fromhex(body)).hex()))
        assert reply == b"" or reply == seal(reply[:-2])
        return reply[:-2].hex(" ").upper()

    def say(self, message):
        self.wire.sent = b""
        self.session.received(message.encode() + b"\n")
        return self.wire.sent.decode()

    def remote(self):
        assert self.ask("00 05 0192 FF00") == "00 05 01 92 FF 00"

    def write(self, register, value):
        return self.ask(f"00 06 {register:04X} {value:04X}")

    def coil(self, address, on):
        return self.ask(f"00 05 {address:04X} {'FF00' if on else '0000'}")

    def read(self, register, count=1):
        reply = bytes.fromhex(self.ask(f"00 03 {register:04X} {count:04X}"))
        assert reply[1] == 3, reply.hex(" ")
        return list(struct.unpack(f">{count}H", reply[3:]))

    def status(self):
        high, low = self.read(505, 2)
        return high << 16 | low

    def energise(self):
        self.remote()
        for register in (500, 501, 499):
            self.write(register, 52428)
        self.coil(405, on=True)


@pytest.fixture
def bench():
    return Bench()


def test_the_published_frames_work_under_limited_compliance(bench):
    # instruments.md A1.2
    assert bench.frame("00 05 01 92 FF 00 2D FA") == "00 05 01 92 FF 00 2D FA"
    assert bench.frame("00 01 01 92 00 01 5C 0A")[:14] == "00 01 02 FF 00"
    assert bench.frame("00 06 01 F4 CC CC 9D 40") == "00 06 01 F4 CC CC 9D 40"
    assert bench.frame("00 05 01 95 FF 00 9C 3B") == "00 05 01 95 FF 00 9C 3B"
    assert bench.frame("00 05 01 9B FF 00 FD F8") == "00 05 01 9B FF 00 FD F8"
    assert bench.frame("00 03 01 F9 00 02 14 17")[:20] == "00 03 04 00 00 08 86"
    assert bench.frame("00 03 01 FB 00 03 74 17")[:8] == "00 03 06"
    assert bench.terminals.applied[-1].on
    assert bench.terminals.applied[-1].voltage_v == pytest.approx(500)


def test_the_published_frames_work_under_full_compliance(bench):
    assert bench.frame("01 05 01 92 FF 00 2C 2B")[:8] == "01 85 02"
    bench.remote()
    bench.coil(10013, on=True)
    assert bench.frame("01 05 01 92 FF 00 2C 2B") == "01 05 01 92 FF 00 2C 2B"
    assert bench.frame("01 06 01 F5 66 66 33 8E") == "01 06 01 F5 66 66 33 8E"
    assert bench.ask("01 01 0192 0001") == "01 01 01 01"
    assert bench.ask("00 01 0195 0001") == "00 01 01 00"


def test_the_published_refusals_come_back():
    bench = Bench()
    bench.remote()
    bench.coil(10013, on=True)
    bench.coil(402, on=False)
    assert bench.frame(seal(bytes.fromhex("01 05 0195 FF00")).hex()) == "01 85 07 03 52"
    bench.box.press_local(True)
    assert bench.frame(seal(bytes.fromhex("01 05 0192 FF00")).hex()) == "01 85 17 02 9E"


def test_the_nominal_voltage_of_an_80_v_model_reads_as_published():
    bench = Bench(rating=EaRating(voltage_v=80.0))
    assert bench.ask("00 03 0079 0002") == "00 03 04 42 A0 00 00"


def test_nominal_values_and_strings_stand_in_their_registers(bench):
    def text(register):
        return struct.pack(">20H", *bench.read(register, 20)).rstrip(b"\0").decode()

    assert bench.read(0) == [83]
    nominals = struct.unpack(">3f", struct.pack(">6H", *bench.read(121, 6)))
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
def test_refusals_by_function_address_access_and_value(bench, body, code):
    assert bench.ask(body) == f"00 {code}"


def test_a_string_may_be_read_in_part(bench):
    assert bench.ask("00 03 0001 0002") == "00 03 04 50 53 42 20"


def test_a_block_is_written_up_to_its_border_and_not_beyond(bench):
    bench.remote()
    bench.ask("00 10 00AB 0002 04 6162 6300")
    assert bench.read(171, 3) == [0x6162, 0x6300, 0]
    assert bench.ask("00 10 00AB 0015 2A " + "41" * 42) == "00 90 03"
    assert bench.ask("00 10 0384 0003 06 000000000000") == "00 90 03"
    assert bench.ask("00 10 00AC 0001 02 4142") == "00 90 02"


def test_registers_without_a_meaning_keep_what_is_written(bench):
    bench.remote()
    bench.ask("00 10 0384 0004 08 3F800000 40000000")
    assert bench.read(900, 16) == [0x3F80, 0, 0x4000, 0] + [0] * 12
    bench.write(859, 7)
    assert bench.read(859) == [7]


def test_every_readable_entry_of_the_list_answers(bench):
    for register in load_registers().values():
        count = min(register.count, 125)
        if 3 in register.functions:
            assert bench.ask(f"00 03 {register.address:04X} {count:04X}")[3:5] == "03"
        if 1 in register.functions:
            assert bench.ask(f"00 01 {register.address:04X} 0001")[3:5] == "01"


def test_every_function_not_listed_for_an_entry_is_refused_with_01(bench):
    requests = {1: "0001", 3: "0001", 5: "FF00", 6: "0000", 16: "0001 02 0000"}
    bench.remote()
    for register in list(load_registers().values())[:120]:
        for function, rest in requests.items():
            if function not in register.functions:
                reply = bench.ask(f"00 {function:02X} {register.address:04X} {rest}")
                assert reply == f"00 {function | 0x80:02X} 01"


def test_a_wrong_crc_is_answered_with_05_and_the_line_goes_on(bench):
    assert bench.frame("00 03 01 F9 00 02 14 18")[:8] == "00 83 05"
    assert bench.frame("00 03 01 F9 00 02 14 17")[:8] == "00 03 04"


def test_a_first_byte_of_neither_protocol_gets_a_modbus_error(bench):
    assert bench.ask("07 03 01F9 0002") == "07 83 02"
    assert bench.ask("00 03 01F9 0002")[:8] == "00 03 04"


@pytest.mark.parametrize("register", [500, 501, 502, 499, 498])
def test_set_values_go_to_102_percent_and_no_further(bench, register):
    bench.remote()
    assert bench.write(register, 0xD0E5)[3:5] == "06"
    assert bench.write(register, 0xD0E6) == "00 86 03"
    assert bench.read(register) == [0xD0E5]


@pytest.mark.parametrize("register", [550, 553, 556, 569, 570])
def test_protections_go_to_110_percent_and_no_further(bench, register):
    bench.remote()
    assert bench.write(register, 0xE147)[3:5] == "06"
    assert bench.write(register, 0xE148) == "00 86 03"


def test_set_values_outside_the_adjustable_limits_are_refused(bench):
    bench.remote()
    bench.write(9000, 42000)
    bench.write(9001, 1000)
    assert bench.write(500, 42001) == "00 86 03"
    assert bench.write(500, 999) == "00 86 03"
    assert bench.write(500, 41000) == "00 06 01 F4 A0 28"
    assert bench.write(9001, 42001) == "00 86 03"


def test_set_values_reach_the_terminals_in_their_units(bench):
    bench.energise()
    for register, raw in ((500, 38797), (501, 26214), (499, 8738), (502, 52428), (498, 6991)):
        bench.write(register, raw)
    applied = bench.terminals.applied[-1]
    assert applied.voltage_v == pytest.approx(370.0, abs=0.01)
    assert applied.source_current_a == pytest.approx(45.0)
    assert applied.sink_current_a == pytest.approx(15.0)
    assert applied.source_power_w == pytest.approx(15000.0)
    assert applied.sink_power_w == pytest.approx(2000.1, abs=0.2)


def test_actual_values_are_unsigned_and_the_sink_bit_carries_the_sign(bench):
    bench.energise()
    bench.terminals.show(300.0, -45.0, "CC")
    raw = bench.read(507, 3)
    assert raw[0] * 500 / 52428 == pytest.approx(300.0, rel=1e-3)
    assert raw[1] * 90 / 52428 == pytest.approx(45.0, rel=1e-3)
    assert raw[2] * 15000 / 52428 == pytest.approx(13500.0, rel=2e-3)
    status = bench.status()
    assert status >> 12 & 1 == 1
    assert status >> 9 & 3 == 0b10
    bench.terminals.show(300.0, 45.0)
    bench.clock.sleep_until(0.01)
    assert bench.status() >> 12 & 1 == 0


def test_actual_values_end_at_125_percent(bench):
    bench.terminals.show(900.0, 0.0)
    assert bench.read(507) == [0xFFFF]


def test_the_meters_are_noisy_but_agree_within_one_instant():
    bench = Bench(meter_noise=1e-3)
    bench.energise()
    bench.terminals.show(300.0, 20.0)
    assert bench.read(507, 3) == bench.read(507, 3)
    shown = []
    for step in range(1, 30):
        bench.clock.sleep_until(step * 0.01)
        shown.append(bench.read(507)[0])
    assert len(set(shown)) > 5
    assert np.mean(shown) * 500 / 52428 == pytest.approx(300.0, abs=1.0)


def test_status_shows_location_remote_and_output(bench):
    assert bench.status() == 0
    bench.energise()
    assert bench.status() == 6 | 1 << 7 | 1 << 11
    bench.coil(402, on=False)
    assert bench.status() == 0
    assert not bench.terminals.applied[-1].on


def test_the_output_stays_as_it_is_after_remote_when_425_says_so(bench):
    bench.energise()
    bench.coil(425, on=True)
    bench.coil(402, on=False)
    assert bench.status() == 1 << 7
    assert bench.terminals.applied[-1].on


def test_ovp_latches_counts_and_waits_for_the_acknowledgement(bench):
    bench.energise()
    bench.write(550, 52428)
    bench.terminals.show(510.0, 1.0)
    bench.clock.sleep_until(1.5)
    assert not bench.terminals.applied[-1].on
    assert bench.status() & (1 << 16 | 1 << 15 | 1 << 7) == 1 << 16 | 1 << 15
    assert bench.coil(405, on=True) == "00 85 04"
    bench.coil(411, on=True)
    assert bench.status() >> 16 & 1 == 1  # its cause still stands
    bench.terminals.show(0.0, 0.0)
    bench.coil(411, on=True)
    assert bench.status() & (1 << 16 | 1 << 15) == 0
    assert bench.read(520) == [1]
    assert bench.coil(405, on=True) == "00 05 01 95 FF 00"


@pytest.mark.parametrize(
    ("threshold", "amps", "bits", "counter"),
    [
        (553, 50.0, 1 << 17, 521),
        (556, 50.0, 1 << 18, 522),
        (569, -50.0, 1 << 17 | 1 << 31, 525),
        (570, -50.0, 1 << 18 | 1 << 31, 526),
    ],
)
def test_current_and_power_protections_tell_source_from_sink(threshold, amps, bits, counter):
    bench = Bench()
    bench.energise()
    bench.write(threshold, 20000)
    bench.terminals.show(250.0, amps)
    assert bench.status() & 0xFFFF0000 == bits
    assert bench.status() >> 7 & 1 == 0
    assert bench.read(counter) == [1]


@pytest.mark.parametrize(
    ("action", "on", "bit", "alarm"), [(0, 1, 0, 0), (2, 1, 1, 0), (3, 0, 1, 1)]
)
def test_under_voltage_supervision_does_what_its_action_says(action, on, bit, alarm):
    bench = Bench()
    bench.energise()
    bench.terminals.show(200.0, 0.0)
    bench.write(559, 26214)
    bench.write(560, action)
    status = bench.status()
    assert (status >> 7 & 1, status >> 24 & 1, status >> 15 & 1) == (on, bit, alarm)


def test_overheating_switches_off_and_the_output_returns_by_itself(bench):
    bench.energise()
    bench.box.set_cause(Alarm.OT, True)
    assert bench.status() >> 19 & 1 == 1
    assert not bench.terminals.applied[-1].on
    bench.box.set_cause(Alarm.OT, False)
    assert bench.terminals.applied[-1].on
    assert bench.read(523) == [1]


def test_a_power_fail_leaves_the_output_off(bench):
    bench.energise()
    bench.box.set_cause(Alarm.PF, True)
    bench.box.set_cause(Alarm.PF, False)
    assert bench.status() & (1 << 21 | 1 << 7) == 1 << 21


def test_connections_of_one_interface_share_remote_and_another_interface_is_refused(bench):
    bench.remote()
    usb = Bench.__new__(Bench)
    usb.wire, usb.session = bench.connect(Interface.USB)
    assert usb.ask("00 06 01F4 1000") == "00 86 07"
    assert usb.ask("00 05 0192 FF00") == "00 85 07"
    assert usb.ask("00 05 0192 0000") == "00 85 07"
    assert usb.ask("00 03 01F4 0001") == "00 03 02 00 00"
    second = Bench.__new__(Bench)
    second.wire, second.session = bench.connect()
    assert second.ask("00 06 01F4 1000") == "00 06 01 F4 10 00"
    bench.coil(402, on=False)
    assert usb.ask("00 05 0192 FF00") == "00 05 01 92 FF 00"
    assert bench.status() & 0x1F == 3


def test_local_throws_remote_out(bench):
    bench.energise()
    bench.box.press_local(True)
    assert bench.status() == 1
    assert bench.write(500, 0) == "00 86 17"
    bench.box.press_local(False)
    bench.remote()


def test_remote_outlives_the_connection(bench):
    bench.energise()
    bench.session.closed()
    bench.wire, bench.session = bench.connect()
    assert bench.status() >> 11 & 1 == 1
    assert bench.terminals.applied[-1].on


def test_an_idle_connection_is_closed_after_5_s(bench):
    bench.clock.sleep_until(4.0)
    bench.status()
    bench.clock.sleep_until(8.9)
    assert bench.wire.open
    bench.clock.sleep_until(9.1)
    assert not bench.wire.open


def test_the_idle_time_can_be_set_and_0_means_never(bench):
    bench.remote()
    assert bench.write(10889, 4) == "00 86 03"
    bench.write(10889, 60)
    bench.clock.sleep_until(50.0)
    assert bench.wire.open
    bench.write(10889, 0)
    bench.clock.sleep_until(5000.0)
    assert bench.wire.open
    bench.write(10889, 5)
    bench.clock.sleep_until(5010.0)
    assert not bench.wire.open


def test_the_usb_port_has_no_idle_time(bench):
    wire, _ = bench.connect(Interface.USB)
    bench.clock.sleep_until(100.0)
    assert wire.open


def test_a_warm_start_leaves_remote_switches_off_and_hangs_up(bench):
    bench.energise()
    assert bench.coil(410, on=True) == "00 05 01 9A FF 00"
    assert not bench.terminals.applied[-1].on
    bench.clock.sleep_until(0.01)
    assert not bench.wire.open
    bench.wire, bench.session = bench.connect()
    assert bench.status() == 0
    assert bench.read(500) == [52428]


def test_a_warm_start_restores_the_output_when_408_says_so(bench):
    bench.energise()
    assert bench.write(408, 1) == "00 86 03"
    bench.write(408, 0xFFFE)
    bench.coil(410, on=True)
    assert bench.terminals.applied[-1].on


def test_a_factory_reset_brings_the_defaults_back(bench):
    bench.energise()
    bench.coil(10013, on=True)
    bench.coil(432, on=True)
    assert bench.read(500) == [0]
    assert bench.read(550) == [0xE147]
    assert not bench.terminals.applied[-1].on


def test_an_order_takes_ff00_only(bench):
    bench.remote()
    assert bench.coil(411, on=False) == "00 85 03"


def test_either_protocol_can_be_switched_off_but_not_both(bench):
    bench.remote()
    bench.coil(10011, on=False)
    assert bench.say("*IDN?") == ""
    assert bench.coil(10010, on=False) == "00 85 04"
    bench.coil(10011, on=True)
    bench.coil(10010, on=False)
    assert bench.frame("00 03 01 F9 00 02 14 17") == ""
    assert bench.say("OUTP?") == "OFF\n"


def test_scpi_and_modbus_share_one_connection_and_one_state(bench):
    bench.session.received(
        b"SYST:LOCK ON;VOLT 370\nVOLT?\n" + seal(bytes.fromhex("0003 01F4 0001"))
    )
    text, frame = bench.wire.sent.split(b"\n", 1)
    assert text == b"370.0V"
    assert frame == seal(bytes.fromhex("0003 02 978D"))


def test_each_message_costs_5_ms(bench):
    bench.wire.charged_s = 0.0
    bench.status()
    bench.say("*IDN?")
    bench.say("SYST:LOCK ON")
    assert bench.wire.charged_s == pytest.approx(0.015)


def test_nothing_flows_before_it_is_asked_for(bench):
    assert [setting.on for setting in bench.terminals.applied] == [False]
    assert bench.terminals.applied[0].source_current_a == 0


messages = st.sampled_from(
    [
        seal(bytes.fromhex("0003 01F9 0002")),
        seal(bytes.fromhex("0005 0192 FF00")),
        seal(bytes.fromhex("0006 01F4 1234")),
        seal(bytes.fromhex("0010 00AB 0002 04 41424344")),
        b"*IDN?\n",
        b"SYST:LOCK ON;VOLT 12.5V\r\n",
        b"MEAS:ARR?;FOO\n",
        b"SYST:ERR:ALL?\n",
        b"\n",
        b"X" * 400 + b"\n",
    ]
)


@settings(deadline=None, max_examples=60)
@given(st.lists(messages, max_size=8), st.data())
def test_splits_do_not_matter(sent, data):
    stream = b"".join(sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    whole, split = Bench(), Bench()
    whole.session.received(stream)
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        split.session.received(stream[start:end])
    assert split.wire.sent == whole.wire.sent


@settings(deadline=None, max_examples=150)
@given(st.lists(st.one_of(st.binary(max_size=60), messages), max_size=6))
def test_no_bytes_crash_the_box_and_it_answers_again(pieces):
    bench = Bench()
    for piece in pieces:
        bench.session.received(piece)
    bench.clock.sleep_until(1.0)
    bench.session.received(b"\n")
    bench.clock.sleep_until(2.0)
    assert bench.say("OUTP?").endswith(("ON\n", "OFF\n"))


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 0xFFFF), st.sampled_from([1, 3, 5, 6, 16]), st.binary(max_size=12))
def test_no_sealed_request_crashes_the_box(address, function, rest):
    bench = Bench()
    bench.remote()
    body = bytes([0, function]) + address.to_bytes(2, "big") + rest
    bench.session.received(seal(body))
    bench.clock.sleep_until(1.0)
    bench.session.received(b"\n")
