"""Inrush as the electronic loads can make it: a motor that starts, a rectifier that charges.

The edges are the loads' own: timed by commands, with the loads' slew. A bank of capacitors that is
switched onto the crest of the wave has a steeper first edge than any electronic load makes.

The record is triggered by the point-on-wave trigger, which closes a resistor at another socket,
and holds what the load does after that: a current that a trip cuts off in its first half wave
would pass by a trigger level of the other polarity.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from rig.bench.outlets import TripWatch
from rig.bench.proofs import count_of, decisive, prove_level
from rig.bench.wave import CURRENT, Wave
from rig.controller import SocketName
from rig.measure import Capture, Measurement, Requirement, StimulusProof, peak

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["ChargingPeaks", "MotorStart"]

_ROLES = ("scope_ac", "analyser_ac", "controller")
_FIRST_S = 0.03
"""After the onset; the level is judged by one-cycle values, and the first holds the edge."""
_LAST_S = 0.02
_RECORD_S = 2.5
"""From the trigger on: the commands of a slow load, and the inrush."""
_PRE_S = 0.05
_HEADROOM = 1.1
_ONSET = 0.3
_SETTLED_S = 0.5


class MotorStart:
    """A motor at one socket that draws a multiple of its current until it runs."""

    def __init__(self, bench: Bench, socket: SocketName, requirement: Requirement) -> None:
        self._bench, self._socket = bench, socket
        number = requirement.number
        self._voltage_v = bench.spec.unit.nominal_voltage_v
        self._run_va = number("motor_va")
        self._start_a = number("motor_start_multiple") * self._run_va / self._voltage_v
        self._elsewhere_w = number("elsewhere_w")
        self._start_pf, self._run_pf = number("start_power_factor"), number("run_power_factor")
        self._start_s = number("motor_start_s")
        self._tolerance = number("current_tolerance_percent") / 100

    def prepare(self) -> None:
        """Load the other sockets, but for the resistor that comes with the trigger."""
        others = tuple(s for s in self._bench.sockets if s != self._socket)
        self._bench.share_load(self._elsewhere_w - self._bench.faults.step_power_w, among=others)
        self._bench.sleep(_SETTLED_S)

    def run(self) -> Measurement:
        """Start the motor, let it run, and count what tripped; the start is proven by samples."""
        bench, load = self._bench, self._bench.loads[self._socket]
        watch = TripWatch(bench)
        with _recorded(bench, self._socket, 2**0.5 * self._start_a) as wave:
            load.draw_current(self._start_a, power_factor=self._start_pf)
            bench.sleep(self._start_s)
            load.draw_current(self._run_va / self._voltage_v, power_factor=self._run_pf)
        trips = watch.trips()
        proof = self._prove(wave, tripped=trips > 0)
        return count_of("trips", trips, instruments=_ROLES, stimulus=proof, capture=wave.capture_id)

    def _prove(self, wave: Wave, *, tripped: bool) -> StimulusProof:
        """Prove the starting current for as long as it had to flow, or until it was cut off."""
        low_a, high_a = (self._start_a * (1 + sign * self._tolerance) for sign in (-1, 1))
        first_s, last_s = _flows(wave.capture)
        start_s, end_s = first_s + _FIRST_S, first_s + self._start_s
        gap = ""
        if tripped:
            end_s = min(end_s, last_s - _LAST_S)
            if last_s > first_s + self._start_s:
                gap = f"something tripped when the start lasted {last_s - first_s:.2f} s already"
        proof = wave.prove_current(low_a, high_a, start_s=start_s, end_s=end_s)
        return replace(proof, wanted_s=proof.held_s, gap=proof.gap or gap)


class ChargingPeaks:
    """A rectifier at one socket that charges its capacitor by a narrow peak each half cycle."""

    def __init__(self, bench: Bench, socket: SocketName, requirement: Requirement) -> None:
        self._bench, self._socket = bench, socket
        number = requirement.number
        self._peak_a, self._width_s = number("charging_peak_a"), number("charging_width_s")
        self._crest_factor = number("charging_crest_factor")
        self._power_factor = number("charging_power_factor")
        self._hold_s = number("charging_hold_s")
        self._tolerance = number("peak_tolerance_percent")

    def run(self) -> Measurement:
        """Draw the peaks, and count what tripped; height and width are proven by samples."""
        bench, load = self._bench, self._bench.loads[self._socket]
        watch = TripWatch(bench)
        with _recorded(bench, self._socket, self._peak_a) as wave:
            load.draw_current(
                self._peak_a / self._crest_factor,
                power_factor=self._power_factor,
                crest_factor=self._crest_factor,
            )
            bench.sleep(self._hold_s)
            load.stop()
        trips = watch.trips()
        proof = self._prove(wave, tripped=trips > 0)
        return count_of("trips", trips, instruments=_ROLES, stimulus=proof, capture=wave.capture_id)

    def _prove(self, wave: Wave, *, tripped: bool) -> StimulusProof:
        """Prove the peaks; of a unit that tripped, that none was higher than it had to bear."""
        if wave.capture is None:
            return wave.prove_current(0.0, self._peak_a, start_s=0.0, end_s=self._hold_s)
        found_a = peak(wave.capture, CURRENT).value
        height = prove_level(found_a, "A", self._peak_a, self._tolerance, held_s=self._hold_s)
        if tripped:
            return replace(height, wanted_low=0.0)
        width_s = _width_s(wave.capture, self._peak_a / 2, self._hold_s)
        wide = replace(
            height, level=width_s, unit="s", wanted_low=self._width_s,
            wanted_high=1.5 * self._width_s, lowest=width_s, highest=width_s,
        )  # fmt: skip
        return decisive(height, wide)


@contextmanager
def _recorded(bench: Bench, socket: SocketName, peak_a: float) -> Iterator[Wave]:
    """Record a socket's current from the closing of a resistor at its neighbour on."""
    neighbour = bench.spec.wiring.sockets[socket].neighbour
    range_a = _HEADROOM * peak_a
    with bench.capture(
        socket, _RECORD_S, peak_a=range_a, pre_s=_PRE_S, channels=(CURRENT,)
    ) as wave:
        bench.faults.step([(neighbour, 1)], hold_s=_RECORD_S)
        bench.faults.wait_until_fired()
        yield wave


def _flows(capture: Capture | None) -> tuple[float, float]:
    """Return the first and last instant of a good part of the peak current; NaN without any."""
    if capture is None:
        return math.nan, math.nan
    wave = capture.waveform(CURRENT)
    above = np.flatnonzero(np.abs(wave.values) > _ONSET * np.max(np.abs(wave.values)))
    first, last = int(above[0]), int(above[-1])
    return wave.t0_s + wave.dt_s * first, wave.t0_s + wave.dt_s * last


def _width_s(capture: Capture, level_a: float, hold_s: float) -> float:
    """Return the mean width of the peaks above a level, over whole cycles of the record."""
    start_s = _flows(capture)[0] + _FIRST_S
    cycles = int((hold_s - _FIRST_S) * capture.nominal_hz)
    part = capture.waveform(CURRENT).between(start_s, start_s + cycles / capture.nominal_hz)
    above = float(np.mean(np.abs(part.values) > level_a))
    return above / (2.0 * capture.nominal_hz)
