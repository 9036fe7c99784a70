"""Protections that must not depend on heat, charge or pack voltage: once in each condition."""

import pytest

from rig.bench import InverterOverload, SocketOverload
from rig.bench.conditions import condition
from rig.bench.faults_residual import alternating
from rig.bench.residual import ResidualCurrent

WHERE = pytest.mark.parametrize(
    ("name", "socket"),
    [
        *(("hot", socket) for socket in "ABC"),
        ("nearly empty", "A"),
        ("low pack", "B"),
        ("full pack", "C"),
    ],
)
HOLD_S = 0.1
RECORD_S = 0.25


def overloaded(overload):
    """Bring an energised bench into overload and measure the time until it trips."""
    overload.prepare()
    with overload.capture() as wave:
        overload.apply()
    return overload.trip_time(wave)


@pytest.mark.requirement("R-OVL-04")
@pytest.mark.duration(30)
@WHERE
def test_the_inverter_trips_at_150_percent(bench, requirements, requirement, verify, name, socket):
    limit_w = int(requirement.number("power_limit_w"))
    with bench.energised(power_limit_w=limit_w), condition(bench, requirements, name):
        verify(overloaded(InverterOverload(bench, socket, requirement)))


@pytest.mark.requirement("R-OVL-09")
@pytest.mark.duration(40)
@WHERE
def test_a_socket_trips_at_160_percent(bench, requirements, requirement, verify, name, socket):
    power_factor = min(requirement.numbers("power_factor"))
    with bench.energised(), condition(bench, requirements, name):
        verify(overloaded(SocketOverload(bench, socket, requirement, power_factor)))


@pytest.mark.requirement("R-SC-01")
@pytest.mark.duration(20)
@WHERE
def test_a_short_circuit_is_off_in_time(bench, requirements, requirement, verify, name, socket):
    rate_hz, angle_deg = requirement.number("sample_rate_hz"), 90
    limit = requirement.limit("peak_current").maximum
    with bench.energised(), condition(bench, requirements, name):
        with bench.capture(socket, RECORD_S, sample_rate_hz=rate_hz, peak_a=limit) as wave:
            bench.faults.short_circuit(socket, angle_deg=angle_deg, hold_s=HOLD_S)
        proof = wave.prove_angle(angle_deg, requirement.number("angle_tolerance_deg"), HOLD_S)
        verify(wave.trip_time(proof, stimulus_ends_s=HOLD_S))


@pytest.mark.requirement("R-RCD-04")
@pytest.mark.earthing("tn")
@pytest.mark.duration(20)
@WHERE
def test_150_ma_residual_current_opens_the_socket_in_time(
    bench, requirements, requirement, verify, name, socket
):
    level = alternating(requirement.number("level_a"), bench.spec.unit.nominal_voltage_v)
    with bench.energised(), condition(bench, requirements, name):
        current = ResidualCurrent(bench, socket, requirement, level)
        current.prepare()
        with current.capture() as wave:
            current.apply(0)
        verify(current.trip_time(wave, 0))
