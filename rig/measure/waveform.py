"""Samples of one scope channel, and a capture of several on one time base."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from instruments.capabilities import ScopeTrace
from instruments.errors import UsageError
from rig.measure.quantity import Component

__all__ = ["Calibration", "Capture", "Overdue", "Trigger", "Waveform", "waveform_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """Equidistant samples in ``unit``; sample 0 is at ``t0_s`` after the trigger."""

    t0_s: float
    dt_s: float
    values: NDArray[np.float64]
    """Shape (n,), read-only."""
    unit: str
    name: str
    resolution: float = 0.0
    """The value of one code, in ``unit``."""
    clipped: bool = False
    u_gain: float = 0.0
    """Relative standard uncertainty of scope and probe together."""
    u_offset: float = 0.0
    """Standard uncertainty of the zero, in ``unit``."""
    covered: bool = True
    """Whether a certificate covers the channel in its range; without one nothing is judged."""

    def __post_init__(self) -> None:
        if self.dt_s <= 0.0 or self.values.ndim != 1 or self.values.size == 0:
            raise UsageError(f"waveform {self.name}: needs samples in one row and dt_s above 0")
        view = self.values.view()
        view.flags.writeable = False
        object.__setattr__(self, "values", view)

    @property
    def end_s(self) -> float:
        """The instant up to which the record reaches: one interval after its last sample."""
        return self.t0_s + self.dt_s * self.values.size

    def times(self) -> NDArray[np.float64]:
        """Return the sample instants in s after the trigger."""
        return self.t0_s + self.dt_s * np.arange(self.values.size, dtype=np.float64)

    def index(self, t_s: float) -> int:
        """Return the first sample at or after ``t_s``, held within 0 and n."""
        exact = (t_s - self.t0_s) / self.dt_s
        return int(np.clip(np.ceil(exact - 1e-6), 0, self.values.size))

    def between(self, start_s: float, end_s: float) -> Waveform:
        """Return the samples on ``[start_s, end_s)``; raise ``UsageError`` when there are none."""
        first, last = self.index(start_s), self.index(end_s)
        if first >= last:
            raise UsageError(
                f"waveform {self.name}: no sample on {start_s:.6g} to {end_s:.6g} s, "
                f"it has {self.t0_s:.6g} to {self.end_s:.6g} s"
            )
        part = self.values[first:last]
        return replace(
            self,
            t0_s=self.t0_s + first * self.dt_s,
            values=part,
            clipped=self.clipped and self._reaches_ends(part),
        )

    def _reaches_ends(self, part: NDArray[np.float64]) -> bool:
        """Say whether a part holds a value that the whole was clipped to.

        The scale is centred on zero, so that the largest magnitude is its end.
        """
        largest = float(np.max(np.abs(self.values)))
        return bool(np.max(np.abs(part)) >= largest - max(self.resolution, 1e-9 * largest))

    def complete(self) -> bool:
        """Say whether no sample is missing (NaN) or beyond the scale (infinite)."""
        return bool(np.isfinite(np.sum(self.values)))

    def scale_components(self, gain: float, offset: float) -> tuple[Component, ...]:
        """Return the budget lines of gain, zero and resolution for the given sensitivities."""
        return (
            Component("gain of channel and probe", "B", "normal", self.u_gain, gain),
            Component("zero of channel and probe", "B", "normal", self.u_offset, offset),
            Component.within("resolution", self.resolution / 2.0),
        )


def waveform_of(
    trace: ScopeTrace,
    *,
    name: str,
    unit: str,
    u_gain: float = 0.0,
    u_offset: float = 0.0,
    covered: bool = True,
) -> Waveform:
    """Name a trace that a scope returned, and say how well its channel is known."""
    return Waveform(
        trace.t0_s,
        trace.dt_s,
        trace.values,
        unit,
        name,
        resolution=trace.resolution,
        clipped=trace.clipped,
        u_gain=u_gain,
        u_offset=u_offset,
        covered=covered,
    )


@dataclass(frozen=True, slots=True)
class Trigger:
    """What time zero means.

    ``stimulus``: a hardware edge of the stimulus itself, with standard uncertainty ``u_s``;
    ``level``: a level of one of the channels; ``free``: nothing (a recording without an event).
    """

    meaning: Literal["stimulus", "level", "free"]
    u_s: float = 0.0
    angle_deg: float | None = None
    """Angle of the socket voltage at the stimulus, where it was measured."""


class Overdue(str):
    """A problem that engineering mode passes over: the calibration was valid once, and expired."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Calibration:
    """The state of one instrument; ``due`` is its last valid day, None = never calibrated."""

    instrument: str
    due: date | None
    certificate: str = ""

    def problem(self, on: date) -> str | None:
        """Say why the instrument may not be used for a verdict on a day."""
        if self.due is None:
            return f"{self.instrument}: no calibration"
        if on > self.due:
            return Overdue(f"{self.instrument}: calibration overdue since {self.due.isoformat()}")
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Capture:
    """Waveforms of one acquisition, on one time base."""

    capture_id: str
    waveforms: tuple[Waveform, ...]
    trigger: Trigger
    taken_on: date
    calibrations: tuple[Calibration, ...] = ()
    reported: tuple[str, ...] = ()
    """What the acquisition itself complained of (not triggered, time base unlocked ...)."""
    u_time_base: float = 0.0
    """Relative standard uncertainty of the time base."""
    u_skew_s: float = 0.0
    """Standard uncertainty of the delay between the trigger and a channel, or two channels."""
    nominal_hz: float = 50.0

    def __post_init__(self) -> None:
        if not self.waveforms:
            raise UsageError(f"capture {self.capture_id}: has no waveform")
        bases = {(w.t0_s, w.dt_s, w.values.size) for w in self.waveforms}
        names = {w.name for w in self.waveforms}
        if len(bases) > 1 or len(names) < len(self.waveforms):
            raise UsageError(
                f"capture {self.capture_id}: waveforms need one time base and names of their own"
            )

    @property
    def instruments(self) -> tuple[str, ...]:
        """The names of the instruments that made the capture."""
        return tuple(c.instrument for c in self.calibrations)

    @property
    def problems(self) -> tuple[str, ...]:
        """Every reason why the capture cannot carry a verdict."""
        return self.problems_of(*(w.name for w in self.waveforms))

    def problems_of(self, *names: str) -> tuple[str, ...]:
        """Return the reasons why the named waveforms cannot carry a verdict."""
        found = list(self.reported)
        found += filter(None, (c.problem(self.taken_on) for c in self.calibrations))
        for wave in map(self.waveform, names):
            if wave.clipped:
                found.append(f"{wave.name}: clipped")
            if not wave.complete():
                found.append(f"{wave.name}: samples missing")
            if not wave.covered:
                found.append(f"{wave.name}: no certificate covers its range")
        return tuple(found)

    def waveform(self, name: str) -> Waveform:
        """Return a waveform by name; raise ``UsageError`` when there is none."""
        for wave in self.waveforms:
            if wave.name == name:
                return wave
        known = ", ".join(w.name for w in self.waveforms)
        raise UsageError(f"capture {self.capture_id}: no waveform {name!r}, it has {known}")

    def between(self, start_s: float, end_s: float) -> Capture:
        """Return the capture cut to ``[start_s, end_s)``."""
        return replace(self, waveforms=tuple(w.between(start_s, end_s) for w in self.waveforms))
