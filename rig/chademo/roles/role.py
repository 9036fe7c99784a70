"""What both roles share: one tick, one cycle of frames, explicit states."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Generic, TypeVar

from instruments.can_frame import CanFrame
from instruments.capabilities import CanPort
from instruments.clock import Clock, ScheduledCall
from rig.chademo.frames import Side
from rig.chademo.roles.injection import Injection, Injections
from rig.chademo.roles.lines import Line, Lines
from rig.chademo.roles.mailbox import Mailbox
from rig.chademo.roles.outbox import Outbox
from rig.chademo.roles.reasons import Ending, Reason

__all__ = ["Role"]

State = TypeVar("State", bound=StrEnum)
_OWN = {Side.VEHICLE: (Line.K,), Side.CHARGER: (Line.D1, Line.D2, Line.LOCK)}
_PEER = {Side.VEHICLE: Side.CHARGER, Side.CHARGER: Side.VEHICLE}


class Role(ABC, Generic[State]):
    """One end of the plug; every call comes from the clock, or from whoever drives the clock.

    ``transitions`` begins with the first state and says where each may lead; another step would
    be an error of the role. A step is a function of the state it belongs to; it returns the next
    state, or None to stay.
    """

    def __init__(
        self,
        side: Side,
        transitions: Mapping[State, frozenset[State]],
        clock: Clock,
        port: CanPort,
        lines: Lines,
        injections: Sequence[Injection],
        tick_s: float,
    ) -> None:
        self._clock, self._port, self._lines = clock, port, lines
        self.tick_s = tick_s
        """How often it looks and decides."""
        self._transitions = transitions
        self._injections = Injections(injections)
        self._outbox = Outbox(clock, port, self._injections, self._content)
        self._driven = dict.fromkeys(_OWN[side], False)
        self._calls: list[ScheduledCall] = []
        self._talks: list[ScheduledCall] = []
        self.heard = Mailbox(_PEER[side])
        self.state = first = next(iter(transitions))
        self.since_s = clock.now()
        """When the present state was entered."""
        self.path: list[tuple[float, State]] = [(self.since_s, first)]
        """Every state with the time it was entered."""
        self.ending: Ending | None = None
        self.emergencies = 0

    def begin(self) -> None:
        """Take part from now on; pre: the port has joined its bus."""
        now_s = self._clock.now()
        self._injections.entered_s.update({"": now_s, self.state: now_s})
        self._calls.append(self._clock.call_every(self.tick_s, self.tick, first=now_s))

    @property
    def begun_s(self) -> float:
        """When it began to take part."""
        return self._injections.entered_s.get("", 0.0)

    def inject(self, injection: Injection) -> None:
        """Make one more fault; its ``when`` counts from the beginning of the session."""
        self._injections.add(injection)

    def end(self) -> None:
        """Take no more part; lines and power stay as they are."""
        self._be_silent()
        for call in self._calls:
            call.cancel()
        self._calls.clear()

    def tick(self) -> None:
        """Hear, decide, drive the lines."""
        now_s = self._clock.now()
        frames = self._port.receive()
        if frames and not self._injections.off_bus(now_s):
            self.heard.take(frames, now_s)
        if not self._injections.holds(self.state, now_s):
            self._decide()
        self._drive()

    @abstractmethod
    def _decide(self) -> None:
        """Take the steps that are due."""

    @abstractmethod
    def _content(self, identifier: int) -> CanFrame:
        """Make the frame that is to be sent now."""

    def _enter(self, state: State) -> None:
        if state not in self._transitions[self.state]:
            raise AssertionError(f"no step leads from {self.state} to {state}")
        self.state, self.since_s = state, self._clock.now()
        self.path.append((self.since_s, state))
        self._injections.entered_s.setdefault(state, self.since_s)

    def _run(self, step: Callable[[], State | None]) -> bool:
        """Take a step; say whether it led to another state."""
        state = step()
        if state is None:
            return False
        self._enter(state)
        return True

    def _end_for(self, reason: Reason, *, emergency: bool = False) -> None:
        """Note the first cause; a later emergency counts as one, too."""
        if emergency:
            self.emergencies += 1
        if self.ending is None:
            self.ending = Ending(reason, self._clock.now(), self.state, emergency)

    def _in_state_s(self) -> float:
        return self._clock.now() - self.since_s

    def _set(self, line: Line, on: bool) -> None:
        self._driven[line] = on

    def _drive(self) -> None:
        """Put out the levels asked for, but those stuck."""
        stuck = self._injections.lines(self._clock.now())
        for line, on in self._driven.items():
            level = stuck.get(line, on)
            if self._lines.read(line) is not level:
                self._lines.set(line, level)

    def _talk(self, places: Sequence[tuple[float, int]], period_s: float) -> None:
        """Send each frame every period, at its offset from now."""
        now_s = self._clock.now()
        for offset_s, identifiers in _by_offset(places).items():
            self._talks.append(
                self._clock.call_every(period_s, self._sender(identifiers), first=now_s + offset_s)
            )

    def _sender(self, identifiers: Sequence[int]) -> Callable[[], None]:
        def send() -> None:
            for each in identifiers:
                self._outbox.send(each)

        return send

    def _be_silent(self) -> None:
        for call in self._talks:
            call.cancel()
        self._talks.clear()


def _by_offset(places: Sequence[tuple[float, int]]) -> dict[float, list[int]]:
    found: dict[float, list[int]] = {}
    for offset_s, identifier in places:
        found.setdefault(offset_s, []).append(identifier)
    return found
