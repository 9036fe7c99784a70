"""The service port of a unit that is silent without its 12 V supply."""

from __future__ import annotations

from rig.virtual.boxes.service_port import ServicePortUnit
from rig.virtual.unit import SimulatedController

__all__ = ["SuppliedServicePort"]


class SuppliedServicePort(ServicePortUnit):
    """Answers while the unit's processor runs."""

    def __init__(self, unit: SimulatedController) -> None:
        super().__init__(unit)
        self._unit = unit

    def handle(self, pdu: bytes) -> bytes | None:
        """Answer a request; nothing while the supply is cut or the unit is held in reset."""
        return super().handle(pdu) if self._unit.alive else None
