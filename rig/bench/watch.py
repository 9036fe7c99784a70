"""Look at the unit and its load again and again, on absolute deadlines, for a whole hold."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from instruments.clock import Clock
from instruments.errors import LinkTimeout
from rig.bench.ambient import AMBIENT, Ambient
from rig.controller import Controller, SocketName, SocketState, UnitState
from rig.measure import (
    Evidence,
    Measurement,
    NoTripSeen,
    Quantity,
    StimulusProof,
    prove_from_readings,
)

__all__ = ["Watch", "watch"]

_ROLES = ("analyser_ac", "controller")
_COVERAGE = 2.0
_AIR_EVERY = 6
"""Looks from one reading of the air to the next: it changes slowly."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What was seen, look by look."""

    every_s: float
    times_s: tuple[float, ...]
    levels: tuple[float, ...]
    tripped_s: float | None
    """When a trip was first seen; it came within ``every_s`` before."""
    power_limit_reductions: int
    ambients: tuple[tuple[float, Quantity], ...] = ()
    """The temperature of the air, degC, each with the time it was read; empty: nobody asked."""
    instruments: tuple[str, ...] = _ROLES
    problems: tuple[str, ...] = ()
    """Why these instruments can carry no verdict."""

    def proof(self, wanted: tuple[float, float], wanted_s: float) -> StimulusProof:
        """Prove the level, in percent, by the looks before the trip."""
        return prove_from_readings(
            self.times_s,
            self.levels,
            unit="%",
            wanted_low=wanted[0],
            wanted_high=wanted[1],
            wanted_s=wanted_s,
            longest_gap_s=1.5 * self.every_s,
        )

    def ambient_proof(self, wanted_c: tuple[float, float], wanted_s: float) -> StimulusProof:
        """Prove the air's temperature by the looks before the trip, each with its U (k = 2)."""
        longest_gap_s = 1.5 * _AIR_EVERY * self.every_s
        shown = prove_from_readings(
            [t_s for t_s, _ in self.ambients],
            [air.value for _, air in self.ambients],
            unit="degC",
            wanted_low=wanted_c[0],
            wanted_high=wanted_c[1],
            wanted_s=wanted_s,
            longest_gap_s=longest_gap_s,
        )
        if shown.gap:
            return shown
        ended_s = self.times_s[-1] if self.tripped_s is None else self.tripped_s
        if (silent_s := ended_s - self.ambients[-1][0]) > longest_gap_s:
            return replace(shown, gap=f"no reading of the air for the last {silent_s:.3g} s")
        return replace(
            shown,
            lowest=min(air.value - _COVERAGE * air.u for _, air in self.ambients),
            highest=max(air.value + _COVERAGE * air.u for _, air in self.ambients),
        )

    def trip_time(self, stimulus: StimulusProof) -> Measurement | NoTripSeen:
        """Return the trip time as far as looking tells it, or that none was seen."""
        evidence = Evidence(instruments=self.instruments)
        if self.tripped_s is None:
            return NoTripSeen("trip_time", self.times_s[-1], evidence, self.problems, stimulus)
        middle = Quantity(
            max(self.tripped_s - self.every_s / 2, 0.0), "s", self.every_s / math.sqrt(12)
        )
        return Measurement.of(
            "trip_time", middle, evidence=evidence, problems=self.problems, stimulus=stimulus
        )

    def reductions(self) -> Measurement:
        """Return how often the unit had lowered its power limit."""
        count = Quantity(float(self.power_limit_reductions), "1", 0.0)
        return Measurement.of(
            "power_limit_reductions", count, evidence=Evidence(instruments=self.instruments)
        )


class _Air:
    """The temperature of the air, read at every few looks."""

    def __init__(self, ambient: Ambient | None) -> None:
        self._ambient, self._due = ambient, 0
        self.readings: list[tuple[float, Quantity]] = []

    def look(self, n: int, elapsed_s: float, *, anyhow: bool = False) -> None:
        """Read it at look ``n`` where it is due; one lost answer is asked for at the next look."""
        if self._ambient is None or not (anyhow or n >= self._due):
            return
        with suppress(LinkTimeout):  # it must not end hours of a test; the proof sees the gap
            self.readings.append((elapsed_s, self._ambient.read()))
            self._due = n + _AIR_EVERY


def watch(
    clock: Clock,
    controller: Controller,
    sockets: tuple[SocketName, ...],
    level_percent: Callable[[], float],
    *,
    hold_s: float,
    every_s: float,
    ambient: Ambient | None = None,
    problems: tuple[str, ...] = (),
) -> Watch:
    """Watch sockets that are on for ``hold_s``, or until one of them is off.

    A trip that undid itself between two looks is seen by the unit's event log. ``problems`` say
    why the instruments can carry no verdict.
    """
    start, known = clock.now(), controller.read_newest_sequence()
    times, levels, reductions = list[float](), list[float](), 0
    air = _Air(ambient)
    tripped_s = None
    for n in range(math.ceil(hold_s / every_s) + 2):
        clock.sleep_until(start + n * every_s)
        elapsed_s = clock.now() - start
        state = controller.read_status().state
        reductions += state is UnitState.DERATED
        states = controller.read_sockets()
        if any(states[each].state is not SocketState.ON for each in sockets) or (
            (newest := controller.read_newest_sequence()) != known
            and any(record.trip for record in controller.read_log(after=known))
        ):
            tripped_s = elapsed_s
            air.look(n, elapsed_s, anyhow=True)
            break
        known = newest
        times.append(elapsed_s)
        levels.append(level_percent())
        air.look(n, elapsed_s)
    instruments = (*_ROLES, AMBIENT) if ambient else _ROLES
    return Watch(
        every_s,
        tuple(times),
        tuple(levels),
        tripped_s,
        reductions,
        tuple(air.readings),
        instruments,
        problems,
    )
