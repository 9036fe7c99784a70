"""What plans can say of signals, and what a failure tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.errors import UsageError
from rig.measure import (
    Calibration,
    Capture,
    Limit,
    Measurement,
    Trigger,
    Waveform,
    half_cycle_rms,
    judge,
    trip_time,
)
from rig.measure.signals import (
    EnvelopePoint,
    Event,
    Series,
    excess,
    in_order,
    is_constant,
    is_ramp,
    is_step,
    relation,
    within_envelope,
)

INSIDE = Limit("R-X-01", "1.0", "excess", "V", None, 0.0)


def series(values, dt_s=0.1, t0_s=0.0, **more):
    values = np.asarray(values, np.float64)
    t_s = t0_s + dt_s * np.arange(values.size)
    return Series("voltage", "V", t_s, values, t0_s + dt_s * values.size, **more)


def constant(signal, target=230.0, tolerance=2.0, **more):
    return is_constant(signal, target, tolerance=tolerance, start_s=0.0, end_s=signal.end_s, **more)


def outcome(check):
    return judge(excess(check, "excess"), INSIDE).outcome


def test_a_constant_signal_holds_and_says_so():
    check = constant(series(np.full(100, 231.0)))
    assert check.holds
    assert check.share == pytest.approx(1.0)
    assert check.outside == ()
    assert check.excess == pytest.approx(-1.0)
    assert outcome(check) == "PASS"


def test_a_failure_says_where_it_was_and_how_far_out():
    values = np.full(100, 230.0)
    values[40:45] = [233.0, 235.0, 236.0, 235.0, 233.0]
    check = constant(series(values))
    assert check.share == pytest.approx(0.95)
    (place,) = check.outside
    assert (place.start_s, place.end_s, place.worst) == (
        pytest.approx(4.0),
        pytest.approx(4.5),
        236,
    )
    assert check.excess == pytest.approx(4.0)
    assert "first outside from 4 to 4.5 s, worst 236 V" in str(check)
    assert outcome(check) == "FAIL"


def test_a_fraction_lets_the_rest_of_the_time_be_outside():
    values = np.full(100, 230.0)
    values[40:45] = 300.0
    assert constant(series(values), fraction=0.95).holds
    assert not constant(series(values), fraction=0.96).holds


def test_a_value_counts_for_the_time_it_stands():
    t_s = np.array([0.0, 1.0, 2.0])
    long = Series("voltage", "V", t_s, np.array([230.0, 230.0, 300.0]), 10.0)
    assert constant(long).share == pytest.approx(0.2)


def test_within_its_uncertainty_of_the_band_nobody_can_tell():
    near = series(np.full(100, 231.9), u_offset=0.2)
    assert outcome(constant(near)) == "INCONCLUSIVE"
    assert outcome(constant(replace(near, u_offset=0.02))) == "PASS"
    beyond = replace(near, values=np.full(100, 232.1))
    assert outcome(constant(beyond)) == "INCONCLUSIVE"
    assert outcome(constant(replace(beyond, u_offset=0.02))) == "FAIL"


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_missing_value_never_passes(bad):
    values = np.full(100, 230.0)
    values[50] = bad
    check = constant(series(values))
    assert not check.holds
    assert outcome(check) != "PASS"


def test_a_stretch_that_was_not_recorded_is_a_problem():
    check = is_constant(series(np.full(50, 230.0)), 230.0, tolerance=2.0, start_s=0.0, end_s=10.0)
    assert outcome(check) == "INCONCLUSIVE"


def test_a_stretch_of_nothing_is_an_error_of_the_plan():
    with pytest.raises(UsageError, match="nothing on"):
        is_constant(series([230.0]), 230.0, tolerance=1.0, start_s=5.0, end_s=6.0)


@given(
    st.lists(st.floats(220.0, 240.0), min_size=1, max_size=60),
    st.floats(0.01, 1.0),
    st.floats(0.0, 10.0),
)
def test_a_check_holds_exactly_when_the_wanted_share_is_inside(values, fraction, tolerance):
    check = constant(series(values), tolerance=tolerance, fraction=fraction)
    assert check.holds == (check.share >= fraction - 1e-9)
    if check.excess > 0.0:  # widened by its excess it holds
        wider = constant(
            series(values), tolerance=tolerance + check.excess + 1e-9, fraction=fraction
        )
        assert wider.holds


def test_a_step_may_move_within_its_time_but_not_beyond_either_level():
    t = np.arange(0.0, 2.0, 0.01)
    values = np.clip((t - 1.0) / 0.2, 0.0, 1.0) * 10.0
    whole = {"at_s": 1.0, "tolerance": 0.1, "start_s": 0.0, "end_s": 2.0}
    assert is_step(series(values, 0.01), 0.0, 10.0, within_s=0.25, **whole).holds
    late = is_step(series(values, 0.01), 0.0, 10.0, within_s=0.1, **whole)
    assert late.outside[0].start_s == pytest.approx(1.1, abs=0.02)
    values[110] = 12.0
    assert not is_step(series(values, 0.01), 0.0, 10.0, within_s=0.25, **whole).holds


def test_a_ramp_is_straight_within_its_tolerance():
    t = np.arange(0.0, 10.0, 0.1)
    ramp = {"tolerance": 0.5, "start_s": 0.0, "end_s": 10.0}
    assert is_ramp(series(2.0 * t), 0.0, 20.0, **ramp).holds
    bent = is_ramp(series(2.0 * t + np.sin(t)), 0.0, 20.0, **ramp)
    assert 0.2 < bent.share < 0.6


def test_an_envelope_narrows_with_time_and_may_be_open_on_one_side():
    t = np.arange(0.0, 0.2, 0.001)
    dip = series(230.0 - 40.0 * np.exp(-t / 0.03), 0.001)
    envelope = (
        EnvelopePoint(0.0, None, 253.0),
        EnvelopePoint(0.02, 197.8, 262.2),
        EnvelopePoint(0.1, 207.0, 253.0),
    )
    assert within_envelope(dip, envelope, end_s=0.2).holds
    slow = series(230.0 - 40.0 * np.exp(-t / 0.2), 0.001)
    check = within_envelope(slow, envelope, end_s=0.2)
    assert check.outside[0].start_s == pytest.approx(0.02, abs=0.002)
    with pytest.raises(UsageError, match="order of their times"):
        within_envelope(dip, envelope[::-1], end_s=0.2)


def mains_capture(frequency=50.0):
    dt = 1e-4
    t = -0.1 + dt * np.arange(5000)
    volts = 325.27 * np.sin(2 * np.pi * frequency * t)
    wave = Waveform(-0.1, dt, volts, "V", "socket_voltage", u_gain=1e-3)
    due = (Calibration("scope_ac", date(2026, 1, 1)),)
    return Capture("capture-001", (wave,), Trigger("stimulus"), date(2025, 1, 1), due)


def test_half_cycle_values_of_a_capture_keep_its_evidence_and_problems():
    capture = mains_capture()
    trace = half_cycle_rms(capture.waveform("socket_voltage"))
    signal = Series.of_rms(capture, "socket_voltage", trace)
    check = is_constant(signal, 230.0, tolerance=2.0, start_s=0.0, end_s=0.39)
    result = excess(check, "excess")
    assert result.evidence.capture == "capture-001"
    assert result.evidence.instruments == ("scope_ac",)
    assert outcome(check) == "PASS"
    overdue = replace(capture, taken_on=date(2026, 5, 1))
    signal = Series.of_rms(overdue, "socket_voltage", trace)
    again = is_constant(signal, 230.0, tolerance=2.0, start_s=0.0, end_s=0.39)
    assert outcome(again) == "INCONCLUSIVE"


def test_a_check_is_written_down_with_its_band_in_few_corners():
    capture = mains_capture()
    signal = Series.of_samples(capture, "socket_voltage")
    envelope = (EnvelopePoint(0.0, -330.0, 330.0), EnvelopePoint(0.1, -300.0, None))
    data = within_envelope(signal, envelope, end_s=0.35).to_json()
    assert data["channel"] == "socket_voltage"
    assert data["line"] == []
    assert 3 <= len(data["band"]) <= 6
    assert data["band"][-1][2] is None
    assert len(data["outside"]) >= 10


def test_readings_with_a_gap_are_no_gapless_series():
    t_s = [0.0, 0.25, 0.5, 1.5, 1.75]
    found = Series.of_intervals(
        "voltage", "V", t_s, [230.0] * 5, end_s=2.0, longest_gap_s=0.3, instruments=("analyser_ac",)
    )
    assert outcome(constant(found)) == "INCONCLUSIVE"


def event(name, t_s, u_s=1e-5, base="capture-001"):
    return Event(name, t_s, u_s, base)


@pytest.mark.parametrize(
    ("t_s", "expected"),
    [(1.001, "before"), (0.999, "after"), (1.00002, "cannot be told apart")],
)
def test_two_events_are_told_apart_only_beyond_their_uncertainty(t_s, expected):
    assert relation(event("current ends", 1.0), event("contact opens", t_s)) == expected


def test_an_order_holds_only_where_every_pair_is_beyond_doubt():
    ends, opens, drops = event("a", 1.0), event("b", 1.001), event("c", 1.00102)
    assert in_order(ends, opens).holds
    doubtful = in_order(ends, opens, drops)
    assert doubtful.relations == ("before", "cannot be told apart")
    assert not doubtful.holds
    limit = Limit("R-X-02", "1.0", "order", "s", 0.0, None)
    assert judge(in_order(ends, opens).measurement("order"), limit).outcome == "PASS"
    assert judge(doubtful.measurement("order"), limit).outcome == "INCONCLUSIVE"
    assert judge(in_order(opens, ends).measurement("order"), limit).outcome == "FAIL"


def test_events_of_two_time_bases_have_no_order():
    with pytest.raises(UsageError, match="no time base"):
        in_order(event("a", 1.0), event("b", 2.0, base="capture-002"))


def test_the_edges_of_two_channels_of_one_capture_have_an_order():
    dt = 1e-5
    t = -0.1 + dt * np.arange(40_000)
    rng = np.random.default_rng(3)

    def channel(name, ends_s):
        values = np.where((t >= 0) & (t < ends_s), 10.0 * np.sin(2 * np.pi * 50 * t), 0.0)
        return Waveform(-0.1, dt, values + 0.02 * rng.standard_normal(t.size), "A", name)

    both = (channel("a", 0.1), channel("b", 0.11))
    due = (Calibration("scope", date(2026, 1, 1)),)
    capture = Capture("c1", both, Trigger("stimulus", 5e-6), date(2025, 1, 1), due)
    a, b = (trip_time(capture, name) for name in ("a", "b"))
    assert isinstance(a, Measurement)
    assert isinstance(b, Measurement)
    check = in_order(Event.end_of("A ends", a), Event.end_of("B ends", b))
    assert check.holds
    assert "A ends before B ends (+10 ms)" in str(check)


def test_a_signal_that_was_never_recorded_is_inconclusive():
    nothing = Series.nothing("voltage", "V", "scope_ac: not triggered")
    check = is_constant(nothing, 230.0, tolerance=5.0, start_s=0.0, end_s=0.3)
    verdict = judge(excess(check, "excess"), INSIDE)
    assert verdict.outcome == "INCONCLUSIVE"
    assert "not triggered" in verdict.reason
