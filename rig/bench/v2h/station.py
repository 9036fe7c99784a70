"""The CHAdeMO port with the rig as the home: sessions, and nothing that stays on after them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from instruments.clock import Clock
from rig.bench.calibration import reading_quantity
from rig.bench.demand import Demand
from rig.bench.model import BenchFile
from rig.bench.model_base import Contact
from rig.bench.networks import NotFitted
from rig.bench.steps import Journal
from rig.bench.unit import UnitUnderTest
from rig.bench.v2h.evps_session import EvpsSession
from rig.bench.v2h.keeping import log_folder
from rig.bench.v2h.plug_station import PlugStation
from rig.bench.v2h.power import PortPower
from rig.bench.v2h_model import EvpsWiring
from rig.chademo.roles import EvpsParameters, Injection, Line
from rig.controller import V2hMode
from rig.measure import Evidence, Measurement, Quantity

__all__ = ["Direction", "V2hStation"]

Direction = Literal["discharge", "charge", "both"]
_MODES = {"discharge": V2hMode.DISCHARGE, "charge": V2hMode.CHARGE, "both": V2hMode.BOTH}
_WATCHDOG_S = 2.0
"""The supply's own, fed by the session's measuring."""


class V2hStation(PlugStation):
    """The rig is the EVPS, the unit under test the vehicle."""

    def __init__(
        self,
        drivers: Mapping[str, Any],  # bound by the bench file
        bench: BenchFile,
        clocks: tuple[Clock, Clock],
        journal: Journal,
        demand: Demand,
        failed: Callable[[Exception], None],
        unit: UnitUnderTest,
    ) -> None:
        super().__init__(drivers, bench, clocks, journal, demand, failed)
        self._unit = unit

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
        folder = log_folder(self._journal, self._next_name())
        with self._clocks() as clocks:
            inputs = {Line.K: wiring.k, Line.LOCK: wiring.locked}
            hardware = self._hardware(wiring, _relays(wiring), inputs)
            power = partial(
                PortPower,
                self._drivers[wiring.supply],
                self._plug_meter(wiring),
                self._new_contactor(wiring),
                self._clock,
            )
            session = EvpsSession(hardware, power, clocks, offered, injections, folder)
            self._session = session
            with self._running(session, direction, limit_a):
                session.begin()
                yield session
            self._unplug(wiring)

    def supply_current(self, name: str, amps: float) -> Measurement:
        """Give a current that the supply has measured its uncertainty."""
        role = self._wiring().supply
        spec = self._bench.roles[role]
        known = reading_quantity(spec.calibration, "current", amps, "A")
        quantity = known or Quantity(amps, "A", float("inf"))
        return Measurement.of(name, quantity, evidence=Evidence("", (role,)))

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
        self._demand.beside_loads = True

    def _unplug(self, wiring: EvpsWiring) -> None:
        """Leave nothing on: contactor, supply, lines; the unit's port is switched off."""
        assert self._contactor is not None
        self._contactor.wanted = False
        self._contactor.visit()
        supply = self._drivers[wiring.supply]
        supply.make_safe()
        supply.disarm_watchdog()
        self._open_lines(_relays(wiring))
        self._unit.controller.set_v2h(V2hMode.OFF)


def _relays(wiring: EvpsWiring) -> dict[Line, Contact]:
    return {
        Line.D1: wiring.d1,
        Line.D2: wiring.d2,
        Line.LOCK: wiring.lock,
        Line.PROXIMITY: wiring.proximity,
    }
