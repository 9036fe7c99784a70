"""Currents and levels at the CHAdeMO port beyond what the vehicle allows."""

from functools import partial

import pytest

from rig.bench.v2h.trial import PortTrial
from rig.chademo.frames import VehicleStatus
from rig.chademo.roles import Excess


@pytest.mark.requirement("R-V2H-04")
@pytest.mark.duration(35)
def test_the_vehicle_stops_a_home_that_draws_too_much(bench, requirement, verify):
    trial = PortTrial(bench, requirement)
    with bench.energised(), trial.session() as session:
        trial.drive(session, -requirement.number("limit_a"))
        meter = trial.meter(session)
        drawn = trial.exceed(session, -requirement.number("excess_a"))
        fault = meter.frame(VehicleStatus, lambda each: each.fault_current_deviation, drawn)
        verify(trial.judged(meter.elapsed("fault_time", drawn, fault)))
        withdrawn = trial.withdrawn(session, drawn)
        verify(trial.judged(meter.elapsed("withdrawal", fault, withdrawn)))
        verify(trial.code_missing(session))
    verify(trial.violations())


@pytest.mark.requirement("R-V2H-04")
@pytest.mark.duration(35)
def test_the_vehicle_tolerates_what_is_not_too_much(bench, requirement, verify):
    trial = PortTrial(bench, requirement)
    with bench.energised(), trial.session() as session:
        trial.drive(session, -requirement.number("limit_a"))
        excess = partial(Excess, -requirement.number("tolerated_a"))
        since_s = session.inject(excess, requirement.number("tolerated_s"))
        session.sleep(requirement.number("tolerated_s"))
        verify(trial.early_stop(session, since_s))
    verify(trial.violations())


@pytest.mark.requirement("R-V2H-05")
@pytest.mark.duration(30)
def test_the_vehicle_stops_a_charge_where_only_discharge_is_allowed(bench, requirement, verify):
    trial = PortTrial(bench, requirement)
    with bench.energised(), trial.session("both", unit_mode="discharge") as session:
        trial.drive(session, 0.0)
        meter = trial.meter(session)
        charged = trial.exceed(session, requirement.number("reverse_a"))
        end = trial.withdrawn(session, charged)
        verify(trial.judged(meter.elapsed("stop_time", charged, end)))
        verify(trial.code_missing(session))
    verify(trial.violations())


@pytest.mark.requirement("R-V2H-05")
@pytest.mark.duration(30)
def test_the_vehicle_tolerates_a_little_charge_where_only_discharge_is_allowed(
    bench, requirement, verify
):
    trial = PortTrial(bench, requirement)
    with bench.energised(), trial.session("both", unit_mode="discharge") as session:
        trial.drive(session, 0.0)
        since_s = session.inject(partial(Excess, requirement.number("tolerated_a")))
        session.sleep(requirement.number("tolerated_s"))
        verify(trial.early_stop(session, since_s))
    verify(trial.violations())


@pytest.mark.requirement("R-V2H-12")
@pytest.mark.duration(30)
def test_at_the_floor_only_discharge_ends(bench, requirement, verify):
    trial = PortTrial(bench, requirement)
    bench.controller.set_v2h_floor(int(requirement.number("floor_percent")))
    with bench.energised():
        bench.unit.say_soc(requirement.number("above_percent"))
        below_percent = requirement.number("below_percent")
        verify_that_only_discharge_ends(trial, verify, lambda: bench.unit.say_soc(below_percent))
    verify(trial.violations())


@pytest.mark.requirement("R-V2H-12")
@pytest.mark.duration(30)
def test_below_the_minimum_voltage_only_discharge_ends(bench, requirement, verify):
    trial = PortTrial(bench, requirement)
    with bench.energised():
        bench.pack.set_voltage(requirement.number("above_v"))
        below_v = requirement.number("below_v")
        verify_that_only_discharge_ends(trial, verify, lambda: bench.pack.set_voltage(below_v))
    verify(trial.violations())


def verify_that_only_discharge_ends(trial, verify, fall):
    """Judge what is allowed before and after something falls below where discharge ends."""
    with trial.session() as session:
        trial.drive(session, 0.0)
        trial.settle(session)
        verify(trial.limit_now(session, "limit_above"))
        for measured in trial.only_charges(session, fall):
            verify(measured)


@pytest.mark.requirement("R-V2H-12")
@pytest.mark.duration(30)
def test_charge_is_accepted_up_to_the_full_battery(bench, requirement, verify):
    trial = PortTrial(bench, requirement)
    with bench.energised():
        bench.pack.set_voltage(requirement.number("charged_v"))
        with trial.session() as session:
            trial.drive(session, 0.0)
            trial.settle(session)
            verify(trial.request_now(session, "request_below"))
            bench.pack.set_voltage(requirement.number("overcharged_v"))
            trial.settle(session)
            verify(trial.request_now(session, "request_beyond"))
    verify(trial.violations())
