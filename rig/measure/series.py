"""Values over time as the signal vocabulary sees them: samples, RMS values or interval means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from instruments.errors import UsageError
from rig.measure.rms import RmsTrace
from rig.measure.waveform import Capture
from rig.measure.zero import noise_of

__all__ = ["Series"]

_Floats = NDArray[np.float64]
_MOST_STEPS = 200_000


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Values that each stand for the time up to the next; ``end_s`` ends the last.

    Times are s after the trigger of ``capture``, or clock times where there is none.
    """

    name: str
    unit: str
    t_s: _Floats
    values: _Floats
    end_s: float
    capture: str = ""
    channel: str = ""
    """The channel of the capture whose samples these are; empty when they are derived from it."""
    instruments: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    u_gain: float = 0.0
    u_offset: float = 0.0
    u_noise: float = 0.0

    def __post_init__(self) -> None:
        if self.t_s.size != self.values.size or self.t_s.size == 0:
            raise UsageError(f"series {self.name}: needs values, and a time for each")
        if np.any(np.diff(self.t_s) <= 0.0) or self.end_s <= self.t_s[-1]:
            raise UsageError(f"series {self.name}: its times must ascend")

    @property
    def durations_s(self) -> _Floats:
        """How long each value stands."""
        return np.diff(self.t_s, append=self.end_s)

    def between(self, start_s: float, end_s: float) -> Series:
        """Return the values that begin on ``[start_s, end_s)``; the whole of it must be known."""
        if self.capture == "" and self.values.size == 1 and np.isnan(self.values[0]):
            return self
        kept = (self.t_s >= start_s - 1e-12) & (self.t_s < end_s - 1e-12)
        if not np.any(kept):
            raise UsageError(f"series {self.name}: nothing on {start_s:.6g} to {end_s:.6g} s")
        step_s = float(np.max(self.durations_s[kept]))
        missing = self.t_s[kept][0] > start_s + step_s or self.end_s < end_s - step_s
        problem = f"{self.name}: known on {self.t_s[0]:.6g} to {self.end_s:.6g} s only"
        return replace(
            self,
            t_s=self.t_s[kept],
            values=self.values[kept],
            end_s=min(self.end_s, end_s),
            problems=(*self.problems, problem) if missing else self.problems,
        )

    @classmethod
    def nothing(cls, name: str, unit: str, problem: str) -> Series:
        """Stand for a signal that was never recorded: nothing holds of it, and it says why."""
        unknown = np.array([np.nan])
        return cls(name, unit, np.zeros(1), unknown, 1.0, problems=(problem,))

    def on_a_grid(self) -> tuple[float, float, _Floats]:
        """Return start, step and values at equal steps, each value held: as samples are kept."""
        step_s = max(float(np.min(self.durations_s)), (self.end_s - self.t_s[0]) / _MOST_STEPS)
        count = max(round((self.end_s - float(self.t_s[0])) / step_s), 1)
        at = float(self.t_s[0]) + step_s * np.arange(count, dtype=np.float64)
        held = np.searchsorted(self.t_s, at + 1e-9 * step_s, side="right") - 1
        return float(self.t_s[0]), step_s, self.values[held]

    @classmethod
    def of_samples(cls, capture: Capture, name: str) -> Series:
        """Take the samples of one channel."""
        wave = capture.waveform(name)
        return cls(
            name,
            wave.unit,
            wave.times(),
            wave.values,
            wave.end_s,
            capture=capture.capture_id,
            channel=name,
            instruments=capture.instruments,
            problems=capture.problems_of(name),
            u_gain=wave.u_gain,
            u_offset=wave.u_offset,
            u_noise=noise_of(wave) if wave.complete() else 0.0,
        )

    @classmethod
    def of_rms(cls, capture: Capture, name: str, trace: RmsTrace) -> Series:
        """Take RMS values of one channel, each at the end of its window."""
        wave = capture.waveform(name)
        step_s = float(trace.t_s[1] - trace.t_s[0]) if trace.t_s.size > 1 else trace.window_s
        return cls(
            f"{name}_rms",
            trace.unit,
            trace.t_s,
            trace.values,
            float(trace.t_s[-1]) + step_s,
            capture=capture.capture_id,
            instruments=capture.instruments,
            problems=capture.problems_of(name),
            u_gain=wave.u_gain,
        )

    @classmethod
    def of_intervals(
        cls,
        name: str,
        unit: str,
        t_s: Sequence[float],
        values: Sequence[float],
        *,
        end_s: float,
        longest_gap_s: float,
        instruments: tuple[str, ...] = (),
        u_gain: float = 0.0,
        u_offset: float = 0.0,
    ) -> Series:
        """Take interval means or readings by the clock; one that stands for too long is a gap."""
        found = cls(
            name,
            unit,
            np.asarray(t_s, np.float64),
            np.asarray(values, np.float64),
            end_s,
            instruments=instruments,
            u_gain=u_gain,
            u_offset=u_offset,
        )
        widest = float(np.max(found.durations_s))
        if widest <= longest_gap_s:
            return found
        return replace(found, problems=(f"{name}: no value for {widest:.3g} s",))
