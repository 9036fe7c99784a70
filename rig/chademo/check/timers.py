"""Things that fall due as the time of the frames goes on."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

__all__ = ["Lasting", "Timers"]


class Timers:
    """A few named timers, run by the time of the frames; at most one of each name."""

    def __init__(self) -> None:
        self._due: dict[str, tuple[float, Callable[[float], None]]] = {}
        self.next_due_s = inf

    def start(self, name: str, due_s: float, action: Callable[[float], None]) -> None:
        """Call ``action(due_s)`` once a frame comes later than ``due_s``."""
        self._due[name] = (due_s, action)
        self.next_due_s = min(self.next_due_s, due_s)

    def stop(self, name: str) -> None:
        """Withdraw a timer; harmless when it is not running."""
        if self._due.pop(name, None) is not None:
            self._find_next()

    def running(self, name: str) -> bool:
        """Say whether a timer waits."""
        return name in self._due

    def run(self, t_s: float) -> None:
        """Fire what fell due before ``t_s``, in order of time."""
        while self.next_due_s < t_s:
            name = min(self._due, key=lambda each: self._due[each][0])
            due_s, action = self._due.pop(name)
            self._find_next()
            action(due_s)

    def _find_next(self) -> None:
        self.next_due_s = min((due for due, _ in self._due.values()), default=inf)


class Lasting:
    """Calls back once a condition has held for a time without a break."""

    def __init__(
        self, timers: Timers, name: str, after_s: float, action: Callable[[float], None]
    ) -> None:
        self._timers, self._name = timers, f"lasting {name}"
        self._after_s, self._action = after_s, action
        self._holds = False

    def judge(self, t_s: float, *, holds: bool) -> None:
        """Take note of the condition at ``t_s``."""
        if holds and not self._holds:
            self._timers.start(self._name, t_s + self._after_s, self._action)
        elif not holds:
            self._timers.stop(self._name)
        self._holds = holds
