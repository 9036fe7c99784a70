"""Faults that a role is told to make, each declared by what, where and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import TypeAlias

from rig.chademo.roles.lines import Line

__all__ = [
    "BusOff",
    "Excess",
    "Extended",
    "Frozen",
    "Hold",
    "Injection",
    "Injections",
    "Late",
    "LineStuck",
    "Missing",
    "Swapped",
    "When",
    "WrongLength",
    "WrongValue",
]


@dataclass(frozen=True, slots=True)
class When:
    """From ``after_s`` after the role first entered ``state``, for ``for_s``; None: its start."""

    state: str | None = None
    after_s: float = 0.0
    for_s: float = inf

    def holds(self, now_s: float, entered_s: Mapping[str, float]) -> bool:
        """Say whether it is the time; ``entered_s`` under "" is the role's start."""
        since_s = entered_s.get(self.state or "")
        if since_s is None:
            return False
        passed_s = now_s - since_s - self.after_s
        # Frames and ticks share instants with the marks: half a millisecond tells them apart.
        return -5e-4 <= passed_s < self.for_s - 5e-4


@dataclass(frozen=True, slots=True)
class Missing:
    """Do not send a frame; None: nothing at all."""

    identifier: int | None = None
    when: When = When()


@dataclass(frozen=True, slots=True)
class Late:
    """Send a frame later than its deadline."""

    identifier: int
    by_s: float
    when: When = When()


@dataclass(frozen=True, slots=True)
class Swapped:
    """Send two frames each in the place of the other."""

    first: int
    second: int
    when: When = When()


@dataclass(frozen=True, slots=True)
class WrongValue:
    """Send a frame with other values than the role's; by name of the field."""

    identifier: int
    values: Mapping[str, int]
    when: When = When()


@dataclass(frozen=True, slots=True)
class Frozen:
    """Go on sending the bytes a frame had when it began."""

    identifier: int
    when: When = When()


@dataclass(frozen=True, slots=True)
class WrongLength:
    """Send a frame cut, or a shorter one as it is, to ``length`` bytes."""

    identifier: int
    length: int
    when: When = When()


@dataclass(frozen=True, slots=True)
class Extended:
    """Send a frame with a 29-bit identifier of the same number."""

    identifier: int
    when: When = When()


@dataclass(frozen=True, slots=True)
class BusOff:
    """Neither send nor hear anything."""

    when: When = When()


@dataclass(frozen=True, slots=True)
class LineStuck:
    """Keep a line the role drives at a level, whatever the frames say."""

    line: Line
    on: bool
    when: When = When()


@dataclass(frozen=True, slots=True)
class Excess:
    """Drive so much more than the bounds allow, in transfer; below 0 out of the vehicle."""

    amps: float
    when: When = When()


@dataclass(frozen=True, slots=True)
class Hold:
    """Do not take the step out of a state, whatever comes; stops are held up, too."""

    state: str
    for_s: float = inf


Injection: TypeAlias = (
    Missing
    | Late
    | Swapped
    | WrongValue
    | Frozen
    | WrongLength
    | Extended
    | BusOff
    | LineStuck
    | Excess
    | Hold
)


class Injections:
    """The injections of one role, and which of them are at work now."""

    def __init__(self, injections: Sequence[Injection]) -> None:
        self._timed = [each for each in injections if not isinstance(each, Hold)]
        self._holds = [each for each in injections if isinstance(each, Hold)]
        self.entered_s: dict[str, float] = {}
        """When each state was first entered; "" for the start."""

    def add(self, injection: Injection) -> None:
        """Take one more."""
        if isinstance(injection, Hold):
            self._holds.append(injection)
        else:
            self._timed.append(injection)

    def active(self, now_s: float) -> list[Injection]:
        """Return what is at work, holds apart."""
        if not self._timed:
            return []
        return [each for each in self._timed if each.when.holds(now_s, self.entered_s)]

    def lines(self, now_s: float) -> dict[Line, bool]:
        """Return the lines that are stuck."""
        return {each.line: each.on for each in self.active(now_s) if isinstance(each, LineStuck)}

    def excess_a(self, now_s: float) -> float:
        """Return what is driven beyond the bounds."""
        return sum(each.amps for each in self.active(now_s) if isinstance(each, Excess))

    def off_bus(self, now_s: float) -> bool:
        """Say whether the role is off the bus."""
        return any(isinstance(each, BusOff) for each in self.active(now_s))

    def holds(self, state: str, now_s: float) -> bool:
        """Say whether the role must stay where it is."""
        since_s = self.entered_s.get(state, now_s)
        return any(each.state == state and now_s - since_s < each.for_s for each in self._holds)
