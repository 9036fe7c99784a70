"""What must follow within a time."""

from dataclasses import replace

import pytest

from rig.chademo.check import Severity
from rig.chademo.frames import ChargerStatus, DischargeCapability, VehicleStatus


@pytest.mark.parametrize(
    ("changes", "side", "rule"),
    [
        ({"charger_starts": 1.5}, "charger", "deadline: answer"),
        ({"close": 90.0, "request": 90.0, "transfer": 90.0, "test": 90.0, "test_over": 90.0,
          "lock": 23.0, "discharge": 90.0, "discharge_over": 90.0, "stop": 90.0, "fall": 90.0,
          "low_current": 91.0, "disable": 90.5, "clear": 90.5, "open": 91.0, "unlock": 91.0,
          "vehicle_ends": 27.0, "charger_ends": 27.0}, "charger", "deadline: lock"),
        ({"low_current": 9.2, "clear": 9.9}, "charger", "deadline: clear charging"),
    ],
)  # fmt: skip
def test_a_step_that_comes_too_late_breaks_its_deadline(spoil, judge, plan, changes, side, rule):
    assert (side, rule) in spoil.found(judge(plan, **changes))


@pytest.mark.parametrize(
    ("step", "by", "side", "name"),
    [
        ("enable", 6.5, "vehicle", "enable"),
        ("close", 23.5, "vehicle", "close"),
        ("request", 3.5, "vehicle", "request"),
        ("transfer", 2.5, "charger", "start"),
        ("disable", 4.0, "vehicle", "obey stop"),
        ("open", 9.0, "vehicle", "weld check"),
    ],
)
def test_each_step_has_its_own_deadline(spoil, judge, plan, step, by, side, name):
    assert (side, f"deadline: {name}") in spoil.found(judge(spoil.later(plan, step, by)))


@pytest.mark.parametrize(
    ("step", "by", "side", "name"),
    [
        ("transfer", 0.5, "charger", "start"),
        ("disable", 2.0, "vehicle", "obey stop"),
        ("open", 3.0, "vehicle", "weld check"),
        ("close", 21.0, "vehicle", "close"),
    ],
)
def test_what_is_late_but_within_the_other_sides_patience_is_a_note(
    spoil, judge, plan, step, by, side, name
):
    report = judge(spoil.later(plan, step, by))
    assert (side, f"deadline: {name}") in spoil.found(report, Severity.NOTE)
    assert f"deadline: {name}" not in {each.rule for each in report.of(Severity.ERROR)}


def test_a_charger_may_wait_for_the_vehicle_before_it_ends_the_transfer(spoil, judge, plan):
    """1.0 asks for it, later versions do not, and real chargers do either."""
    assert spoil.found(judge(spoil.later(plan, "disable", 1.8))) == set()


def test_a_deadline_is_told_with_its_measured_time(spoil, judge, plan):
    report = judge(spoil.later(plan, "transfer", 0.5))
    assert report.deadlines_s["start"] == pytest.approx(0.7453)
    (note,) = report.of(Severity.NOTE)
    assert "0.745 s after 'first current request'" in note.message


def test_an_output_that_stays_after_the_contactor_has_opened_is_found(spoil, judge, plan):
    report = judge(spoil.later(plan, "unlock", 3.0), fall=50.0)
    assert ("charger", "output after opening") in spoil.found(report)


def test_a_charger_that_goes_on_out_of_park_is_found(spoil, judge, plan):
    report = judge(plan, tweak=spoil.tweak(VehicleStatus, 5.5, 9.3, not_in_park=True))
    assert ("charger", "deadline: stop out of park") in spoil.found(report)
    assert report.outcome.endswith("ended because the vehicle left park")


def test_a_charger_fault_must_be_obeyed(spoil, judge, plan):
    fault = spoil.tweak(ChargerStatus, 2.6, 9.0, system_malfunction=True)
    report = judge(spoil.later(plan, "close", 5.0), tweak=fault)
    assert ("vehicle", "deadline: obey fault") in spoil.found(report)
    assert "the charger reported a fault" in report.outcome


def test_a_charger_that_goes_on_after_a_fault_of_the_vehicle_is_found(spoil, judge, plan):
    """Also where the vehicle does not withdraw its permission, as it should."""
    fault = spoil.tweak(VehicleStatus, 5.5, 9.3, fault_over_temperature=True)
    found = spoil.found(judge(plan, tweak=fault))
    assert {("charger", "deadline: stop on fault"), ("vehicle", "fault without stop")} <= found


def test_a_charger_that_stops_on_a_fault_of_the_vehicle_keeps_to_the_rules(spoil, judge, plan):
    fault = spoil.tweak(VehicleStatus, 8.8, fault_over_temperature=True)
    assert spoil.found(judge(plan, disable=8.8, tweak=fault)) == set()


def test_a_charger_without_current_four_seconds_into_the_transfer_is_found(spoil, judge, plan):
    none = spoil.tweak(ChargerStatus, current_a=0, discharge_compatible=False)
    late = spoil.long_session(replace(plan, discharge=50.0, discharge_over=51.0))
    assert spoil.found(judge(late, tweak=none)) == {("charger", "first current")}


def test_a_v2h_unit_may_wait_with_its_first_current(spoil, judge, plan):
    none = spoil.tweak(ChargerStatus, current_a=0)
    assert spoil.found(judge(spoil.long_session(plan), tweak=none)) == set()


@pytest.mark.parametrize(("low_current", "found"), [(7.4, set()), (9.7, {("charger", "ramp")})])
def test_a_discharge_may_take_as_long_to_end_as_any_current(spoil, judge, plan, low_current, found):
    def change(t, message):
        if isinstance(message, DischargeCapability):
            amps = 10 if plan.discharge <= t < low_current else 0
            return replace(message, discharge_current_a=amps)
        if isinstance(message, ChargerStatus) and t >= plan.discharge:
            return replace(message, current_a=0)
        return message

    steps = replace(plan, disable=7.0, stop=7.1, clear=low_current + 0.1, tweak=change)
    steps = replace(steps, fall=10.0, open=11.0)
    found = {(side, f"deadline: {rule} down") for side, rule in found}
    assert spoil.found(judge(steps)) == found
