"""The lines of the plug on relays and digital inputs (facts: chademo.md section 3.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from instruments.capabilities import DigitalInputs, RelayBank
from instruments.clock import Clock
from rig.chademo.roles import Line

__all__ = ["LineChange", "PlugLines"]

RelayEnd = tuple[RelayBank, int]
InputEnd = tuple[DigitalInputs, int]


@dataclass(frozen=True, slots=True)
class LineChange:
    """One change of a line: somewhere between ``earliest_s`` and ``latest_s`` of clock time."""

    line: Line
    on: bool
    earliest_s: float
    latest_s: float


class PlugLines:
    """What the rig drives, and what it sees; both move in ``visit``, the rest only remembers.

    A line on a relay is where its coil was read back; a relay moves its contact within
    ``relay_s`` after that was asked for.
    """

    def __init__(
        self,
        driven: Mapping[Line, RelayEnd],
        seen: Mapping[Line, InputEnd],
        clock: Clock,
        relay_s: tuple[float, float],
        hasten: Callable[[], None],
    ) -> None:
        self._driven, self._seen, self._clock = driven, seen, clock
        self._relay_s, self._hasten = relay_s, hasten
        self._wanted = dict.fromkeys(driven, False)
        self._done = dict.fromkeys(driven, False)
        self._inputs = dict.fromkeys(seen, False)
        self._looked_s = clock.now()
        self._over = False
        self._changed_s = dict.fromkeys(Line, 0.0)
        self.changes: list[LineChange] = []
        """Every change, oldest first."""

    def read(self, line: Line) -> bool:
        """Return the level: what an input last showed, else what the relay was told."""
        return self._inputs[line] if line in self._inputs else self._done.get(line, False)

    def set(self, line: Line, on: bool) -> None:
        """Have a line driven at the next visit, which is hastened."""
        if self._wanted[line] is not on:
            self._wanted[line] = on
            self._hasten()

    def changed_s(self, line: Line) -> float:
        """Return the clock time of the line's last change, 0 when it never did."""
        return self._changed_s[line]

    @property
    def levels(self) -> dict[Line, bool]:
        """Every line's level."""
        return {line: self.read(line) for line in Line}

    def change(self, line: Line, on: bool, after_s: float = 0.0) -> LineChange | None:
        """Return the first change of a line to a level, at or after a clock time."""
        found = (
            each
            for each in self.changes
            if each.line is line and each.on is on and each.latest_s >= after_s
        )
        return next(found, None)

    def visit(self) -> None:
        """Drive what is to be driven, then look at every input."""
        for line, on in list(self._wanted.items()):
            if self._over:
                return  # the board was silent, and the safe state has it now
            if self._done[line] is not on:
                self._drive(line, on)
        self._look()

    def let_go(self) -> None:
        """Drive nothing more, not even what is left of a visit under way."""
        self._over = True

    def _drive(self, line: Line, on: bool) -> None:
        board, relay = self._driven[line]
        before_s = self._clock.now()
        board.set_relay(relay, on)
        self._done[line] = on
        soonest_s, latest_s = self._relay_s
        self._note(line, on, before_s + soonest_s, self._clock.now() + latest_s)

    def _look(self) -> None:
        before_s = self._clock.now()
        boards = {id(board): board for board, _ in self._seen.values()}
        states = {key: board.read_inputs() for key, board in boards.items()}
        for line, (board, number) in self._seen.items():
            on = states[id(board)][number]
            if on is not self._inputs[line]:
                self._inputs[line] = on
                self._note(line, on, self._looked_s, self._clock.now())
        self._looked_s = before_s

    def _note(self, line: Line, on: bool, earliest_s: float, latest_s: float) -> None:
        self._changed_s[line] = latest_s
        self.changes.append(LineChange(line, on, earliest_s, latest_s))
