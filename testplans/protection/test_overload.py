"""The overload protections of the inverter and of each socket."""

import pytest

from rig.bench import InverterOverload, PulsedOverload, SocketOverload


def overloaded(overload, angle_deg=0.0):
    """Bring an energised bench into overload and measure the time until it trips."""
    overload.prepare()
    with overload.capture() as wave:
        overload.apply(angle_deg)
    return overload.trip_time(wave)


def wanted(requirement, what):
    """Return the bounds of a stimulus' level in percent."""
    level = requirement.number(f"{what}_percent")
    tolerance = requirement.number(f"{what}_tolerance_percent") / 100
    return level * (1 - tolerance), level * (1 + tolerance)


@pytest.mark.requirement("R-OVL-01")
@pytest.mark.long
@pytest.mark.duration(14_400)
@pytest.mark.energy(24)
def test_the_inverter_carries_rated_load_for_four_hours(bench, requirement, verify):
    ambient, hold_s = bench.ambient, requirement.number("hold_s")
    middle_c, width_k = (requirement.number(f"ambient_{k}c") for k in ("", "tolerance_"))
    with bench.energised(power_limit_w=int(requirement.number("power_limit_w"))):
        bench.share_load(requirement.number("load_percent") / 100 * bench.rated_va)
        held = bench.hold_load(requirement, ambient)
    loaded = held.proof(wanted(requirement, "load"), hold_s)
    in_the_room = held.ambient_proof((middle_c - width_k, middle_c + width_k), hold_s)
    verify(held.trip_time(loaded if in_the_room.in_tolerance else in_the_room))
    verify(held.reductions())


@pytest.mark.requirement("R-OVL-02")
@pytest.mark.duration(180)
def test_the_inverter_trips_at_110_percent(bench, socket, requirement, verify):
    with bench.energised(power_limit_w=int(requirement.number("power_limit_w"))):
        verify(overloaded(InverterOverload(bench, socket, requirement)))


@pytest.mark.requirement("R-OVL-03")
@pytest.mark.duration(80)
def test_the_inverter_trips_at_125_percent(bench, socket, requirement, verify):
    with bench.energised(power_limit_w=int(requirement.number("power_limit_w"))):
        verify(overloaded(InverterOverload(bench, socket, requirement)))


@pytest.mark.requirement("R-OVL-04")
@pytest.mark.duration(30)
def test_the_inverter_trips_at_150_percent(bench, socket, requirement, verify):
    with bench.energised(power_limit_w=int(requirement.number("power_limit_w"))):
        verify(overloaded(InverterOverload(bench, socket, requirement)))


@pytest.mark.requirement("R-OVL-05")
@pytest.mark.duration(30)
@pytest.mark.parametrize("angle_deg", [0, 90, 180, 270])
def test_the_inverter_trips_at_200_percent(bench, socket, requirement, verify, angle_deg):
    with bench.energised(power_limit_w=int(requirement.number("power_limit_w"))):
        verify(overloaded(InverterOverload(bench, socket, requirement), angle_deg))


@pytest.mark.requirement("R-OVL-06")
@pytest.mark.duration(40)
def test_dips_between_overload_pulses_do_not_reset_the_timers(bench, socket, requirement, verify):
    with bench.energised(power_limit_w=int(requirement.number("power_limit_w"))):
        verify(overloaded(PulsedOverload(bench, socket, requirement)))


@pytest.mark.requirement("R-OVL-07")
@pytest.mark.long
@pytest.mark.duration(3_600)
@pytest.mark.energy(2)
def test_a_socket_carries_110_percent_for_an_hour(bench, socket, requirement, verify):
    rated_a = bench.spec.unit.socket_current_a
    with bench.energised():
        percent, power_factor = (requirement.number(k) for k in ("socket_percent", "power_factor"))
        bench.loads[socket].draw_current(percent / 100 * rated_a, power_factor=power_factor)
        bench.sleep(1.0)
        held = bench.hold_socket(socket, requirement)
    verify(held.trip_time(held.proof(wanted(requirement, "socket"), requirement.number("hold_s"))))


@pytest.mark.requirement("R-OVL-08")
@pytest.mark.long
@pytest.mark.duration(700)
def test_a_socket_trips_at_130_percent(bench, socket, requirement, verify):
    with bench.energised():
        power_factor = requirement.number("power_factor")
        verify(overloaded(SocketOverload(bench, socket, requirement, power_factor)))


@pytest.mark.requirement("R-OVL-09")
@pytest.mark.duration(40)
def test_a_socket_trips_at_160_percent_whatever_the_power_factor(
    bench, socket, requirement, verify
):
    with bench.energised():
        power_factor = min(requirement.numbers("power_factor"))
        verify(overloaded(SocketOverload(bench, socket, requirement, power_factor)))


@pytest.mark.requirement("R-OVL-09")
@pytest.mark.duration(40)
def test_a_socket_trips_at_160_percent_resistive(bench, requirement, verify):
    with bench.energised():
        verify(overloaded(SocketOverload(bench, bench.sockets[0], requirement, 1.0)))


@pytest.mark.requirement("R-OVL-09")
@pytest.mark.duration(40)
def test_a_socket_trips_at_160_percent_whatever_the_others_carry(
    bench, socket, requirement, verify
):
    power_factor = min(requirement.numbers("power_factor"))
    with bench.energised():
        others = [each for each in bench.sockets if each != socket]
        bench.share_load(requirement.number("others_va"), among=others)
        verify(overloaded(SocketOverload(bench, socket, requirement, power_factor)))
