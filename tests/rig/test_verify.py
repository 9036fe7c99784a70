"""How a test's verdicts are collected, and what they add up to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from instruments.errors import UsageError
from rig.measure import (
    Component,
    Limit,
    Measurement,
    Overdue,
    Quantity,
    Requirement,
)
from rig.measure.signals import Series, excess, is_constant
from rig.outcomes import Inconclusive, VerdictFailed
from rig.recording import WaveformRef
from rig.verify import Verifier

LIMIT = Limit("R-ONE-01", "1.0", "voltage", "V", 220.0, 240.0)
OVERDUE = Overdue("analyser_ac: calibration overdue since 2025-05-31")


class Kept:
    """A record that keeps its events in a list."""

    folder = None

    def __init__(self):
        self.events = []

    def event(self, kind, data=None, *, hashed=True):
        self.events.append((kind, data))
        return len(self.events)

    def samples(self, name, samples, steps):
        raise AssertionError("no samples here")

    def of(self, kind):
        return [data for each, data in self.events if each == kind]


def requirement(name="R-ONE-01", **limit):
    own = replace(LIMIT, requirement=name, **limit)
    return Requirement(name, "", "", "1.0", "", "", {"voltage": own}, {})


def volts(value, u=0.5, problems=()):
    return Measurement.of("voltage", Quantity(value, "V", u), problems=problems)


def verifier(*requirements, **more):
    return Verifier(requirements or (requirement(),), Kept(), "test_x", **more)


def test_all_verdicts_are_collected_before_the_worst_ends_the_test():
    judge = verifier()
    assert judge.verify(volts(250.0)).outcome == "FAIL"
    assert judge.verify(volts(230.0)).outcome == "PASS"
    assert judge.verify(volts(239.5)).outcome == "INCONCLUSIVE"
    with pytest.raises(VerdictFailed, match="250"):
        judge.raise_worst()


def test_an_inconclusive_verdict_is_no_pass():
    judge = verifier()
    judge.verify(volts(230.0))
    judge.verify(volts(239.5))
    with pytest.raises(Inconclusive):
        judge.raise_worst()


def test_a_marked_test_without_any_verdict_is_inconclusive():
    with pytest.raises(Inconclusive, match="without a verdict"):
        verifier().raise_worst()


def test_of_repeats_the_worst_is_judged_and_the_spread_stated():
    judge = verifier()
    verdict = judge.verify([volts(230.0), volts(239.8), volts(231.0)])
    assert verdict.outcome == "INCONCLUSIVE"
    assert verdict.value == 239.8
    assert "worst of 3, 230 to 239.8 V" in verdict.reason
    assert judge.verdicts == [verdict]


def test_nothing_to_judge_is_an_error_of_the_plan():
    with pytest.raises(UsageError, match="nothing to judge"):
        verifier().verify([])


def test_an_overdue_calibration_is_inconclusive_unless_engineering_was_asked_for():
    overdue = volts(230.0, problems=(OVERDUE,))
    assert verifier().verify(overdue).outcome == "INCONCLUSIVE"
    asked = verifier(engineering=True).verify(overdue)
    assert asked.outcome == "PASS"
    assert asked.not_for_sign_off == (str(OVERDUE),)
    assert "not for sign-off" in asked.sentence()


def test_engineering_passes_over_nothing_but_the_date():
    judge = verifier(engineering=True)
    clipped = volts(230.0, problems=(OVERDUE, "socket_current: clipped"))
    verdict = judge.verify(clipped)
    assert verdict.outcome == "INCONCLUSIVE"
    assert verdict.problems == ("socket_current: clipped",)
    assert judge.verify(volts(230.0)).not_for_sign_off == ()


def test_a_measurement_without_a_limit_is_an_error_of_the_plan():
    with pytest.raises(UsageError, match="no limit for 'colour'"):
        verifier().verify(Measurement.of("colour", Quantity(1.0, "V", 0.0)))


def test_with_several_requirements_the_one_meant_must_be_named():
    judge = verifier(requirement(), requirement("R-TWO-01", maximum=231.0))
    with pytest.raises(UsageError, match="told which requirement"):
        judge.verify(volts(230.0))
    assert judge.verify(volts(235.0), requirement="R-TWO-01").outcome == "FAIL"
    with pytest.raises(UsageError, match="R-SIX-01"):
        judge.verify(volts(230.0), requirement="R-SIX-01")


def test_the_record_holds_the_budget_with_the_level_of_the_stimulus():
    kept = Kept()
    judge = Verifier((requirement(),), kept, "test_x")
    level = Component("level of the stimulus", "B", "normal", 0.2)
    judge.verify(replace(volts(230.0), level=level))
    (measured,) = kept.of("measurement")
    assert any("level of the stimulus" in line for line in measured["budget"])
    (verdict,) = kept.of("verdict")
    assert verdict["k"] == 2.0
    assert [each["name"] for each in verdict["components"]][-1] == "level of the stimulus"


def test_a_series_that_no_capture_holds_is_kept_to_be_drawn():
    class Stored(Kept):
        def samples(self, name, samples, steps):
            self.stored = {key: values.tolist() for key, values in samples.items()}
            return WaveformRef(f"waveforms/{name}.npz", "0" * 64)

    kept = Stored()
    signal = Series.of_intervals(
        "voltage", "V", [0.0, 0.25, 0.5], [230.0, 250.0, 231.0], end_s=1.0, longest_gap_s=1.0,
        instruments=("analyser_ac",),
    )  # fmt: skip
    check = is_constant(signal, 230.0, tolerance=5.0, start_s=0.0, end_s=1.0)
    judge = Verifier((requirement(minimum=None, maximum=0.0),), kept, "test_x")
    verdict = judge.verify(excess(check, "voltage"))
    assert verdict.outcome == "FAIL"
    assert kept.stored == {"voltage": [230.0, 250.0, 231.0, 231.0]}
    (capture,) = kept.of("capture")
    assert (capture["id"], capture["scope"]) == (verdict.capture, "analyser_ac")
    (measured,) = kept.of("measurement")
    assert measured["signal"]["outside"] == [[0.25, 0.5, 250.0]]
