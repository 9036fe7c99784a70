"""A session with the rig as the vehicle, on boxes that take their time."""

import pytest
from vehicle_bench import VehicleBench

from rig.chademo.frames import ChargerStatus, VehicleStatus
from rig.chademo.roles import Line, Reason, VehicleParameters, VehicleState
from rig.virtual.chademo.cable import Who


def running(**how):
    bench = VehicleBench(**how)
    bench.begin()
    assert bench.session.await_state(VehicleState.RUN), bench.session.ending
    bench.session.sleep(4.0)
    return bench


def test_a_session_comes_to_transfer_and_to_its_end_and_keeps_to_every_rule():
    bench = running()
    assert bench.cable.amps == pytest.approx(8.0)
    bench.session.stop()
    report = bench.session.finish()
    assert report.verdict.held, report.findings
    assert not bench.failures and not bench.cable.closed[Who.VEHICLE]


@pytest.mark.parametrize("want", [9.0, -9.0])
def test_what_goes_in_and_out_shows_in_the_state_of_charge(want):
    bench = running(want=want)
    before, wh_before = bench.session.power.charge_percent(), bench.cable.charge_percent
    bench.session.sleep(60.0)
    gained = bench.session.power.charge_percent() - before
    truly = bench.cable.charge_percent - wh_before  # of 38 kWh, the rig reckons with 40
    assert gained == pytest.approx(truly * 38.0 / 40.0, rel=0.03)
    assert (gained > 0) == (want > 0)


def test_the_contactors_count_as_closed_only_while_both_lines_feed_their_coils():
    bench = running()
    assert bench.session.power.contactor_closed()
    bench.cable.cut(Line.D2)
    bench.session.sleep(0.2)
    assert not bench.session.power.contactor_closed()
    assert bench.session.ending.reason is Reason.LINE_LOST


def test_k_and_102_tell_of_a_stop_in_the_same_cycle():
    bench = running()
    stopped_s = bench.clock.now()
    bench.session.vehicle.stop()
    bench.session.await_end()
    k = bench.session.lines.change(Line.K, on=False, after_s=stopped_s)
    told_s = bench.session.traffic.first(VehicleStatus, lambda each: not each.enabled, stopped_s)
    assert k.latest_s - stopped_s < 0.1 and told_s - stopped_s < 0.12


def test_a_vehicle_that_heeds_nothing_permits_what_the_home_must_refuse():
    beyond = VehicleParameters(target_v=600, max_v=600, heeds_charger=False)
    bench = VehicleBench(vehicle=beyond)
    bench.begin()
    bench.session.sleep(10.0)
    flagged = bench.session.traffic.first(ChargerStatus, lambda each: each.battery_incompatible)
    assert flagged is not None and not bench.cable.levels[Line.D2]
