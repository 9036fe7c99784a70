"""The rig's power at the port: a bidirectional supply behind a contactor of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from instruments.capabilities import BidirectionalSupply, PowerAnalyser
from instruments.clock import Clock
from rig.bench.v2h.contactor import PortContactor
from rig.chademo.roles import Measured

__all__ = ["PortPower", "SetPoint"]

_HOLD_A = 0.4
"""Holds and bleeds a voltage; below what a frame shows as an ampere."""
_LEAST_LEAK_A = 0.1
"""What the supply's own ammeter tells from nothing: only a gross insulation fault shows."""
_NO_CURRENT_A = 1e-3
_AT_REST_V = 2.0
_PLUG_EVERY_S = 0.15
"""Longer than an update of the analyser, so that there is one and nobody waits for it."""


@dataclass(frozen=True, slots=True)
class SetPoint:
    """What the supply is set to: it sources or sinks until the voltage is there."""

    on: bool = False
    volts: float = 0.0
    source_a: float = 0.0
    sink_a: float = 0.0

    @property
    def amps(self) -> float:
        """The current that is let flow, positive into the vehicle."""
        return self.source_a - self.sink_a


class PortPower:
    """What the EVPS role asks for is done at the next ``visit``, which also measures.

    While the own contactor is open, the port's voltage is that of the analyser's element at the
    port; else it is the supply's, which is faster.
    """

    def __init__(
        self,
        supply: BidirectionalSupply,
        plug: tuple[PowerAnalyser, int],
        contactor: PortContactor,
        clock: Clock,
        hasten: Callable[[], None],
    ) -> None:
        self._supply, (self._analyser, self._element) = supply, plug
        self._contactor, self._clock, self._hasten = contactor, clock, hasten
        self._goal = self.applied = SetPoint()
        """``applied`` is what the supply was last told, all of it."""
        self._measured, self._behind_v, self._supply_a = Measured(0.0, 0.0), 0.0, 0.0
        self._plug_read_s, self._ever_closed = float("-inf"), False
        self._over = False
        self.window_v: Callable[[], tuple[float, float]] = lambda: (0.0, 0.0)
        """Lowest voltage to sink from, highest to source to: the supply's own backstop."""
        self.most_foreign_v = 0.0
        """Largest voltage at the port before the rig first put one there."""
        self.set_points: list[tuple[float, SetPoint]] = []
        """What the supply was told, with the time by which it had taken it."""

    def measure(self) -> Measured:
        """Return volts at the plug and amperes, as of the last visit."""
        return self._measured

    def hold_voltage(self, volts: float) -> None:
        """Hold a voltage with next to no current."""
        self._aim(SetPoint(True, volts, _HOLD_A, _HOLD_A))

    def set_current(self, amps: float) -> None:
        """Drive a current, positive into the vehicle."""
        low_v, high_v = self.window_v()
        if abs(amps) < _NO_CURRENT_A:
            self._aim(SetPoint(True, self._goal.volts, 0.0, 0.0))
        elif amps > 0:
            self._aim(SetPoint(True, high_v, amps, 0.0))
        else:
            self._aim(SetPoint(True, low_v, 0.0, -amps))

    def switch_off(self) -> None:
        """Pull the output down, then switch it off."""
        self._aim(SetPoint(True, 0.0, 0.0, _HOLD_A) if self._goal.on else SetPoint())

    def set_contactor(self, closed: bool) -> None:
        """Close or open the own contactor."""
        if self._contactor.wanted is not closed:
            self._contactor.wanted = closed
            self._hasten()

    def voltage_behind(self) -> float:
        """Return the voltage between supply and contactor."""
        return self._behind_v

    def insulation_ohm(self) -> float:
        """Return what the leaking current shows; infinite where the ammeter cannot tell."""
        leak_a = abs(self._supply_a)
        return self._behind_v / leak_a if leak_a > _LEAST_LEAK_A else float("inf")

    def let_go(self) -> None:
        """Tell the supply nothing more, not even what is left of a visit under way."""
        self._over = True

    def visit(self) -> None:
        """Close the contactor, tell the supply what is new, open the contactor, measure."""
        goal = self._goal
        if self._contactor.wanted:
            self._contactor.visit()
        try:
            self._apply(goal)
        finally:
            self._contactor.visit()  # opened last: the supply has ended the current by then
        self._measure()
        if goal.on and not goal.volts and self._behind_v < _AT_REST_V:
            self._apply_off()
            if self._goal is goal:
                self._goal = SetPoint()

    def _aim(self, goal: SetPoint) -> None:
        if goal != self._goal:
            urgent = abs(goal.amps) < abs(self._goal.amps) or not self._goal.on
            self._goal = goal
            if urgent:
                self._hasten()

    def _apply(self, goal: SetPoint) -> None:
        """Lower currents first, then move the voltage, then raise currents."""
        was = self.applied
        if goal == was:
            return
        if not goal.on:
            self._apply_off()
            return
        for command in self._commands(was, goal):
            if self._over:
                return  # the box was silent, and the safe state has it now
            command()
        self._applied(goal)

    def _commands(self, was: SetPoint, goal: SetPoint) -> Iterator[Callable[[], None]]:
        source, sink = self._supply.source, self._supply.sink
        if goal.source_a < was.source_a:
            yield partial(source.set_current_limit, goal.source_a)
        if goal.sink_a < was.sink_a:
            yield partial(sink.set_current_limit, goal.sink_a)
        if goal.volts != was.volts:
            yield partial(source.set_voltage, goal.volts)
        if goal.source_a > was.source_a:
            yield partial(source.set_current_limit, goal.source_a)
        if goal.sink_a > was.sink_a:
            yield partial(sink.set_current_limit, goal.sink_a)
        if not was.on:
            yield source.output_on

    def _apply_off(self) -> None:
        if self.applied.on:
            self._supply.source.output_off()
        self._applied(SetPoint(False, self.applied.volts, 0.0, 0.0))

    def _applied(self, goal: SetPoint) -> None:
        self.applied = goal
        self.set_points.append((self._clock.now(), goal))

    def _measure(self) -> None:
        reading = self._supply.source.measure()
        self._behind_v, self._supply_a = reading.voltage_v, reading.current_a
        self._ever_closed |= self._contactor.closed
        if self._contactor.closed:
            self._measured = Measured(reading.voltage_v, reading.current_a)
        else:
            self._measured = Measured(self._plug_v(), 0.0)
            if not self._ever_closed:
                self.most_foreign_v = max(self.most_foreign_v, self._measured.volts)

    def _plug_v(self) -> float:
        now_s = self._clock.now()
        if now_s - self._plug_read_s < _PLUG_EVERY_S:
            return self._measured.volts
        self._plug_read_s = now_s
        return self._analyser.measure_following((self._element,))[self._element].voltage_dc_v
