"""The instruments' own watchdogs: armed while energised, fed by traffic, disarmed when all is off.

A supply that hears nothing for its time switches its terminals off by itself, whoever died.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from instruments.clock import Clock
from instruments.errors import BenchError, Refused
from rig.bench.feeding import Feeding
from rig.bench.model import BenchFile
from rig.bench.steps import Journal

if TYPE_CHECKING:
    from instruments.capabilities import BidirectionalSupply, Instrument
    from rig.bench.roles import WatchdogBox

__all__ = ["Watchdogs", "watchdogs_armed"]


class Watchdogs:
    """Every watchdog that the bench file names; ``watchdogs`` are the drivers that arm them."""

    def __init__(
        self,
        spec: BenchFile,
        drivers: Mapping[str, Instrument],
        watchdogs: Mapping[str, WatchdogBox],
        clock: Clock,
        journal: Journal,
    ) -> None:
        self._watchdogs, self._journal = watchdogs, journal
        self._specs = {role: each.watchdog for role, each in spec.roles.items() if each.watchdog}
        self._feedings = {
            role: Feeding(clock, each.feed_s, _traffic(drivers[role]))
            for role, each in self._specs.items()
        }

    def arm(self) -> None:
        """Arm and feed all of them; post: each box has said that it is armed."""
        for role, spec in self._specs.items():
            self._watchdogs[role].arm_watchdog(spec.timeout_s)
            self._feedings[role].start()
            self._journal.note(f"{role}: watchdog armed with {spec.timeout_s:g} s")

    def starve(self) -> None:
        """Feed no more: whatever becomes of this process now, each box goes off in its time."""
        for feeding in self._feedings.values():
            feeding.stop(wait=False)

    def disarm(self) -> list[BenchError]:
        """Feed no more and disarm; return what failed. Pre: the terminals are off."""
        self.starve()
        failures: list[BenchError] = []
        for role in self._specs:
            try:
                _disarm(self._watchdogs[role])
            except BenchError as error:
                failures.append(error)
        return failures


@contextmanager
def watchdogs_armed(watchdogs: Watchdogs) -> Iterator[None]:
    """Arm before what is energised inside, disarm after it was made safe there.

    A failure to disarm is raised unless something worse is on its way already; the box is then
    off, and stays off when its watchdog runs out.
    """
    try:
        watchdogs.arm()
        yield
    except BaseException as error:
        for failure in watchdogs.disarm():
            error.add_note(f"and while disarming watchdogs: {failure}")
        raise
    if failures := watchdogs.disarm():
        raise ExceptionGroup("watchdogs could not be disarmed", failures)


def _disarm(box: WatchdogBox) -> None:
    """Disarm; where it has run out meanwhile, the box has ended remote control with it."""
    try:
        box.disarm_watchdog()
    except Refused:
        box.make_safe()
        box.disarm_watchdog()


def _traffic(driver: Instrument) -> Callable[[], object]:
    """Return the shortest question to a box: any message feeds its watchdog."""
    if hasattr(driver, "read_alarms"):
        return cast("BidirectionalSupply", driver).read_alarms
    return driver.identify
