"""Alternating residual current at each socket; the loads are off."""

import pytest

from rig.bench.faults_residual import alternating
from rig.bench.residual import ResidualCurrent
from rig.controller import TripCode

HOT_S = 20.0


def residual(bench, socket, requirement):
    """Return the requirement's level at a socket, ready to flow."""
    stimulus = alternating(requirement.number("level_a"), bench.spec.unit.nominal_voltage_v)
    current = ResidualCurrent(bench, socket, requirement, stimulus)
    current.prepare()
    return current


def check_trip(bench, socket, requirement, verify, angle_deg):
    """Let the current flow from an angle on; judge when it is off, and by which code."""
    with bench.energised():
        current = residual(bench, socket, requirement)
        with current.capture() as wave:
            current.apply(angle_deg)
        verify(current.trip_time(wave, angle_deg))
        verify(current.wrong_codes(TripCode.RESIDUAL_AC))


@pytest.mark.requirement("R-RCD-01")
@pytest.mark.earthing("tn")
@pytest.mark.duration(30)
def test_half_the_rated_residual_current_does_not_trip(bench, socket, requirement, verify):
    with bench.energised():
        current = residual(bench, socket, requirement)
        with current.capture() as wave:
            current.apply()
        verify(current.trip_time(wave))


@pytest.mark.requirement("R-RCD-02")
@pytest.mark.earthing("tn")
@pytest.mark.duration(20)
@pytest.mark.parametrize("angle_deg", [0, 90, 180])
def test_30_ma_residual_current_opens_the_socket_in_time(
    bench, socket, requirement, verify, angle_deg
):
    check_trip(bench, socket, requirement, verify, angle_deg)


@pytest.mark.requirement("R-RCD-03")
@pytest.mark.earthing("tn")
@pytest.mark.duration(20)
@pytest.mark.parametrize("angle_deg", [0, 180])
def test_60_ma_residual_current_opens_the_socket_in_time(
    bench, socket, requirement, verify, angle_deg
):
    check_trip(bench, socket, requirement, verify, angle_deg)


@pytest.mark.requirement("R-RCD-02")
@pytest.mark.earthing("tn")
@pytest.mark.duration(20)
def test_30_ma_residual_current_opens_the_socket_of_a_hot_unit_in_time(
    bench, socket, requirement, verify
):
    bench.faults.networks.need(requirement.word("hot_network"))
    with (
        bench.energised(),
        bench.faults.networks.inserted(requirement.word("hot_network"), longest_s=HOT_S),
    ):
        current = residual(bench, socket, requirement)
        with current.capture() as wave:
            current.apply()
        verify(current.trip_time(wave, 0))


@pytest.mark.requirement("R-RCD-04")
@pytest.mark.earthing("tn")
@pytest.mark.duration(60)
def test_150_ma_residual_current_opens_the_socket_in_time_again_and_again(
    bench, socket, requirement, verify
):
    """The worst of all counts: each angle, one trip after the other."""
    with bench.energised():
        current = residual(bench, socket, requirement)
        trips = []
        for angle_deg in requirement.numbers("again_angles_deg"):
            with current.capture() as wave:
                current.apply(angle_deg)
            trips.append(current.trip_time(wave, angle_deg))
            current.acknowledge()
        verify(trips)


@pytest.mark.requirement("R-RCD-04")
@pytest.mark.earthing("tn")
@pytest.mark.duration(20)
@pytest.mark.parametrize("angle_deg", [0, 90, 180, 270])
def test_150_ma_residual_current_opens_the_socket_in_time(
    bench, socket, requirement, verify, angle_deg
):
    check_trip(bench, socket, requirement, verify, angle_deg)
