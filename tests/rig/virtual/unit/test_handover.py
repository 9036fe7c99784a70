"""Nothing the unit decides may hang on how the circuit cuts time."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rig.virtual.ports import ServiceRefusal

PLANS = [
    [(0.8, 150), (0.5, 80), (30.0, 150)],
    [(0.3, 100), (40.0, 125)],
    [(0.05, 200), (0.11, 60), (2.0, 200)],
    [(5.0, 112), (3.0, 60), (1.0, 140), (1.0, 100), (60.0, 130)],
]


def test_looking_at_the_unit_between_a_change_and_its_first_block_changes_nothing(running):
    def tripped(looks):
        circuit = running()
        circuit.percent(90)
        circuit.run_until(5.0037)
        circuit.percent(200)
        for _ in range(looks):
            circuit.registers(0, 16)
            with pytest.raises(ServiceRefusal):
                circuit.command(1)
        circuit.run(1.0)
        return circuit.times("stop")

    assert tripped(1) == tripped(0)


def first_trip(running, plan, lag_rad, start_s, **cutting):
    circuit = running(**cutting)
    circuit.run_until(start_s)
    for duration_s, percent in plan:
        amps = 60.0 * percent / 230.0 / 3.0
        circuit.load(amps, amps, amps, lag_rad=lag_rad)
        circuit.run(duration_s)
    return circuit.times("stop")[0]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    plan=st.sampled_from(PLANS),
    cuts=st.integers(0, 10_000),
    start_s=st.floats(4.2, 4.3),
    lag_rad=st.sampled_from([0.0, 1.0, -0.5]),
)
def test_the_trip_instant_is_the_same_whatever_the_blocks_and_hand_overs(
    running, plan, cuts, start_s, lag_rad
):
    rng = random.Random(cuts)

    def cut(start, end):
        return rng.uniform(start, end) if rng.random() < 0.5 and end - start > 1e-4 else end

    plain = first_trip(running, plan, lag_rad, start_s)
    ragged = first_trip(running, plan, lag_rad, start_s, cut=cut, stay=lambda: rng.random() < 0.03)
    assert ragged == pytest.approx(plain, abs=0.00101)
