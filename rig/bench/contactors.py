"""The contactors of the power path: closed by a relay that lets go by itself unless refreshed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import cast

from instruments.capabilities import RelayBank
from instruments.clock import Clock
from rig.bench.feeding import Feeding
from rig.bench.model import BenchFile
from rig.bench.steps import Journal

__all__ = ["ContactorHold"]

_CLOSED_S = 0.1
"""Relay (5 to 12 ms) and contactor (some 50 ms) have closed by then."""


class ContactorHold:
    """Close the contactors and keep them closed; nothing at all on a bench without them."""

    def __init__(
        self, spec: BenchFile, drivers: Mapping[str, object], clock: Clock, journal: Journal
    ) -> None:
        self._clock, self._journal = clock, journal
        self._spec = spec.wiring.contactors
        self._feeding: Feeding | None = None
        if self._spec is not None:
            board = cast("RelayBank", drivers[self._spec.board])  # the bench file says it is one
            pulse = partial(board.pulse, self._spec.relay, self._spec.timeout_s)
            self._feeding = Feeding(clock, self._spec.feed_s, pulse)

    def close(self) -> None:
        """Close the contactors for as long as this process refreshes them; post: they are closed.

        Pre: no voltage on the supply's side.
        """
        if self._feeding is None or self._spec is None:
            return
        self._journal.stimulus(
            self._spec.board,
            f"close the contactors, for {self._spec.timeout_s:g} s at a time",
            timeout_s=self._spec.timeout_s,
            refresh_s=self._spec.feed_s,
        )
        self._feeding.start()
        self._clock.sleep_until(self._clock.now() + _CLOSED_S)

    def release(self) -> None:
        """Refresh no more, so that the safe state's opening of the relay lasts."""
        if self._feeding is not None:
            self._feeding.stop()
