"""The CHAdeMO port with the rig as the vehicle, and the buttons of the off-board box."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from rig.bench.calibration import reading_quantity
from rig.bench.model_base import Contact
from rig.bench.networks import NotFitted
from rig.bench.v2h.keeping import log_folder
from rig.bench.v2h.pack_power import PackPower
from rig.bench.v2h.plug_station import PlugStation
from rig.bench.v2h.vehicle_session import VehicleSession
from rig.bench.v2h_model import VehicleWiring
from rig.chademo.roles import Injection, Line, VehicleParameters
from rig.measure import Evidence, Measurement, Quantity

__all__ = ["OffboardStation"]

_PRESSED_S = 0.3
_CHARGE_PERCENT = 60.0
_WH = 100.0


class OffboardStation(PlugStation):
    """The rig is the vehicle, the unit under test the home's box."""

    @contextmanager
    def session(
        self,
        *,
        discharge: bool,
        parameters: VehicleParameters | None = None,
        injections: Sequence[Injection] = (),
    ) -> Iterator[VehicleSession]:
        """Plug in and press the box's start button; what ends the block ends the session.

        ``discharge``: the home asks for power, else the box charges. On leaving the block the
        vehicle stops unless it is over; a test that fails lets go of everything.
        """
        wiring = self._wiring()
        used = parameters or VehicleParameters()
        limit_a = used.discharge_a if discharge else used.charge_a
        direction = "discharge" if discharge else "charge"
        self._journal.stimulus(
            wiring.supply, f"V2H session as vehicle, {direction}, at most {limit_a} A"
        )
        self._demand.beside_loads = True
        self.ask_for_power(discharge)
        folder = log_folder(self._journal, self._next_name())
        with self._clocks() as clocks:
            inputs = {Line.D1: wiring.d1, Line.D2: wiring.d2}
            hardware = self._hardware(wiring, _relays(wiring), inputs)
            power: Any = partial(  # Any: partial does not tell what is left to be given
                PackPower,
                self._drivers[wiring.supply],
                self._plug_meter(wiring),
                self._new_contactor(wiring),
                used.capacity_100wh * _WH,
                _CHARGE_PERCENT,
                self._clock,
            )
            session = VehicleSession(hardware, power, clocks, used, injections, folder)
            self._session = session
            with self._running(session, direction, limit_a):
                session.begin()
                self._press(wiring.start)
                yield session
            self._unplug(wiring)

    def ask_for_power(self, wanted: bool) -> None:
        """Let the home ask the box for power, or offer it some."""
        contact = self._wiring().discharge
        self._drivers[contact.board].set_relay(contact.relay, wanted)

    def press_stop(self) -> float:
        """Press the box's stop button; return the clock time at which it was closed."""
        return self._press(self._wiring().stop)

    def press_emergency(self) -> float:
        """Press the box's emergency stop and leave it pressed; return when."""
        contact = self._wiring().emergency
        now_s = self._clock.now()
        self._drivers[contact.board].set_relay(contact.relay, True)
        return now_s

    def pack_current(self, name: str, amps: float) -> Measurement:
        """Give a current that the pack's supply has measured its uncertainty."""
        role = self._wiring().supply
        known = reading_quantity(self._bench.roles[role].calibration, "current", amps, "A")
        quantity = known or Quantity(amps, "A", float("inf"))
        return Measurement.of(name, quantity, evidence=Evidence("", (role,)))

    def _wiring(self) -> VehicleWiring:
        wiring = self._bench.wiring.v2h
        if not isinstance(wiring, VehicleWiring):
            raise NotFitted("this bench has no CHAdeMO port with the rig as vehicle (wiring.v2h)")
        return wiring

    def _press(self, contact: Contact) -> float:
        board, now_s = self._drivers[contact.board], self._clock.now()
        board.set_relay(contact.relay, True)
        self._plan_clock.sleep_until(self._plan_clock.now() + _PRESSED_S)
        board.set_relay(contact.relay, False)
        return now_s

    def _unplug(self, wiring: VehicleWiring) -> None:
        assert self._contactor is not None
        self._contactor.wanted = False
        self._contactor.visit()
        self._open_lines(_relays(wiring))
        for contact in (wiring.emergency, wiring.discharge):
            self._drivers[contact.board].set_relay(contact.relay, False)


def _relays(wiring: VehicleWiring) -> dict[Line, Contact]:
    return {Line.K: wiring.k, Line.PROXIMITY: wiring.proximity}
