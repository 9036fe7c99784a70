"""One session at the CHAdeMO port, run by clock events while the plan sleeps."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from math import inf
from pathlib import Path
from typing import Generic, TypeVar

from instruments.can_frame import CanFrame
from instruments.capabilities import CanPort
from instruments.clock import Clock
from instruments.errors import CannotDo
from rig.bench.v2h.errands import Errands
from rig.bench.v2h.lines import PlugLines
from rig.bench.v2h.traffic import ObservedPort, Traffic
from rig.chademo.check import SessionChecker, SessionReport
from rig.chademo.roles import Injection, Line, LineStuck, Measured, When
from rig.chademo.roles.reasons import Ending
from rig.chademo.roles.role import Role
from rig.chademo.session_log import SessionLog

__all__ = ["BIT_RATE", "Clocks", "PlugHardware", "PlugSession"]

State = TypeVar("State", bound=StrEnum)
BIT_RATE = 500_000
_LINES_EVERY_S, _POWER_EVERY_S = 0.02, 0.1
_LOOK_S = 0.05
STARTS_WITHIN_S = 60.0
_ENDS_WITHIN_S = 40.0


@dataclass(frozen=True, slots=True)
class Clocks:
    """One time, three who wait for it: in virtual time they are the same."""

    plan: Clock
    boxes: Clock
    frames: Clock
    """Nothing else keeps its thread."""


@dataclass(frozen=True, slots=True)
class PlugHardware:
    """What every session moves; ``failed`` is told of what goes wrong in a clock event."""

    port: CanPort
    lines: Callable[[Callable[[], None]], PlugLines]
    failed: Callable[[Exception], None]


class PlugSession(ABC, Generic[State]):
    """The rig's end of a session, whichever end that is.

    All frames, lines and set-points of the session stay to be asked for when it is over.
    """

    def __init__(
        self, hardware: PlugHardware, clocks: Clocks, finished: State, folder: Path | None
    ) -> None:
        self._clock, self._failed, self._finished = clocks.plan, hardware.failed, finished
        self.traffic, self.checker = Traffic(), SessionChecker()
        self.report: SessionReport | None = None
        """The checker's, once the session is over."""
        self.adapter_flags: frozenset[str] = frozenset()
        """What the CAN adapter then said of itself, where it tells."""
        self.readings: list[tuple[float, float, float, float]] = []
        """Clock time, volts and amperes measured at the port, amperes set; oldest first."""
        self._log = SessionLog(folder, clocks.boxes) if folder is not None else None
        self._port = ObservedPort(hardware.port, clocks.frames, self._take, self._failed)
        boxes = clocks.boxes
        self._line_errands = Errands(boxes, _LINES_EVERY_S, self._visit_lines, self._failed)
        self._power_errands = Errands(boxes, _POWER_EVERY_S, self._visit_power, self._failed)
        self.lines = hardware.lines(self._line_errands.hasten)
        self.began_s = boxes.now()

    @property
    @abstractmethod
    def role(self) -> Role[State]:
        """The rig's side."""

    @abstractmethod
    def _visit_power(self) -> None:
        """Do what is to be done at the supply, and measure."""

    @abstractmethod
    def stop(self) -> None:
        """Stop in the normal order, unless it is over, and wait for the end."""

    @property
    def state(self) -> State:
        """Where the rig's own side stands."""
        return self.role.state

    @property
    def ending(self) -> Ending | None:
        """Why it ended, as the rig's side sees it."""
        return self.role.ending

    @property
    def over(self) -> bool:
        """Whether the rig's side has finished."""
        return self.role.state is self._finished

    def inject(self, fault: Callable[[When], Injection], for_s: float = inf) -> float:
        """Make a fault from now on, for a time; return the clock time it begins."""
        now_s = self._clock.now()
        self.role.inject(fault(When(after_s=now_s - self.role.begun_s, for_s=for_s)))
        return now_s

    def lose(self, line: Line, for_s: float = inf) -> float:
        """Let a line go that the rig drives, whatever its role wants; return when."""
        return self.inject(partial(LineStuck, line, False), for_s)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self._clock.sleep_until(self._clock.now() + seconds)

    def await_state(self, state: State, within_s: float = STARTS_WITHIN_S) -> bool:
        """Wait for the rig's side to come to a state, or to its end; say whether it came there."""
        self._until(lambda: self._has_been(state) or self.over, within_s)
        return self._has_been(state)

    def await_end(self, within_s: float = _ENDS_WITHIN_S) -> bool:
        """Wait for the rig's side to finish; say whether it did."""
        return self._until(lambda: self.over, within_s)

    def entered_s(self, state: State) -> float | None:
        """Return when the rig's side first entered a state."""
        return next((t_s for t_s, each in self.role.path if each is state), None)

    def finish(self) -> SessionReport:
        """Take no more part, and judge the whole; the hardware stays as it is.

        A box that fails on the way, an adapter that was pulled, keeps nothing from being kept.
        """
        with ExitStack() as stack:
            stack.callback(self._judge)
            stack.callback(self._port.leave)
            stack.callback(self._ask_adapter)
            stack.callback(self._port.tell)
            stack.callback(self.let_go)
        assert self.report is not None  # just judged
        return self.report

    def let_go(self) -> None:
        """Drive and measure nothing from now on."""
        self.lines.let_go()
        with ExitStack() as stack:
            stack.callback(self._power_errands.stop)
            stack.callback(self._line_errands.stop)
            stack.callback(self.role.end)

    def _adapter_says(self) -> frozenset[str]:
        with suppress(CannotDo):
            return self._port.read_status()
        return frozenset()

    def _ask_adapter(self) -> None:
        self.adapter_flags = self._adapter_says()

    def _judge(self) -> None:
        if self.report is None:
            self.report = self.checker.finish()
        if self._log is not None:
            self._log.close()

    def _join(self) -> None:
        """Join the bus, go about the errands, and plug in."""
        self._port.join(BIT_RATE)
        self._adapter_says()  # of the time before: told and done with
        self._line_errands.start()
        self._power_errands.start()
        self.lines.set(Line.PROXIMITY, on=True)
        self._until(lambda: self.lines.read(Line.PROXIMITY), STARTS_WITHIN_S)
        self.began_s = self._clock.now()

    def _has_been(self, state: State) -> bool:
        return self.entered_s(state) is not None

    def _until(self, condition: Callable[[], bool], within_s: float) -> bool:
        deadline = self._clock.now() + within_s
        while not condition():
            if self._clock.now() >= deadline:
                return False
            self.sleep(_LOOK_S)
        return True

    def _take(self, frame: CanFrame) -> None:
        self.traffic.add(frame)
        self.checker.feed(frame)
        if self._log is not None:
            self._log.frame(frame)

    def _note(self, measured: Measured, set_a: float) -> None:
        """Take down what was measured at the port, and what was set."""
        now_s = self._clock.now()
        self.readings.append((now_s, measured.volts, measured.amps, set_a))
        if self._log is not None:
            self._log.sample(now_s, measured, set_a, self.lines.levels)

    def _visit_lines(self) -> None:
        self.lines.visit()
