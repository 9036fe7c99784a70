"""Errands to boxes that take their time, beside frames that must not wait for them."""

from __future__ import annotations

import threading
from collections.abc import Callable

from instruments.clock import Clock, ScheduledCall, WallClock

__all__ = ["Errands"]

_IN_FLIGHT_S = 0.5
"""An errand takes some tens of milliseconds, a box may be silent for ten seconds."""


class Errands:
    """Make the same errand every so often, and at once when ``hasten`` asks; never inside itself.

    In wall time it has a thread of its own. An errand that fails is the last one; ``failed`` is
    told why.
    """

    def __init__(
        self,
        clock: Clock,
        every_s: float,
        errand: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._clock: Clock = clock.beside() if isinstance(clock, WallClock) else clock
        self._every_s, self._errand, self._failed = every_s, errand, failed
        self._calls: list[ScheduledCall] = []
        self._under_way = self._again = False
        self._on = False

    def start(self) -> None:
        """Begin now."""
        self._on = True
        now_s = self._clock.now()
        self._calls.append(self._clock.call_every(self._every_s, self._go, first=now_s))

    def hasten(self) -> None:
        """Go as soon as the errand under way, if any, is over."""
        if self._under_way:
            self._again = True
        elif self._on:
            self._clock.call_at(self._clock.now(), self._go)

    def stop(self) -> None:
        """Go no more; in wall time an errand under way is waited for, but for no box that hangs.

        What such an errand would do later must be harmless: the safe state comes first.
        """
        self._on = False
        for call in self._calls:
            call.cancel()
        self._calls.clear()
        if isinstance(self._clock, WallClock):
            closing = threading.Thread(target=self._clock.close, daemon=True)
            closing.start()
            closing.join(_IN_FLIGHT_S)

    def _go(self) -> None:
        if self._under_way:
            self._again = True
            return
        if not self._on:
            return
        self._under_way, self._again = True, False
        try:
            self._errand()
        except Exception as error:  # in wall time nobody else would hear of it
            self._on = False
            self._failed(error)
        finally:
            self._under_way = False
        if self._again:
            # Queued, not made here: an errand slower than its pace would never return.
            self.hasten()
