"""Which outlets carry voltage and what has tripped: by the analyser, beside the unit's own log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rig.controller import LogRecord, SocketName

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["DEAD_V", "TripWatch", "dead_outlets", "live_outlets"]

DEAD_V = 25.0
"""A socket below this is off; the voltage that a residual or backfeed test would call present."""


def live_outlets(bench: Bench) -> frozenset[SocketName]:
    """Return the sockets that carry voltage for one whole update of the analyser from now on."""
    readings = bench.output.read()
    return frozenset(each for each in bench.sockets if readings[each].voltage_v >= DEAD_V)


def dead_outlets(bench: Bench) -> frozenset[SocketName]:
    """Return the sockets that carry no voltage."""
    return frozenset(bench.sockets) - live_outlets(bench)


class TripWatch:
    """What happens from now on, by the unit's log and by the outlets themselves."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._before = bench.controller.read_newest_sequence()

    def records(self) -> list[LogRecord]:
        """Return what the log has taken down since."""
        return self._bench.controller.read_log(after=self._before)

    def trips(self) -> int:
        """Count trips: records of one, or dead outlets where those are more.

        A unit that logs nothing does not hide a trip by it, nor one that came back meanwhile.
        """
        logged = sum(1 for record in self.records() if record.trip is not None)
        return max(logged, len(dead_outlets(self._bench)))
