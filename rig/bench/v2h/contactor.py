"""The rig's own contactor between its supply and the port."""

from __future__ import annotations

from functools import partial

from instruments.capabilities import RelayBank
from instruments.clock import Clock
from rig.bench.feeding import Feeding
from rig.bench.watchdog_model import Contactors

__all__ = ["PortContactor"]


class PortContactor:
    """Its relay lets go by itself unless it is refreshed; it moves in ``visit``."""

    def __init__(self, board: RelayBank, spec: Contactors, clock: Clock) -> None:
        self._board, self._spec = board, spec
        self._feeding = Feeding(
            clock, spec.feed_s, partial(board.pulse, spec.relay, spec.timeout_s)
        )
        self.wanted = False
        self.closed = False
        """What the relay was last told."""

    def visit(self) -> None:
        """Close or open it, if that is wanted."""
        if self.wanted and not self.closed:
            self._feeding.start()
            self.closed = True
        elif self.closed and not self.wanted:
            self._feeding.stop()
            self._board.set_relay(self._spec.relay, False)
            self.closed = False

    def let_go(self) -> None:
        """Refresh no more; the safe state opens the relay, or its time does."""
        self._feeding.stop(wait=False)
        self.wanted = self.closed = False
