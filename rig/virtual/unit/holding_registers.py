"""The holding registers: commands, settings, the clock and the vehicle block."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rig.virtual.ports import ServiceRefusal
from rig.virtual.unit.events import UnitClock
from rig.virtual.unit.memory import NonVolatile
from rig.virtual.unit.service_map import NOT_ALLOWED, check_holding_addresses, check_values, u32
from rig.virtual.unit.states import Command
from rig.virtual.unit.supervisor import Supervisor
from rig.virtual.unit.ticks import tick_at_or_after
from rig.virtual.unit.vehicle import FIRST, LAST, VehicleData

__all__ = ["HoldingRegisters"]

_COMMAND, _MASK, _FLOOR, _UTC_HIGH, _UTC_LOW, _V2H_FLOOR = 0, 1, 3, 8, 9, 10
_V2H_ABOVE_FLOOR = 10


class HoldingRegisters:
    """Read settings; write them as one request, all or nothing."""

    def __init__(
        self,
        memory: NonVolatile,
        supervisor: Supervisor,
        clock: UnitClock,
        vehicle: VehicleData,
        cause_standing: Callable[[], bool],
    ) -> None:
        self._memory, self._supervisor = memory, supervisor
        self._clock, self._vehicle = clock, vehicle
        self._cause_standing = cause_standing

    def read(self, address: int, count: int, now_s: float) -> list[int]:
        """Return registers; a command reads as 0."""
        check_holding_addresses(address, count)
        return [self._value(register, now_s) for register in range(address, address + count)]

    def write(self, address: int, values: Sequence[int], now_s: float) -> None:
        """Take all values, in order of address; the command acts last, on the new settings."""
        check_holding_addresses(address, len(values))
        check_values(address, values)
        written = dict(enumerate(values, start=address))
        command = Command(written[_COMMAND]) if _COMMAND in written else None
        if command is not None and not self._supervisor.permits(command, self._cause_standing()):
            raise ServiceRefusal(NOT_ALLOWED)
        self._take(written, now_s)
        if command is not None:
            self._supervisor.obey(command, now_s)

    def _take(self, written: dict[int, int], now_s: float) -> None:
        tick = tick_at_or_after(now_s)
        for register, value in written.items():
            if FIRST <= register <= LAST:
                self._vehicle.write(register, value, tick)
            elif register not in (_COMMAND, _UTC_HIGH, _UTC_LOW):
                self._memory.settings[register] = value
        if _UTC_HIGH in written:
            self._clock.set_utc(written[_UTC_HIGH] << 16 | written[_UTC_LOW], now_s)
        if _MASK in written:
            self._supervisor.enable(now_s)

    def _value(self, register: int, now_s: float) -> int:
        if register == _COMMAND:
            return 0
        if FIRST <= register <= LAST:
            return self._vehicle.registers[register - FIRST]
        if register in (_UTC_HIGH, _UTC_LOW):
            return u32(self._clock.stamp(now_s)[0])[register - _UTC_HIGH]
        if register == _V2H_FLOOR:
            default = self._memory.settings[_FLOOR] + _V2H_ABOVE_FLOOR
            return self._memory.settings.get(register, default)
        return self._memory.settings[register]
