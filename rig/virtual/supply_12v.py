"""The 12 V supply of the simulated unit, behind a relay that cuts it."""

from __future__ import annotations

from rig.virtual.boxes.service_port import ServicePortUnit
from rig.virtual.ports import RelayPort
from rig.virtual.unit import SimulatedController

__all__ = ["SuppliedServicePort", "Supply12V"]


class Supply12V:
    """Cut while a relay's coil is driven; the contact's few milliseconds are left out.

    A cut lets everything of the unit drop out; what it holds in non-volatile memory is kept.
    """

    def __init__(self, unit: SimulatedController) -> None:
        self._unit = unit
        self.on = True

    def behind(self, contacts: RelayPort, relay: int) -> RelayPort:
        """Return the relays of a board, one of which cuts the supply."""
        return _Contacts(self, contacts, relay)

    def switch(self, on: bool) -> None:
        """Cut the supply, or give it back: the unit starts anew at both."""
        if on != self.on:
            self.on = on
            self._unit.power_cycle()


class _Contacts:
    def __init__(self, supply: Supply12V, contacts: RelayPort, relay: int) -> None:
        self._supply, self._contacts, self._relay = supply, contacts, relay

    def drive(self, relay: int, closed: bool) -> None:
        self._contacts.drive(relay, closed)
        if relay == self._relay:
            self._supply.switch(not closed)


class SuppliedServicePort(ServicePortUnit):
    """The service port of a unit that is silent while its supply is cut."""

    def __init__(self, unit: SimulatedController, supply: Supply12V) -> None:
        super().__init__(unit)
        self._supply = supply

    def handle(self, pdu: bytes) -> bytes | None:
        """Answer a request; nothing while the supply is cut."""
        return super().handle(pdu) if self._supply.on else None
