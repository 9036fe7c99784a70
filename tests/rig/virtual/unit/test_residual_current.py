"""The unit's protection against residual current, from its sensors alone."""

import itertools

import numpy as np
import pytest

from rig.virtual.unit import Parameters, defect_by_id
from rig.virtual.unit.contract import SteadyInputs
from rig.virtual.unit.parameters import SensorParameters
from rig.virtual.unit.residual_sensing import ResidualSensing

AC, DC = 4, 5


def sine(amps):
    return lambda cycles: np.sqrt(2.0) * amps * np.sin(2.0 * np.pi * cycles)


def smooth(amps):
    return lambda cycles: np.full(cycles.size, amps)


def half_waves(rms_a, from_deg=0, sign=1):
    """Return half-waves of one polarity that begin at an angle, of this RMS."""

    def at(cycles):
        wave = np.maximum(sign * np.sin(2.0 * np.pi * cycles), 0.0)
        return wave * ((cycles % 0.5) >= from_deg / 360.0)

    period = np.arange(4000) / 4000
    peak_a = rms_a / np.sqrt(np.mean(at(period) ** 2))
    return lambda cycles: sign * peak_a * at(cycles)


def leak(circuit, current, socket=0):
    residual = [None, None, None]
    residual[socket] = current
    circuit.change(residual=tuple(residual))


def trip_time(circuit, current, within_s, socket=0):
    """Let a current flow; return when the relay was driven after that, None = not within."""
    since = circuit.now_s
    leak(circuit, current, socket)
    circuit.run(within_s)
    opened = circuit.times("open", "ABC"[socket])
    return opened[0] - since if opened else None


@pytest.mark.parametrize("unit_seed", [0, 1, 2])
@pytest.mark.parametrize(
    ("amps", "limit_s"), [(0.0305, 0.3), (0.0611, 0.15), (0.152, 0.04)], ids=["1x", "2x", "5x"]
)
def test_alternating_current_is_off_in_time_with_relay_and_zero_crossing(
    running, amps, limit_s, unit_seed
):
    circuit = running(unit_seed=unit_seed)
    circuit.run(0.0031)  # in the middle of nothing
    taken_s = trip_time(circuit, sine(amps), 0.5, socket=1)
    assert taken_s is not None
    assert taken_s + 0.012 + 0.010 <= limit_s
    code, socket, value = circuit.events()[-1]
    assert (code, socket) == (AC, 2)
    assert value == pytest.approx(amps * 1e4, rel=0.35)


@pytest.mark.parametrize("unit_seed", range(4))
def test_half_the_rated_current_is_left_alone(running, unit_seed):
    circuit = running(unit_seed=unit_seed)
    assert trip_time(circuit, sine(0.0146), 12.0) is None


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("unit_seed", [0, 1, 2])
@pytest.mark.parametrize(
    ("amps", "limit_s"), [(0.0029, None), (0.0062, 10.0), (0.062, 0.3)], ids=["2.9", "6.2", "62"]
)
def test_smooth_direct_current_is_told_by_its_mean(running, amps, limit_s, unit_seed, sign):
    circuit = running(unit_seed=unit_seed)
    taken_s = trip_time(circuit, smooth(sign * amps), 12.0, socket=2)
    if limit_s is None:
        assert taken_s is None
    else:
        assert taken_s + 0.012 <= limit_s
        assert circuit.events()[-1][:2] == (DC, 3)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("from_deg", "low_a"), [(0, 0.0047), (90, 0.0066), (135, 0.0033)])
def test_half_waves_trip_by_1_4_times_and_not_below_their_bound(running, from_deg, low_a, sign):
    for rms_a, trips in ((low_a, False), (0.042, True)):
        circuit = running()
        taken_s = trip_time(circuit, half_waves(rms_a, from_deg, sign), 5.0)
        assert (taken_s is not None) == trips


def test_only_the_faulty_socket_opens_and_it_stays_latched(running):
    circuit = running()
    trip_time(circuit, sine(0.15), 0.5)
    leak(circuit, None)
    circuit.run(120.0)
    assert [circuit.registers(at)[0] for at in (16, 24, 32)] == [2, 1, 1]
    assert circuit.registers(21) == [AC]
    circuit.command(3)
    circuit.run(5.0)
    assert circuit.registers(16) == [1]


def test_a_floating_output_has_no_residual_current_protection(running):
    circuit = running()
    circuit.unit.write_holding(4, [1])
    circuit.change(output_insulation=circuit.world.output_insulation.__class__())
    assert trip_time(circuit, sine(0.15), 1.0) is None


@pytest.mark.parametrize("amps", [0.0146, 0.031, 0.0065])
def test_the_trip_is_on_the_same_tick_however_time_is_cut(running, amps):
    current = sine(amps) if amps > 0.01 else smooth(amps)
    rng = np.random.default_rng(1)
    options = (
        {},
        {"stay": lambda: True},
        {"cut": lambda start, end: start + (end - start) * float(rng.uniform(0.3, 1.0))},
    )
    trips = {trip_time(running(**each), current, 2.0) for each in options}
    assert len(trips) == 1


def test_a_wave_that_goes_on_steadily_reads_the_same_when_looked_at_again(running):
    """A change elsewhere brings the sampled scale back in the middle of a residual current."""
    circuit = running()
    assert trip_time(circuit, sine(0.0146), 3.0) is None
    for _ in range(20):
        circuit.run(0.313)
        circuit.change(dc_volts=circuit.world.dc_volts + 0.01)
        circuit.run(0.2)
    assert circuit.times("open", "A") == []


@pytest.mark.parametrize("amps", [0.0, 0.0029, 0.0146])
def test_steady_readings_are_those_of_long_blocks(amps):
    sensor = SensorParameters(range=0.3, noise=0.0002, offset=0.0008, gain=1.02)
    sensing = ResidualSensing((sensor, sensor, sensor), seed=3)
    phase = np.arange(100_000) / 2000.0
    codes = sensing._codes(_inputs(sine(amps)(phase % 1.0)), 0, phase.size)
    lsb = 0.3 / 2048
    inputs = SteadyInputs(
        0, 0, 0, 0, (0, 0, 0), (0, 0, 0), (0, 0, 0), 0, 0, 0,
        residual_rms_a=(amps,) * 3, residual_magnitude_a=(amps * np.sqrt(8) / np.pi,) * 3,
    )  # fmt: skip
    steady = sensing.steady(inputs)
    assert steady.dc_a[0] == pytest.approx(np.mean(codes[0]) * lsb, abs=2e-6)
    assert steady.ac_a[0] == pytest.approx(np.std(codes[0]) * lsb, abs=2e-6)


def _inputs(current):
    class Sampled:
        t_s = np.arange(current.size) * 1e-5
        residual_current_a = (current,) * 3

    return Sampled


@pytest.mark.parametrize(
    ("defect", "current", "trips"),
    [
        ("residual-takes-the-mean", half_waves(0.040, 135), False),
        ("residual-takes-the-mean", sine(0.031), True),
        ("residual-one-half-wave", half_waves(0.040, 0, -1), False),
        ("residual-one-half-wave", half_waves(0.040, 0, 1), True),
        ("residual-direct-one-way", smooth(-0.0065), False),
        ("residual-direct-one-way", smooth(0.0065), True),
    ],
)
def test_a_defect_is_blind_for_what_it_says_and_for_nothing_else(running, defect, current, trips):
    circuit = running(defect_by_id(defect).apply(Parameters()))
    assert (trip_time(circuit, current, 3.0) is not None) == trips


def test_no_two_residual_defects_make_the_same_unit():
    units = [
        defect_by_id(name).apply(Parameters()).residual
        for name in ("residual-nervous", "residual-c-high", "residual-opens-two")
    ]
    assert all(a != b for a, b in itertools.combinations(units, 2))
