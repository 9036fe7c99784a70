"""Yokogawa WT500: update periods, items, registers, integration (C1)."""

import math
import struct

import numpy as np
import pytest
from box_client import ask

from rig.virtual.boxes.yokogawa_wt500 import YokogawaWt500
from rig.virtual.ports import AcQuantities


class Outlet:
    """An AC element whose current steps at a known instant."""

    def __init__(self) -> None:
        self.spans: list[tuple[float, float]] = []
        self.step_s, self.before, self.after = 1.0, 5.0, 10.0

    def average(self, start_s: float, end_s: float) -> AcQuantities:
        self.spans.append((start_s, end_s))
        part = min(max((end_s - self.step_s) / (end_s - start_s), 0.0), 1.0)
        amps = self.before + part * (self.after - self.before)
        return AcQuantities(230.0, amps, 230.0 * amps, 0.0, 50.0, 325.3, amps * 1.414, 1.5, 0.2)


class Pack:
    def __init__(self) -> None:
        self.amps = -20.0

    def average(self, start_s: float, end_s: float) -> AcQuantities:
        return AcQuantities(350.0, self.amps, 350.0 * self.amps, 0.0, 0.0, 350.0, 20.0, 0.0)


@pytest.fixture
def outlet():
    return Outlet()


@pytest.fixture
def pack():
    return Pack()


@pytest.fixture
def analyser(clock, outlet, pack):
    box = YokogawaWt500(clock, [outlet, pack], np.random.default_rng(7))
    box.execute(b":COMM:HEAD OFF")
    return box


def values(box):
    return [float(word) for word in ask(box, ":NUM:NORM:VAL?").split(",")]


def items(box, *wanted):
    ask(box, f":NUM:NORM:NUM {len(wanted)}")
    for n, item in enumerate(wanted, 1):
        ask(box, f":NUM:NORM:ITEM{n} {item}")
    assert ask(box, ":STAT:ERR?") == '0,"No error"'


def test_replies_carry_headers_until_they_are_switched_off(clock, outlet):
    box = YokogawaWt500(clock, [outlet], np.random.default_rng(7))
    assert ask(box, "*IDN?") == "YOKOGAWA,760203,0,F2.01"
    assert ask(box, ":RATE?") == ":RATE 500.00E-03"
    assert ask(box, ":NUM:NORM:ITEM2 U,1;ITEM2?") == ":NUMERIC:NORMAL:ITEM2 U,1"
    assert ask(box, ":COMM:VERB OFF;:NUM:ITEM2?") == ":NUM:NORM:ITEM2 U,1"
    assert ask(box, ":STAT:COND?") == "0"
    assert ask(box, ":COMM:HEAD OFF;HEAD?;:RATE?") == "0;500.00E-03"


def test_before_the_first_update_there_are_no_data(analyser, clock):
    items(analyser, "U,1", "NONE")
    assert ask(analyser, ":NUM:NORM:VAL?") == "NAN,NAN"
    clock.sleep_until(0.5)
    assert values(analyser)[0] == pytest.approx(230.0, rel=1e-3)


def test_a_reading_is_the_mean_of_the_last_complete_period(analyser, clock, outlet):
    ask(analyser, ":RATE 250MS")
    items(analyser, "I,1")
    outlet.step_s = 1.0625
    clock.sleep_until(1.24)
    assert values(analyser)[0] == pytest.approx(5.0, abs=0.02)
    assert outlet.spans[-1] == pytest.approx((0.75, 1.0))
    clock.sleep_until(1.26)
    assert values(analyser)[0] == pytest.approx(5.0 + 0.75 * 5.0, abs=0.02)
    assert outlet.spans[-1] == pytest.approx((1.0, 1.25))


def test_a_reading_stands_still_until_the_next_update(analyser, clock):
    items(analyser, "U,1", "I,1", "P,1")
    clock.sleep_until(3.1)
    first = ask(analyser, ":NUM:NORM:VAL?")
    clock.sleep_until(3.49)
    assert ask(analyser, ":NUM:NORM:VAL?") == first
    clock.sleep_until(3.51)
    second = ask(analyser, ":NUM:NORM:VAL?")
    assert second != first
    ask(analyser, ":NUM:HOLD ON")
    clock.sleep_until(9.0)
    assert ask(analyser, ":NUM:NORM:VAL?") == second


def test_updates_are_aligned_to_the_clock_also_after_a_change_of_rate(analyser, clock):
    items(analyser, "U,1")
    clock.sleep_until(10.3)
    ask(analyser, ":RATE 2")
    clock.sleep_until(13.9)
    assert ask(analyser, ":NUM:NORM:VAL?") == "NAN"
    clock.sleep_until(14.0)
    assert values(analyser)[0] == pytest.approx(230.0, rel=1e-3)


def test_the_sync_pattern_gives_one_reading_per_update(analyser, clock, outlet):
    items(analyser, "I,1")
    ask(analyser, ":RATE 100MS;:STAT:FILT1 FALL;:STAT:EESR?")
    ends = []
    for _ in range(20):
        clock.sleep_until(clock.now() + analyser.execute(b":COMM:WAIT 1").turnaround_s)
        values(analyser)
        ends.append(round(outlet.spans[-1][1], 6))
        assert ask(analyser, ":STAT:EESR?") == "1"
    first = round(ends[0] * 10)
    assert ends == [round(0.1 * n, 6) for n in range(first, first + 20)]


def test_a_wait_costs_nothing_when_the_event_is_there_already(analyser, clock):
    ask(analyser, ":STAT:FILT1 FALL;:STAT:EESR?")
    clock.sleep_until(0.6)
    assert analyser.execute(b":COMM:WAIT 1").turnaround_s == pytest.approx(0.005)
    ask(analyser, ":STAT:EESR?")
    assert analyser.execute(b":COMM:WAIT 1").turnaround_s == pytest.approx(0.405)


def test_a_wait_for_what_no_filter_lets_through_blocks(analyser):
    assert analyser.execute(b":COMM:WAIT 1").turnaround_s > 59.0


def test_filters_answer_and_the_summary_reaches_the_status_byte(analyser, clock):
    ask(analyser, ":STAT:FILT1 BOTH;FILT2 RISE;:STAT:EESE 1")
    assert ask(analyser, ":STAT:FILT1?;FILT2?;FILT3?") == "BOTH;RISE;NEV"
    clock.sleep_until(0.7)
    assert ask(analyser, "*STB?") == ask(analyser, ":STAT:SPOL?") == "8"
    assert ask(analyser, ":STAT:EESR?;EESR?") == "1;0"
    assert ask(analyser, "*STB?") == "0"


def test_blocks_are_single_precision_most_significant_byte_first(analyser, clock):
    items(analyser, "U,1", "NONE", "FU,2")
    clock.sleep_until(1.0)
    ask(analyser, ":NUM:FORM FLO")
    data = analyser.execute(b":NUM:NORM:VAL?").data
    assert data[:6] == b"#40012"
    assert struct.unpack(">f", data[6:10])[0] == pytest.approx(230.0, rel=1e-3)
    assert data[10:].hex().upper() == "7E951BEE" + "7E94F56A"
    assert struct.unpack(">2f", data[10:]) == pytest.approx((9.91e37, 9.9e37))


def test_items_of_an_ac_element(analyser, clock):
    items(analyser, "S,1", "Q,1", "LAMB,1", "FU,1", "UTHD,1", "UDC,1", "UK,1,1", "CFU,1", "UK,1,3")
    clock.sleep_until(0.5)
    s, q, factor, hertz, thd, dc, fundamental, crest, third = values(analyser)
    assert s == pytest.approx(1150.0, abs=3.0)
    assert q == 0.0
    assert factor == pytest.approx(1.0, abs=2e-3)
    assert hertz == pytest.approx(50.0, abs=0.05)
    assert thd == pytest.approx(1.5, abs=0.06)
    assert dc == pytest.approx(0.2, abs=0.05)
    assert fundamental == pytest.approx(230.0 / math.hypot(1, 0.015), rel=1e-3)
    assert crest == pytest.approx(1.414, abs=0.01)
    assert math.isnan(third)


def test_a_dc_element_shows_signed_dc_and_unsigned_rms(analyser, clock):
    items(analyser, "UDC,2", "IDC,2", "I,2", "P,2", "FU,2", "IAC,2")
    clock.sleep_until(0.5)
    volts, direct, rms, watts, hertz, alternating = values(analyser)
    assert volts == pytest.approx(350.0, rel=1e-3)
    assert direct == pytest.approx(-20.0, rel=2e-3)
    assert rms == pytest.approx(20.0, rel=2e-3)
    assert watts == pytest.approx(-7000.0, rel=2e-3)
    assert math.isinf(hertz)
    assert alternating == pytest.approx(0.0, abs=1e-6)


def test_beyond_its_range_an_element_shows_infinity_and_says_so(analyser, clock):
    items(analyser, "U,1", "I,1", "P,1", "U,2")
    ask(analyser, ":INP:CURR:RANG:ELEM1 0.5A;:INP:VOLT:RANG:ALL 600V")
    clock.sleep_until(0.5)
    reply = ask(analyser, ":NUM:NORM:VAL?").split(",")
    assert reply[1:3] == ["INF", "INF"]
    assert float(reply[0]) == pytest.approx(230.0, rel=1e-3)
    assert int(ask(analyser, ":STAT:COND?")) & 0x8700 == 0x8100
    ask(analyser, ":INP:CURR:AUTO:ELEM1 ON")
    assert "INF" not in ask(analyser, ":NUM:NORM:VAL?")
    assert int(ask(analyser, ":STAT:COND?")) & 0x8700 == 0
    assert ask(analyser, ":INP:CURR:RANG 7;:STAT:ERR?") == '222,"Data out of range"'


def test_errors_are_positive_numbers(analyser):
    assert ask(analyser, ":FOO 1;:STAT:ERR?;ERR?") == '113,"Undefined Header";0,"No error"'
    for _ in range(30):
        ask(analyser, ":FOO")
    replies = [ask(analyser, ":STAT:ERR?") for _ in range(17)]
    assert replies[-2:] == ['350,"Queue overflow"', '0,"No error"']


def test_integration_counts_energy_charge_and_time(analyser, clock, pack):
    items(analyser, "WH,1", "AH,2", "AHM,2", "AHP,2", "TIME", "WH,SIGMA")
    clock.sleep_until(2.0)
    ask(analyser, ":INTEG:STAR")
    assert int(ask(analyser, ":STAT:COND?")) & 6 == 2
    clock.sleep_until(1802.0)
    ask(analyser, "*STB?")
    pack.amps = 10.0
    clock.sleep_until(3602.0)
    ask(analyser, ":INTEG:STOP")
    clock.sleep_until(4000.0)
    energy, charge, out, into, seconds, total = values(analyser)
    assert energy == pytest.approx(2300.0, rel=2e-3)
    assert (charge, out, into) == pytest.approx((-5.0, -10.0, 5.0), abs=0.02)
    assert seconds == pytest.approx(3600.0)
    assert total == pytest.approx(2300.0 - 350.0 * 5.0, rel=0.01)
    assert ask(analyser, ":INTEG:STAT?;RES;STAT?") == "STOP;RESET"
    assert values(analyser)[0] == 0.0


def test_the_timer_ends_integration_by_itself(analyser, clock):
    items(analyser, "TIME", "WH,1")
    ask(analyser, ":INTEG:TIM 0,1,30;STAR")
    assert int(ask(analyser, ":STAT:COND?")) & 6 == 6
    clock.sleep_until(1000.0)
    assert ask(analyser, ":INTEG:STAT?;TIM?") == "TIMEUP;0,1,30"
    assert values(analyser) == [90.0, pytest.approx(2300.0 / 40.0, rel=0.01)]
    assert ask(analyser, ":INTEG:STAR;:STAT:ERR?") == '221,"Settings conflict"'


def test_reset_keeps_communication_settings(analyser):
    ask(analyser, ":RATE 1;:NUM:NORM:ITEM1 U,1;:NUM:FORM FLO;*RST")
    reply = ask(analyser, ":RATE?;:NUM:FORM?;:NUM:NORM:ITEM1?;:COMM:HEAD?")
    assert reply == "500.00E-03;ASC;NONE;0"
