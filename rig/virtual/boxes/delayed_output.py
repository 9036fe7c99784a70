"""An output that follows its switch after a delay, and is looked at while it delivers."""

from __future__ import annotations

from collections.abc import Callable

from instruments.clock import Clock, ScheduledCall

__all__ = ["DelayedOutput"]

_LOOK_S = 1.0


class DelayedOutput:
    """``changed`` runs when it begins or ends to deliver, ``look`` each second in between."""

    def __init__(
        self, clock: Clock, *, look: Callable[[], None], changed: Callable[[], None]
    ) -> None:
        self._clock, self._look, self._changed = clock, look, changed
        self.delivering = False
        self.since_s = 0.0
        """Since when it delivers."""
        self._ready_s = 0.0
        self._switching: ScheduledCall | None = None
        self._looking: ScheduledCall | None = None

    @property
    def pending_s(self) -> float:
        """How long the switching under way still takes."""
        return max(self._ready_s - self._clock.now(), 0.0)

    @property
    def switching(self) -> bool:
        """Whether a delay is running."""
        return self._switching is not None

    def switch(self, on: Callable[[], bool], delay_s: float) -> None:
        """Switch after ``delay_s`` to what ``on()`` says then."""
        self._cancel()
        if delay_s:
            self._ready_s = self._clock.now() + delay_s
            self._switching = self._clock.call_at(self._ready_s, lambda: self._finish(on))
        else:
            self._drive(on())

    def cut(self) -> None:
        """Switch off at once; what was under way is forgotten."""
        self._cancel()
        self._drive(False)

    def _finish(self, on: Callable[[], bool]) -> None:
        self._switching = None
        self._drive(on())

    def _cancel(self) -> None:
        if self._switching is not None:
            self._switching.cancel()
            self._switching = None
        self._ready_s = self._clock.now()

    def _drive(self, on: bool) -> None:
        if on and not self.delivering:
            self.since_s = self._clock.now()
        self.delivering = on
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        if on:
            self._looking = self._clock.call_every(_LOOK_S, self._look)
        self._changed()
