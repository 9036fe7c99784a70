"""The measuring front end: from true inputs to readings on ticks, on both time scales."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rig.virtual.unit.block import AcReadings, Block
from rig.virtual.unit.comparator import Comparator, ShortCircuit
from rig.virtual.unit.contract import SampledInputs, Sensors, SteadyInputs
from rig.virtual.unit.frequency import FrequencyCounter
from rig.virtual.unit.parameters import Parameters
from rig.virtual.unit.residual_sensing import ResidualSensing
from rig.virtual.unit.sensing import VOLTAGE, Floats, Sensing, first_sample, stacked
from rig.virtual.unit.ticks import SAMPLE_RATE_HZ, SAMPLES_PER_TICK, TICKS_PER_S, tick_at_or_before
from rig.virtual.unit.window import SlidingWindow

__all__ = ["FrontEnd", "firing_instant"]

_NO_VOLTAGE_V = 20.0
_PERIOD_TICKS = 20.0
_LOWEST_HZ, _HIGHEST_HZ = 40.0, 60.0
# RMS over 20 ms of another frequency ripples by about this share of the frequency's deviation.
_RIPPLE_OF_DEVIATION = 1.5
_SETTLED_SHARE = 0.004


def firing_instant(first: int, firing: ShortCircuit) -> float:
    """Return when the comparator has acted: one sample after the last one it needed."""
    return (first + firing.sample + 1) / SAMPLE_RATE_HZ


class FrontEnd:
    """Own the window, the frequency counter and the comparator, and hand over between scales."""

    def __init__(self, parameters: Parameters, seed: int) -> None:
        self._sensing = Sensing(parameters, seed)
        self._window = SlidingWindow()
        a, b, c = (each.sensor for each in parameters.residual)
        self._residual = ResidualSensing((a, b, c), seed)
        self._counter = FrequencyCounter(parameters.clock_gain)
        self._comparator = Comparator(parameters.short_circuit, self._sensing.gain)
        self._clock_gain = parameters.clock_gain
        self._lsb_power = self._sensing.lsb[VOLTAGE] * self._sensing.lsb[1:]
        self._known: tuple[SteadyInputs, AcReadings] | None = None
        self._seen: tuple[SteadyInputs, SteadyInputs] | None = None
        self._lived: SteadyInputs | None = None
        self._sampling = False

    def seen(self, inputs: SteadyInputs) -> SteadyInputs:
        """Return the slow quantities as the unit sees them."""
        if self._seen is None or self._seen[0] is not inputs:
            self._seen = inputs, self._sensed(inputs)
        return self._seen[1]

    def _sensed(self, inputs: SteadyInputs) -> SteadyInputs:
        sensing = self._sensing
        return replace(
            inputs,
            socket_voltage_v=sensing.outlet_voltages(inputs.socket_voltage_v),
            dc_voltage_v=sensing.dc_voltage(inputs.dc_voltage_v),
            dc_current_a=sensing.dc_current(inputs.dc_current_a),
            heatsink_c=sensing.heatsink(inputs.heatsink_c),
            supply_12v=sensing.supply_12v(inputs.supply_12v),
        )

    def steady(self, inputs: SteadyInputs) -> AcReadings:
        """Return the readings that long blocks of these inputs would settle at."""
        if self._known is None or not _same_ac(inputs, self._known[0]):
            rms, power_w = self._in_units(self._steady_means(inputs))
            hz = inputs.ac_frequency_hz * self._clock_gain
            seen_hz = hz if inputs.ac_voltage_v > _NO_VOLTAGE_V else 0.0
            readings = AcReadings(
                tuple(map(float, rms)),
                tuple(map(float, power_w)),
                seen_hz,
                self._residual.steady(inputs),
            )
            self._known = inputs, readings
        return self._known[1]

    def live_steady(self, inputs: SteadyInputs) -> None:
        """Take note that a steady stretch with these inputs has been lived through."""
        self._lived = inputs
        self._residual.live_steady(inputs)
        self._sampling = False
        self._comparator.reset()

    def take(self, sensors: Sensors, start_s: float, end_s: float, tick: int, armed: bool) -> Block:
        """Look at a block that follows ``tick``; keeps nothing before ``keep``.

        ``armed`` = the comparator is in force.
        """
        first, end = first_sample(start_s), first_sample(end_s)
        self._resume(tick, first)
        inputs = sensors.sampled(start_s, end_s)
        true = _numbered(inputs, first, end)
        firing = self._comparator.find(true) if armed and end > first else None
        if firing is not None:
            true = true[:, : firing.sample + 1]
            end_s = firing_instant(first, firing)
        ticks = tick_at_or_before(end_s) - tick
        sums = self._window.add(self._sensing.digitise(true, first), ticks)
        crossings = self._counter.crossings(true[VOLTAGE], first)
        hz = self._counter.by_tick(crossings, tick, ticks)
        rms, power_w = self._in_units(sums.means)
        hz = np.where(rms[VOLTAGE] > _NO_VOLTAGE_V, hz, 0.0)
        residual = self._residual.take(inputs, first, true.shape[1], tick, ticks)
        readings = AcReadings(tuple(rms), tuple(power_w), hz, residual.readings)
        slow = sensors.steady()
        return Block(true, first, sums, residual, crossings, firing, tick, ticks, readings, slow)

    def keep(self, block: Block, tick: int, *, whole: bool, comparing: bool) -> None:
        """Move on to ``tick``, or through the whole block with the samples after its last tick."""
        samples = block.true.shape[1]
        if not whole:
            samples = tick * SAMPLES_PER_TICK - block.first_sample
        self._window.keep(block.sums, tick - block.first_tick, whole=whole)
        self._residual.keep(block.residual, tick - block.first_tick, whole=whole)
        if comparing:
            self._comparator.keep(block.true, samples)
        else:
            self._comparator.reset()
        if samples:
            last = float(block.true[VOLTAGE, samples - 1])
            self._counter.keep(block.crossings, block.first_sample + samples, last)

    def settled(self) -> bool:
        """Say whether the window has stopped changing."""
        if not self._sampling:
            return True
        hz = self._counter.frequency_hz
        deviation = abs(hz / 50.0 - 1.0) if _LOWEST_HZ < hz < _HIGHEST_HZ else 0.0
        allowed = _SETTLED_SHARE + _RIPPLE_OF_DEVIATION * deviation
        still = bool((self._window.spread() <= allowed).all())
        return still and self._residual.settled(allowed)

    def _resume(self, tick: int, first: int) -> None:
        if self._sampling and self._window.next_sample == first:
            return
        before = self._lived
        means = np.zeros(9) if before is None else self._steady_means(before)
        hz = before.ac_frequency_hz if before is not None else 0.0
        period = TICKS_PER_S / hz if _LOWEST_HZ < hz < _HIGHEST_HZ else _PERIOD_TICKS
        self._window.resume(tick, first, means, period)
        self._counter.resume(hz)
        self._sampling = True

    def _steady_means(self, inputs: SteadyInputs) -> Floats:
        sensing = self._sensing
        return np.concatenate((sensing.steady_squares(inputs), sensing.steady_products(inputs)))

    def _in_units(self, means: Floats) -> tuple[Floats, Floats]:
        """Return RMS values and powers of mean squares and products, one column a tick."""
        tall = means.ndim > 1
        lsb = self._sensing.lsb[:, None] if tall else self._sensing.lsb
        lsb_power = self._lsb_power[:, None] if tall else self._lsb_power
        return np.sqrt(np.maximum(means[:5], 0.0)) * lsb, means[5:] * lsb_power


def _same_ac(one: SteadyInputs, other: SteadyInputs) -> bool:
    """Compare the AC side only: the pack drifts all the time."""
    return (
        one.ac_voltage_v == other.ac_voltage_v
        and one.ac_current_a == other.ac_current_a
        and one.ac_power_w == other.ac_power_w
        and one.ac_frequency_hz == other.ac_frequency_hz
        and one.socket_current_a == other.socket_current_a
        and one.socket_power_w == other.socket_power_w
        and one.residual_rms_a == other.residual_rms_a
        and one.residual_mean_a == other.residual_mean_a
    )


def _numbered(inputs: SampledInputs, first: int, end: int) -> Floats:
    """Return the samples ``first`` to ``end`` as rows.

    The numbers are ours: late in a long run the two sides may round the edge of a block to
    different samples, and a sample lost or doubled there would shift all that follow.
    """
    true = stacked(inputs)
    got = round(float(inputs.t_s[0]) * SAMPLE_RATE_HZ) if inputs.t_s.size else first
    if got == first and true.shape[1] == end - first:
        return true
    if not inputs.t_s.size:
        return np.zeros((true.shape[0], max(0, end - first)))
    return true[:, np.clip(np.arange(first, end) - got, 0, true.shape[1] - 1)]
