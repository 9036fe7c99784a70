"""Keysight InfiniiVision: single shots over a known circuit (C3, Programmer's Guide)."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.clock import VirtualClock
from rig.virtual.boxes.keysight_infiniivision import KeysightInfiniiVision
from rig.virtual.boxes.scope_panel import ladder

PEAK = 325.0


class Sines:
    """A 50 Hz sine on every channel, scaled by the channel; trigger edges at known instants."""

    def __init__(self, clock) -> None:
        self.clock, self.edges, self.kept, self.latest = clock, [], [], 0.0

    def samples(self, channel, t_s):
        self.latest = max(self.latest, float(t_s[-1]))
        assert self.latest <= self.clock.now() + 1e-9, "samples of the future"
        return PEAK / channel * np.sin(2.0 * np.pi * 50.0 * t_s)

    def crossing(self, channel, level, slope, start_s, end_s):
        phase = math.asin(level * channel / PEAK) / (2.0 * np.pi)
        first = {"rising": [phase], "falling": [0.5 - phase], "either": [phase, 0.5 - phase]}[slope]
        times = [(math.ceil(start_s * 50.0 - p - 1e-9) + p) / 50.0 for p in first]
        return min(times) if min(times) <= end_s else None

    def external_trigger(self, start_s, end_s):
        return next((t for t in self.edges if start_s <= t <= end_s), None)

    def keep_from(self, start_s):
        self.kept.append(start_s)


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture
def sines(clock):
    return Sines(clock)


@pytest.fixture
def scope(clock, sines):
    return KeysightInfiniiVision(clock, sines, np.random.default_rng(3), pace_error=0.0)


def ask(box, message):
    return box.execute(message.encode()).data.decode("latin-1")


def no_error(box):
    return ask(box, ":SYST:ERR?") == '+0,"No error"'


def set_up(box, *, span=0.5, before=0.1, source="EXT", sweep="NORM"):
    """Full-scale 800 V; the reference LEFT is one division from the edge."""
    ask(box, ":CHAN1:PROB 100;SCAL 100;OFFS 0;DISP ON")
    ask(box, f":TIM:RANG {span};REF LEFT;POS {span / 10 - before:.9f}")
    ask(box, f":TRIG:MODE EDGE;SWE {sweep};:TRIG:EDGE:SOUR {source};SLOP POS;LEV 0")
    ask(box, ":WAV:SOUR CHAN1;FORM WORD;BYT LSBF;UNS ON;:WAV:POIN:MODE RAW;:WAV:POIN 50000")
    assert no_error(box)


def preamble(box):
    return [float(word) for word in ask(box, ":WAV:PRE?").split(",")]


def trace(box, dtype="<u2"):
    p = preamble(box)
    data = box.execute(b":WAV:DATA?").data
    assert data[:2] == b"#8"
    raw = np.frombuffer(data[10:], dtype=dtype).astype(float)
    assert len(raw) == p[2]
    t = (np.arange(len(raw)) - p[6]) * p[4] + p[5]
    return t, (raw - p[9]) * p[7] + p[8]


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
    true = PEAK * np.sin(2 * np.pi * 50 * (t + 1.2345))
    gain, offset = np.polyfit(true, volts, 1)
    assert abs(gain - 1.0) < 0.0101
    assert abs(offset) < 0.06 * 100.0
    assert np.std(volts - gain * true - offset) == pytest.approx(0.003 * 800.0, rel=0.15)


def test_the_time_base_of_a_specimen_runs_at_a_pace_of_its_own(clock, sines):
    paces = []
    for seed in range(8):
        box = KeysightInfiniiVision(clock, sines, np.random.default_rng(seed), pace_error=1e-3)
        set_up(box)
        sines.edges, sines.latest = [clock.now() + 0.5], 0.0
        ask(box, ":SING")
        clock.sleep_until(clock.now() + 2.0)
        t, volts = trace(box)
        design = np.column_stack([f(2 * np.pi * 50 * t) for f in (np.sin, np.cos)])
        turn = [
            np.angle(complex(*np.linalg.lstsq(design[k], volts[k])[0])) for k in (t < 0, t > 0.3)
        ]
        apart = t[t > 0.3].mean() - t[t < 0].mean()
        paces.append((turn[0] - turn[1]) / (2 * np.pi * 50 * apart))
    assert 3e-4 < np.std(paces) < 3e-3


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


def shot(seed=3, **options):
    clock = VirtualClock()
    sines = Sines(clock)
    sines.edges = [1.0]
    box = KeysightInfiniiVision(clock, sines, np.random.default_rng(seed))
    set_up(box, **options)
    ask(box, ":CHAN2:DISP ON;PROB 100;SCAL 50;:SING")
    clock.sleep_until(3.0)
    return box


@given(st.integers(100, 60_000), st.sampled_from([1, 2]))
@settings(max_examples=20, deadline=None)
def test_noise_does_not_depend_on_how_the_record_is_read(points, channel):
    box = shot(span=0.05, before=0.01)
    ask(box, f":WAV:SOUR CHAN{channel};:WAV:POIN 60000")
    full_t, full = trace(box)
    ask(box, f":WAV:SOUR CHAN{3 - channel};:WAV:POIN 777")
    trace(box)
    ask(box, f":WAV:SOUR CHAN{channel};:WAV:POIN {points}")
    some_t, some = trace(box)
    nearest = np.rint((some_t - full_t[0]) / (full_t[1] - full_t[0])).astype(int)
    common = np.isclose(full_t[np.minimum(nearest, len(full_t) - 1)], some_t, rtol=0, atol=1e-9)
    assert common.any()
    assert (full[nearest[common]] == some[common]).all()


def test_one_seed_repeats_and_the_next_acquisition_differs():
    first, again, other = shot(3), shot(3), shot(4)
    data = first.execute(b":WAV:DATA?").data
    assert again.execute(b":WAV:DATA?").data == data
    assert other.execute(b":WAV:DATA?").data != data


def test_all_forms_of_the_data_mean_the_same_values():
    box = shot(span=0.05, before=0.01)
    ask(box, ":WAV:POIN 1000")
    _, word = trace(box)
    ask(box, ":WAV:BYT MSBF")
    assert (trace(box, ">u2")[1] == word).all()
    ask(box, ":WAV:UNS OFF")
    assert trace(box, ">i2")[1] == pytest.approx(word)
    ask(box, ":WAV:FORM BYTE")
    assert trace(box, "i1")[1] == pytest.approx(word)
    ask(box, ":WAV:UNS ON")
    assert preamble(box)[0] == 0
    assert trace(box, "u1")[1] == pytest.approx(word)
    ask(box, ":WAV:FORM ASC")
    data = box.execute(b":WAV:DATA?").data
    assert int(data[2:10]) == len(data) - 10
    text = np.array([float(v) for v in data[10:].split(b",")])
    assert text == pytest.approx(word, abs=1e-2)


def test_eight_bits_are_eight_bits_and_high_resolution_has_twelve():
    box = shot(span=0.05, before=0.01)
    raw = np.frombuffer(box.execute(b":WAV:DATA?").data[10:], "<u2")
    assert not (raw & 0xFF).any()
    ask(box, ":ACQ:TYPE HRES;:SING")
    box.panel.clock.sleep_until(6.0)
    box.panel.force()
    box.panel.clock.sleep_until(7.0)
    raw = np.frombuffer(box.execute(b":WAV:DATA?").data[10:], "<u2")
    assert not (raw & 0xF).any()
    assert (raw & 0xF0).any()
    assert preamble(box)[1] == 3


def test_what_does_not_fit_the_screen_is_clipped():
    box = shot(span=0.05, before=0.01)
    box.panel.channels[1].scale = 20.0
    ask(box, ":SING")
    box.panel.clock.sleep_until(6.0)
    box.panel.force()
    box.panel.clock.sleep_until(7.0)
    raw = np.frombuffer(box.execute(b":WAV:FORM BYTE;DATA?").data[10:], "u1")
    assert raw.max() == 255
    assert raw.min() == 1


def test_the_measurement_record_is_shorter_than_the_raw_one():
    box = shot()
    ask(box, ":WAV:POIN:MODE RAW;:WAV:POIN MAX")
    assert int(ask(box, ":WAV:POIN?")) == 2_500_000
    assert float(ask(box, ":ACQ:SRAT?")) == 5e6
    ask(box, ":WAV:POIN:MODE NORM;:WAV:POIN 4000000")
    assert 30_000 < int(ask(box, ":WAV:POIN?")) <= 62_500


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


def test_a_transfer_takes_its_time_on_the_wire():
    box = shot()
    ask(box, ":WAV:POIN 1000000")
    response = box.execute(b":WAV:DATA?")
    assert response.turnaround_s == pytest.approx(0.002 + len(response.data) / 20e6, rel=1e-3)


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


def test_run_then_stop_shows_the_newest_record(scope, clock, sines):
    set_up(scope, span=0.05, before=0.01, source="CHAN1")
    ask(scope, ":RUN")
    clock.sleep_until(100.0)
    assert ask(scope, ":OPER:COND?") == "+8"
    ask(scope, ":STOP")
    _, volts = trace(scope)
    assert sines.latest > 99.8
    assert np.ptp(volts) > 600.0


def test_events_reach_the_status_byte(scope, clock, sines):
    set_up(scope)
    sines.edges = [1.0]
    ask(scope, ":OPEE 8;:SING")
    assert ask(scope, "*STB?") == "128"
    clock.sleep_until(1.1)
    assert ask(scope, "*STB?") == "129"
    assert ask(scope, "*CLS;*STB?") == "0"


def test_the_probe_scales_the_screen(scope):
    ask(scope, ":CHAN2:SCAL 5;OFFS 1;PROB 100")
    assert ask(scope, ":CHAN2:SCAL?;OFFS?;RANG?") == "+5.00000E+01;+1.00000E+01;+4.00000E+02"
    assert ask(scope, ":CHAN2:SCAL 501;:SYST:ERR?") == '-222,"Data out of range"'


@given(st.floats(1.0, 5e9))
def test_sample_rates_are_one_two_five(rate):
    fits = ladder(rate)
    assert rate / 2.6 < fits <= rate * (1 + 1e-9)
    assert f"{fits:.0e}"[0] in "125"


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
