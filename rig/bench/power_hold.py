"""What lets go of the power when this process does not: guardian, watchdogs, contactors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from instruments.clock import Clock
from rig import signals
from rig.bench.contactors import ContactorHold
from rig.bench.guard import Guard, Unguarded
from rig.bench.model import BenchFile
from rig.bench.over_voltage import protect_against_over_voltage
from rig.bench.roles import Roles
from rig.bench.steps import Journal
from rig.bench.watchdogs import Watchdogs, watchdogs_armed

__all__ = ["PowerHold"]


class PowerHold:
    """Used in this order: ``held``, inside it ``close_contactors``, power, ``let_go``, power off.

    ``let_go`` comes before every safe state, so that nothing is refreshed that is being opened,
    and everything goes off by itself where the safe state hangs; ``made_safe`` comes after one
    without failures, ``not_made_safe`` after any other.
    """

    def __init__(
        self,
        spec: BenchFile,
        roles: Roles,
        clock: Clock,
        journal: Journal,
        guard: Guard | None = None,
    ) -> None:
        self.guard: Guard = guard or Unguarded()
        self._contactors = ContactorHold(spec, roles.drivers, clock, journal)
        self._watchdogs = Watchdogs(spec, roles.drivers, roles.watchdogs, clock, journal)
        self._spec, self._drivers, self._journal = spec, roles.drivers, journal

    @contextmanager
    def held(self) -> Iterator[None]:
        """Bracket everything from before power until after the safe state.

        Inside, watchdogs are armed, the guardian acts on silence, and only one signal interrupts.
        """
        with signals.powered(), self.guard.watching(), watchdogs_armed(self._watchdogs):
            protect_against_over_voltage(self._spec, self._drivers, self._journal)
            yield

    def close_contactors(self) -> None:
        """Close the contactors and keep refreshing their relay."""
        self._contactors.close()

    def let_go(self) -> None:
        """Refresh and feed no more; the guardian acts unless the safe state comes to an end."""
        self.guard.making_safe()
        self._watchdogs.starve()
        self._contactors.release()

    def made_safe(self) -> None:
        """Tell the guardian that nothing is left to do."""
        self.guard.made_safe()

    def not_made_safe(self) -> None:
        """Let the guardian try at once what this process could not do."""
        self.guard.help()
