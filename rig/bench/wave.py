"""What a capture says of a trip: the plan's handle on it."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from dataclasses import replace

from rig.measure import (
    Capture,
    Evidence,
    Measurement,
    NoTripSeen,
    Quantity,
    ResidualShape,
    StimulusProof,
    current_at_trip,
    i2t,
    mean_current,
    peak,
    prove_from_samples,
    prove_levels,
    rms,
    trip_time,
    zeroed,
)
from rig.measure.periodic import fit_periodic
from rig.measure.rms import half_cycle_rms, reference_fit
from rig.measure.signals import Series

__all__ = ["CURRENT", "RESIDUAL", "VOLTAGE", "Wave", "in_percent"]

CURRENT = "socket_current"
VOLTAGE = "socket_voltage"
RESIDUAL = "residual_current"
_UNITS = {VOLTAGE: "V", "neighbour_voltage": "V"}
_BEFORE_TRIGGER_S = 1e-3
_LONG_S, _AVERAGED_S = 10.0, 0.2
"""A level that stands for longer than the first is judged by means over the second (10 cycles)."""
_NOT_TRIGGERED = "scope_ac: not triggered"


class Wave:
    """One capture, filled when its ``with`` block is left; time zero is the trigger."""

    def __init__(self, capture_id: str, socket: str) -> None:
        self.capture_id, self.socket = capture_id, socket
        self._capture: Capture | None = None

    def attach(self, capture: Capture | None) -> None:
        """Take the samples; None when the trigger never came."""
        self._capture = capture

    @property
    def capture(self) -> Capture | None:
        """The samples on their common time base; None when the trigger never came."""
        return self._capture

    def trip_time(
        self,
        stimulus: StimulusProof | None = None,
        *,
        of: str = CURRENT,
        shape: ResidualShape = "ac",
        stimulus_ends_s: float | None = None,
    ) -> Measurement | NoTripSeen:
        """Measure the time from the stimulus edge to the last current of the socket, s.

        ``of`` names the channel of the current. With a residual current the socket's voltage must
        end too, and the last of both counts: the poles open apart. Half-waves ("pulsating") are
        timed from the current's own onset, which the trigger precedes by up to a cycle.
        """
        if self._capture is None:
            return NoTripSeen("trip_time", 0.0, problems=(_NOT_TRIGGERED,), stimulus=stimulus)
        of_residual = of == RESIDUAL
        return trip_time(
            _at_zero(self._capture, of) if of_residual else self._capture,
            of,
            reference=VOLTAGE,
            poles=(VOLTAGE,) if of_residual else (),
            starts_at="current" if shape == "pulsating" else "trigger",
            stimulus_ends_s=stimulus_ends_s,
            stimulus=stimulus,
        )

    def prove_residual(
        self,
        low_a: float,
        high_a: float,
        *,
        end_s: float,
        wanted_s: float,
        start_s: float = 0.0,
        shape: ResidualShape = "ac",
    ) -> StimulusProof:
        """Prove that the residual current kept its level from its onset to its end.

        ``end_s`` is where it ended (``Measurement.end_s``) or until when it was watched; levels
        are RMS by the half cycle (half-waves: by the cycle), of smooth DC the mean.
        """
        if self._capture is None or end_s <= start_s:
            return _unknown("A", low_a, high_a, wanted_s)
        return prove_levels(
            _at_zero(self._capture, RESIDUAL),
            RESIDUAL,
            shape=shape,
            low=low_a,
            high=high_a,
            start_s=start_s,
            end_s=end_s,
            wanted_s=wanted_s,
        )

    def current_at_trip(
        self,
        *,
        of: str = RESIDUAL,
        shape: ResidualShape = "ac",
        ramp_ends_s: float | None = None,
        reaction_s: float = 0.3,
    ) -> Measurement | NoTripSeen:
        """Measure what a slow ramp had reached when the unit cut it off, A ("trip_current").

        How far the ramp came within ``reaction_s`` before is part of the uncertainty.
        """
        if self._capture is None:
            return NoTripSeen("trip_current", 0.0, problems=(_NOT_TRIGGERED,), unit="A")
        return current_at_trip(
            _at_zero(self._capture, of),
            of,
            shape=shape,
            poles=(VOLTAGE,),
            ramp_ends_s=ramp_ends_s,
            reaction_s=reaction_s,
        )

    def mean_residual(self, start_s: float, end_s: float) -> Measurement:
        """Measure the mean DC part of the residual current over whole cycles, A ("mean_dc")."""
        return self._of(
            "mean_dc",
            "A",
            lambda c: mean_current(_at_zero(c, RESIDUAL), RESIDUAL, start_s=start_s, end_s=end_s),
        )

    def prove_current(
        self, low_a: float, high_a: float, *, start_s: float, end_s: float
    ) -> StimulusProof:
        """Prove that the one-cycle RMS current stayed within bounds over part of the record."""
        if self._capture is None or end_s <= start_s:
            return _unknown("A", low_a, high_a, end_s - start_s)
        return prove_from_samples(
            self._capture.waveform(CURRENT),
            start_s=start_s,
            end_s=end_s,
            frequency_hz=self._capture.nominal_hz,
            wanted_low=low_a,
            wanted_high=high_a,
            wanted_s=end_s - start_s,
            averaged_s=_AVERAGED_S if end_s - start_s > _LONG_S else 0.0,
        )

    def voltage_v(self, start_s: float, end_s: float) -> float:
        """Return the RMS voltage of the socket over a stretch of the record; NaN without one."""
        return self._rms(VOLTAGE, start_s, end_s)

    def current_a(self, start_s: float, end_s: float) -> float:
        """Return the RMS current of the socket over a stretch of the record; NaN without one."""
        return self._rms(CURRENT, start_s, end_s)

    def _rms(self, name: str, start_s: float, end_s: float) -> float:
        if self._capture is None or end_s <= start_s:
            return math.nan
        return rms(self._capture, name, start_s=start_s, end_s=end_s).value

    def angle_deg(self) -> float:
        """Return the phase of the socket voltage at the trigger, 0 = positive zero crossing.

        From a fit to the record before the trigger, carried on to it; NaN without a record.
        """
        if self._capture is None:
            return math.nan
        before = self._capture.waveform(VOLTAGE).between(-math.inf, 0.0)
        fit = fit_periodic(
            before.t0_s,
            before.dt_s,
            before.values,
            guess_hz=self._capture.nominal_hz,
            harmonics=5,
        )
        turn = -2.0 * math.pi * fit.frequency_hz * fit.origin_s
        cosine_phase = cmath.phase(complex(fit.coefficients[1])) + turn
        return math.degrees(cosine_phase + math.pi / 2.0) % 360.0

    def prove_angle(self, wanted_deg: float, tolerance_deg: float, held_s: float) -> StimulusProof:
        """Prove that a branch that stays closed for ``held_s`` was closed at the wanted angle."""
        low, high = wanted_deg - tolerance_deg, wanted_deg + tolerance_deg
        if self._capture is None:
            return _unknown("deg", low, high, held_s)
        angle = (self.angle_deg() - wanted_deg + 180.0) % 360.0 - 180.0 + wanted_deg
        return StimulusProof(angle, "deg", low, high, held_s, held_s, angle, angle)

    def peak_current(self, *, later_than_s: float) -> Measurement:
        """Measure the largest current magnitude later than an instant after the trigger, A."""
        return self._of(
            "peak_current", "A", lambda c: peak(_after(_at_zero(c), later_than_s), CURRENT)
        )

    def let_through(self, *, within_s: float) -> Measurement:
        """Measure the integral of the squared current from the trigger on, A2s."""
        return self._of(
            "i2t", "A2s", lambda c: i2t(_at_zero(c), CURRENT, start_s=0.0, duration_s=within_s)
        )

    def signal(self, name: str = VOLTAGE) -> Series:
        """Return the samples of a channel for the signal vocabulary (``rig.measure.signals``)."""
        if self._capture is None:
            return Series.nothing(name, _UNITS.get(name, "A"), _NOT_TRIGGERED)
        return Series.of_samples(self._capture, name)

    def rms_signal(self, name: str = VOLTAGE) -> Series:
        """Return the half-cycle RMS of a channel; each value ends its window of one cycle."""
        if self._capture is None:
            return Series.nothing(f"{name}_rms", _UNITS.get(name, "A"), _NOT_TRIGGERED)
        wave, voltage = self._capture.waveform(name), self._capture.waveform(VOLTAGE)
        if not (wave.complete() and voltage.complete()):
            return Series.nothing(f"{name}_rms", wave.unit, f"{name}: samples missing")
        before = reference_fit(voltage.between(-math.inf, 0.0))
        return Series.of_rms(self._capture, name, half_cycle_rms(wave, reference=before))

    def triggers(self, name: str, problems: tuple[str, ...] = ()) -> Measurement:
        """Return how often an armed single shot was triggered: 0 or 1."""
        count = Quantity(0.0 if self._capture is None else 1.0, "1", 0.0)
        evidence = Evidence(self.capture_id, ("scope_ac",))
        return Measurement.of(name, count, evidence=evidence, problems=problems)

    def _of(self, name: str, unit: str, measure: Callable[[Capture], Measurement]) -> Measurement:
        if self._capture is None:
            nothing = Quantity(math.nan, unit, 0.0)
            return Measurement.of(name, nothing, problems=(_NOT_TRIGGERED,))
        return measure(self._capture).renamed(name)


def _at_zero(capture: Capture, name: str = CURRENT) -> Capture:
    """Take the zero of a current's channel from the record before the trigger, if quiet."""
    return zeroed(capture, name, until_s=-_BEFORE_TRIGGER_S)


def _after(capture: Capture, start_s: float) -> Capture:
    """Cut off what came before; a range that was left then does not matter."""
    return capture.between(start_s, math.inf)


def in_percent(proof: StimulusProof, a_per_percent: float, others_a: float) -> StimulusProof:
    """Restate the proof of one socket's current as a level that others add to."""

    def level(current_a: float) -> float:
        return (current_a + others_a) / a_per_percent

    return replace(
        proof,
        unit="%",
        level=level(proof.level),
        wanted_low=level(proof.wanted_low),
        wanted_high=level(proof.wanted_high),
        lowest=level(proof.lowest),
        highest=level(proof.highest),
    )


def _unknown(unit: str, low: float, high: float, wanted_s: float) -> StimulusProof:
    nan = math.nan
    return StimulusProof(nan, unit, low, high, 0.0, wanted_s, nan, nan, "no record of it")
