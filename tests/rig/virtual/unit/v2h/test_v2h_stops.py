"""How sessions end: by either side, by lost lines and frames, by currents that were not allowed."""

from functools import partial
from math import inf

import pytest
from plugged_unit import PluggedUnit, evps_at, transfer

from rig.chademo.roles import (
    BusOff,
    EvpsParameters,
    EvpsState,
    Excess,
    Extended,
    Line,
    LineStuck,
    Missing,
    When,
    WrongLength,
    WrongValue,
)
from rig.controller.trips import TripCode
from rig.virtual.unit.v2h import PortState

ENABLED, NOT_PARKED, FAULT, OPEN, BEFORE = 1, 2, 4, 8, 16


@pytest.fixture
def plugged():
    return PluggedUnit()


def inject(plugged, evps, fault, for_s=inf):
    """Make a fault from now on; return the clock time."""
    now_s = plugged.clock.now()
    evps.inject(fault(When(after_s=now_s - evps.begun_s, for_s=for_s)))
    return now_s


def first(frames, byte, mask, value):
    """Return when a masked byte first had a value."""
    return next(t for t, data in frames if data[byte] & mask == value)


def assert_permission_ends_in_one_cycle(plugged, since_s, within_s):
    status, limits = plugged.said(0x102, since_s), plugged.said(0x200, since_s)
    ended_s = first(status, 5, ENABLED, 0)
    assert ended_s - since_s <= within_s
    assert next(d for t, d in status if t == ended_s)[3] == 0
    assert first(limits, 0, 0xFF, 0xFF) - ended_s <= 0.1
    (k_off_s,) = [t for t, _, v in plugged.port.lines.k_volts.pieces(since_s, inf) if v > 6.0][:1]
    assert abs(k_off_s - ended_s) <= 0.1


@pytest.mark.parametrize("amps", [-15.0, 15.0])
def test_a_stop_by_the_evps_goes_in_the_normal_order(plugged, amps):
    evps = transfer(plugged, amps=amps)
    stop_s = plugged.clock.now()
    evps.stop()
    plugged.run(8.0)
    assert evps.state is EvpsState.FINISHED
    asked_s = first(plugged.said(0x109, stop_s), 5, 0x20, 0x20)
    assert_permission_ends_in_one_cycle(plugged, asked_s, 0.2)
    cleared_s = first(plugged.said(0x109, stop_s), 5, 0x01, 0)
    (opening,) = plugged.openings()
    checked_s = first(plugged.said(0x102, stop_s), 5, OPEN, OPEN)
    assert cleared_s < opening.t_s < checked_s <= cleared_s + 10.0
    assert abs(opening.amps) <= 5.0
    entered = {state: t for t, state in evps.path}
    assert checked_s <= entered[EvpsState.D2_OFF]
    assert plugged.registers[3] == 1


def test_a_stop_by_command_takes_the_permission_away_first(plugged):
    evps = transfer(plugged, amps=-15.0)
    stop_s = plugged.clock.now()
    plugged.unit.write_holding(6, [0])
    plugged.run(8.0)
    assert_permission_ends_in_one_cycle(plugged, stop_s, 0.15)
    assert evps.state is EvpsState.FINISHED
    assert abs(plugged.openings()[0].amps) <= 5.0
    assert plugged.registers[3] == 2


@pytest.mark.parametrize("bit", ["charger_malfunction", "system_malfunction"])
def test_a_fault_bit_of_the_charger_ends_the_permission_in_one_cycle(plugged, bit):
    evps = transfer(plugged, amps=-15.0)
    since_s = inject(plugged, evps, partial(WrongValue, 0x109, {bit: 1}))
    plugged.run(6.0)
    told_s = plugged.said(0x109, since_s)[0][0]
    assert_permission_ends_in_one_cycle(plugged, told_s, 0.11)
    assert abs(plugged.openings()[0].amps) <= 5.0
    assert plugged.registers[3] == TripCode.V2H_EMERGENCY_STOP


def test_the_emergency_stop_of_the_evps_leaves_no_voltage_behind(plugged):
    evps = transfer(plugged, amps=-15.0)
    stop_s = plugged.clock.now()
    evps.emergency_stop()
    plugged.run(0.1)
    assert abs(plugged.port.pieces.last.amps) <= 5.0
    plugged.run(0.9)
    assert plugged.port.inlet_v(plugged.clock.now()) < 60.0
    assert plugged.port.closed == {"evps": False, "vehicle": False}
    assert plugged.openings()[0].t_s - stop_s < 0.5


@pytest.mark.parametrize("line", [Line.D1, Line.D2])
def test_a_lost_line_drops_the_contactors_and_counts_as_an_emergency(plugged, line):
    evps = transfer(plugged, amps=-15.0)
    since_s = inject(plugged, evps, partial(LineStuck, line, False))
    plugged.run(2.0)
    name = f"board 6 relay {0 if line is Line.D1 else 1}"
    opened_s = plugged.net.truth.first("bench_contact_opened", name, after_s=since_s)
    (opening,) = plugged.openings()
    assert 0.0 < opening.t_s - opened_s <= 0.05
    assert abs(opening.amps) > 10.0
    assert_permission_ends_in_one_cycle(plugged, opened_s, 0.12)
    assert plugged.registers[3] == TripCode.V2H_LINE_LOST
    assert any("EMERGENCY" in line for line in plugged.console)


def test_a_plug_pulled_out_drops_the_contactors_too(plugged):
    transfer(plugged, amps=10.0)
    plugged.contact("proximity", False)
    plugged.run(0.1)
    assert not plugged.port.closed["vehicle"]
    plugged.run(1.5)
    assert plugged.registers[3] == TripCode.V2H_LINE_LOST
    assert plugged.port.inlet_v(plugged.clock.now()) < 60.0


def test_one_lost_cycle_of_the_evps_goes_unnoticed(plugged):
    evps = transfer(plugged, amps=-10.0)
    inject(plugged, evps, partial(Missing, 0x109), for_s=0.1)
    plugged.run(3.0)
    assert plugged.registers[0] == PortState.TRANSFER


@pytest.mark.parametrize(
    "fault",
    [
        BusOff,
        partial(Missing, 0x108),
        partial(Missing, 0x109),
        partial(WrongLength, 0x109, 7),
        partial(Extended, 0x109),
    ],
)
def test_silence_of_a_second_ends_the_session(plugged, fault):
    evps = transfer(plugged, amps=-15.0)
    last = {i: plugged.said(i)[-1][0] for i in (0x108, 0x109)}
    inject(plugged, evps, fault)
    plugged.run(6.0)
    (k_off_s,) = [
        t for t, _, v in plugged.port.lines.k_volts.pieces(min(last.values()), inf) if v > 6.0
    ][:1]
    assert 1.0 <= k_off_s - min(last.values()) <= 1.2
    assert plugged.registers[3] == TripCode.V2H_CAN_LOST
    assert any(d[5] & FAULT for _, d in plugged.said(0x102, k_off_s))
    assert abs(plugged.openings()[0].amps) <= 5.0


@pytest.mark.parametrize(("excess_a", "stops"), [(-10.0, True), (-8.0, False)])
def test_ten_amps_beyond_the_discharge_limit_for_five_seconds_is_a_fault(plugged, excess_a, stops):
    evps = transfer(plugged, amps=-15.0)
    since_s = inject(plugged, evps, partial(Excess, excess_a))
    plugged.run(4.5)
    assert plugged.registers[0] == PortState.TRANSFER
    plugged.run(1.0)
    deviates = any(d[4] & 4 for _, d in plugged.said(0x102, since_s))
    assert (deviates, plugged.registers[3] == TripCode.V2H_OVER_CURRENT) == (stops, stops)


@pytest.mark.parametrize(("amps", "stops"), [(3.0, True), (1.5, False)])
def test_current_into_a_vehicle_that_only_discharges_ends_the_session(amps, stops):
    plugged = PluggedUnit(mode=1)
    evps = transfer(plugged, amps=1.0)
    inject(plugged, evps, partial(Excess, amps - 1.0))
    plugged.run(1.5)
    assert (plugged.registers[3] == TripCode.V2H_REVERSE_CURRENT) is stops


def test_a_lock_that_opens_during_transfer_ends_the_session(plugged):
    evps = transfer(plugged, amps=-10.0)
    inject(plugged, evps, partial(WrongValue, 0x109, {"energizing": 0}))
    plugged.run(1.0)
    assert plugged.registers[3] == TripCode.V2H_LOCK


def test_leaving_park_ends_the_session(plugged):
    transfer(plugged, amps=-10.0)
    since_s = plugged.clock.now()
    plugged.gear(4)
    plugged.run(3.0)
    assert_permission_ends_in_one_cycle(plugged, since_s, 0.12)
    assert any(d[5] & NOT_PARKED for _, d in plugged.said(0x102, since_s))
    assert plugged.registers[3] == TripCode.V2H_NOT_PARKED


def test_a_vehicle_that_is_not_parked_never_permits(plugged):
    plugged.gear(4)
    evps = evps_at(plugged)
    evps.start()
    plugged.run(10.0)
    assert plugged.registers[3] == TripCode.V2H_NOT_PARKED
    assert not any(d[5] & ENABLED for _, d in plugged.said(0x102))
    assert all(d[5] & NOT_PARKED for _, d in plugged.said(0x102))
    assert plugged.port.switchings == []


@pytest.mark.parametrize(
    ("parameters", "bit"),
    [
        (EvpsParameters(available_v=400), BEFORE),
        (EvpsParameters(available_a=0), BEFORE),
        (EvpsParameters(protocol=0), FAULT),
    ],
    ids=["voltage", "current", "version"],
)
def test_an_incompatible_evps_closes_nothing(plugged, parameters, bit):
    evps = evps_at(plugged, parameters)
    evps.start()
    plugged.run(10.0)
    assert any(d[5] & bit for _, d in plugged.said(0x102))
    assert not any(d[5] & ENABLED for _, d in plugged.said(0x102))
    assert not any(each.who == "vehicle" for each in plugged.port.switchings)


def test_silence_of_the_vehicle_itself_ends_the_session(plugged):
    transfer(plugged, amps=-10.0)
    plugged.speak = False
    plugged.run(3.0)
    assert plugged.registers[3] == TripCode.VEHICLE_DATA_STALE


def test_an_evps_that_does_not_start_is_given_up(plugged):
    evps = evps_at(plugged, faults=[WrongValue(0x109, {"charging": 0, "stop_control": 1})])
    evps.start()
    plugged.run(12.0)
    assert plugged.registers[3] == TripCode.V2H_SEQUENCE_TIMEOUT
    assert plugged.openings()


def test_every_trip_of_the_port_is_in_the_event_log(plugged):
    transfer(plugged)
    plugged.gear(4)
    plugged.run(1.0)
    newest = plugged.unit.read_input(99, 1)[0]
    record = plugged.unit.read_input(100 + 7 * ((newest - 1) % 32), 7)
    assert record[1] == TripCode.V2H_NOT_PARKED
    assert plugged.unit.read_input(1, 1) == [TripCode.V2H_NOT_PARKED]
