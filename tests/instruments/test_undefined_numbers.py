"""SCPI says "no number" by a number (9.9E37, 9.91E37): that is never taken for a reading."""

import math
import struct
from contextlib import contextmanager

import pytest

from instruments.chroma_63800 import Chroma63800
from instruments.delta_sm15k import DeltaSm15k
from instruments.errors import BenchError
from instruments.itech_it8600 import ItechIt8600
from instruments.keysight_rp7900 import KeysightRp7900
from instruments.ratings import AcLoadRating, SupplyRating
from instruments.scpi import parse_number
from instruments.yokogawa_wt500 import YokogawaWt500

LOAD = AcLoadRating(voltage_v=350.0, current_a=30.0, power_w=3600.0)
SUPPLY = SupplyRating(voltage_v=500.0, current_a=40.0, power_w=10_000.0)
CHROMA = "MEAS:VOLT?;CURR?;FREQ?;POW?;POW:APP?;PFAC?"
NOTHING = ("9.91E+37", "+9.90000E+37", "-9.9E37", "1e999")


@pytest.mark.parametrize("reply", NOTHING)
def test_scpis_words_for_over_range_and_no_data_are_no_numbers(reply):
    with pytest.raises(ValueError, match="not a number"):
        parse_number(reply)


@pytest.mark.parametrize("reply", NOTHING)
def test_a_supply_without_a_reading_is_a_bench_error(scripted_scpi, clock, reply):
    supply = KeysightRp7900(
        scripted_scpi(("MEAS:VOLT?;:FETC:CURR?", f"{reply};1.0")), clock, SUPPLY
    )
    with pytest.raises(BenchError, match="expected 2 numbers"):
        supply.measure()
    supply = DeltaSm15k(scripted_scpi(("MEAS:VOL?", reply)), clock, SUPPLY)
    with pytest.raises(BenchError, match="expected a number"):
        supply.measure()


def test_a_load_without_voltage_has_neither_frequency_nor_power_factor(scripted_scpi, clock):
    load = Chroma63800(scripted_scpi((CHROMA, "0.1;0.0;9.91E+37;0.0;0.0;NAN")), clock, LOAD)
    reading = load.measure()
    assert (reading.voltage_v, reading.current_a, reading.power_w) == (0.1, 0.0, 0.0)
    assert math.isnan(reading.frequency_hz)
    assert math.isnan(reading.power_factor)


@pytest.mark.parametrize("place", [0, 1, 3, 4])
def test_a_load_without_volts_amps_watts_or_va_is_a_bench_error(scripted_scpi, clock, place):
    parts = ["230.0", "1.0", "50.0", "230.0", "230.0", "1.0"]
    parts[place] = "9.91E+37"
    load = Chroma63800(scripted_scpi((CHROMA, ";".join(parts))), clock, LOAD)
    with pytest.raises(BenchError, match="expected 6 numbers"):
        load.measure()


def test_an_it8600_need_not_know_what_is_not_asked_of_it(scripted_scpi, clock):
    values = [str(float(n)) for n in range(19)]
    for unasked in (0, 2, 3, 4, 5, 7, 10, 11, 12, 13, 14, 15, 16, 17, 18):
        values[unasked] = "9.91E+37"
    reading = ItechIt8600(scripted_scpi(("MEAS?", ",".join(values))), clock, LOAD).measure()
    assert (reading.voltage_v, reading.current_a) == (6.0, 1.0)
    assert (reading.power_w, reading.apparent_va) == (8.0, 9.0)
    assert math.isnan(reading.frequency_hz)
    assert math.isnan(reading.power_factor)


@pytest.mark.parametrize("place", [1, 6, 8, 9])
def test_an_it8600_must_know_volts_amps_watts_and_va(scripted_scpi, clock, place):
    values = ["1.0"] * 19
    values[place] = "9.9E+37"
    load = ItechIt8600(scripted_scpi(("MEAS?", ",".join(values))), clock, LOAD)
    with pytest.raises(BenchError, match="expected 19 numbers"):
        load.measure()


@pytest.mark.parametrize("word", ["fe94f56a", "7f800000", "7fc00000"])
def test_an_analyser_that_answers_no_finite_power_is_a_bench_error(word):
    class Analyser:
        name, address = "analyser_ac", "nowhere:1"

        @contextmanager
        def transaction(self):
            yield

        def write(self, command):
            pass

        def query(self, command, *, after=()):
            return '0,"No error"' if command == "STAT:ERR?" else "1"

        def query_block(self, command):
            return struct.pack(">2f", 230.0, 1.0) + bytes.fromhex(word) + bytes(7 * 4)

    with pytest.raises(BenchError, match="expected a value of P,1, got"):
        YokogawaWt500(Analyser(), None).measure([1])
