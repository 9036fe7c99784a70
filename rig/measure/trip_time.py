"""The time from the edge of a stimulus to the last current, from samples of the current.

Method and definitions: facts/domain.md section 2.4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from rig.measure.driver import driver_before, driver_until
from rig.measure.edge import Edge
from rig.measure.ending import Ending, find_ending, locate_ending
from rig.measure.measurement import Evidence, Measurement, NoTripSeen
from rig.measure.onset import Before, Frequency, Onset, find_onset, fit_before, locate_onset
from rig.measure.periodic import coarse_frequency, fit_periodic
from rig.measure.poles import last_of, pole_end, unconfirmed
from rig.measure.quantity import Budget, Component
from rig.measure.stimulus import StimulusProof
from rig.measure.trip_problems import (
    DEFAULTS,
    StartsAt,
    TripSettings,
    clipping,
    cut_short,
    disagreements,
    hidden_tail,
)
from rig.measure.waveform import Capture, Waveform

__all__ = ["StartsAt", "TripSettings", "trip_time"]


def trip_time(
    capture: Capture,
    current: str,
    *,
    quantity_name: str = "trip_time",
    reference: str | None = None,
    cross_check: str | None = None,
    poles: Sequence[str] = (),
    starts_at: StartsAt = "trigger",
    stimulus_ends_s: float | None = None,
    stimulus: StimulusProof | None = None,
    level: Component | None = None,
    settings: TripSettings = DEFAULTS,
) -> Measurement | NoTripSeen:
    """Return the time in s from the stimulus edge to the last current, or that none was seen.

    ``reference`` is a voltage that gives the frequency; ``cross_check`` a waveform that must
    collapse with the current; ``poles`` are waveforms that end when another pole opens: the last
    of all counts. ``starts_at`` says what the time runs from. From ``stimulus_ends_s`` on (after
    the trigger) the stimulus ends by itself, which is no trip; ``level`` says how the level's
    uncertainty moves the time.
    """
    asked = _Question(
        capture, current, reference, cross_check, tuple(poles), starts_at, stimulus_ends_s, settings
    )
    found = asked.answer()
    if isinstance(found, NoTripSeen):
        return replace(found, quantity_name=quantity_name, stimulus=stimulus)
    return replace(found, quantity_name=quantity_name, stimulus=stimulus, level=level)


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    """One trip time that is asked for."""

    capture: Capture
    current: str
    reference: str | None
    cross_check: str | None
    poles: tuple[str, ...]
    starts_at: StartsAt
    stimulus_ends_s: float | None
    settings: TripSettings

    @property
    def wave(self) -> Waveform:
        return self.capture.waveform(self.current)

    @property
    def names(self) -> tuple[str, ...]:
        asked = (self.current, self.reference, self.cross_check, *self.poles)
        return tuple(dict.fromkeys(name for name in asked if name is not None))

    @property
    def triggered(self) -> bool:
        return self.capture.trigger.meaning == "stimulus"

    def answer(self) -> Measurement | NoTripSeen:
        """Find the onset, the end and the pole that was last."""
        if not all(self.capture.waveform(name).complete() for name in self.names):
            return self._none_seen(0.0)
        frequency = _frequency(self.capture, self.reference, self.settings)
        before = fit_before(self.wave, self.capture.trigger, frequency)
        if before is None:
            return self._none_seen(
                0.0, f"{self.current}: less than one cycle recorded before the stimulus"
            )
        onset = find_onset(self.wave, before, self.capture.trigger)
        if onset is None:
            return self._none_seen(0.0, f"{self.current}: no stimulus seen")
        quiet_s = self.settings.quiet_cycles / frequency.hz
        ending = find_ending(self.wave, before, onset, quiet_s=quiet_s)
        by_itself = self._by_itself(ending, frequency)
        if by_itself or ending.quiet_s < quiet_s - self.wave.dt_s:
            until = self.stimulus_ends_s if by_itself else None
            watched_s = (self.wave.end_s if until is None else until) - onset.cross_s
            return self._none_seen(watched_s, *cut_short(ending, frequency, by_itself))
        better = _better(frequency, before, self.wave, onset, ending)
        return self._timed(before, onset, ending, better)

    def _none_seen(self, watched_s: float, *more: str) -> NoTripSeen:
        problems = (*self.capture.problems_of(*self.names), *more)
        u_s = self.capture.u_time_base * watched_s
        return NoTripSeen("", watched_s, self._evidence(), problems, u_s=u_s)

    def _evidence(self) -> Evidence:
        return Evidence(self.capture.capture_id, self.capture.instruments)

    def _by_itself(self, ending: Ending, frequency: Frequency) -> bool:
        """Say whether the stimulus ended, and not the unit; half-waves end up to a cycle before."""
        pause_s = 1e-3 + (1.0 / frequency.hz if self.starts_at == "current" else 0.0)
        ends_s = self.stimulus_ends_s
        return ends_s is not None and ending.last_s > ends_s - pause_s

    def _timed(
        self, before: Before, onset: Onset, ending: Ending, frequency: Frequency
    ) -> Measurement:
        start, end = self._edges(before, onset, ending, frequency)
        cycles = self.settings.quiet_cycles
        opened = {n: pole_end(self.capture, n, onset, frequency, cycles) for n in self.poles}
        last, of_pole = last_of(self.current, end, opened)
        by_trigger = self.triggered and self.starts_at == "trigger"
        return replace(
            _measurement(self.capture, start, last, by_trigger=by_trigger),
            evidence=self._evidence(),
            problems=(
                *clipping(self.capture, self.names, self.wave, onset),
                *disagreements(
                    self.capture, start, ending, self.cross_check, self.settings, self.starts_at
                ),
                *(
                    hidden_tail(self.wave, before, onset, frequency.hz)
                    if self.starts_at == "current"
                    else ()
                ),
                *unconfirmed(opened, end, self.settings.cross_check_s),
            ),
            notes=(*_notes(onset, ending, start, end, before), *of_pole),
            onset_s=start.t_s,
            end_s=last.t_s,
        )

    def _edges(
        self, before: Before, onset: Onset, ending: Ending, frequency: Frequency
    ) -> tuple[Edge, Edge]:
        """Locate where the current began and where it ended."""
        told = (self.capture, self.reference)
        start = locate_onset(
            self.wave,
            before,
            onset,
            until_s=ending.last_s,
            frequency=frequency,
            may_rise=not self.triggered,
            driver=partial(driver_before, *told, frequency),
        )
        end = locate_ending(
            self.wave,
            before,
            ending,
            since_s=onset.cross_s,
            frequency=frequency,
            driver=partial(driver_until, *told, onset.cross_s, ending.last_s, frequency),
        )
        return start, end


def _frequency(capture: Capture, reference: str | None, settings: TripSettings) -> Frequency:
    nominal = capture.nominal_hz
    if reference is None:
        return Frequency(nominal, nominal * settings.frequency_band / math.sqrt(3.0), known=False)
    return _fitted(capture.waveform(reference), -math.inf, 0.0, nominal)


def _fitted(wave: Waveform, start_s: float, end_s: float, nominal_hz: float) -> Frequency:
    """Return the frequency of the last ten cycles (at most) of a stretch."""
    part = wave.between(max(start_s, end_s - 10.0 / nominal_hz, wave.t0_s), end_s)
    guess = coarse_frequency(part.t0_s, part.dt_s, part.values, nominal_hz)
    fit = fit_periodic(part.t0_s, part.dt_s, part.values, guess_hz=guess, harmonics=5)
    return Frequency(fit.frequency_hz, fit.u_frequency_hz, known=True)


def _better(
    frequency: Frequency, before: Before, wave: Waveform, onset: Onset, ending: Ending
) -> Frequency:
    """Take the frequency from the base current, or from a long enough stimulus."""
    if frequency.known:
        return frequency
    if before.fit.u_frequency_hz > 0.0:
        return Frequency(before.fit.frequency_hz, before.fit.u_frequency_hz, known=True)
    if (ending.last_s - onset.cross_s) * frequency.hz >= 3.0:
        found = _fitted(wave, onset.cross_s, ending.last_s, frequency.hz)
        if abs(found.hz - frequency.hz) < 0.1 * frequency.hz and found.u_hz < frequency.u_hz:
            return found
    return frequency


def _measurement(capture: Capture, start: Edge, end: Edge, *, by_trigger: bool) -> Measurement:
    value = end.t_s - (0.0 if by_trigger else start.t_s)
    components = [*_edge_components("end", end)]
    if by_trigger:
        shape = end.u_shape_s
        components.append(Component("trigger jitter", "B", "normal", capture.trigger.u_s))
        components.append(Component("skew trigger to channel", "B", "normal", capture.u_skew_s))
    else:
        shape = end.u_shape_s + start.u_shape_s  # slopes of switches lengthen or shorten both
        components += _edge_components("onset", start)
    components.append(Component("shape below threshold", "B", "rectangular", shape))
    components.append(Component("time base", "B", "normal", capture.u_time_base, value))
    known = tuple(c for c in components if c.u > 0.0)
    return Measurement("trip_time", value, "s", Budget("s", known))


def _edge_components(which: str, edge: Edge) -> list[Component]:
    found = [
        Component(f"{which}: sampling", "B", "rectangular", edge.u_sampling_s),
        Component(f"{which}: noise at threshold", "A", "normal", edge.u_noise_s),
    ]
    if edge.how in ("zero", "rise"):
        found += [
            Component(f"{which}: {edge.how} of fitted {edge.model}", "A", "normal", edge.u_fit_s),
            Component(f"{which}: frequency of the fit", "B", "normal", edge.u_frequency_s),
        ]
    return found


def _notes(onset: Onset, ending: Ending, start: Edge, end: Edge, before: Before) -> tuple[str, ...]:
    return (
        f"onset {start.t_s * 1e3:.4f} ms after the trigger by {start.how} ({start.model}), "
        f"threshold {onset.threshold:.4g} = {onset.threshold / before.sigma:.1f} sigma",
        f"end {end.t_s * 1e3:.4f} ms after the trigger by {end.how} ({end.model}), "
        f"threshold {ending.threshold:.4g} = {ending.threshold / before.sigma:.1f} sigma, "
        f"quiet for {ending.quiet_s * 1e3:.4g} ms",
    )
