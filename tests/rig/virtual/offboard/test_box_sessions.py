"""Sessions of the simulated off-board box with the rig as the vehicle, in the bench's circuit."""

from functools import partial
from math import inf

import pytest
from boxed_vehicle import PACK_V, BoxAtPlug
from hypothesis import given
from hypothesis import strategies as st

from rig.chademo.check import SessionChecker, Severity
from rig.chademo.frames import decode
from rig.chademo.roles import (
    Line,
    LineStuck,
    Missing,
    VehicleParameters,
    VehicleState,
    When,
    WrongValue,
)
from rig.virtual.offboard.frames import BoxContent, VehicleFrames, pack_box
from rig.virtual.offboard.states import BoxState


def transfer(**kwargs):
    """Bring a session to transfer, and let the current settle."""
    at_plug = BoxAtPlug(**kwargs)
    at_plug.press("start")
    at_plug.run(10.0)
    assert at_plug.box.state is BoxState.TRANSFER, (at_plug.box.said, at_plug.vehicle.ending)
    return at_plug


def inject(at_plug, fault, for_s=inf):
    now_s = at_plug.clock.now()
    at_plug.vehicle.inject(fault(When(after_s=now_s - at_plug.vehicle.begun_s, for_s=for_s)))
    return now_s


def openings(at_plug):
    return [s for s in at_plug.port.switchings if s.who == "vehicle" and not s.closed]


def test_the_box_charges_and_discharges_within_the_vehicles_limits():
    at_plug = transfer(parameters=VehicleParameters(charge_a=12, discharge_a=9))
    assert at_plug.amps == pytest.approx(12.0)
    assert at_plug.pack.read().current_a == pytest.approx(-12.0)
    at_plug.contact("discharge", True)
    at_plug.run(3.0)
    assert at_plug.amps == pytest.approx(-9.0)


def test_a_session_of_both_directions_is_sound_in_the_eyes_of_the_checker():
    at_plug = transfer()
    at_plug.contact("discharge", True)
    at_plug.run(4.0)
    at_plug.press("stop")
    at_plug.run(8.0)
    assert at_plug.box.state is BoxState.IDLE
    assert at_plug.vehicle.state is VehicleState.FINISHED
    checker = SessionChecker()
    for frame in at_plug.frames:
        checker.feed(frame)
    assert checker.finish().of(Severity.ERROR) == ()


def test_d2_waits_for_a_plug_without_voltage_after_the_insulation_test():
    at_plug = transfer()
    told = [(t, d[1] | d[2] << 8) for t, d in at_plug.said(0x109)]
    tested_s = max(t for t, volts in told if volts > 480)
    d2_s = next(s.t_s for s in at_plug.port.switchings if s.who == "vehicle") - 1.5
    assert max(volts for _, volts in told) == pytest.approx(500, abs=2)
    assert tested_s < d2_s
    (first, *_) = [s for s in at_plug.port.switchings if s.who == "vehicle"]
    assert abs(first.volts) == pytest.approx(PACK_V, abs=20.0)


def test_the_box_closes_onto_matched_voltages():
    at_plug = transfer()
    closings = [s for s in at_plug.port.switchings if s.who == "evps" and s.closed]
    assert abs(closings[-1].volts) < 6.0


@pytest.mark.parametrize("how", ["stop", "vehicle"])
def test_a_normal_stop_opens_without_current_and_leaves_the_plug_dead(how):
    at_plug = transfer()
    if how == "stop":
        at_plug.press("stop")
    else:
        at_plug.vehicle.stop()
    at_plug.run(8.0)
    (opening,) = openings(at_plug)
    assert abs(opening.amps) <= 5.0
    assert at_plug.plug_v < 10.0
    assert not at_plug.port.lines.d1
    assert at_plug.box.state is BoxState.IDLE


def test_the_emergency_stop_takes_the_current_at_once_and_the_lines_after_a_cycle():
    at_plug = transfer()
    at_plug.contact("emergency", True)
    at_plug.run(0.1)
    assert abs(at_plug.amps) <= 5.0
    at_plug.run(0.9)
    assert at_plug.plug_v < 60.0
    assert not at_plug.port.lines.d1
    assert any(d[5] & 2 for _, d in at_plug.said(0x109))
    assert at_plug.box.said == ["emergency stop"]


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (partial(Missing, None), "silence of the vehicle"),
        (partial(WrongValue, 0x102, {"system_fault": 1}), "fault of the vehicle"),
        (partial(WrongValue, 0x102, {"not_in_park": 1}), "vehicle not parked"),
        (partial(LineStuck, Line.K, False), "permission withdrawn"),
        (partial(WrongValue, 0x102, {"enabled": 0}), "permission withdrawn"),
    ],
)
def test_what_the_vehicle_says_stops_the_box_without_current(fault, why):
    at_plug = transfer()
    inject(at_plug, fault)
    at_plug.run(14.0)
    assert at_plug.box.said[0] == why
    assert all(abs(each.amps) <= 5.0 for each in openings(at_plug))
    assert at_plug.box.state is BoxState.IDLE


def test_a_battery_of_too_high_a_target_is_refused():
    at_plug = BoxAtPlug(faults=[WrongValue(0x102, {"target_voltage_v": 520})])
    at_plug.press("start")
    at_plug.run(10.0)
    assert at_plug.box.said[0] == "battery incompatible"
    assert any(d[5] & 8 for _, d in at_plug.said(0x109))
    assert not any(s.who == "vehicle" for s in at_plug.port.switchings)


def test_low_insulation_ends_the_session_before_d2():
    at_plug = BoxAtPlug()
    at_plug.net.home_pins.insulation_ohm = 40_000.0
    at_plug.press("start")
    at_plug.run(12.0)
    assert at_plug.box.said[0] == "insulation too low"
    assert not any(s.who == "vehicle" for s in at_plug.port.switchings)


def test_a_start_without_plug_or_with_the_emergency_stop_pressed_does_nothing():
    at_plug = BoxAtPlug()
    at_plug.contact("emergency", True)
    at_plug.run(0.1)
    at_plug.press("start")
    at_plug.run(1.0)
    assert at_plug.box.state is BoxState.IDLE
    at_plug.contact("emergency", False)
    at_plug.contact("proximity", False)
    at_plug.run(0.1)
    at_plug.press("start")
    at_plug.run(1.0)
    assert at_plug.box.state is BoxState.IDLE


CONTENTS = st.builds(
    BoxContent,
    protocol=st.integers(0, 255),
    available_v=st.integers(0, 65535),
    charge_a=st.integers(0, 255),
    threshold_v=st.integers(0, 65535),
    plug_v=st.integers(0, 65535),
    amps=st.integers(-255, 255),
    status=st.integers(0, 63),
    left_min=st.none() | st.integers(0, 255),
    discharge_a=st.integers(0, 255),
    lowest_v=st.integers(0, 65535),
)


@given(CONTENTS)
def test_the_boxs_frames_are_read_as_they_were_meant(content):
    capability, status, _, discharge, _ = (
        decode(each, pack_box(each, content)) for each in (0x108, 0x109, 0x118, 0x208, 0x209)
    )
    assert (capability.available_voltage_v, capability.available_current_a) == (
        content.available_v,
        content.charge_a,
    )
    assert capability.threshold_voltage_v == content.threshold_v
    assert (status.voltage_v, status.current_a) == (
        content.plug_v,
        max(content.amps, 0),
    )
    assert discharge.discharge_current_a == max(-content.amps, 0)
    assert discharge.available_input_current_a == content.discharge_a
    assert status.charging == bool(content.status & 1)
    assert status.stop_control == bool(content.status & 32)
    assert all(each.spare == 0 for each in (capability, status, discharge))


def test_frames_of_a_real_vehicle_are_understood():
    vehicle = VehicleFrames()
    for identifier, data in {
        0x100: "00000000B3016400",
        0x101: "00FF3C0000DE0000",
        0x102: "029A010E00C14900",
        0x200: "F0000000FA0043B2",
    }.items():
        vehicle.take(identifier, bytes.fromhex(data), 1.0)
    assert (vehicle.max_v, vehicle.target_v, vehicle.request_a) == (435, 410, 14)
    assert (vehicle.discharge_a, vehicle.min_discharge_v, vehicle.max_time_min) == (15, 250, 60)
    assert vehicle.charge_percent == 73.0
    assert vehicle.levels_percent == pytest.approx((30.0, 80.0), abs=0.5)
    assert vehicle.enabled
    assert vehicle.parked
    assert not vehicle.contactor_open
