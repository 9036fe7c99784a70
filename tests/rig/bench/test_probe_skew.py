"""What a bench file says of a probe's delay is in the uncertainty of every instant."""

import math

import pytest

from rig.session import DEFAULT_BENCH, load_bench


def with_skew(number, skew_us):
    spec = load_bench(DEFAULT_BENCH)
    probes = spec.wiring.scope_ac
    probe = probes[number].model_copy(update={"skew_us": skew_us})
    wiring = spec.wiring.model_copy(update={"scope_ac": {**probes, number: probe}})
    return spec.model_copy(update={"wiring": wiring})


def captured(bench):
    with bench.energised("A"):
        with bench.capture("A", 0.1) as wave:
            bench.faults.short_circuit("A", angle_deg=90, hold_s=0.05)
        return wave.capture


@pytest.mark.parametrize(("skew_us", "u_s"), [(0.0, 0.0), (60.0, 60e-6 / math.sqrt(3.0))])
def test_the_delay_of_a_probe_may_be_anything_up_to_what_is_said(on_simulation, skew_us, u_s):
    current = 2
    assert captured(on_simulation(with_skew(current, skew_us)).bench).u_skew_s == pytest.approx(u_s)


def test_the_delay_of_a_probe_that_is_not_captured_does_not_matter(on_simulation):
    residual = 3
    assert captured(on_simulation(with_skew(residual, 60.0)).bench).u_skew_s == 0.0
