"""Times and counts of a session, from the stamps of its frames and the moves of its lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import sqrt
from typing import Any, Literal, TypeVar

from rig.bench.proofs import count_of
from rig.bench.v2h.session import PlugSession
from rig.chademo.check import Finding, Severity
from rig.chademo.frames import Message
from rig.chademo.roles import Line
from rig.measure import Measurement, Quantity, Requirement
from rig.measure.measurement import Evidence

__all__ = ["Instant", "SessionMeter"]

_Kind = TypeVar("_Kind", bound=Message)
Instant = Quantity
"""A clock time in s with its standard uncertainty."""
_LOSES_FRAMES = frozenset({"RX_FULL", "OVERRUN", "BUS_OFF"})
"""Error-passive or a full queue to send is no such sign: the peer leaves the bus first, always."""
_STAMP_S = 0.001
"""Half-width of an adapter's stamp against the clock, and of handing a frame over."""


class SessionMeter:
    """Measures under the names that ``requirement`` gives its quantities.

    What must come within a limit and did not by the end of the session is as late as that end,
    provided that the session was watched beyond the limit; else nothing can be said.
    """

    def __init__(self, session: PlugSession[Any], requirement: Requirement, stamp_s: float) -> None:
        self._session, self._requirement = session, requirement
        self._stamp_s = max(stamp_s, _STAMP_S)

    def at(self, t_s: float) -> Instant:
        """Return the instant of a frame."""
        return Quantity(t_s, "s", self._stamp_s / sqrt(3))

    def frame(
        self, kind: type[_Kind], where: Callable[[_Kind], bool], after: Instant | None = None
    ) -> Instant | None:
        """Return when a frame of a kind was first such, after an instant."""
        t_s = self._session.traffic.first(kind, where, _soonest_s(after))
        return None if t_s is None else self.at(t_s)

    def last_frame(self, kind: type[Message], before_s: float) -> Instant | None:
        """Return when the last frame of a kind before a time came."""
        times = [t_s for t_s, _ in self._session.traffic.of(kind, before_s=before_s)]
        return self.at(times[-1]) if times else None

    def line(self, line: Line, *, on: bool, after: Instant | None = None) -> Instant | None:
        """Return when a line first came to a level, after an instant."""
        change = self._session.lines.change(line, on, _soonest_s(after))
        if change is None:
            return None
        half_s = (change.latest_s - change.earliest_s) / 2
        return Quantity(change.earliest_s + half_s, "s", half_s / sqrt(3))

    def elapsed(self, name: str, start: Instant | None, end: Instant | None) -> Measurement:
        """Return the time between two instants; a start that never was is a problem."""
        if start is None:
            return self._of(name, Quantity(0.0, "s"), ("what the time counts from never was",))
        if end is not None:
            u_s = sqrt(start.u**2 + end.u**2)
            return self._of(name, Quantity(end.value - start.value, "s", u_s))
        watched = Quantity(self._last_s - start.value, "s", start.u)
        most_s = self._requirement.limit(name).maximum
        enough = most_s is not None and watched.value > most_s + 2 * watched.u
        problem = f"did not come in the {watched.value:.3g} s that were watched"
        return self._of(name, watched, () if enough else (problem,))

    def amps(self, name: str, amps: float) -> Measurement:
        """Return amperes that a frame tells: whole ones, as they are."""
        return self._of(name, Quantity(amps, "A"))

    def count(self, name: str, number: int, problems: tuple[str, ...] = ()) -> Measurement:
        """Return a number of events."""
        problems = (*problems, *self._losses)
        return count_of(name, number, instruments=("can",), problems=problems)

    def violations(
        self, unit: Literal["vehicle", "charger"] = "vehicle", *, provoked: bool = False
    ) -> Measurement:
        """Count the rules of CHAdeMO that the unit broke, by the live checker.

        A rule broken by the rig's own side is a problem of the measurement, unless it was the
        test that had it broken.
        """
        report = self._session.report
        assert report is not None  # measured after the session
        errors = [each for each in report.of(Severity.ERROR) if not self._excused(each)]
        own = [each for each in errors if each.side != unit]
        problems = () if provoked else tuple(f"the rig: {each.message}" for each in own)
        measured = self.count("violations", len(errors) - len(own), problems)
        return replace(measured, notes=tuple(self._told(each) for each in errors))

    def _told(self, found: Finding) -> str:
        since_s = found.t_s - self._session.began_s
        return f"{since_s:.3f} s {found.side}, {found.rule}: {found.message} [{found.source}]"

    def _excused(self, found: Finding) -> bool:
        """Say whether lines, which the checker does not see, allow what it found.

        Without d1 the vehicle may fall silent.
        """
        d1 = self._session.lines.change(Line.D1, on=False)
        silent = found.rule == "CAN lost" and found.side == "vehicle"
        return silent and d1 is not None and d1.earliest_s < found.t_s

    @property
    def _losses(self) -> tuple[str, ...]:
        """Return why frames may be missing that were sent; known once the session is over."""
        flags = sorted(self._session.adapter_flags & _LOSES_FRAMES)
        return (f"the CAN adapter says {', '.join(flags)}",) if flags else ()

    @property
    def _last_s(self) -> float:
        frames = self._session.traffic.frames
        last_s = frames[-1].t_s if frames else None
        return self._session.began_s if last_s is None else last_s

    def _of(self, name: str, quantity: Quantity, problems: tuple[str, ...] = ()) -> Measurement:
        evidence, problems = Evidence("", ("can", "v2h_io")), (*problems, *self._losses)
        return Measurement.of(name, quantity, evidence=evidence, problems=problems)


def _soonest_s(instant: Instant | None) -> float:
    """Return the earliest that an instant can have been, 0 for none.

    What answers it at once may have been seen before the middle of what is known of it.
    """
    return 0.0 if instant is None else instant.value - 2.0 * instant.u
