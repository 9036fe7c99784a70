"""The firmware's main loop: one tick after another, on sampled blocks and on steady stretches."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from rig.virtual.unit.block import Block, make_span
from rig.virtual.unit.contract import Sensors, SteadyInputs
from rig.virtual.unit.frontend import FrontEnd, firing_instant
from rig.virtual.unit.levers import Levers
from rig.virtual.unit.memory import NonVolatile
from rig.virtual.unit.meters import Meters
from rig.virtual.unit.parameters import HeatParameters
from rig.virtual.unit.protections.base import Protection
from rig.virtual.unit.readings import Span, Status
from rig.virtual.unit.states import ARMED, SocketState, UnitState
from rig.virtual.unit.supervisor import Supervisor
from rig.virtual.unit.ticks import NEVER, Agenda, instant_of, tick_at_or_before
from rig.virtual.unit.vehicle import VehicleData

__all__ = ["FirmwareLoop"]

_SpanOf = Callable[[int, int], Span]
"""From the tick before, and a number of ticks."""


class FirmwareLoop:
    """Ask every protection when it decides, live up to the earliest, let it decide."""

    def __init__(
        self,
        *,
        front_end: FrontEnd,
        protections: Mapping[str, Protection],
        supervisor: Supervisor,
        agenda: Agenda,
        levers: Levers,
        meters: Meters,
        memory: NonVolatile,
        vehicle: VehicleData,
        sensors: Sensors,
        heat: HeatParameters,
        evps_tests_insulation: Callable[[], bool],
        now_s: float,
    ) -> None:
        self._front_end, self._protections = front_end, tuple(protections.values())
        self._supervisor, self._agenda, self._levers = supervisor, agenda, levers
        self._meters, self._memory, self._vehicle = meters, memory, vehicle
        self._sensors, self._heat = sensors, heat
        self._evps_tests = evps_tests_insulation
        self._tick = tick_at_or_before(now_s)
        self._seen: tuple[Span, int] | None = None
        self._foreseen: tuple[Span, list[int | None]] | None = None
        """The span that the next deadline was found on, and when each protection decides."""

    def last_reading(self) -> tuple[Span, int]:
        """Return the span lived through last, and which of its ticks is the present one."""
        if self._seen is None:
            return self._steady_span(self._tick, 1), 1
        return self._seen

    def cause_standing(self) -> bool:
        """Say whether anything stands now that forbids a start."""
        span = self._steady_span(self._tick, 1)
        return any(each.standing(span) for each in self._protections)

    def settled(self) -> bool:
        """Say whether the front end has settled and no reaction to a short circuit runs."""
        return self._front_end.settled() and not self._supervisor.output.gates_blocked

    def next_deadline(self) -> float:
        """Return the instant of the next decision under steady inputs (inf = never)."""
        span = self._steady_span(self._tick, NEVER)
        found = self._find(span)
        self._foreseen = span, found
        first = min((n for n in found if n is not None), default=NEVER)
        tick = min(self._tick + first, max(self._tick + 1, self._agenda.next_tick()))
        return instant_of(tick) if tick < NEVER else math.inf

    def run_steady(self, end_s: float) -> None:
        """Live through steady inputs up to ``end_s``, first by what was just foreseen of them."""
        inputs = self._sensors.steady()
        self._front_end.live_steady(inputs)
        last = tick_at_or_before(end_s)
        foreseen, self._foreseen = self._foreseen, None
        if foreseen is not None and foreseen[0].first_tick == self._tick < last:
            span, found = foreseen
            self._live(replace(span, ticks=self._until(last) - self._tick), found)
        while self._tick < last:
            self._run_ticks(self._steady_span, last)

    def run_block(self, start_s: float, end_s: float) -> float:
        """Live through a block, or up to the first decision that moves an actuator."""
        comparing = self._comparing()
        block = self._front_end.take(self._sensors, start_s, end_s, self._tick, comparing)
        slow = self._front_end.seen(block.slow)

        def span_of(tick: int, ticks: int) -> Span:
            start = tick - block.first_tick
            ac = block.readings.part(start, start + ticks)
            return make_span(tick, ticks, self._status(slow), ac=ac, slow=slow)

        moved = self._run_ticks(span_of, block.first_tick + block.ticks)
        if moved and not self._at_end(block):
            self._front_end.keep(block, self._tick, whole=False, comparing=comparing)
            return min(end_s, instant_of(self._tick))
        self._front_end.keep(block, self._tick, whole=True, comparing=comparing)
        if block.firing is None:
            return min(end_s, instant_of(self._tick)) if moved else end_s
        instant_s = firing_instant(block.first_sample, block.firing)
        if self._comparing():
            self._supervisor.short_circuit(block.firing, instant_s)
        return min(end_s, instant_s)

    def _at_end(self, block: Block) -> bool:
        """Say whether the present tick is the last thing in the block."""
        last_tick = self._tick == block.first_tick + block.ticks
        return last_tick and block.sums.open_samples == 0

    def _comparing(self) -> bool:
        output = self._supervisor.output
        return output.inverter_on and not output.gates_blocked

    def _run_ticks(self, span_of: _SpanOf, last: int) -> bool:
        """Live up to ``last``; return True, and stop, when an actuator was moved."""
        self._levers.moved = False
        while self._tick < last and not self._levers.moved:
            span = span_of(self._tick, self._until(last) - self._tick)
            self._live(span, self._find(span))
        return self._levers.moved

    def _until(self, last: int) -> int:
        """Return the tick at which the agenda wants to be looked at, ``last`` at the latest."""
        return min(last, max(self._tick + 1, self._agenda.next_tick()))

    def _find(self, span: Span) -> list[int | None]:
        return [each.find(span) for each in self._protections]

    def _live(self, span: Span, found: list[int | None]) -> None:
        """Live up to the first decision in a span, or to its end."""
        ticks = min((n for n in found if n is not None), default=span.ticks)
        ticks = min(ticks, span.ticks)
        for each in self._protections:
            each.live(span, ticks)
        self._meters.live(span, ticks)
        self._tick += ticks
        self._seen = span, ticks
        now_s = instant_of(self._tick)
        for each, n in zip(self._protections, found, strict=True):
            if n == ticks:
                for decision in each.decide(span, ticks):
                    self._supervisor.apply(decision, now_s)
        self._agenda.run_due(self._tick)

    def _steady_span(self, tick: int, ticks: int) -> Span:
        inputs = self._sensors.steady()
        ac, slow = self._front_end.steady(inputs), self._front_end.seen(inputs)
        return make_span(tick, ticks, self._status(slow), ac=ac, slow=slow)

    def _status(self, slow: SteadyInputs) -> Status:
        supervisor, settings = self._supervisor, self._memory.settings
        output = supervisor.output
        a, b, c = supervisor.sockets
        on = SocketState.ON
        return Status(
            armed=supervisor.state in ARMED,
            inverter_on=output.inverter_on,
            sourcing=output.inverter_on and not output.gates_blocked,
            supervised=output.supervised,
            sockets_on=(a.state is on, b.state is on, c.state is on),
            sockets_ready=(output.ready(a), output.ready(b), output.ready(c)),
            trip_codes=(a.trip_code, b.trip_code, c.trip_code),
            waiting=frozenset(supervisor.waiting),
            priority=output.priority,
            power_limit_w=float(settings[5]) * self._heat.power_share(slow.heatsink_c),
            derated=supervisor.state is UnitState.DERATED,
            floor_percent=float(settings[3]),
            earthed=settings[4] == 0,
            evps_tests_insulation=self._evps_tests(),
            vehicle=self._vehicle,
        )
