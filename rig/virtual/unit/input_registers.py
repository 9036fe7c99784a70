"""The input registers: what the unit shows of itself (reference outlet controller, section 2)."""

from __future__ import annotations

from dataclasses import dataclass

from rig.virtual.ports import ServiceRefusal
from rig.virtual.unit.memory import EVENTS_KEPT, EventRecord, NonVolatile
from rig.virtual.unit.meters import Meters
from rig.virtual.unit.parameters import Parameters
from rig.virtual.unit.readings import Span, at
from rig.virtual.unit.service_map import (
    EVENT_END,
    EVENT_FIRST,
    EVENT_NEWEST,
    EVENT_WORDS,
    ILLEGAL_ADDRESS,
    ILLEGAL_VALUE,
    u32,
)
from rig.virtual.unit.supervisor import Supervisor
from rig.virtual.unit.trips import TripCode, clamp_u16
from rig.virtual.unit.vehicle import VehicleData

__all__ = ["PORT_AT_REST", "InputRegisters", "Live"]

_SOCKETS_AT, _SOCKET_STRIDE = 16, 8
_CHADEMO_AT = 48
_MEMORY_AT = 56
_OPEN_KOHM = 65535
PORT_AT_REST = (0, 0, 0, 0, _OPEN_KOHM)


@dataclass(frozen=True, slots=True)
class Live:
    """The unit at this instant."""

    chademo: tuple[int, ...]
    """State, 0.1 V, 0.1 A signed, last stop reason, kOhm."""
    span: Span
    tick: int
    """Which tick of the span is the present one."""
    uptime_s: int
    now_tick: int
    overload_percent: tuple[float, float, float, float]
    """Memory of the inverter's and the sockets' stages."""
    insulation_ohm: float
    """Of the pack, as its monitor reads it."""


class InputRegisters:
    """Lay the unit's state out in registers."""

    def __init__(
        self,
        parameters: Parameters,
        memory: NonVolatile,
        supervisor: Supervisor,
        meters: Meters,
        vehicle: VehicleData,
    ) -> None:
        self._parameters, self._memory, self._supervisor = parameters, memory, supervisor
        self._meters, self._vehicle = meters, vehicle

    def read(self, address: int, count: int, live: Live) -> list[int]:
        """Return registers; refuses unknown addresses, and more than one event record at a time."""
        if count < 1:
            raise ServiceRefusal(ILLEGAL_VALUE)
        if address >= EVENT_FIRST:
            return self._event(address, count)
        known = {**self._unit(live), EVENT_NEWEST: self._memory.last_sequence & 0xFFFF}
        known |= dict(enumerate(live.chademo, start=_CHADEMO_AT)) | self._overload(live)
        for n in range(3):
            known |= self._socket(n, live)
        wanted = range(address, address + count)
        if not all(each in known for each in wanted):
            raise ServiceRefusal(ILLEGAL_ADDRESS)
        return [int(known[each]) for each in wanted]

    def _unit(self, live: Live) -> dict[int, int]:
        span, tick, floor = live.span, live.tick, float(self._memory.settings[3])
        usable_wh = self._meters.usable_wh(self._vehicle, floor)
        words = [
            int(self._supervisor.state),
            self._memory.last_code,
            self._vehicle.registers[0],
            clamp_u16(10.0 * span.dc_voltage_v),
            _s16(10.0 * span.dc_current_a),
            _s16(at(span.ac_power_w, tick)),
            _s16(10.0 * span.heatsink_c),
            _kohm(live.insulation_ohm),
            clamp_u16(10.0 * at(span.ac_voltage_v, tick)),
            clamp_u16(100.0 * at(span.ac_frequency_hz, tick)),
            *u32(round(usable_wh)),
            self._meters.run_time_min(self._vehicle, floor),
            self._parameters.firmware_x100,
            *u32(live.uptime_s),
        ]
        return dict(enumerate(words))

    def _socket(self, n: int, live: Live) -> dict[int, int]:
        socket, span = self._supervisor.sockets[n], live.span
        flags = span.lid_open[n] | span.wet[n] << 1 | span.pe_lost[n] << 2
        flags |= (socket.trip_code == TripCode.BACKFEED) << 3
        flags |= (socket.trip_code == TripCode.WELD) << 4
        words = [
            int(socket.state),
            clamp_u16(100.0 * at(span.socket_current_a[n], live.tick)),
            _s16(at(span.socket_power_w[n], live.tick)),
            *u32(int(self._memory.energy_wh[n])),
            socket.trip_code,
            self._supervisor.recovery.used(socket.number, live.now_tick),
            int(flags),
        ]
        return dict(enumerate(words, start=_SOCKETS_AT + _SOCKET_STRIDE * n))

    def _overload(self, live: Live) -> dict[int, int]:
        return dict(enumerate(map(int, live.overload_percent), start=_MEMORY_AT))

    def _event(self, address: int, count: int) -> list[int]:
        if address + count > EVENT_END:
            raise ServiceRefusal(ILLEGAL_ADDRESS)
        slot, word = divmod(address - EVENT_FIRST, EVENT_WORDS)
        if word + count > EVENT_WORDS:
            raise ServiceRefusal(ILLEGAL_VALUE)
        return self._record(slot)[word : word + count]

    def _record(self, slot: int) -> list[int]:
        """Return a record by its slot, which it keeps: (sequence - 1) modulo 32."""
        for record in self._memory.events:
            if _slot_of(record) == slot:
                return record.registers()
        return [0] * EVENT_WORDS


def _slot_of(record: EventRecord) -> int:
    return (record.sequence - 1) % EVENTS_KEPT


def _s16(value: float) -> int:
    return max(-32768, min(32767, round(value))) & 0xFFFF


def _kohm(ohm: float) -> int:
    return _OPEN_KOHM if ohm >= _OPEN_KOHM * 1000.0 else clamp_u16(ohm / 1000.0)
