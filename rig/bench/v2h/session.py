"""One session at the CHAdeMO port, run by clock events while the plan sleeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import inf
from pathlib import Path

from instruments.can_frame import CanFrame
from instruments.capabilities import CanPort
from instruments.clock import Clock
from instruments.errors import BenchError
from rig.bench.v2h.errands import Errands
from rig.bench.v2h.lines import PlugLines
from rig.bench.v2h.power import PortPower
from rig.bench.v2h.traffic import ObservedPort, Traffic
from rig.chademo.check import SessionChecker, SessionReport
from rig.chademo.frames import DischargeLimits
from rig.chademo.roles import (
    Evps,
    EvpsParameters,
    EvpsState,
    Injection,
    Line,
    LineStuck,
    When,
)
from rig.chademo.session_log import SessionLog

__all__ = ["BIT_RATE", "Clocks", "EvpsSession", "PortHardware"]

BIT_RATE = 500_000
_LINES_EVERY_S, _POWER_EVERY_S = 0.02, 0.1
_LOOK_S = 0.05
_STARTS_WITHIN_S = 60.0
_ENDS_WITHIN_S = 40.0


@dataclass(frozen=True, slots=True)
class Clocks:
    """One time, three who wait for it: in virtual time they are the same."""

    plan: Clock
    boxes: Clock
    frames: Clock
    """Nothing else keeps its thread."""


@dataclass(frozen=True, slots=True)
class PortHardware:
    """What a session moves; ``failed`` is told when a box fails in a clock event."""

    port: CanPort
    lines: Callable[[Callable[[], None]], PlugLines]
    power: Callable[[Callable[[], None]], PortPower]
    failed: Callable[[BenchError], None]


class EvpsSession:
    """The rig as the home's power conditioner; made by ``bench.v2h.session``.

    ``want`` sets the current of range mode, positive into the vehicle; what the vehicle and the
    offer allow bounds it. All frames, lines and set-points of the session stay to be asked for.
    """

    def __init__(
        self,
        hardware: PortHardware,
        clocks: Clocks,
        parameters: EvpsParameters,
        injections: Sequence[Injection],
        folder: Path | None,
    ) -> None:
        clock, frames_clock = clocks.boxes, clocks.frames
        self._clock, self._failed = clocks.plan, hardware.failed
        self.traffic, self.checker = Traffic(), SessionChecker()
        self.report: SessionReport | None = None
        """The checker's, once the session is over."""
        self._log = SessionLog(folder, clock) if folder is not None else None
        self._port = ObservedPort(hardware.port, frames_clock, self._take, self._failed)
        self._line_errands = Errands(clock, _LINES_EVERY_S, self._visit_lines, self._failed)
        self._power_errands = Errands(clock, _POWER_EVERY_S, self._visit_power, self._failed)
        self.lines = hardware.lines(self._line_errands.hasten)
        self.power = hardware.power(self._power_errands.hasten)
        self.evps = Evps(frames_clock, self._port, self.lines, self.power, parameters, injections)
        self.power.window_v = self._window_v
        self.began_s = clock.now()

    def begin(self) -> None:
        """Plug in, then press the start button."""
        self._port.join(BIT_RATE)
        self._line_errands.start()
        self._power_errands.start()
        self.lines.set(Line.PROXIMITY, on=True)
        self._until(lambda: self.lines.read(Line.PROXIMITY), _STARTS_WITHIN_S)
        self.began_s = self._clock.now()
        self.evps.begin()
        self.evps.start()

    @property
    def state(self) -> EvpsState:
        """Where the rig's own side stands."""
        return self.evps.state

    @property
    def over(self) -> bool:
        """Whether the rig's side has finished."""
        return self.evps.state is EvpsState.FINISHED

    def want(self, amps: float) -> None:
        """Set the current wanted from now on, positive into the vehicle."""
        self.evps.want(amps)

    def offer(self, charge_a: int, discharge_a: int) -> None:
        """Offer other currents from now on (108.3 and 208.3)."""
        self.evps.offer_current(charge_a, discharge_a)

    def inject(self, fault: Callable[[When], Injection], for_s: float = inf) -> float:
        """Make a fault from now on, for a time; return the clock time it begins."""
        now_s = self._clock.now()
        self.evps.inject(fault(When(after_s=now_s - self.evps.begun_s, for_s=for_s)))
        return now_s

    def lose(self, line: Line, for_s: float = inf) -> float:
        """Let a line go that the rig drives, whatever its role wants; return when."""
        return self.inject(partial(LineStuck, line, False), for_s)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self._clock.sleep_until(self._clock.now() + seconds)

    def await_state(self, state: EvpsState, within_s: float = _STARTS_WITHIN_S) -> bool:
        """Wait for the rig's side to come to a state, or to its end; say whether it came there."""
        self._until(lambda: self._has_been(state) or self.over, within_s)
        return self._has_been(state)

    def await_end(self, within_s: float = _ENDS_WITHIN_S) -> bool:
        """Wait for the rig's side to finish; say whether it did."""
        return self._until(lambda: self.over, within_s)

    def stop(self) -> None:
        """Press the stop button, unless it is over, and wait for the end."""
        self.evps.stop()
        self.await_end()

    def emergency_stop(self) -> float:
        """Stop without waiting for anything; return the clock time at which it was asked for."""
        now_s = self._clock.now()
        self.evps.emergency_stop()
        return now_s

    def entered_s(self, state: EvpsState) -> float | None:
        """Return when the rig's side first entered a state."""
        return next((t_s for t_s, each in self.evps.path if each is state), None)

    def finish(self) -> SessionReport:
        """Take no more part, and judge the whole; the hardware stays as it is."""
        self.let_go()
        self._port.tell()
        self._port.leave()
        self.report = self.checker.finish()
        if self._log is not None:
            self._log.close()
        return self.report

    def let_go(self) -> None:
        """Drive and measure nothing from now on."""
        self.evps.end()
        self._line_errands.stop()
        self._power_errands.stop()

    def _has_been(self, state: EvpsState) -> bool:
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

    def _visit_lines(self) -> None:
        self.lines.visit()

    def _visit_power(self) -> None:
        self.power.visit()
        if self._log is not None:
            measured, set_a = self.power.measure(), self.power.applied.amps
            self._log.sample(self._clock.now(), measured, set_a, self.lines.levels)

    def _window_v(self) -> tuple[float, float]:
        """Return the thresholds that both sides know: the supply keeps to them by itself."""
        low_v = self.evps.heard.get(DischargeLimits).min_discharge_voltage_v
        return float(low_v), float(self.evps.threshold_v)
