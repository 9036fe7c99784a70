"""Residual current in the circuit, against what resistors and diodes must let flow."""

from math import pi, sqrt

import numpy as np
import pytest

from rig.virtual.network import Network, Plant, Wiring

NETWORKS = (
    "residual_16k2", "residual_7k32", "residual_3k65", "residual_1k47",
    "residual_positive", "residual_negative", "residual_from_90", "residual_from_135",
    "residual_dc_2ma9", "residual_dc_6ma2", "residual_dc_62ma", "residual_neutral",
    *(f"residual_ladder_{1 << bit}" for bit in range(8)),
)  # fmt: skip
BOARD = 8
PURE = Plant(third_harmonic=0.0, fifth_harmonic=0.0)
BRANCH = {"A": 1 << 9, "B": 1 << 10, "C": 1 << 11}
HALF_WAVE_RMS = {0: 0.5, 90: 0.3536, 135: 0.1507}
"""By its peak: of half-waves that begin at an angle."""
HALF_WAVE_MEAN = {0: 1 / pi, 90: 1 / (2 * pi), 135: (1 - sqrt(0.5)) / (2 * pi)}


@pytest.fixture
def earth(make_rig):
    """Return a function that makes a live bench whose residual network is set as named."""

    def make(*names, sockets="A", earthing="tn"):
        rig = make_rig(protects=False)
        wiring = Wiring(
            networks={(BOARD, n): name for n, name in enumerate(NETWORKS)}, earthing=earthing
        )
        rig.net = Network(
            rig.clock, seed=1, unit_seed=1, firmware=rig.firmware, wiring=wiring, plant=PURE
        )
        rig.energise()
        for name in names:
            rig.net.relays(BOARD).drive(NETWORKS.index(name), True)
        rig.run(0.05)
        trigger = rig.net.point_on_wave()
        for socket in sockets:
            trigger.switch(BRANCH[socket], True, rig.clock.now())
        rig.run(0.2)
        return rig

    return make


def means(rig):
    inputs = rig.net.sensors.steady()
    return inputs.residual_rms_a, inputs.residual_mean_a, inputs.residual_magnitude_a


def volts(rig):
    return rig.net.sensors.steady().ac_voltage_v


@pytest.mark.parametrize(
    ("name", "ohm"),
    [
        ("residual_16k2", 16_200),
        ("residual_7k32", 7_320),
        ("residual_3k65", 3_650),
        ("residual_1k47", 1_470),
        ("residual_ladder_1", 920_000),
        ("residual_ladder_128", 920_000 / 128),
    ],
)
def test_a_resistor_lets_the_voltage_over_it_flow_at_its_socket_alone(earth, name, ohm):
    rig = earth(name, sockets="B")
    rms, mean, magnitude = means(rig)
    assert rms[1] == pytest.approx(volts(rig) / ohm, rel=1e-4)
    assert mean[1] == pytest.approx(0.0, abs=1e-6)
    assert magnitude[1] == pytest.approx(rms[1] * sqrt(8) / pi, rel=0.01)
    assert rms[0] == rms[2] == 0.0


def test_steps_of_the_ladder_add_up(earth):
    rig = earth("residual_ladder_16", "residual_ladder_64", "residual_ladder_1")
    assert means(rig)[0][0] == pytest.approx(81 * 0.25e-3 * volts(rig) / 230.0, rel=1e-4)


@pytest.mark.parametrize("angle", [0, 90, 135])
@pytest.mark.parametrize(("polarity", "sign"), [("positive", 1), ("negative", -1)])
def test_half_waves_from_an_angle_on_have_their_rms_and_mean(earth, angle, polarity, sign):
    angles = (f"residual_from_{angle}",) if angle else ()
    rig = earth("residual_7k32", f"residual_{polarity}", *angles)
    peak_a = sqrt(2) * volts(rig) / 7_320
    rms, mean, magnitude = means(rig)
    assert rms[0] == pytest.approx(HALF_WAVE_RMS[angle] * peak_a, rel=2e-3)
    assert mean[0] == pytest.approx(sign * HALF_WAVE_MEAN[angle] * peak_a, rel=2e-3)
    assert magnitude[0] == pytest.approx(abs(mean[0]))


@pytest.mark.parametrize(
    ("name", "amps"),
    [("residual_dc_2ma9", 0.0029), ("residual_dc_6ma2", 0.0062), ("residual_dc_62ma", 0.062)],
)
def test_the_isolated_source_drives_its_current_either_way(earth, name, amps):
    assert means(earth(name))[1][0] == pytest.approx(amps)
    assert means(earth(name, "residual_negative"))[1][0] == pytest.approx(-amps)


def test_nothing_flows_before_the_branch_closes_and_after_it_opened(earth):
    rig = earth("residual_1k47", sockets="")
    assert (
        rig.net.sensors.sampled(rig.clock.now(), rig.clock.now() + 0.001).residual_current_a is None
    )
    trigger = rig.net.point_on_wave()
    trigger.switch(BRANCH["A"], True, rig.clock.now())
    rig.run(0.001)
    assert rig.net.sensors.sampled(rig.clock.now(), rig.clock.now() + 0.001).residual_current_a
    trigger.switch(BRANCH["A"], False, rig.clock.now())
    rig.run(0.001)
    assert (
        rig.net.sensors.sampled(rig.clock.now(), rig.clock.now() + 0.001).residual_current_a is None
    )


def test_samples_and_steady_values_are_those_of_one_current(earth):
    rig = earth("residual_3k65", "residual_negative", "residual_from_90")
    start = rig.clock.now()
    sampled = rig.net.sensors.sampled(start, start + 0.02).residual_current_a[0]
    assert np.mean(sampled) == pytest.approx(means(rig)[1][0], rel=2e-3)
    assert np.sqrt(np.mean(sampled**2)) == pytest.approx(means(rig)[0][0], rel=2e-3)


def test_the_clamp_of_the_scope_sees_the_selected_socket(earth):
    rig = earth("residual_1k47", sockets="C")
    seen = {}
    for socket in "AC":
        scope = rig.probe(socket)
        t_s = rig.clock.now() - 0.02 + np.arange(2000) * 1e-5
        seen[socket] = np.sqrt(np.mean(scope.samples(3, t_s) ** 2))
        rig.net.relays(4).drive("ABC".index(socket), False)
        rig.run(0.05)
    assert seen["A"] == 0.0
    assert seen["C"] == pytest.approx(volts(rig) / 1_470, rel=1e-3)


def test_an_alternating_current_ends_at_its_zero_and_a_direct_one_as_the_contact_parts(earth):
    for name, at_once in (("residual_1k47", False), ("residual_dc_62ma", True)):
        rig = earth(name)
        now = rig.clock.now()
        rig.net.actuators.drive_relay("A", False, now)
        rig.run(0.05)
        parted = rig.net.truth.first("contact_parted", "A", after_s=now)
        ended = rig.net.truth.first("current_ended", "A", after_s=now)
        assert (ended == parted) == at_once
        assert ended - parted <= 0.01
        assert means(rig)[0][0] == 0.0


def test_a_floating_output_drives_a_first_fault_through_its_capacitance_only(earth):
    rig = earth("residual_16k2", earthing="it")
    capacitive = 2j * pi * 50 * 10e-9
    conductance = 1 / 16_200
    expected = volts(rig) * abs(conductance * capacitive / (conductance + 2 * capacitive))
    assert means(rig)[0][0] == pytest.approx(expected, rel=0.01)
    assert means(earth("residual_dc_62ma", earthing="it"))[0][0] == 0.0


def test_the_output_s_insulation_is_that_of_the_path_or_of_the_bond(earth):
    assert earth("residual_16k2").net.sensors.steady().output_insulation.second_ohm == 0.0
    line = earth("residual_16k2", earthing="it").net.sensors.steady().output_insulation
    assert (line.first_ohm, line.second_ohm) == (pytest.approx(16_200), np.inf)
    neutral = earth("residual_16k2", "residual_neutral", earthing="it").net.sensors.steady()
    assert neutral.output_insulation.first_ohm == np.inf
    assert neutral.output_insulation.second_ohm == pytest.approx(16_200)


def test_residual_current_at_the_neutral_of_an_earthed_output_is_none(earth):
    assert means(earth("residual_1k47", "residual_neutral"))[0][0] == 0.0
