"""Make the times of a log run forward: counters that overflow, restarts, deltas, no times."""

from __future__ import annotations

__all__ = ["RESTART_GAP_S", "CountedTime", "DeltaTime", "RunningTime"]

_OVERFLOWS_S = (2**32 / 1e6, 86_400.0, 2**32 / 1e3)
"""A 32-bit counter of microseconds (signed or not), the end of a day, 32 bits of milliseconds."""
_OVERFLOW_GAP_S = 10.0
"""A recording goes on within this after an overflow; else it is taken for a new one."""
_SHUFFLED_S = 1.0
RESTART_GAP_S = 60.0
"""What is put between two recordings in one file: more than any session bridges."""
_CYCLE_S = 0.1


class RunningTime:
    """Absolute stamps; ``notes`` says what had to be mended."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._last: float | None = None
        self._shuffled = 0
        self.restarts: list[str] = []

    def stamp(self, t_s: float, _identifier: int, line: int) -> float:
        """Return the time of the next frame."""
        t = t_s + self._offset
        if self._last is not None and t < self._last:
            t = self._mend(t, self._last, line)
        self._last = t
        return t

    @property
    def notes(self) -> list[str]:
        """What the reader of a verdict should know."""
        if not self._shuffled:
            return self.restarts
        shuffled = f"{self._shuffled} frames are stamped earlier than the frame before them"
        return [*self.restarts, shuffled]

    def _mend(self, t: float, last: float, line: int) -> float:
        for overflow_s in _OVERFLOWS_S:
            if 0.0 <= t + overflow_s - last <= _OVERFLOW_GAP_S:
                self._offset += overflow_s
                self.restarts.append(f"the time counter overflows at line {line}")
                return t + overflow_s
        if last - t <= _SHUFFLED_S:
            self._shuffled += 1
            return last
        self._offset += last - t + RESTART_GAP_S
        self.restarts.append(
            f"time steps back by {last - t:.3f} s at line {line}: taken for a new recording"
        )
        return last + RESTART_GAP_S


class DeltaTime:
    """Stamps that count from the frame before."""

    notes: tuple[str, ...] = ()

    def __init__(self) -> None:
        self._now = 0.0

    def stamp(self, t_s: float, _identifier: int, _line: int) -> float:
        """Return the time of the next frame, from 0 on."""
        self._now += t_s
        return self._now


class CountedTime:
    """No stamps: a cycle of 100 ms begins whenever an identifier comes again."""

    notes = ("the log has no times: 100 ms a cycle are taken, periods cannot be judged",)

    def __init__(self) -> None:
        self._now = 0.0
        self._seen: set[int] = set()

    def stamp(self, _t_s: float, identifier: int, _line: int) -> float:
        """Return the time of the cycle that the next frame belongs to."""
        if identifier in self._seen:
            self._seen.clear()
            self._now += _CYCLE_S
        self._seen.add(identifier)
        return self._now
