"""What hangs on the port besides the unit: EVPS terminals, the analyser's element."""

from __future__ import annotations

from rig.virtual.network.live import Live
from rig.virtual.network.port import Port
from rig.virtual.network.ports_analyser import dc_quantities
from rig.virtual.ports import AcQuantities, SupplyReading, SupplySetting

__all__ = ["EvpsTerminals", "PortElement"]


class EvpsTerminals:
    """The supply behind the EVPS's own contactor."""

    def __init__(self, live: Live, port: Port) -> None:
        self._live, self._port = live, port

    def apply(self, setting: SupplySetting) -> None:
        """Act on a new setting from now on."""
        self._port.supply(setting, self._live.world().t_s)

    def read(self) -> SupplyReading:
        """Return what stands at the supply's terminals now."""
        return self._port.reading(self._live.world().t_s)


class PortElement:
    """The analyser's element at the inlet; amps and watts are positive into the vehicle."""

    def __init__(self, live: Live, port: Port) -> None:
        self._live, self._port = live, port

    def average(self, start_s: float, end_s: float) -> AcQuantities:
        """Return mean volts, amps and watts."""
        self._live.world()
        return dc_quantities(*self._port.mean(start_s, end_s))
