"""The pack beyond a limit of its voltage: from there to the last current of an outlet."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from rig.bench.marker import Marker
from rig.bench.outlets import TripWatch
from rig.bench.pack import PACK_VOLTAGE
from rig.bench.proofs import count_of
from rig.bench.wave import CURRENT, VOLTAGE, Wave
from rig.controller import SocketName
from rig.measure import (
    Component,
    Measurement,
    NoTripSeen,
    Quantity,
    Requirement,
    StimulusProof,
    Waveform,
)

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["PackExcursion"]

_RECORD_S = 1.6
_HOLD_S = 3.0
"""Of the resistors that make the current; longer than the record."""
_PRE_S = 0.1
_SMOOTHED_S = 2e-3
_TRIGGERS_S = 20e-6
"""One edge of the trigger line, seen by two scopes."""
_ROLES = ("pack", "analyser_ac", "controller")


class PackExcursion:
    """Take the pack's voltage from its usual level to another, with resistors at one socket.

    Both scopes are triggered by the one line, with the closing of the resistors; the pack's
    voltage is changed after that. So its edge and the end of the current are on one time base.
    """

    def __init__(self, bench: Bench, socket: SocketName, requirement: Requirement) -> None:
        self._bench, self._socket, self._number = bench, socket, requirement.number

    def trip_time(self, limit_v: float, level_v: float) -> Measurement | NoTripSeen:
        """Measure from the pack's passing of a limit, towards a level, to the last current."""
        bench = self._bench
        marker = Marker(bench, self._socket)
        with (
            bench.pack.capture(_RECORD_S, pre_s=_PRE_S) as dc_wave,
            bench.capture(
                self._socket,
                _RECORD_S,
                peak_a=marker.peak_a,
                pre_s=_PRE_S,
                channels=(VOLTAGE, CURRENT),
            ) as wave,
        ):
            marker.close(_HOLD_S)
            bench.pack.set_voltage(level_v)
            level = bench.pack.measure_voltage()
            bench.sleep(_RECORD_S)
        return self._between(dc_wave, wave, limit_v, level)

    def trips_at(self, level_v: float) -> Measurement:
        """Count what trips while the pack stands at a level of ordinary use."""
        bench = self._bench
        watch = TripWatch(bench)
        bench.pack.set_voltage(level_v)
        bench.sleep(self._number("in_use_s"))
        level = bench.pack.measure_voltage()
        width = self._number("voltage_tolerance_v")
        proof = _proof(level, level_v - width, level_v + width, self._number("in_use_s"))
        return count_of("trips_in_use", watch.trips(), instruments=_ROLES, stimulus=proof)

    def _between(
        self, dc_wave: Wave, wave: Wave, limit_v: float, level: Quantity
    ) -> Measurement | NoTripSeen:
        trip = wave.trip_time()
        if dc_wave.capture is None:
            return NoTripSeen("trip_time", 0.0, problems=("scope_dc: not triggered",))
        pack = dc_wave.capture.waveform(PACK_VOLTAGE)
        # Past the limit by the supply's own uncertainty at least, and not far beyond it.
        beyond_v = math.copysign(1.0, level.value - limit_v)
        bounds = sorted(
            (limit_v + beyond_v * level.expanded(), limit_v + beyond_v * self._number("beyond_v"))
        )
        edge_s = _edge_s(pack, limit_v)
        held_s = 0.0 if edge_s is None else pack.end_s - edge_s
        proof = _proof(level, bounds[0], bounds[1], held_s)
        problems = (*trip.problems, *dc_wave.capture.problems_of(PACK_VOLTAGE))
        if edge_s is None:
            problems = (*problems, f"scope_dc: the pack never passed {limit_v:g} V")
        if not isinstance(trip, Measurement) or trip.end_s is None:
            return NoTripSeen("trip_time", held_s, trip.evidence, problems, proof)
        return replace(
            trip,
            value=math.nan if edge_s is None else trip.end_s - edge_s,
            onset_s=edge_s,
            problems=problems,
            budget=trip.budget.plus(
                Component.within("edge of the pack's voltage", _SMOOTHED_S / 2.0),
                Component.within("trigger of two scopes", _TRIGGERS_S),
            ),
            stimulus=proof,
        )


def _edge_s(wave: Waveform, limit_v: float) -> float | None:
    """Return when a smoothed DC voltage passes a limit, s after the trigger; None = never.

    Halfway between its ends where the limit lies closer to one of them than the channel can tell.
    """
    width = max(round(_SMOOTHED_S / wave.dt_s), 1)
    smooth = np.convolve(wave.values, np.full(width, 1.0 / width), mode="valid")
    before, after = float(np.median(smooth[:width])), float(np.median(smooth[-width:]))
    reach = 2.0 * math.hypot(wave.u_offset, wave.u_gain * limit_v)
    near = abs(after - limit_v) < reach or abs(before - limit_v) < reach
    level = 0.5 * (before + after) if near else limit_v
    passed = np.flatnonzero((smooth > level) == (after > level))
    if abs(after - before) < reach or not passed.size:
        return None
    return wave.t0_s + wave.dt_s * (int(passed[0]) + width / 2.0)


def _proof(level: Quantity, low_v: float, high_v: float, held_s: float) -> StimulusProof:
    value = level.value
    return StimulusProof(value, "V", low_v, high_v, held_s, held_s, value, value)
