"""A fault of the output's regulator, through the diagnostic plug: from its edge to the end.

The edge is looked for on the waveform itself, next to the trigger that a second contact of the
same relay raises. Levels are those of the analyser before the fault, carried on by the ratio of
the scope's own values before and after it, in which the errors of its channel cancel.
"""

from __future__ import annotations

import math
from statistics import fmean
from typing import TYPE_CHECKING

from rig.bench.marker import Marker
from rig.bench.output_edge import MARGIN_S, amplitude_edge, clock_edge, fitted, levels
from rig.bench.switch_off import Instant, off_at, time_to_off
from rig.bench.wave import VOLTAGE, Wave
from rig.controller import SocketName
from rig.measure import Capture, Measurement, NoTripSeen, Requirement, StimulusProof
from rig.measure.periodic import PeriodicFit

if TYPE_CHECKING:
    from instruments.capabilities import PowerReading
    from rig.bench.bench import Bench

__all__ = ["RegulatorFault"]

_CLOCKS = frozenset({"clock_fast", "clock_slow"})
_PRE_S = 0.3
_BEFORE_S = (-0.28, -0.02)
_NEAR_S = 0.01
"""An edge is so close to the trigger of the second contact, or it is another."""
_SPARE_S = 0.3
_READING_S = 2.5
"""For the readings before the fault and the arming of the scope."""


class RegulatorFault:
    """One network of the plug, with resistors at one socket for a load."""

    def __init__(
        self, bench: Bench, socket: SocketName, requirement: Requirement, network: str
    ) -> None:
        bench.faults.networks.need_trigger(network)
        self._bench, self._socket, self._network = bench, socket, network
        self._name = f"{network}_off"
        low, high = requirement.numbers(network)
        self._band = low, high
        self._record_s = 1.2 * (requirement.limit(self._name).maximum or 0.0) + _SPARE_S

    def trip_time(self) -> Measurement | NoTripSeen:
        """Put the network in; measure from the change of the output to its end."""
        bench, marker = self._bench, Marker(self._bench, self._socket)
        marker.close(self._record_s + _READING_S)
        usual = bench.output.read()[self._socket]
        with bench.capture(
            self._socket, self._record_s, pre_s=_PRE_S, peak_a=1.3 * marker.peak_a
        ) as wave:
            bench.sleep(_PRE_S)
            with bench.faults.networks.inserted(self._network, longest_s=self._record_s):
                bench.sleep(self._record_s)
        return self._measured(wave, usual)

    def _measured(self, wave: Wave, usual: PowerReading) -> Measurement | NoTripSeen:
        if wave.capture is None:
            return NoTripSeen(self._name, 0.0, problems=("scope_ac: not triggered",))
        capture = wave.capture
        before = fitted(capture.waveform(VOLTAGE), *_BEFORE_S, capture.nominal_hz)
        found = self._edge(capture, before)
        problems = () if found is not None else (f"{self._network}: the output did not change",)
        edge = found or Instant(0.0, _NEAR_S)
        return time_to_off(
            capture,
            self._name,
            edge,
            lambda end_s: self._proof(capture, before, usual, edge.t_s, end_s),
            problems,
        )

    def _edge(self, capture: Capture, before: PeriodicFit) -> Instant | None:
        """Return where the output changes, if that is at the trigger."""
        wave = capture.waveform(VOLTAGE)
        edge = amplitude_edge(wave, before, -_NEAR_S)
        if self._network in _CLOCKS:
            end = off_at(capture, after_s=0.0)
            end_s = wave.end_s if end is None else end.t_s
            if end_s < 5.0 / capture.nominal_hz:
                return None
            edge = clock_edge(before, fitted(wave, _NEAR_S, end_s - MARGIN_S, capture.nominal_hz))
        return edge if edge is not None and abs(edge.t_s) < _NEAR_S else None

    def _proof(
        self, capture: Capture, before: PeriodicFit, usual: PowerReading, t_s: float, end_s: float
    ) -> StimulusProof:
        found = self._levels(capture, before, usual, t_s + MARGIN_S, end_s - MARGIN_S)
        unit, held_s = "Hz" if self._network in _CLOCKS else "V", end_s - t_s
        if not found:
            nan = math.nan
            return StimulusProof(
                nan, unit, *self._band, held_s, held_s, nan, nan, "too short to judge its level by"
            )
        return StimulusProof(
            fmean(found), unit, *self._band, held_s, held_s, min(found), max(found)
        )

    def _levels(
        self,
        capture: Capture,
        before: PeriodicFit,
        usual: PowerReading,
        start_s: float,
        end_s: float,
    ) -> list[float]:
        """Return the voltages cycle by cycle, or by how much the frequency was off, twice."""
        wave = capture.waveform(VOLTAGE)
        if self._network not in _CLOCKS:
            old = fmean(levels(wave, *_BEFORE_S, before.frequency_hz))
            new = levels(wave, start_s, end_s, before.frequency_hz)
            return [usual.voltage_v * level / old for level in new]
        if end_s - start_s < 8.0 / capture.nominal_hz:
            return []
        middle_s = (start_s + end_s) / 2.0
        parts = (start_s, middle_s), (middle_s, end_s)
        scale = usual.frequency_hz / before.frequency_hz
        nominal = capture.nominal_hz
        return [abs(fitted(wave, *part, nominal).frequency_hz * scale - nominal) for part in parts]
