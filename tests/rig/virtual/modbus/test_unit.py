import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.virtual.modbus import Refusal, Unit


class Memory(Unit):
    """Sixteen coils and sixteen registers."""

    def __init__(self):
        self.coils = [False] * 16
        self.registers = [0] * 16

    def _check(self, address, count):
        if address + count > 16:
            raise Refusal(2)

    def read_coils(self, address, count):
        self._check(address, count)
        return self.coils[address : address + count]

    def read_discrete_inputs(self, address, count):
        return [bit % 2 == 0 for bit in range(count)]

    def read_holding(self, address, count):
        self._check(address, count)
        return self.registers[address : address + count]

    def read_input(self, address, count):
        return [0x1234] * count

    def write_coil(self, address, on):
        self._check(address, 1)
        self.coils[address] = on

    def write_register(self, address, value):
        self._check(address, 1)
        self.registers[address] = value

    def write_coils(self, address, on):
        self._check(address, len(on))
        self.coils[address : address + len(on)] = on

    def write_registers(self, address, values):
        self._check(address, len(values))
        self.registers[address : address + len(values)] = values


def ask(unit, request):
    return unit.handle(bytes.fromhex(request)).hex(" ")


def test_each_function_is_answered_in_the_standard_form():
    unit = Memory()
    assert ask(unit, "05 0003 FF00") == "05 00 03 ff 00"
    assert ask(unit, "01 0000 0008") == "01 01 08"
    assert ask(unit, "02 0000 000A") == "02 02 55 01"
    assert ask(unit, "06 0001 BEEF") == "06 00 01 be ef"
    assert ask(unit, "10 0002 0002 04 0001 0002") == "10 00 02 00 02"
    assert ask(unit, "03 0001 0003") == "03 06 be ef 00 01 00 02"
    assert ask(unit, "04 0000 0001") == "04 02 12 34"


def test_many_coils_are_written_lowest_bit_first():
    unit = Memory()
    assert ask(unit, "0F 0002 000A 02 05 02") == "0f 00 02 00 0a"
    assert [index for index, on in enumerate(unit.coils) if on] == [2, 4, 11]


@pytest.mark.parametrize(
    ("request_hex", "reply"),
    [
        ("03 0000 0000", "83 03"),
        ("03 0000 007E", "83 03"),
        ("01 0000 07D1", "81 03"),
        ("03 FFFF 0002", "83 02"),
        ("03 0010 0001", "83 02"),
        ("05 0000 1234", "85 03"),
        ("0F 0000 0008 02 FF FF", "8f 03"),
        ("10 0000 0002 04 0001", "90 03"),
        ("10 0000 0001 03 0001 00", "90 03"),
        ("03 0000", "83 03"),
        ("03 0000 0001 00", "83 03"),
        ("2B 0E 01 00 00", "ab 01"),
    ],
)
def test_a_request_that_cannot_be_obeyed_is_refused_with_the_standard_code(request_hex, reply):
    assert ask(Memory(), request_hex) == reply


def test_a_bare_unit_refuses_every_function_it_has_no_hook_for():
    for function in (1, 2, 3, 4, 5, 6):
        assert Unit().handle(bytes([function, 0, 0, 0, 0 if function == 5 else 1])) == bytes(
            [function | 0x80, 1]
        )


def test_a_refusal_may_carry_a_code_outside_the_standard():
    class Local(Unit):
        def write_coil(self, address, on):
            raise Refusal(0x17)

    assert ask(Local(), "05 0192 FF00") == "85 17"


@given(st.binary(max_size=300))
def test_no_request_crashes_a_unit(pdu):
    reply = Memory().handle(pdu)
    assert reply is None if not pdu else reply[0] & 0x7F == pdu[0] & 0x7F
