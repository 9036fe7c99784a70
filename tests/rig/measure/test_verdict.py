"""Verdicts: what passes, what fails, and what nobody can say."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.errors import UsageError
from rig.measure import (
    Evidence,
    Limit,
    Measurement,
    NoTripSeen,
    Overdue,
    Quantity,
    StimulusProof,
    judge,
    judge_no_trip,
    judge_worst,
    worst_of,
)

RULES = ("guard_band", "simple_acceptance", "ilac_g8")
ORDER = {"FAIL": 0, "INCONCLUSIVE": 1, "PASS": 2}
TRIP = Limit("R-X-01", "1.0", "trip_time", "s", 10.0, 30.0, "trip_time")
HOLD = Limit("R-X-02", "1.0", "trip_time", "s", 10.0, None, "no_trip")
WINDOW = Limit("R-X-03", "1.0", "voltage", "V", 220.0, 240.0)

values = st.floats(-1e3, 1e3)
uncertainties = st.floats(0.0, 50.0)


def proof(held=1e9, *, low=99.0, high=101.0, wanted=0.0):
    return StimulusProof(100.0, "A", 98.0, 102.0, held, wanted, low, high)


def volts(value, u):
    return Measurement.of("voltage", Quantity(value, "V", u))


def seconds(value, u=0.01, stimulus=None, problems=()):
    return Measurement.of(
        "trip_time", Quantity(value, "s", u), stimulus=stimulus or proof(), problems=problems
    )


@given(values, uncertainties, st.sampled_from(RULES))
def test_nothing_outside_the_limit_passes(value, u, rule):
    if not 220.0 <= value <= 240.0:
        assert judge(volts(value, u), WINDOW, rule).outcome != "PASS"


@given(values, uncertainties, st.sampled_from(RULES))
def test_nothing_inside_the_limit_fails(value, u, rule):
    if 220.0 <= value <= 240.0:
        assert judge(volts(value, u), WINDOW, rule).outcome != "FAIL"


@given(values, uncertainties)
def test_the_guard_band_never_decides_what_simple_acceptance_decides_otherwise(value, u):
    guarded = judge(volts(value, u), WINDOW, "guard_band").outcome
    simple = judge(volts(value, u), WINDOW, "simple_acceptance").outcome
    assert guarded in ("INCONCLUSIVE", simple)


@given(values, uncertainties)
def test_four_zones_decide_as_the_guard_band_and_keep_the_zone(value, u):
    four = judge(volts(value, u), WINDOW, "ilac_g8")
    assert four.outcome == judge(volts(value, u), WINDOW, "guard_band").outcome
    assert four.zone in ("pass", "conditional pass", "conditional fail", "fail")


@given(st.floats(0, 200), st.floats(0, 200), uncertainties, st.sampled_from(RULES))
def test_a_larger_value_is_never_better_against_an_upper_limit(a, b, u, rule):
    upper = replace(WINDOW, minimum=None, maximum=100.0)
    small, large = sorted((a, b))
    better = ORDER[judge(volts(small, u), upper, rule).outcome]
    assert better >= ORDER[judge(volts(large, u), upper, rule).outcome]


@given(values, uncertainties, uncertainties)
def test_more_uncertainty_never_decides_more(value, a, b):
    small, large = sorted((a, b))
    sure = judge(volts(value, small), WINDOW).outcome
    assert judge(volts(value, large), WINDOW).outcome in ("INCONCLUSIVE", sure)


@given(values, uncertainties, st.sampled_from(RULES))
def test_any_problem_is_inconclusive_with_its_reason(value, u, rule):
    spoiled = replace(volts(value, u), problems=("voltage: clipped",))
    verdict = judge(spoiled, WINDOW, rule)
    assert (verdict.outcome, verdict.zone) == ("INCONCLUSIVE", None)
    assert "clipped" in verdict.reason


def test_the_edge_of_the_guard_band_passes_and_just_beyond_it_does_not():
    assert judge(volts(238.0, 1.0), WINDOW).outcome == "PASS"
    assert judge(volts(238.001, 1.0), WINDOW).outcome == "INCONCLUSIVE"
    assert judge(volts(242.0, 1.0), WINDOW).outcome == "INCONCLUSIVE"
    assert judge(volts(242.001, 1.0), WINDOW).outcome == "FAIL"


def test_a_value_that_is_not_a_number_is_inconclusive():
    assert judge(volts(float("nan"), 0.1), WINDOW).outcome == "INCONCLUSIVE"


def test_a_trip_time_without_a_proven_stimulus_is_inconclusive():
    bare = replace(seconds(18.0), stimulus=None)
    assert judge(bare, TRIP).outcome == "INCONCLUSIVE"
    assert judge(seconds(18.0, stimulus=proof(high=110.0)), TRIP).outcome == "INCONCLUSIVE"
    assert judge(seconds(18.0), TRIP).outcome == "PASS"


def test_a_missing_trip_fails_only_under_a_stimulus_proven_beyond_the_limit():
    seen = NoTripSeen("trip_time", 40.0, stimulus=proof(31.0), u_s=0.1)
    assert judge(seen, TRIP).outcome == "FAIL"
    for doubtful in (
        replace(seen, stimulus=None),
        replace(seen, stimulus=proof(30.1)),
        replace(seen, stimulus=proof(31.0, low=90.0)),
        replace(seen, watched_s=30.1),
        replace(seen, problems=("not triggered",)),
    ):
        assert judge(doubtful, TRIP).outcome == "INCONCLUSIVE"


def test_a_value_that_no_certificate_covers_is_inconclusive_and_names_its_instruments():
    evidence = Evidence("", ("analyser_dc",))
    infinite = Quantity(230.0, "V", float("inf"))
    verdict = judge(Measurement.of("voltage", infinite, evidence=evidence), WINDOW)
    assert verdict.outcome == "INCONCLUSIVE"
    assert verdict.reason == "analyser_dc: no certificate covers this value"
    json.dumps(verdict.to_json(), allow_nan=False)


def test_the_uncertainty_of_a_missing_trip_has_its_line_too():
    verdict = judge(NoTripSeen("trip_time", 40.0, stimulus=proof(31.0), u_s=0.1), TRIP)
    assert [c.u for c in verdict.components] == [0.1]
    assert verdict.expanded_uncertainty == pytest.approx(0.2)


def test_no_trip_passes_only_with_a_proven_stimulus_and_a_complete_record():
    seen = NoTripSeen("trip_time", 10.5, stimulus=proof(10.2, wanted=10.0))
    assert judge_no_trip(seen, HOLD).outcome == "PASS"
    for doubtful in (
        replace(seen, stimulus=None),
        replace(seen, stimulus=proof(9.9)),
        replace(seen, stimulus=proof(10.2, wanted=11.0)),
        replace(seen, stimulus=proof(10.2, high=103.0)),
        replace(seen, watched_s=9.9),
        replace(seen, problems=("samples missing",)),
    ):
        assert judge(doubtful, HOLD).outcome == "INCONCLUSIVE"


def test_a_trip_before_the_time_to_hold_fails_unless_the_stimulus_was_too_strong():
    assert judge(seconds(5.0, stimulus=proof(5.0, wanted=10.0)), HOLD).outcome == "FAIL"
    too_strong = seconds(5.0, stimulus=proof(5.0, high=120.0))
    assert judge(too_strong, HOLD).outcome == "INCONCLUSIVE"


def test_the_level_of_the_stimulus_widens_the_verdict_but_not_the_result():
    from rig.measure import Component

    result = replace(seconds(29.9, 0.01), level=Component("level", "B", "normal", 0.01, 10.0))
    assert result.expanded() == pytest.approx(0.02)
    assert judge(seconds(29.9, 0.01), TRIP).outcome == "PASS"
    assert judge(result, TRIP).outcome == "INCONCLUSIVE"


def test_a_wrong_quantity_or_unit_is_the_plans_error():
    with pytest.raises(UsageError, match="trip_time"):
        judge(volts(230.0, 0.1), TRIP)
    with pytest.raises(UsageError, match="in V"):
        judge(Measurement.of("voltage", Quantity(230.0, "mV", 0.1)), WINDOW)


def test_the_worst_of_several_decides_and_a_failure_outweighs_a_doubt():
    results = [seconds(15.0), seconds(29.0), seconds(12.0)]
    assert worst_of(results, TRIP) is results[1]
    verdict = judge_worst(results, TRIP)
    assert verdict.outcome == "PASS"
    assert "12 to 29 s" in verdict.reason
    doubt = seconds(20.0, problems=("not triggered",))
    assert judge_worst([*results, doubt], TRIP).outcome == "INCONCLUSIVE"
    assert judge_worst([*results, doubt, seconds(40.0)], TRIP).outcome == "FAIL"


def test_a_count_is_exact():
    count = Limit("R-X-04", "1.0", "restarts", "1", 3.0, 3.0, "count")
    assert judge(Measurement.of("restarts", Quantity(3.0, "1")), count).outcome == "PASS"
    assert judge(Measurement.of("restarts", Quantity(4.0, "1")), count).outcome == "FAIL"


def test_the_sentence_reads_as_a_person_would_say_it():
    verdict = judge(seconds(18.42, 0.01), replace(TRIP, requirement="R-OVL-03"))
    assert verdict.sentence() == (
        "R-OVL-03 trip time 18.420 s +- 0.020 s (k=2), limit 10 to 30 s: PASS"
    )


@given(st.floats(1e-7, 90.0))
def test_the_uncertainty_is_never_shown_smaller_by_more_than_a_twentieth(u):
    verdict = judge(volts(230.0, u), WINDOW)
    shown = float(verdict.sentence().partition("+- ")[2].split()[0])
    assert shown >= 0.95 * verdict.expanded_uncertainty
    assert shown == pytest.approx(verdict.expanded_uncertainty, rel=0.05)


def test_the_json_is_plain_and_keeps_budget_instruments_and_rule():
    evidence = Evidence("capture 7", ("scope",))
    verdict = judge(replace(seconds(18.0), evidence=evidence), TRIP)
    plain = json.loads(json.dumps(verdict.to_json(), allow_nan=False))
    assert plain["instruments"] == ["scope"]
    assert plain["capture"] == "capture 7"
    assert plain["rule"] == "guard_band"
    assert plain["acceptance_high"] == pytest.approx(29.98)
    assert len(plain["components"]) == 1


@pytest.mark.parametrize(
    ("value", "zone", "outcome", "simple"),
    [
        (230.0, "pass", "PASS", "PASS"),
        (239.0, "pass", "PASS", "PASS"),
        (239.5, "conditional pass", "INCONCLUSIVE", "PASS"),
        (240.5, "conditional fail", "INCONCLUSIVE", "FAIL"),
        (241.1, "fail", "FAIL", "FAIL"),
    ],
)
def test_the_four_zones_of_ilac_g8_stand_in_the_verdict(value, zone, outcome, simple):
    verdict = judge(volts(value, 0.5), WINDOW, "ilac_g8")
    assert (verdict.zone, verdict.outcome) == (zone, outcome)
    assert (f"{outcome}, {zone}" in verdict.sentence()) == ("conditional" in zone)
    assert judge(volts(value, 0.5), WINDOW, "guard_band").outcome == outcome
    assert judge(volts(value, 0.5), WINDOW, "simple_acceptance").outcome == simple


def test_an_overdue_calibration_that_engineering_passes_over_marks_a_failure_too():
    overdue = Overdue("scope_ac: calibration overdue since 2025-05-31")
    late = replace(volts(250.0, 0.5), problems=(overdue,))
    verdict = judge(late, WINDOW, engineering=True)
    assert verdict.outcome == "FAIL"
    assert verdict.to_json()["not_for_sign_off"] == [str(overdue)]
    assert judge(late, WINDOW).outcome == "INCONCLUSIVE"


def test_engineering_makes_no_stimulus_proven():
    overdue = Overdue("scope_ac: calibration overdue since 2025-05-31")
    unproven = proof(low=50.0)
    verdict = judge(seconds(20.0, stimulus=unproven, problems=(overdue,)), TRIP, engineering=True)
    assert verdict.outcome == "INCONCLUSIVE"
    assert "stimulus not proven" in verdict.reason
