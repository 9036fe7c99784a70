"""Whole sessions: the rig's EVPS role against the simulated unit, in the bench's circuit."""

from itertools import pairwise

import pytest
from plugged_unit import PACK_V, PluggedUnit, evps_at, transfer

from rig.chademo.check import SessionChecker, Severity
from rig.chademo.roles import EvpsParameters, EvpsState
from rig.virtual.ports import LoadSetting
from rig.virtual.unit.v2h import PortState


@pytest.fixture
def plugged():
    return PluggedUnit()


def judged(plugged):
    checker = SessionChecker()
    for frame in plugged.frames:
        checker.feed(frame)
    return checker.finish()


def test_power_flows_both_ways_between_pack_and_evps(plugged):
    evps = transfer(plugged, amps=-10.0)
    idle_a = 150.0 / PACK_V
    assert plugged.port.pieces.last.amps == pytest.approx(-10.0)
    assert plugged.net.supply("pack").read().current_a == pytest.approx(10.0 + idle_a)
    assert plugged.net.supply("evps").read().current_a == pytest.approx(-10.0)
    evps.want(12.0)
    plugged.run(3.0)
    assert plugged.net.supply("pack").read().current_a == pytest.approx(idle_a - 12.0)
    at_supply_v = PACK_V + 12.0 * plugged.port.plant.cable_ohm
    assert plugged.net.supply("evps").read().power_w == pytest.approx(12.0 * at_supply_v)


def test_a_session_of_both_directions_is_sound_in_the_eyes_of_the_checker(plugged):
    evps = transfer(plugged, amps=-10.0)
    plugged.run(5.0)
    evps.want(12.0)
    plugged.run(5.0)
    evps.stop()
    plugged.run(6.0)
    report = judged(plugged)
    assert report.of(Severity.ERROR) == ()
    assert report.energy.most_charge_a == 12
    assert report.energy.most_discharge_a == 10
    assert evps.state is EvpsState.FINISHED


def test_registers_tell_state_volts_amps_and_the_last_stop(plugged):
    evps = transfer(plugged, amps=-10.0)
    state, volts, amps, reason, _ = plugged.registers
    assert state == PortState.TRANSFER
    assert volts / 10 == pytest.approx(PACK_V, rel=0.006)
    assert (amps - 65536) / 10 == pytest.approx(-10.0, abs=0.15)
    assert reason == 0
    evps.stop()
    plugged.run(8.0)
    assert plugged.registers[0] == PortState.IDLE
    assert plugged.registers[3] == 1


def test_a_port_that_is_switched_off_says_nothing():
    plugged = PluggedUnit(mode=0)
    evps = evps_at(plugged)
    evps.start()
    plugged.run(9.0)
    assert [f for f in plugged.frames if f.identifier < 0x108] == []
    assert plugged.registers[0] == PortState.OFF
    assert not plugged.port.lines.k


def test_a_second_session_needs_d1_again_and_is_as_good_as_the_first(plugged):
    first = transfer(plugged, amps=5.0)
    first.stop()
    plugged.run(8.0)
    first.end()
    again = transfer(plugged, amps=-5.0)
    assert plugged.registers[0] == PortState.TRANSFER
    assert again.bounds.low_a == -15.0


def test_frames_keep_their_absolute_deadlines_for_the_whole_session(plugged):
    transfer(plugged)
    plugged.run(10.0)
    times = [t for t, _ in plugged.said(0x102)]
    first = times[0]
    assert all(abs(t - first - 0.1 * n) < 1e-6 for n, t in enumerate(times))
    order = [f.identifier for f in plugged.frames if f.identifier < 0x108 or f.identifier >= 0x110]
    cycle = (0x100, 0x101, 0x102, 0x200, 0x110, 0x201)
    own = [each for each in order if each in cycle]
    assert own == [cycle[n % len(cycle)] for n in range(len(own))]


def test_the_first_frames_come_within_a_second_of_d1_and_k_stays_off(plugged):
    plugged.contact("proximity", True)
    plugged.run(0.1)
    began_s = plugged.clock.now()
    plugged.contact("d1", True)
    plugged.run(1.0)
    assert {0x100, 0x101, 0x102, 0x200} <= {f.identifier for f in plugged.frames}
    assert plugged.frames[0].t_s - began_s < 0.2
    assert not plugged.port.lines.k


def test_the_unit_gives_up_an_evps_that_never_speaks(plugged):
    plugged.contact("proximity", True)
    plugged.contact("d1", True)
    plugged.run(9.0)
    assert plugged.registers[3] == 37
    plugged.contact("d1", False)
    plugged.run(1.0)
    last_s = plugged.frames[-1].t_s
    plugged.run(2.0)
    assert plugged.frames[-1].t_s == last_s
    assert plugged.registers[0] == PortState.IDLE


def test_start_order_is_k_then_d2_then_contactor_then_request_then_discharge(plugged):
    evps = transfer(plugged)
    entered = {state: t for t, state in evps.path}
    enabled_s = next(t for t, d in plugged.said(0x102) if d[5] & 1)
    closed_s = next(t for t, d in plugged.said(0x102) if not d[5] & 8)
    request_s = next(t for t, d in plugged.said(0x102) if d[3])
    limit_s = next(t for t, d in plugged.said(0x200) if d[0] != 0xFF)
    started_s = next(t for t, d in plugged.said(0x109) if d[5] & 1)
    d2_s = entered[EvpsState.CLOSING]
    assert enabled_s < d2_s < closed_s < request_s < started_s < limit_s
    assert closed_s - d2_s < 2.0
    assert request_s - closed_s < 2.0


def test_the_permission_rises_by_two_amps_a_cycle_and_follows_the_evps_down_at_once(plugged):
    evps = transfer(plugged)
    requests = [d[3] for _, d in plugged.said(0x102)]
    limits = [0xFF - d[0] for _, d in plugged.said(0x200)]
    for series in (requests, limits):
        steps = [b - a for a, b in pairwise(series)]
        assert max(steps) == 2
        assert max(series) == 15
    evps.offer_current(4, 6)
    now_s = plugged.clock.now()
    plugged.run(0.35)
    told = plugged.said(0x108, now_s)[0][0]
    assert next(t for t, d in plugged.said(0x102, now_s) if d[3] == 4) - told <= 0.11
    assert next(t for t, d in plugged.said(0x200, now_s) if d[0] == 0xFF - 6) - told <= 0.11


def test_a_unit_that_may_only_discharge_marks_the_start_and_permits_no_more_charge():
    plugged = PluggedUnit(mode=1)
    evps = transfer(plugged, amps=10.0)
    assert evps.bounds.high_a == 1.0
    assert evps.bounds.low_a == -15.0


def test_a_unit_that_may_only_charge_permits_no_discharge():
    plugged = PluggedUnit(mode=2)
    evps = transfer(plugged, amps=-10.0)
    assert evps.bounds.low_a == 0.0
    assert evps.bounds.high_a == 15.0


def test_the_discharge_limit_register_goes_up_to_thirty_amps(plugged):
    plugged.unit.write_holding(7, [30])
    evps = transfer(plugged, EvpsParameters(input_a=30, available_a=30), amps=-30.0)
    plugged.run(1.0)
    assert evps.bounds.low_a == -30.0
    assert evps.bounds.high_a == 15.0


def test_at_its_floor_the_unit_forbids_discharge_until_the_charge_rose_by_three_percent(plugged):
    evps = transfer(plugged)
    plugged.unit.write_holding(10, [40])
    for soc, low_a in ((40.1, -15.0), (40.0, 0.0), (42.9, 0.0), (43.1, -15.0)):
        plugged.soc = soc
        plugged.run(2.0)
        assert (soc, evps.bounds.low_a, evps.bounds.high_a) == (soc, low_a, 15.0)


@pytest.mark.parametrize(
    ("volts", "low_a", "high_a"), [(272.0, -15.0, 15.0), (268.0, 0.0, 15.0), (404.0, -15.0, 0.0)]
)
def test_the_packs_voltage_limits_discharge_below_and_charge_above(plugged, volts, low_a, high_a):
    evps = transfer(plugged)
    plugged.pack_v(volts)
    plugged.run(3.0)
    assert (evps.bounds.low_a, evps.bounds.high_a) == (low_a, high_a)


def test_what_the_pack_may_give_bounds_the_discharge(plugged):
    evps = transfer(plugged)
    plugged.unit.write_holding(17, [300])
    plugged.run(1.0)
    assert evps.bounds.low_a == -int((0.97 * 3000.0 - 150.0) / PACK_V)


def test_the_port_gives_way_to_the_outlets_when_the_pack_may_give_less(plugged):
    plugged.unit.write_holding(0, [1])
    plugged.run(5.0)
    plugged.net.load("load_a").apply(LoadSetting(on=True, mode="power", level=2000.0))
    transfer(plugged, amps=-10.0)
    assert plugged.net.supply("pack").read().power_w > 5500.0
    plugged.unit.write_holding(17, [400])
    powers = []
    for _ in range(10):
        plugged.run(0.1)
        powers.append(plugged.net.supply("pack").read().power_w)
    assert powers[4] <= 1.05 * 4000.0
    assert powers[9] <= 4000.0
    assert plugged.port.pieces.last.amps < -3.0
    assert [plugged.unit.read_input(16 + 8 * n, 1)[0] for n in range(3)] == [1, 1, 1]


def test_a_processor_in_reset_lets_go_of_k_and_contactors(plugged):
    transfer(plugged, amps=-10.0)
    plugged.net.relays(3).drive(0, True)
    plugged.run(0.1)
    assert not plugged.port.closed["vehicle"]
    assert not plugged.port.lines.k
    last_s = plugged.said(0x102)[-1][0]
    plugged.run(1.0)
    assert plugged.said(0x102)[-1][0] == last_s
