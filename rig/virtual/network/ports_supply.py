"""The terminals of the DC supplies: the pack, and a port that nothing hangs on."""

from __future__ import annotations

from rig.virtual.network.dc import OFF, DcPoint
from rig.virtual.network.live import Live
from rig.virtual.ports import SupplyReading, SupplySetting

__all__ = ["OpenTerminals", "PackTerminals"]


class PackTerminals:
    """The supply that stands for the traction battery, before the contactors to the unit."""

    def __init__(self, live: Live) -> None:
        self._live = live

    def apply(self, setting: SupplySetting) -> None:
        """Act on a new setting from now on."""
        self._live.world().supply(setting)

    def read(self) -> SupplyReading:
        """Return what stands at the terminals now."""
        return self._live.world().supply_reading()


class OpenTerminals:
    """A supply whose contactors are open: its set voltage and no current."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._setting = OFF

    def apply(self, setting: SupplySetting) -> None:
        """Act on a new setting from now on."""
        self._live.world()
        self._setting = setting

    def read(self) -> SupplyReading:
        """Return what stands at the terminals now."""
        self._live.world()
        return DcPoint(self._setting.voltage_v if self._setting.on else 0.0).reading()
