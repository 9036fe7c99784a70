"""What a plot shows, and that it is drawn."""

import io
import json
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.listing import CSV_ROWS, samples_csv, transcript
from reports.plot_facts import Judged, plot_facts
from reports.traces import Trace, traces_of
from reports.verdicts import verdict_of
from rig.measure import (
    Budget,
    Calibration,
    Component,
    Limit,
    Measurement,
    NoTripSeen,
    StimulusProof,
    Trigger,
    Waveform,
    half_cycle_rms,
    judge,
    judge_no_trip,
)
from rig.measure import Capture as MeasuredCapture
from rig.measure.signals import EnvelopePoint, Series, excess, within_envelope
from rig.recording import Record, RecordedExchange


def recorded(run, capture_id):
    with Record(run) as record:
        (capture,) = [e.data for e in record.events("capture") if e.data["id"] == capture_id]
        measured = {
            (e.data["capture"], e.data["quantity"]): e.data for e in record.events("measurement")
        }
        verdicts = [verdict_of(e.data) for e in record.events("verdict")]
        judged = [
            Judged(v, measured[v.capture, v.quantity]) for v in verdicts if v.capture == capture_id
        ]
        return capture, traces_of(record, capture), judged


def flat(seconds=2.0, dt_s=1e-3, t0_s=-0.5):
    return Trace("current", "A", t0_s, dt_s, np.ones(int(seconds / dt_s)))


def proven():
    return StimulusProof(100.0, "A", 90.0, 110.0, 1.0, 1.0, 100.0, 100.0)


CAPTURE = {"id": "c", "scope": "s", "socket": "A", "sha256": "0" * 64, "trigger": "stimulus"}


def missing_trip(maximum):
    limit = Limit("R-X-01", "1.0", "trip_time", "s", None, maximum, kind="trip_time")
    return judge(NoTripSeen("trip_time", 1.0), limit)


def test_a_long_trip_shows_its_limit_window_and_its_end_magnified(sample_run):
    capture, traces, judged = recorded(sample_run, "capture-001-A")
    facts = plot_facts(capture, traces, judged)
    detail = facts.detail()
    assert (detail.start_s, detail.end_s) == (pytest.approx(18.35), pytest.approx(18.45))
    assert (facts.starts_s, facts.starts_at) == (0.0004, "onset of the current")
    assert (facts.limit.low_s, facts.limit.high_s) == (pytest.approx(10.0), pytest.approx(30.0))
    assert facts.view() == facts.recorded
    assert facts.title == ("R-OVL-03 trip time 18.3996 s ± 0.0023 s (k=2), limit 10 to 30 s: PASS",)


def test_a_short_event_is_shown_with_its_limit_and_not_with_the_whole_record(sample_run):
    capture, traces, judged = recorded(sample_run, "capture-002-B")
    facts = plot_facts(capture, traces, judged)
    start, end = facts.view()
    assert traces[0].t0_s < start < 0.0
    assert 0.0236 < end < traces[0].end_s
    assert (facts.starts_s, facts.limit.high_s) == (0.0, pytest.approx(0.02))
    assert [(level.value, level.unit) for level in facts.levels] == [(pytest.approx(88.0), "A")]


def test_an_event_that_is_brief_beside_its_limit_is_magnified():
    budget = Budget("s", (Component("all", "B", "normal", 1e-6),))
    result = Measurement("trip_time", 3.6e-4, "s", budget, stimulus=proven())
    limit = Limit("R-SC-01", "1.0", "trip_time", "s", None, 0.02, kind="trip_time")
    measured = {"onset_s": 1e-4, "end_s": 3.6e-4, "value": 3.6e-4}
    trace = flat(seconds=0.3, dt_s=1e-5, t0_s=-0.1)
    facts = plot_facts(CAPTURE, [trace], [Judged(judge(result, limit), measured)])
    assert facts.view()[1] > 0.02
    detail = facts.detail()
    assert -1e-3 < detail.start_s < 0.0
    assert 3.6e-4 < detail.end_s < 1e-3


def timed(quantity, value, maximum, **measured):
    budget = Budget("s", (Component("all", "B", "normal", 1e-4),))
    result = Measurement(quantity, value, "s", budget, stimulus=proven())
    limit = Limit("R-X-01", "1.0", quantity, "s", None, maximum, kind="trip_time")
    return Judged(judge(result, limit), {"value": value, **measured})


def test_any_time_with_a_known_end_shows_its_limit_and_not_trip_times_alone():
    facts = plot_facts(CAPTURE, [flat()], [timed("recovery_time", 0.07, 0.04, end_s=0.07)])
    assert (facts.starts_s, facts.end_s, facts.limit.high_s) == (0.0, 0.07, pytest.approx(0.04))
    assert facts.ends_at == "end of the recovery time"


def test_a_time_that_counts_from_another_instant_than_the_trigger_is_drawn_from_there():
    judged = timed("dip_12v_off", 0.02, 0.1, onset_s=-0.003, end_s=0.017)
    facts = plot_facts(CAPTURE, [flat()], [judged])
    assert facts.starts_s == pytest.approx(-0.003)
    assert (facts.starts_at, facts.ends_at) == ("counted from", "end of the current")


def test_a_time_of_which_the_record_knows_no_end_marks_nothing():
    facts = plot_facts(CAPTURE, [flat()], [timed("frame_gap", 0.1, 0.11)])
    assert (facts.end_s, facts.limit) == (None, None)


def test_the_worst_verdict_comes_first(sample_run):
    capture, traces, judged = recorded(sample_run, "capture-002-B")
    facts = plot_facts(capture, traces, judged[::-1])
    assert facts.outcome == "FAIL"
    assert [line.split(":")[1].split()[0] for line in facts.title] == ["FAIL", "PASS"]


def test_a_trip_that_was_not_seen_shows_the_whole_record_and_the_window_it_was_wanted_in():
    facts = plot_facts(CAPTURE, [flat()], [Judged(missing_trip(0.04), {})])
    assert facts.end_s is None
    assert facts.view() == facts.recorded
    assert (facts.limit.low_s, facts.limit.high_s, facts.limit.hold) == (0.0, 0.04, False)


def test_a_time_to_hold_is_a_window_in_which_nothing_may_trip():
    limit = Limit("R-X-01", "1.0", "trip_time", "s", 1.0, kind="no_trip")
    verdict = judge_no_trip(NoTripSeen("trip_time", 1.2), limit)
    facts = plot_facts(CAPTURE, [flat()], [Judged(verdict, {})])
    assert (facts.limit.low_s, facts.limit.high_s, facts.limit.hold) == (0.0, 1.0, True)


def test_the_angle_of_the_stimulus_is_told(sample_run):
    capture, traces, judged = recorded(sample_run, "capture-002-B")
    assert plot_facts(capture, traces, judged, angle_deg=90.0).angle_deg == 90.0


@pytest.mark.parametrize("capture_id", ["capture-001-A", "capture-002-B"])
def test_a_capture_is_drawn_legibly_and_small(sample_run, capture_id):
    pytest.importorskip("matplotlib")
    from PIL import Image

    from reports.plots import draw_capture

    capture, traces, judged = recorded(sample_run, capture_id)
    png = draw_capture(plot_facts(capture, traces, judged, angle_deg=90.0))
    with Image.open(io.BytesIO(png)) as image:
        assert image.size[0] == 1400
        assert len(image.convert("RGB").getcolors(1 << 20)) > 8
    assert len(png) < 100_000


def test_captures_without_verdict_and_with_many_channels_are_drawn():
    pytest.importorskip("matplotlib")
    from reports.plots import draw_capture

    traces = [Trace(f"i{n}", "A", 0.0, 1e-3, np.full(50, float(n))) for n in range(4)]
    capture = CAPTURE | {"trigger": "free", "problems": ["socket_current: clipped"]}
    assert draw_capture(plot_facts(capture, traces)).startswith(b"\x89PNG")


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300), st.integers(1, 50))
def test_an_envelope_keeps_every_extreme(values, stretches):
    trace = Trace("x", "V", 0.0, 1.0, np.array(values))
    band = trace.envelope(stretches)
    assert band.times_s.size <= stretches
    assert (band.lowest.min(), band.highest.max()) == (min(values), max(values))


@given(st.floats(-3.0, 3.0), st.floats(-3.0, 3.0))
def test_a_cut_holds_the_samples_asked_for_at_their_own_times(one, other):
    trace = Trace("x", "V", -1.0, 0.01, np.arange(200.0))
    cut = trace.between(min(one, other), max(one, other))
    wanted = [t for t in trace.times() if min(one, other) <= t <= max(one, other)]
    assert cut.values.size >= max(len(wanted), 1)
    np.testing.assert_allclose(trace.times()[cut.values.astype(int)], cut.times(), atol=1e-9)
    assert set(np.round(wanted, 6)) <= set(np.round(cut.times(), 6))


def test_a_short_capture_is_listed_whole():
    text = samples_csv([Trace("u", "V", -0.5, 0.25, np.array([1.0, -2.0, 3.5]))])
    assert text == "t/s,u/V\n-0.5,1\n-0.25,-2\n0,3.5\n"


def test_a_long_capture_is_listed_in_bounds():
    text = samples_csv([flat(seconds=20.0)])
    assert len(text.splitlines()) == CSV_ROWS + 1


def exchange(n, **more):
    given = {"sent": b"X?\n", "received": b"1\n", "received_bytes": 2} | more
    return RecordedExchange(
        0, n, "load_a", "pty", received_sha256=more.pop("sha", None), error=None, **given
    )


def test_the_middle_of_an_endless_conversation_is_left_out_and_counted():
    lines = transcript(exchange(float(n)) for n in range(2500)).splitlines()
    assert len(lines) == 2001
    assert lines[1000] == "... 500 exchanges left out here; the record has them all"
    assert lines[-1].startswith("2499.000000 s".rjust(14))


def test_what_is_no_text_is_listed_as_bytes():
    assert "< 01 05 ff" in transcript([exchange(0.0, received=b"\x01\x05\xff")])


def checked_dip():
    """A dip of the voltage held against an envelope: the capture, its traces and the verdict."""
    t = -0.1 + 1e-4 * np.arange(4000)
    volts = 325.0 * np.where((t > 0.03) & (t < 0.08), 0.8, 1.0) * np.sin(2 * np.pi * 50 * t)
    wave = Waveform(-0.1, 1e-4, volts, "V", "socket_voltage")
    due = (Calibration("scope_ac", date(2026, 1, 1)),)
    source = MeasuredCapture("c", (wave,), Trigger("stimulus"), date(2025, 1, 1), due)
    signal = Series.of_rms(source, "socket_voltage", half_cycle_rms(wave, frequency_hz=50.0))
    envelope = (EnvelopePoint(0.0, None, 253.0), EnvelopePoint(0.02, 207.0, 253.0))
    result = excess(within_envelope(signal, envelope, end_s=0.25), "envelope_excess")
    verdict = judge(result, Limit("R-X-01", "1.0", "envelope_excess", "V", None, 0.0))
    data = {"onset_s": None, "signal": json.loads(json.dumps(result.signal.to_json()))}
    trace = Trace("socket_voltage", "V", -0.1, 1e-4, volts)
    return [trace], [Judged(verdict, data)]


def test_a_checked_signal_is_drawn_with_its_band_and_where_it_was_outside():
    traces, judged = checked_dip()
    facts = plot_facts(CAPTURE, traces, judged)
    (band,) = facts.bands
    assert facts.outcome == "FAIL"
    assert band.corners[0][1] == -np.inf
    assert band.outside[0][0] == pytest.approx(0.045, abs=0.01)
    assert band.line[0][1] == pytest.approx(229.8, abs=0.5)
    plots = pytest.importorskip("reports.plots")
    drawn = plots.draw_capture(facts)
    bare = plots.draw_capture(plot_facts(CAPTURE, traces))
    assert drawn.startswith(b"\x89PNG")
    assert drawn != bare


def test_values_of_a_meter_are_drawn_without_a_socket():
    traces, judged = checked_dip()
    facts = plot_facts({**CAPTURE, "socket": None, "trigger": "free"}, traces, judged)
    assert "socket" not in facts.footer
