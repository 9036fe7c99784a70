"""Keysight InfiniiVision: single shots over a known circuit (C3, Programmer's Guide)."""

import numpy as np
import pytest
from box_client import ask
from infiniivision_shots import no_error, preamble, set_up, trace
from known_sines import PEAK_V

from rig.virtual.boxes.keysight_infiniivision import KeysightInfiniiVision


@pytest.fixture
def scope(clock, sines):
    return KeysightInfiniiVision(clock, sines, np.random.default_rng(3), pace_error=0.0)


def test_it_says_who_it_is_and_starts_stopped(scope):
    assert ask(scope, "*IDN?") == "KEYSIGHT TECHNOLOGIES,DSO-X 4024A,MY00000001,07.30.2019051434"
    assert ask(scope, ":OPER:COND?;:AER?;:TER?") == "+0;+0;+0"
    assert ask(scope, ":CHAN1:DISP?;:CHAN2:DISP?;:WAV:FORM?;BYT?;UNS?") == "1;0;BYTE;MSBF;1"
    assert no_error(scope)


def test_a_single_shot_fills_waits_triggers_and_completes(scope, clock, sines):
    set_up(scope)
    sines.edges = [0.05, 1.2]
    ask(scope, ":AER?;:TER?;:SING")
    assert ask(scope, ":OPER:COND?;:AER?") == "+8;+0"
    clock.sleep_until(0.099)
    assert ask(scope, ":AER?;:TER?") == "+0;+0"
    clock.sleep_until(0.1)
    assert ask(scope, ":OPER:COND?;:AER?;:AER?") == "+40;+1;+0"
    clock.sleep_until(1.3)
    assert ask(scope, ":OPER:COND?;:TER?;:TER?") == "+8;+1;+0"
    clock.sleep_until(1.5999)
    assert ask(scope, ":OPER:COND?") == "+8"
    clock.sleep_until(1.6)
    assert ask(scope, ":OPER:COND?;:OPER?;:OPER?") == "+0;+40;+0"


def test_an_edge_before_the_trigger_is_live_does_not_count(scope, clock, sines):
    set_up(scope)
    sines.edges = [0.05]
    ask(scope, ":SING")
    clock.sleep_until(5.0)
    assert ask(scope, ":TER?;:OPER:COND?") == "+0;+40"


def test_the_record_lies_on_the_triggers_instant(scope, clock, sines):
    set_up(scope)
    sines.edges = [1.2345]
    ask(scope, ":SING")
    clock.sleep_until(2.0)
    t, volts = trace(scope)
    assert t[0] == pytest.approx(-0.1)
    assert len(t) == 50000
    assert t[1] - t[0] == pytest.approx(1e-5)
    true = PEAK_V * np.sin(2 * np.pi * 50 * (t + 1.2345))
    gain, offset = np.polyfit(true, volts, 1)
    assert abs(gain - 1.0) < 0.0101
    assert abs(offset) < 0.06 * 100.0
    assert np.std(volts - gain * true - offset) == pytest.approx(0.003 * 800.0, rel=0.15)


def test_a_channel_can_trigger_at_its_level_and_slope(scope, clock):
    set_up(scope, span=0.1, before=0.02, source="CHAN1")
    ask(scope, ":TRIG:EDGE:LEV 162.5,CHAN1;SLOP NEG")
    ask(scope, ":SING")
    clock.sleep_until(1.0)
    t, volts = trace(scope)
    at = np.argmin(np.abs(t))
    assert volts[at] == pytest.approx(162.5, abs=15.0)
    assert volts[at + 200] < volts[at - 200]


def test_a_level_off_the_screen_never_triggers(scope, clock):
    set_up(scope, span=0.1, before=0.02, source="CHAN1")
    ask(scope, ":CHAN1:SCAL 1;OFFS 0;:TRIG:EDGE:LEV 100;:SING")
    clock.sleep_until(1.0)
    assert ask(scope, ":TER?") == "+0"


def test_auto_sweep_triggers_by_itself_and_normal_does_not(scope, clock):
    set_up(scope, sweep="AUTO")
    ask(scope, ":SING")
    clock.sleep_until(0.2)
    assert ask(scope, ":TER?") == "+1"
    ask(scope, ":TRIG:SWE NORM;:SING")
    clock.sleep_until(9.0)
    assert ask(scope, ":TER?") == "+0"
    ask(scope, ":TRIG:FORC")
    assert ask(scope, ":TER?") == "+1"


def test_stop_before_the_end_leaves_the_part_that_is_there(scope, clock, sines):
    set_up(scope)
    sines.edges = [1.0]
    ask(scope, ":SING")
    clock.sleep_until(1.1)
    ask(scope, ":STOP")
    clock.sleep_until(5.0)
    t, _ = trace(scope)
    assert t[0] == pytest.approx(-0.1)
    assert t[-1] == pytest.approx(0.1, abs=2e-5)
    assert ask(scope, ":OPER:COND?") == "+0"


def test_run_then_stop_shows_the_newest_record(scope, clock, sines):
    set_up(scope, span=0.05, before=0.01, source="CHAN1")
    ask(scope, ":RUN")
    clock.sleep_until(100.0)
    assert ask(scope, ":OPER:COND?") == "+8"
    ask(scope, ":STOP")
    _, volts = trace(scope)
    assert sines.latest > 99.8
    assert np.ptp(volts) > 600.0


@pytest.mark.parametrize("prepare", ["", ":SING;:STOP", ":SING"])
def test_without_a_record_the_block_is_empty_and_the_error_says_why(scope, prepare):
    set_up(scope)
    ask(scope, prepare)
    assert ask(scope, ":WAV:DATA?") == "#800000000"
    assert ask(scope, ":SYST:ERR?") == '-230,"Data corrupt or stale"'


def test_a_channel_that_was_off_has_no_record(scope, clock, sines):
    set_up(scope)
    sines.edges = [1.0]
    ask(scope, ":SING")
    clock.sleep_until(2.0)
    ask(scope, ":CHAN2:DISP ON;:WAV:SOUR CHAN2")
    assert ask(scope, ":WAV:POIN?;:WAV:DATA?") == "+0;#800000000"


def test_waiting_all_day_does_not_keep_a_day_of_history(scope, clock, sines):
    set_up(scope)
    ask(scope, ":SING")
    clock.sleep_until(86_400.0)
    assert sines.kept[-1] > 86_400.0 - 11.0
    sines.edges = [86_400.5]
    clock.sleep_until(86_402.0)
    assert ask(scope, ":TER?") == "+1"
    t, _ = trace(scope)
    assert t[0] == pytest.approx(-0.1)
    clock.sleep_until(86_420.0)
    assert sines.kept[-1] == pytest.approx(86_400.4)
    assert clock.next_due() is None
    ask(scope, "*RST")
    assert sines.kept[-1] is None


def test_events_reach_the_status_byte(scope, clock, sines):
    set_up(scope)
    sines.edges = [1.0]
    ask(scope, ":OPEE 8;:SING")
    assert ask(scope, "*STB?") == "128"
    clock.sleep_until(1.1)
    assert ask(scope, "*STB?") == "129"
    assert ask(scope, "*CLS;*STB?") == "0"


def test_digitize_takes_the_named_channels_and_holds_the_interface_meanwhile(scope, clock):
    set_up(scope, span=0.2, before=0.1, source="CHAN1", sweep="AUTO")
    answer = scope.execute(b":DIG CHAN1,CHANnel3;*OPC?")
    assert answer.data == b"1"
    assert answer.turnaround_s == pytest.approx(0.1 + 0.04 + 0.1, abs=0.01)
    clock.sleep_until(clock.now() + answer.turnaround_s)
    assert ask(scope, ":OPER:COND?") == "+0"
    for channel, filled in ((1, True), (2, False), (3, True)):
        ask(scope, f":WAV:SOUR CHAN{channel}")
        assert (scope.execute(b":WAV:DATA?").data[:10] != b"#800000000") is filled
    ask(scope, "*CLS")
    ask(scope, ":DIG CHAN5")
    assert ask(scope, ":SYST:ERR?").startswith("-224")


def test_digitize_without_a_list_takes_what_is_displayed(scope, clock):
    set_up(scope, span=0.02, before=0.01, source="CHAN1", sweep="AUTO")
    clock.sleep_until(clock.now() + scope.execute(b":DIG").turnaround_s)
    assert no_error(scope)
    assert preamble(scope)[2] > 1000


def test_channels_are_shown_and_blanked_by_the_root_commands_too(scope):
    ask(scope, ":VIEW CHAN3")
    assert [ask(scope, f":STAT? CHAN{n}") for n in (1, 2, 3)] == ["1", "0", "1"]
    ask(scope, ":BLANK CHAN1")
    assert ask(scope, ":CHAN1:DISP?;:CHAN3:DISP?") in ("0;1", "+0;+1")
    ask(scope, ":BLAN")
    assert ask(scope, ":STAT? CHAN3") == "0"
    assert no_error(scope)


def test_the_probe_scales_the_screen(scope):
    ask(scope, ":CHAN2:SCAL 5;OFFS 1;PROB 100")
    assert ask(scope, ":CHAN2:SCAL?;OFFS?;RANG?") == "+5.00000E+01;+1.00000E+01;+4.00000E+02"
    assert ask(scope, ":CHAN2:SCAL 501;:SYST:ERR?") == '-222,"Data out of range"'


def test_digitizer_mode_takes_rate_and_depth_of_the_user(scope, clock, sines):
    set_up(scope)
    ask(scope, ":TIM:REF CENT;POS 0.2;:ACQ:SRAT 1E6;POIN 600000;:ACQ:DIG ON;:WAV:VIEW ALL")
    assert ask(scope, ":ACQ:DIG?;SRAT?;POIN?") == "1;+1.00000E+06;+600000"
    sines.edges = [1.0]
    ask(scope, ":SING")
    clock.sleep_until(2.0)
    ask(scope, ":WAV:POIN MAX")
    p = preamble(scope)
    assert (p[2], p[4], p[5]) == pytest.approx((600_000, 1e-6, -0.1))
    ask(scope, ":WAV:VIEW MAIN")
    p = preamble(scope)
    assert (p[2] * p[4], p[5]) == pytest.approx((0.5, -0.05), abs=2e-6)
    assert ask(scope, ":TIM:REF LEFT;:ACQ:DIG?") == "0"
