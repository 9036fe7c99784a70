"""The start of a session: order, deadlines, permission, and when there must be none."""

import pytest

from rig.bench.v2h.permission import PermissionMeter
from rig.bench.v2h.start import StartMeter
from rig.bench.v2h.trial import PortTrial
from rig.chademo.roles import EvpsParameters

PATIENT = EvpsParameters(enable_s=20.0, close_s=10.0, request_s=10.0)
"""Waits longer than the vehicle may take, so that what comes late is measured."""


@pytest.mark.requirement("R-V2H-02")
@pytest.mark.duration(20)
def test_the_start_keeps_order_and_deadlines(bench, requirement, verify):
    trial = PortTrial(bench, requirement)
    with bench.energised():
        with trial.session(parameters=PATIENT) as session:
            trial.drive(session, 0.0)
            trial.watch(session)
        start = StartMeter(session, trial.meter(session))
        for measured in (start.permission(), start.enable_skew(), start.closing(), start.request()):
            verify(trial.judged(measured))
        verify(trial.meter(session).violations())


@pytest.mark.requirement("R-V2H-03")
@pytest.mark.duration(25)
def test_request_and_limit_rise_slowly_and_follow_down_at_once(bench, requirement, verify):
    trial = PortTrial(bench, requirement)
    lower_a = int(requirement.number("lower_a"))
    with bench.energised():
        with trial.session() as session:
            trial.drive(session, 0.0)
            trial.watch(session)
            session.offer(lower_a, lower_a)
            trial.watch(session)
        permission = PermissionMeter(session, trial.meter(session))
        for measured in permission.before_start("limit_before_start"):
            verify(trial.judged(measured))
        verify(trial.judged(permission.largest_rise("rise")))
        verify(trial.judged(permission.largest_request("reached_request")))
        verify(trial.judged(permission.largest_limit("reached_limit")))
        verify(trial.judged(permission.request_follows("request_follows", lower_a)))
        verify(trial.judged(permission.limit_follows("limit_follows", lower_a)))
        verify(trial.meter(session).violations())


@pytest.mark.requirement("R-V2H-10")
@pytest.mark.duration(20)
def test_no_session_starts_out_of_park(bench, requirement, verify):
    trial = PortTrial(bench, requirement)
    with bench.energised():
        bench.unit.say_gear(int(requirement.number("gear")))
        with trial.session() as session:
            trial.watch(session)
            session.stop()
        verify(StartMeter(session, trial.meter(session)).closures("closures"))
    verify(trial.violations())


@pytest.mark.requirement("R-V2H-11")
@pytest.mark.duration(20)
@pytest.mark.parametrize("what", ["voltage", "current", "protocol"])
def test_the_vehicle_closes_nothing_onto_an_incompatible_evps(bench, requirement, verify, what):
    trial = PortTrial(bench, requirement)
    low_v = int(requirement.number("low_voltage_v"))
    evps = {
        "voltage": EvpsParameters(available_v=low_v),
        "current": EvpsParameters(),
        "protocol": EvpsParameters(protocol=0),
    }[what]
    with bench.energised():
        limit_a = 0 if what == "current" else None
        with trial.session(parameters=evps, limit_a=limit_a) as session:
            trial.watch(session)
            session.stop()
        start = StartMeter(session, trial.meter(session))
        verify(start.closures("closures"))
        flag = "system_fault" if what == "protocol" else "stop_before_charge"
        verify(start.flag_missing("flags_missing", lambda each: bool(getattr(each, flag))))
    verify(trial.violations())
