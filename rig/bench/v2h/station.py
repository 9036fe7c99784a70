"""The CHAdeMO port as a plan uses it: sessions, and nothing that stays on after them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, Literal, Unpack

from instruments.clock import Clock, WallClock
from instruments.errors import BenchError
from rig.bench.calibration import reading_quantity
from rig.bench.capture import CaptureOptions, CaptureStation
from rig.bench.demand import Demand
from rig.bench.model import BenchFile
from rig.bench.networks import NotFitted
from rig.bench.steps import Journal
from rig.bench.unit import UnitUnderTest
from rig.bench.v2h.contactor import PortContactor
from rig.bench.v2h.keeping import keep_session, log_folder
from rig.bench.v2h.lines import PlugLines
from rig.bench.v2h.meter import SessionMeter
from rig.bench.v2h.power import PortPower
from rig.bench.v2h.scope import PortScope, PortWave
from rig.bench.v2h.session import Clocks, EvpsSession, PortHardware
from rig.bench.v2h_model import EvpsWiring
from rig.chademo.roles import EvpsParameters, Injection, Line
from rig.controller import V2hMode
from rig.measure import Evidence, Measurement, Quantity, Requirement

__all__ = ["Direction", "V2hStation"]

Direction = Literal["discharge", "charge", "both"]
_MODES = {"discharge": V2hMode.DISCHARGE, "charge": V2hMode.CHARGE, "both": V2hMode.BOTH}
_RELAY_S = (0.005, 0.012)
"""How soon and how late a relay's contact moves (controller.md section 4)."""
_WATCHDOG_S = 2.0
"""The supply's own, fed by the session's measuring."""
_UPDATE_S = 0.1


class V2hStation:
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
        unit: UnitUnderTest,
        failed: Callable[[BenchError], None],
    ) -> None:
        self._drivers, self._bench = drivers, bench
        self._plan_clock, self._clock = clocks
        self._journal, self._demand, self._unit = journal, demand, unit
        self._failed = failed
        self._scope = self._port_scope()
        self._session: EvpsSession | None = None
        self._contactor: PortContactor | None = None
        self._count = 0

    @contextmanager
    def session(
        self,
        direction: Direction,
        *,
        limit_a: int = 15,
        parameters: EvpsParameters | None = None,
        unit_mode: Direction | None = None,
        injections: Sequence[Injection] = (),
    ) -> Iterator[EvpsSession]:
        """Plug in and press start; what ends the block ends the session.

        The EVPS offers ``limit_a`` A: to charge always, as no transfer begins without; to take,
        unless ``direction`` is ``charge``. The unit is set to the same, or to ``unit_mode``. On
        leaving the block the session is stopped in the normal order unless it is over; a test
        that fails lets go of everything, and the safe state follows.
        """
        wiring = self._wiring()
        offered = replace(
            parameters or EvpsParameters(),
            available_a=limit_a,
            input_a=0 if direction == "charge" else limit_a,
        )
        self._prepare(wiring, offered, direction, limit_a)
        self._unit.controller.set_v2h_current_limit(limit_a)
        self._unit.controller.set_v2h(_MODES[unit_mode or direction])
        self._count += 1
        name = f"session-{self._count:03d}"
        with self._frames_clock() as frames_clock:
            session = self._make(wiring, frames_clock, offered, injections, name)
            try:
                session.begin()
                yield session
                if not session.over:
                    session.stop()
                session.finish()
            except BaseException:
                self.let_go()
                session.finish()
                raise
            finally:
                keep_session(self._journal, name, session, direction, limit_a)
            self._unplug(wiring)

    def capture(
        self, duration_s: float, **how: Unpack[CaptureOptions]
    ) -> AbstractContextManager[PortWave]:
        """Capture the port on the DC scope; see ``PortScope.capture``."""
        if self._scope is None:
            raise NotFitted("this bench has no scope at the CHAdeMO port (scope_dc)")
        return self._scope.capture(duration_s, **how)

    def meter(self, session: EvpsSession, requirement: Requirement) -> SessionMeter:
        """Return what measures a session; stamps are as good as the adapter of the bench."""
        by_itself = self._bench.roles[self._wiring().can].link.stamps == "interface"
        stamp_s = 0.0 if by_itself else session.evps.parameters.tick_s
        return SessionMeter(session, requirement, stamp_s)

    def supply_current(self, name: str, amps: float) -> Measurement:
        """Give a current that the supply has measured its uncertainty."""
        role = self._wiring().supply
        spec = self._bench.roles[role]
        known = reading_quantity(spec.calibration, "current", amps, "A")
        quantity = known or Quantity(amps, "A", float("inf"))
        return Measurement.of(name, quantity, evidence=Evidence("", (role,)))

    def let_go(self) -> None:
        """Drive, send and refresh nothing more; the safe state opens the path."""
        if self._session is not None:
            self._session.let_go()
        if self._contactor is not None:
            self._contactor.let_go()
        self._demand.beside_loads = False

    def _port_scope(self) -> PortScope | None:
        if "scope_dc" not in self._drivers or not self._bench.wiring.scope_dc:
            return None
        scope = self._drivers["scope_dc"]
        station = CaptureStation(
            scope, None, self._bench, self._plan_clock, self._journal, "scope_dc"
        )
        return PortScope(station, scope, self._clock, self._failed)

    def _wiring(self) -> EvpsWiring:
        wiring = self._bench.wiring.v2h
        if not isinstance(wiring, EvpsWiring):
            raise NotFitted("this bench has no CHAdeMO port with the rig as EVPS (wiring.v2h)")
        return wiring

    def _prepare(
        self, wiring: EvpsWiring, offered: EvpsParameters, direction: Direction, limit_a: int
    ) -> None:
        """Hold the session against the envelope; have the supply at rest, its watchdog armed."""
        self._demand.envelopes.check(
            wiring.supply, voltage_v=offered.test_v, current_a=float(limit_a)
        )
        text = f"V2H session, {direction}, at most {limit_a} A"
        self._journal.stimulus(wiring.supply, text, limit_a=limit_a)
        supply = self._drivers[wiring.supply]
        limits = self._bench.envelope.get(wiring.supply)
        supply.arm_watchdog(_WATCHDOG_S)
        for view in (supply.source, supply.sink):
            view.set_current_limit(0.0)
            if limits is not None and limits.power_w is not None:
                view.set_power_limit(limits.power_w)
        supply.source.set_voltage(0.0)
        analyser = self._drivers["analyser_dc"]
        analyser.set_update_period(_UPDATE_S)
        analyser.measure((wiring.analyser_element,))  # from now on there is always an update
        self._demand.beside_loads = True

    def _make(
        self,
        wiring: EvpsWiring,
        frames_clock: Clock,
        offered: EvpsParameters,
        injections: Sequence[Injection],
        name: str,
    ) -> EvpsSession:
        drivers, clock = self._drivers, self._clock
        board = drivers[wiring.contactor.board]
        contactor = self._contactor = PortContactor(board, wiring.contactor, clock)
        relays = {
            Line.D1: wiring.d1,
            Line.D2: wiring.d2,
            Line.PROXIMITY: wiring.proximity,
            Line.LOCK: wiring.lock,
        }
        inputs = {Line.K: wiring.k, Line.LOCK: wiring.locked}
        plug = drivers["analyser_dc"], wiring.analyser_element
        hardware = PortHardware(
            port=drivers[wiring.can],
            lines=partial(
                PlugLines,
                {line: (drivers[each.board], each.relay) for line, each in relays.items()},
                {line: (drivers[each.board], each.input) for line, each in inputs.items()},
                clock,
                _RELAY_S,
            ),
            power=partial(PortPower, drivers[wiring.supply], plug, contactor, clock),
            failed=self._failed,
        )
        folder = log_folder(self._journal, name)
        clocks = Clocks(self._plan_clock, clock, frames_clock)
        self._session = EvpsSession(hardware, clocks, offered, injections, folder)
        return self._session

    @contextmanager
    def _frames_clock(self) -> Iterator[Clock]:
        """Return the clock of the frames: in wall time one with a thread of its own."""
        if not isinstance(self._clock, WallClock):
            yield self._clock
            return
        beside = self._clock.beside()
        try:
            yield beside
        finally:
            beside.close()

    def _unplug(self, wiring: EvpsWiring) -> None:
        """Leave nothing on: contactor, supply, lines; the unit's port is switched off."""
        assert self._contactor is not None
        self._contactor.wanted = False
        self._contactor.visit()
        supply = self._drivers[wiring.supply]
        supply.make_safe()
        supply.disarm_watchdog()
        for each in (wiring.d1, wiring.d2, wiring.lock, wiring.proximity):
            self._drivers[each.board].set_relay(each.relay, False)
        self._demand.beside_loads = False
        self._unit.controller.set_v2h(V2hMode.OFF)
