"""What both ends of the plug share on a bench: clocks, lines, CAN, the scope, the record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, Unpack

from instruments.clock import Clock, WallClock
from instruments.ratings import SlcanDialect
from instruments.registry import find_model
from rig.bench.capture import CaptureOptions, CaptureStation
from rig.bench.demand import Demand
from rig.bench.model import BenchFile
from rig.bench.model_base import Contact, InputContact
from rig.bench.networks import NotFitted
from rig.bench.steps import Journal
from rig.bench.v2h.contactor import PortContactor
from rig.bench.v2h.keeping import keep_session
from rig.bench.v2h.lines import PlugLines
from rig.bench.v2h.meter import SessionMeter
from rig.bench.v2h.scope import PortScope, PortWave
from rig.bench.v2h.session import Clocks, PlugHardware, PlugSession
from rig.bench.v2h.told_clock import ToldClock
from rig.bench.v2h_model import EvpsWiring, VehicleWiring
from rig.chademo.roles import Line
from rig.measure import Requirement

__all__ = ["PlugStation"]

_RELAY_S = (0.005, 0.012)
"""How soon and how late a relay's contact moves (controller.md section 4)."""
_UPDATE_S = 0.1
_METER = "analyser_dc"


class PlugStation:
    """The rig's end of the plug; one session at a time, on an energised bench.

    ``clocks``: the plan's, whose sleeps a trip ends, and the one it stands in front of.
    """

    def __init__(
        self,
        drivers: Mapping[str, Any],  # bound by the bench file
        bench: BenchFile,
        clocks: tuple[Clock, Clock],
        journal: Journal,
        demand: Demand,
        failed: Callable[[Exception], None],
    ) -> None:
        self._drivers, self._bench = drivers, bench
        self._plan_clock, self._clock = clocks
        self._journal, self._demand, self._failed = journal, demand, failed
        self._scope = self._port_scope()
        self._session: PlugSession[Any] | None = None
        self._contactor: PortContactor | None = None
        self._count = 0

    @contextmanager
    def capture(self, duration_s: float, **how: Unpack[CaptureOptions]) -> Iterator[PortWave]:
        """Capture the port on the DC scope; see ``PortScope.capture``."""
        if self._scope is None:
            raise NotFitted("this bench has no scope at the CHAdeMO port (scope_dc)")
        with self._scope.capture(duration_s, **how) as wave:
            yield wave
        if self._session is not None:
            wave.meet(self._session.lines.changes)

    def meter(self, session: PlugSession[Any], requirement: Requirement) -> SessionMeter:
        """Return what measures a session; stamps are as good as the adapter of the bench."""
        wiring = self._bench.wiring.v2h
        assert wiring is not None  # there has been a session
        role = self._bench.roles[wiring.can]
        dialect = find_model(role.model).rating
        by_itself = isinstance(dialect, SlcanDialect) and dialect.timestamps
        stamps = role.link.stamps == "interface" or by_itself
        stamp_s = 0.0 if stamps else session.role.tick_s
        return SessionMeter(session, requirement, stamp_s)

    def let_go(self) -> None:
        """Drive, send and refresh nothing more; the safe state opens the path."""
        self._demand.beside_loads = False
        with ExitStack() as stack:
            if self._session is not None:
                stack.callback(self._session.let_go)
            if self._contactor is not None:
                stack.callback(self._contactor.let_go)

    @contextmanager
    def _running(self, session: PlugSession[Any], direction: str, limit_a: int) -> Iterator[None]:
        """Bracket a session that has begun: it is stopped unless it is over, judged and kept."""
        try:
            yield
            if not session.over:
                session.stop()
            session.finish()
        except BaseException as error:
            self._abandon(session, error)
            raise
        finally:
            keep_session(self._journal, self._name, session, direction, limit_a)
            self._demand.beside_loads = False

    def _abandon(self, session: PlugSession[Any], error: BaseException) -> None:
        """Let go of a session and keep what there is of it; what fails now is only a note."""
        try:
            with ExitStack() as stack:
                stack.callback(session.finish)
                self.let_go()
        except Exception as other:  # the error under way says why; it must reach the test
            error.add_note(f"and while ending the session: {other}")

    def _next_name(self) -> str:
        self._count += 1
        return self._name

    @property
    def _name(self) -> str:
        return f"session-{self._count:03d}"

    def _hardware(
        self,
        wiring: EvpsWiring | VehicleWiring,
        relays: Mapping[Line, Contact],
        inputs: Mapping[Line, InputContact],
    ) -> PlugHardware:
        drivers = self._drivers
        return PlugHardware(
            port=drivers[wiring.can],
            lines=partial(
                PlugLines,
                {line: (drivers[each.board], each.relay) for line, each in relays.items()},
                {line: (drivers[each.board], each.input) for line, each in inputs.items()},
                self._clock,
                _RELAY_S,
            ),
            failed=self._failed,
        )

    def _new_contactor(self, wiring: EvpsWiring | VehicleWiring) -> PortContactor:
        board = self._drivers[wiring.contactor.board]
        self._contactor = PortContactor(board, wiring.contactor, self._clock)
        return self._contactor

    def _plug_meter(self, wiring: EvpsWiring | VehicleWiring) -> tuple[Any, int]:
        """Return what measures volts at the port; from now on it always has an update."""
        analyser = self._drivers[_METER]
        analyser.set_update_period(_UPDATE_S)
        analyser.measure((wiring.analyser_element,))
        return analyser, wiring.analyser_element

    @contextmanager
    def _clocks(self) -> Iterator[Clocks]:
        """Return the clocks of a session; in wall time frames have a thread of their own."""
        if not isinstance(self._clock, WallClock):
            yield Clocks(self._plan_clock, self._clock, self._clock)
            return
        beside = self._clock.beside(urgent=True)
        try:
            yield Clocks(self._plan_clock, self._clock, ToldClock(beside, self._failed))
        finally:
            beside.close()

    def _open_lines(self, contacts: Mapping[Line, Contact]) -> None:
        for each in contacts.values():
            self._drivers[each.board].set_relay(each.relay, False)

    def _port_scope(self) -> PortScope | None:
        if "scope_dc" not in self._drivers or not self._bench.wiring.scope_dc:
            return None
        scope = self._drivers["scope_dc"]
        station = CaptureStation(
            scope, None, self._bench, self._plan_clock, self._journal, "scope_dc"
        )
        return PortScope(station, scope, self._clock, self._failed)
