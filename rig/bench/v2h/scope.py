"""The port on the DC scope, with the clock time of its trigger."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import sqrt
from typing import Unpack

import numpy as np
from numpy.typing import NDArray

from instruments.capabilities import Scope
from instruments.clock import Clock
from rig.bench.capture import CaptureOptions, CaptureStation
from rig.bench.v2h.errands import Errands
from rig.bench.v2h.lines import LineChange
from rig.bench.wave import Wave
from rig.chademo.roles import Line
from rig.measure import Measurement, Quantity, Waveform
from rig.measure.measurement import Evidence

__all__ = ["PORT_CURRENT", "PORT_VOLTAGE", "PortScope", "PortWave"]

PORT_VOLTAGE, PORT_CURRENT, LINE_K = "port_voltage", "port_current", "line_k"
_LOOK_EVERY_S = 0.005
_NO_CURRENT_A = 0.5
_ZERO_A = 1.0
"""The probe's zero is never off by more in the range of a session."""
_REST = 20
"""Means at the end of a record that tell the zero."""
_JUST_BEFORE_S = 0.003
"""A contactor that opens under current ends it within this time; a ramp does not."""
_MEAN_S = 0.001
_RATE_HZ = 20_000.0
_PEAK_A = 20.0
"""More than any session of the reference unit drives, unless it is made to."""
_LEAST_SWING_V = 3.0
"""Less is no change of line k."""
_NOT_TRIGGERED = "scope_dc: not triggered"


class PortWave:
    """One capture of the port, filled when its block is left."""

    def __init__(self, wave: Wave) -> None:
        self._wave = wave
        self._untriggered_s = self._triggered_s = float("nan")

    def looked(self, before_s: float, after_s: float, *, triggered: bool) -> None:
        """Take note that a look between two clock times found it triggered, or not yet."""
        if not triggered:
            self._untriggered_s = before_s
        elif np.isnan(self._triggered_s):
            self._triggered_s = after_s

    def meet(self, changes: Sequence[LineChange]) -> None:
        """Say better when it triggered, by the change of line k that record and input both saw.

        A look that other errands fell into may take ten times as long as usual.
        """
        edge = self._k_edge()
        if edge is None:
            return
        edge_s, on = edge
        seen = (each for each in changes if each.line is Line.K and each.on is on)
        spans = ((c.earliest_s - edge_s - _MEAN_S, c.latest_s - edge_s + _MEAN_S) for c in seen)
        first_s, last_s = self._untriggered_s, self._triggered_s
        fitting = [span for span in spans if span[0] <= last_s and span[1] >= first_s]
        if len(fitting) == 1:
            self._untriggered_s = max(first_s, fitting[0][0])
            self._triggered_s = min(last_s, fitting[0][1])

    def _k_edge(self) -> tuple[float, bool] | None:
        """Return when line k changed, to a mean, and to which level; None unless it did once."""
        capture = self._wave.capture
        if capture is None or all(each.name != LINE_K for each in capture.waveforms):
            return None
        wave = self._mean(LINE_K)
        assert wave is not None  # there is a record
        t_s, volts = wave
        low_v, high_v = float(volts.min()), float(volts.max())
        high = volts > (low_v + high_v) / 2
        edges = np.flatnonzero(np.diff(high))
        if high_v - low_v < _LEAST_SWING_V or edges.size != 1:
            return None
        n = int(edges[0])
        return float(t_s[n] + t_s[n + 1]) / 2, bool(high[n + 1])

    @property
    def problems(self) -> tuple[str, ...]:
        """What speaks against the whole record."""
        capture = self._wave.capture
        return (_NOT_TRIGGERED,) if capture is None else capture.problems

    @property
    def evidence(self) -> Evidence:
        """The record, and the scope that took it."""
        return Evidence(self._wave.capture_id, ("scope_dc",))

    def clock(self, t_s: float | None) -> Quantity | None:
        """Return the clock time of an instant of the record: looks stand around its trigger.

        Line k may have said it better (``meet``).
        """
        half_s = (self._triggered_s - self._untriggered_s) / 2
        if t_s is None or np.isnan(half_s):
            return None
        return Quantity(self._untriggered_s + half_s + t_s, "s", half_s / sqrt(3))

    def last_current_s(self) -> float | None:
        """Return when the port's current last was above 0.5 A; None where it never ended.

        The probe's zero is off by nearly as much: a record that ends in a small current that stands
        still ends in that zero.
        """
        wave = self._mean(PORT_CURRENT)
        if wave is None:
            return None
        rest_a = float(wave[1][-_REST:].mean())
        zero_a = rest_a if abs(rest_a) < _ZERO_A else 0.0
        flowing = np.flatnonzero(np.abs(wave[1] - zero_a) > _NO_CURRENT_A)
        if not flowing.size or flowing[-1] == wave[1].size - 1:
            return None
        return float(wave[0][flowing[-1]])

    def stays_below(self, sees: str, level: float) -> float | None:
        """Return from when on a quantity's size stays at or below a level; None: it does not."""
        wave = self._mean(sees)
        if wave is None:
            return None
        above = np.flatnonzero(np.abs(wave[1]) > level)
        if above.size and above[-1] == wave[1].size - 1:
            return None
        return float(wave[0][above[-1]]) if above.size else float(wave[0][0])

    def falls_from(self, sees: str, share: float, after_s: float) -> float | None:
        """Return when a quantity first is below a share of what it was at an instant, after it."""
        wave = self._mean(sees)
        if wave is None:
            return None
        t_s, values = wave
        later = np.flatnonzero(t_s >= after_s)
        if not later.size:
            return None
        start = abs(float(values[later[0]]))
        below = later[np.abs(values[later]) < share * start]
        return float(t_s[below[0]]) if below.size else None

    def opening_current(self, name: str) -> Measurement:
        """Measure the current that was interrupted: the largest just before the last of it."""
        wave = None if self._wave.capture is None else self._wave.capture.waveform(PORT_CURRENT)
        end_s = self.last_current_s()
        if wave is None or end_s is None:
            problems = (*self.problems, "the current did not end in the record")
            return self._of(name, Quantity(0.0, "A"), problems)
        before = wave.between(end_s - _JUST_BEFORE_S, end_s).values
        amps = float(np.max(np.abs(before)))
        return self._of(name, Quantity(amps, "A", self._u(wave, amps)))

    def uncertainty(self, sees: str, value: float) -> float:
        """Return the standard uncertainty of a value of a channel, in its unit."""
        capture = self._wave.capture
        return 0.0 if capture is None else self._u(capture.waveform(sees), value)

    def _u(self, wave: Waveform, value: float) -> float:
        parts = wave.scale_components(value, 1.0)
        return float(np.hypot.reduce([each.contribution for each in parts]))

    def _of(self, name: str, quantity: Quantity, problems: tuple[str, ...] = ()) -> Measurement:
        found = problems or self.problems
        return Measurement.of(name, quantity, evidence=self.evidence, problems=found)

    def _mean(self, sees: str) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Return times and means over a millisecond, which noise does not move."""
        if self._wave.capture is None:
            return None
        wave = self._wave.capture.waveform(sees)
        n = max(1, round(_MEAN_S / wave.dt_s))
        kept = wave.values.size // n * n
        means = wave.values[:kept].reshape(-1, n).mean(axis=1)
        return wave.t0_s + (np.arange(means.size) + 0.5) * n * wave.dt_s, means


class PortScope:
    """Arms the DC scope and looks at it while the plan acts, to know when it triggered."""

    def __init__(
        self,
        station: CaptureStation,
        scope: Scope,
        clock: Clock,
        failed: Callable[[Exception], None],
    ) -> None:
        self._station, self._scope, self._clock = station, scope, clock
        self._failed = failed

    @contextmanager
    def capture(self, duration_s: float, **how: Unpack[CaptureOptions]) -> Iterator[PortWave]:
        """Capture volts, amps and line k for a time after a trigger that comes in the block."""
        options: CaptureOptions = {
            "channels": (PORT_VOLTAGE, PORT_CURRENT, LINE_K),
            "sample_rate_hz": _RATE_HZ,
            "peak_a": _PEAK_A,
            **how,
        }
        with self._station.capture("port", duration_s, **options) as wave:
            found = PortWave(wave)

            def look() -> None:
                if self._look(found):
                    looks.stop()

            looks = Errands(self._clock, _LOOK_EVERY_S, look, self._failed)
            looks.start()
            try:
                yield found
            finally:
                looks.stop()

    def _look(self, wave: PortWave) -> bool:
        before_s = self._clock.now()
        triggered = self._scope.triggered()
        wave.looked(before_s, self._clock.now(), triggered=triggered)
        return triggered
