"""A residual current that rises slowly until the socket goes off: what it had reached then."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from instruments.errors import UsageError
from rig.bench.faults_residual import (
    LADDER_STEP_A,
    LADDER_STEPS,
    RESISTORS_OHM,
    Polarity,
    half_waves,
    ladder,
)
from rig.bench.proofs import count_of
from rig.bench.wave import RESIDUAL, VOLTAGE, Wave
from rig.controller import SocketName, TripCode
from rig.measure import Measurement, NoTripSeen, Quantity, Requirement, ResidualShape

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["ResidualRamp"]

_AFTER_S = 0.2
_RATE_HZ = 10_000.0
"""For levels of whole half cycles; nothing is timed closer."""
_MEAN_S = 0.04
"""Two cycles before the trip tell the direct part; before them a relay may have changed over."""
_SEEN_WITHIN_S = 1.0
_EDGE_S = 0.01
"""Before the branch opens by itself."""
_ROUNDING = 1.0001
_MEAN_BY_RMS = {0: 0.637, 90: 0.450, 135: 0.309}
"""Of half-waves of a sine that begin at an angle."""
_SHARE_WIDTH = 0.06


@dataclass(frozen=True, slots=True)
class _Level:
    """One step of the ramp: the resistors that are in, and how many steps of the ladder."""

    resistors: tuple[str, ...]
    steps: int


class ResidualRamp:
    """Steps of the ladder, each for a time, from a first level to a last one.

    Levels are those of the whole wave, RMS at nominal voltage; resistors add what the ladder alone
    does not reach. Half-waves of a ``polarity`` pass from an angle on.
    """

    def __init__(
        self,
        bench: Bench,
        socket: SocketName,
        requirement: Requirement,
        *,
        from_deg: int = 0,
        polarity: Polarity | None = None,
    ) -> None:
        bench.need_earthing("tn")
        self._bench, self._socket, self._number = bench, socket, requirement.number
        self._shape: ResidualShape = "ac" if polarity is None else "pulsating"
        self._from_deg = from_deg
        self._relays = () if polarity is None else half_waves(from_deg, polarity)
        sign = -1.0 if polarity == "negative" else 1.0
        self._share = 0.0 if polarity is None else sign * _MEAN_BY_RMS[from_deg]
        key = "" if polarity is None else f"_{from_deg}"
        first_a, last_a = (requirement.number(f"{end}_level{key}_a") for end in ("first", "last"))
        self._peak_a = 2**0.5 * last_a
        self._levels = self._plan(first_a, last_a)
        self._dwell_s = requirement.number("dwell_s")
        self._most_a = requirement.limit("trip_current").maximum or math.inf

    def run(self) -> Wave:
        """Let the current flow and rise until the socket is off, or the last level has stood."""
        bench, residual = self._bench, self._bench.faults.residual
        hold_s = self._longest_s
        self._set(self._levels[0])
        with bench.capture(
            self._socket,
            hold_s + _AFTER_S,
            residual_peak_a=self._peak_a,
            sample_rate_hz=_RATE_HZ,
            channels=(VOLTAGE, RESIDUAL),
        ) as wave:
            residual.flow(self._socket, f"{self._shape} ramp", hold_s=hold_s)
            bench.faults.wait_until_fired()
            self._rise()
        return wave

    def trip_current(self, wave: Wave) -> Measurement:
        """Measure what the ramp had reached at the trip; without one, what it reached at its end.

        The current that would have tripped lies above that.
        """
        found = wave.current_at_trip(
            of=RESIDUAL,
            shape=self._shape,
            ramp_ends_s=self._longest_s,
            reaction_s=self._number("reaction_s"),
        )
        reached = found if isinstance(found, Measurement) else self._last_level(wave, found)
        return replace(reached, problems=(*reached.problems, *self._wrong_form(wave, reached)))

    def judged(self, wave: Wave) -> Measurement:
        """Measure the same of half-waves, under the name of the limit that holds for it.

        A mean of so much that it may trip by itself leaves the upper bound alone.
        """
        tripped = self.trip_current(wave)
        if tripped.end_s is None:
            return tripped
        mean = self._mean(wave, tripped)
        beyond_a = abs(mean.value) - self._number("mean_may_trip_a")
        if beyond_a >= mean.expanded():
            return tripped
        close = beyond_a > -mean.expanded()
        unclear = ("the mean cannot be told from what may trip by itself",) if close else ()
        named = tripped.renamed(f"trip_current_{self._from_deg}")
        return replace(named, problems=(*tripped.problems, *mean.problems, *unclear))

    def wrong_codes(self, *right: TripCode) -> Measurement:
        """Count a trip code that is none of the right ones."""
        seen = self._bench.unit.wait_for_trip(self._socket, _SEEN_WITHIN_S)
        problems = () if seen is not TripCode.NONE else ("the socket did not trip",)
        return count_of(
            "wrong_codes", int(seen not in right), instruments=("controller",), problems=problems
        )

    def _mean(self, wave: Wave, reached: Measurement) -> Measurement:
        end_s = self._longest_s - _EDGE_S if reached.end_s is None else reached.end_s
        return wave.mean_residual(max(end_s - _MEAN_S, 0.0), end_s)

    def _wrong_form(self, wave: Wave, reached: Measurement) -> tuple[str, ...]:
        """Say where mean and RMS are not those of the half-waves that were asked for."""
        share = self._mean(wave, reached).value / (reached.value or math.nan)
        if abs(share - self._share) <= _SHARE_WIDTH:
            return ()
        return (f"stimulus not proven: mean by RMS {share:.2f}, wanted {self._share:.2f}",)

    def _last_level(self, wave: Wave, untripped: NoTripSeen) -> Measurement:
        """Return the level at the ramp's end; one that is not beyond the limit tells nothing."""
        end_s = self._longest_s - _EDGE_S
        stood = wave.prove_residual(
            0.0,
            2.0 * self._peak_a,
            start_s=end_s - self._dwell_s / 2.0,
            end_s=end_s,
            wanted_s=0.0,
            shape=self._shape,
        )
        gain = 0.0 if wave.capture is None else wave.capture.waveform(RESIDUAL).u_gain
        level = Quantity(stood.level, "A", abs(gain * stood.level) if stood.in_tolerance else 0.0)
        problems = untripped.problems if stood.in_tolerance else (*untripped.problems, stood.reason)
        if not level.value > self._most_a + level.expanded():
            problems = (*problems, "the ramp ended without a trip, but not beyond the limit")
        return Measurement.of("trip_current", level, evidence=untripped.evidence, problems=problems)

    def _rise(self) -> None:
        bench = self._bench
        start_s = bench.clock.now()
        for n, level in enumerate(self._levels[1:], start=1):
            bench.clock.sleep_until(start_s + n * self._dwell_s)
            if bench.unit.tripped(self._socket):
                return
            self._set(level)
        bench.sleep(self._dwell_s)

    def _set(self, level: _Level) -> None:
        self._bench.faults.residual.choose(*self._relays, *level.resistors, *ladder(level.steps))

    @property
    def _longest_s(self) -> float:
        return (len(self._levels) + 1) * self._dwell_s

    def _plan(self, first_a: float, last_a: float) -> list[_Level]:
        """Return levels a step of the ladder apart, or a percentage where that is more."""
        growth = 1.0 + self._number("step_percent") / 100
        standing_a = self._standing(first_a)
        levels, level_a = [], first_a
        while level_a < last_a:
            levels.append(self._level(level_a, standing_a))
            level_a = max(level_a + LADDER_STEP_A, level_a * growth)
        return [*levels, self._level(last_a, standing_a)]

    def _level(self, level_a: float, standing_a: float) -> _Level:
        """Return the smallest resistors that with the ladder reach a level, ``standing_a`` or more.

        Those that are in from the first level on keep the current from dipping to nothing.
        """
        nominal_v = self._bench.spec.unit.nominal_voltage_v
        reach_a = LADDER_STEP_A * LADDER_STEPS
        sets = (c for n in range(len(RESISTORS_OHM) + 1) for c in combinations(RESISTORS_OHM, n))
        amps = {names: sum(nominal_v / RESISTORS_OHM[name] for name in names) for names in sets}
        fits = [
            names
            for names, base_a in amps.items()
            if standing_a <= base_a <= level_a * _ROUNDING and level_a <= base_a + reach_a
        ]
        if not fits:
            raise UsageError(f"residual ramp: {level_a * 1e3:.3g} mA cannot be reached")
        best = min(fits, key=lambda names: amps[names])
        return _Level(best, max(0, round((level_a - amps[best]) / LADDER_STEP_A)))

    def _standing(self, first_a: float) -> float:
        """Return the largest resistor's current that the first level leaves room for."""
        nominal_v = self._bench.spec.unit.nominal_voltage_v
        currents = (nominal_v / ohm for ohm in RESISTORS_OHM.values())
        return max((a for a in currents if a <= first_a * _ROUNDING), default=0.0)
