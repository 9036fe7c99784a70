"""Switching on: not before the box obeys us, and never left standing as an order for later."""

from contextlib import contextmanager

import pytest

from instruments.delta_sm15k import DeltaSm15k
from instruments.ea_psb10000 import EaPsb10000
from instruments.ea_psb_scpi import EaPsbScpi
from instruments.errors import BenchError
from instruments.itech_it6000c import ItechIt6000c
from instruments.keysight_rp7900 import KeysightRp7900
from instruments.ratings import SupplyRating

RATING = SupplyRating(500.0, 40.0, 10_000.0)
ANSWERS = {
    "SYST:ERR?": '0,"No error"',
    "SYST:LOCK:OWN?": "REMOTE",
    "STAT:QUES?": "2048",
    "STAT:QUES:COND?": "2048",
    "STAT:QUES1:COND?": "512",
    "STAT:QUES2:COND?": "0",
    "STAT:OPER:COND?": "4",
    "STAT:REG:A?": str(1 << 11),
    "STAT:REG:B?": "7",
    "FUNC?": "VOLT",
    "FUNC:MODE?": "FIX",
    "*OPC?": "1",
    "*IDN?": "Keysight Technologies,RP7952A,1,1",
}


class HeldOff:
    """A box that takes every order, and whose interlock keeps its terminals off."""

    name, address = "pack", "nowhere:1"

    def __init__(self, **differently):
        self.answers = ANSWERS | {"OUTP?": "0"} | differently
        self.said = []

    @contextmanager
    def transaction(self):
        yield

    def write(self, command):
        self.said.append(command)

    def query(self, command, *, after=()):
        self.said += after
        return ";".join(self.answers[each.lstrip(":")] for each in command.split(";"))

    @property
    def orders(self):
        return [each for each in self.said if each.startswith("OUTP")]


class HeldOffRegisters(HeldOff):
    def write_coil(self, address, on):
        self.said.append(f"OUTP {int(on)}" if address == 405 else f"coil {address}")

    def read_holding(self, address, count=1):
        return [0x4000, 0x0800]  # remote, REM-SB inhibits


@pytest.mark.parametrize("driver", [EaPsbScpi, DeltaSm15k, ItechIt6000c])
def test_an_order_to_switch_on_that_is_not_followed_is_taken_back(driver, clock):
    box = HeldOff()
    with pytest.raises(BenchError, match=r"report on within 0.5 s.*the order was taken back"):
        driver(box, clock, RATING).source.output_on()
    assert box.orders == ["OUTP ON", "OUTP OFF"]


def test_a_delta_whose_interlock_is_open_is_not_on_though_it_is_switched_on(clock):
    box = HeldOff(**{"OUTP?": "1"})
    with pytest.raises(BenchError, match=r"report on within 0.5 s.*INTERLOCK.*was taken back"):
        DeltaSm15k(box, clock, RATING).source.output_on()
    assert box.orders == ["OUTP ON", "OUTP OFF"]


def test_an_ea_over_modbus_takes_the_order_back_too(clock):
    box = HeldOffRegisters()
    with pytest.raises(BenchError, match=r"alarms: REM_SB; the order was taken back"):
        EaPsb10000(box, clock, RATING).source.output_on()
    assert box.orders == ["OUTP 1", "OUTP 0"]


def test_an_rp7900_that_is_inhibited_is_not_left_programmed_on(clock):
    box = HeldOff(**{"OUTP?": "1"})
    with pytest.raises(BenchError, match=r"no protection, got INH; the order was taken back"):
        KeysightRp7900(box, clock, RATING).source.output_on()
    assert box.orders == ["OUTP 1", "OUTP 0"]


def test_an_rp7900_is_switched_on_in_voltage_priority_only(clock):
    box = HeldOff(**{"FUNC?": "CURR"})
    with pytest.raises(BenchError, match=r"expected FUNC\? to answer VOLT"):
        KeysightRp7900(box, clock, RATING).source.output_on()
    assert box.orders == []


def test_a_delta_is_switched_on_only_where_its_values_come_from_ethernet(clock):
    box = HeldOff(**{"STAT:REG:B?": "3"})
    supply = DeltaSm15k(box, clock, RATING)
    with pytest.raises(BenchError, match="remote CV, CC and CP"):
        supply.source.output_on()
    assert "SYST:REM:CV Ethernet" in box.said
    assert box.orders == []


def test_a_delta_that_was_given_to_the_front_panel_meanwhile_is_not_switched_on(clock):
    box = HeldOff(**{"STAT:REG:A?": str(1 << 13)})
    supply = DeltaSm15k(box, clock, RATING)
    supply.source.output_on()
    box.answers["STAT:REG:B?"] = "0"
    box.said.clear()
    with pytest.raises(BenchError, match="set values to come from Ethernet"):
        supply.source.output_on()
    assert box.said == []


@pytest.mark.parametrize(("driver", "off"), [(DeltaSm15k, "OUTP OFF"), (KeysightRp7900, "OUTP 0")])
def test_switching_off_asks_for_nothing_first(driver, off, clock):
    box = HeldOff(**{"FUNC?": "CURR", "STAT:REG:B?": "0"})
    driver(box, clock, RATING).source.output_off()
    assert box.said == [off]
