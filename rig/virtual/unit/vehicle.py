"""What the rest of the vehicle says, as the rig writes it into holding registers 16 to 22."""

from __future__ import annotations

from rig.virtual.unit.ticks import NEVER

__all__ = ["VehicleData"]

FIRST, LAST = 16, 22
_DEFAULTS = (0, 1200, 1200, 250, 0, 0, 0)


def _signed(value: int) -> int:
    return value - 0x10000 if value & 0x8000 else value


class VehicleData:
    """The vehicle block and the age of its alive counter."""

    def __init__(self, *, any_message: bool = False) -> None:
        self._any_message = any_message
        self.registers = list(_DEFAULTS)
        self.changed_tick = -NEVER
        """On or before the tick at which the alive counter last changed; long ago at power-up."""

    def write(self, register: int, value: int, tick: int) -> None:
        """Take one register (16 to 22); the first counter ever written counts as a change."""
        fresh = register == LAST and (
            value != self.registers[LAST - FIRST]
            or self.changed_tick == -NEVER
            or self._any_message
        )
        if fresh:
            self.changed_tick = tick
        self.registers[register - FIRST] = value

    @property
    def soc_percent(self) -> float:
        """State of charge in %."""
        return self.registers[0] / 10.0

    @property
    def discharge_limit_w(self) -> float:
        """What the pack may give, in W."""
        return self.registers[1] * 10.0

    @property
    def charge_limit_w(self) -> float:
        """What the pack may take, in W."""
        return self.registers[2] * 10.0

    @property
    def temperature_c(self) -> float:
        """Pack temperature in degrees Celsius."""
        return _signed(self.registers[3]) / 10.0

    @property
    def parked(self) -> bool:
        """Gear in park."""
        return self.registers[4] == 0

    @property
    def other_consumers_w(self) -> float:
        """Power drawn by the rest of the vehicle, in W."""
        return self.registers[5] * 10.0
