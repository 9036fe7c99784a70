"""The reference controller's service port: Modbus RTU, unit 17; the map of controller.md section 2.

Values the unit would refuse are left to the unit: a plan may want to see it refuse them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import TypeVar

from instruments.errors import BenchError, UsageError
from instruments.links.api import RegisterLink
from rig.controller.protocol import (
    SOCKETS,
    Earthing,
    LogRecord,
    OverloadMemory,
    Settings,
    SocketFlags,
    SocketName,
    SocketState,
    SocketStatus,
    UnitState,
    UnitStatus,
    V2hMode,
    V2hStatus,
    VehicleData,
)
from rig.controller.trips import TripCode
from rig.controller.words import from_signed, from_u32, signed, u32

__all__ = ["ServicePort"]

_STATUS, _STATUS_LENGTH = 0, 16
_SOCKETS, _SOCKET_STRIDE = 16, 8
_V2H, _V2H_LENGTH = 48, 5
_OVERLOAD, _OVERLOAD_LENGTH = 56, 4
_NEWEST, _LOG, _LOG_RECORDS, _LOG_STRIDE = 99, 100, 32, 7
_COMMAND, _ENABLE, _PRIORITY, _SOC_FLOOR, _EARTHING, _POWER_LIMIT = 0, 1, 2, 3, 4, 5
_V2H_MODE, _V2H_CURRENT, _UTC, _V2H_FLOOR, _SETTINGS_LENGTH = 6, 7, 8, 10, 11
_VEHICLE_DATA = 16
_START, _STOP, _ACKNOWLEDGE, _CLEAR_LOCKOUT = 1, 2, 3, 4
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOG_ATTEMPTS = 3
_Code = TypeVar("_Code", bound=IntEnum)


class ServicePort:
    """One unit under test over one Modbus unit; a `Controller`."""

    def __init__(self, link: RegisterLink) -> None:
        self._link = link

    def read_status(self) -> UnitStatus:
        """Read the unit as a whole (input registers 0 to 15)."""
        r = self._link.read_input(_STATUS, _STATUS_LENGTH)
        return UnitStatus(
            state=self._code(UnitState, r[0]),
            last_trip=self._code(TripCode, r[1]),
            soc_percent=r[2] / 10,
            dc_voltage_v=r[3] / 10,
            dc_current_a=signed(r[4]) / 10,
            ac_power_w=signed(r[5]),
            heatsink_c=signed(r[6]) / 10,
            dc_insulation_ohm=r[7] * 1000.0,
            ac_voltage_v=r[8] / 10,
            ac_frequency_hz=r[9] / 100,
            usable_energy_wh=u32(r[10], r[11]),
            run_time_min=r[12],
            firmware=f"{r[13] / 100:.2f}",
            uptime_s=u32(r[14], r[15]),
        )

    def read_socket(self, socket: SocketName) -> SocketStatus:
        """Read one socket (8 registers from 16, 24 or 32)."""
        address = _SOCKETS + _SOCKET_STRIDE * _index(socket)
        return self._socket_status(self._link.read_input(address, _SOCKET_STRIDE))

    def read_sockets(self) -> dict[SocketName, SocketStatus]:
        """Read every socket in one request (registers 16 to 39)."""
        words = self._link.read_input(_SOCKETS, _SOCKET_STRIDE * len(SOCKETS))
        return {
            socket: self._socket_status(words[i * _SOCKET_STRIDE : (i + 1) * _SOCKET_STRIDE])
            for i, socket in enumerate(SOCKETS)
        }

    def read_v2h(self) -> V2hStatus:
        """Read the CHAdeMO port (registers 48 to 52)."""
        state, volts, amps, reason, insulation = self._link.read_input(_V2H, _V2H_LENGTH)
        return V2hStatus(state, volts / 10, signed(amps) / 10, reason, insulation * 1000.0)

    def read_overload_memory(self) -> OverloadMemory:
        """Read how full the overload timers are (registers 56 to 59)."""
        inverter, *sockets = self._link.read_input(_OVERLOAD, _OVERLOAD_LENGTH)
        return OverloadMemory(inverter, dict(zip(SOCKETS, sockets, strict=True)))

    def read_newest_sequence(self) -> int:
        """Return the sequence number of the newest log entry (register 99)."""
        return self._link.read_input(_NEWEST, 1)[0]

    def read_log(self, after: int | None = None) -> list[LogRecord]:
        """Return log entries newer than ``after``, oldest first, one record a request.

        Where a record lies in the ring is the unit's affair: records are told by their sequence
        numbers, which wrap at 65536.
        """
        with self._link.transaction():
            for _ in range(_LOG_ATTEMPTS):
                newest = self.read_newest_sequence()
                wanted = _LOG_RECORDS if after is None else (newest - after) & 0xFFFF
                found = self._find_records(newest, min(wanted, _LOG_RECORDS))
                if self.read_newest_sequence() == newest:
                    return found
        raise BenchError(
            "reading the event log",
            box=self._link.name,
            address=self._link.address,
            expected="the log to stand still while it is read",
            got=f"new entries in each of {_LOG_ATTEMPTS} attempts",
        )

    def start(self) -> None:
        """Start (command 1)."""
        self._link.write_register(_COMMAND, _START)

    def stop(self) -> None:
        """Stop all outlets (command 2)."""
        self._link.write_register(_COMMAND, _STOP)

    def acknowledge(self) -> None:
        """Acknowledge trips (command 3)."""
        self._link.write_register(_COMMAND, _ACKNOWLEDGE)

    def clear_lockout(self) -> None:
        """Clear a lock-out and the restart counters (command 4)."""
        self._link.write_register(_COMMAND, _CLEAR_LOCKOUT)

    def read_settings(self) -> Settings:
        """Read every setting (holding registers 0 to 10)."""
        r = self._link.read_holding(_COMMAND, _SETTINGS_LENGTH)
        return Settings(
            enabled=frozenset(s for i, s in enumerate(SOCKETS) if r[_ENABLE] >> i & 1),
            priority=_priority(r[_PRIORITY]),
            soc_floor_percent=r[_SOC_FLOOR],
            earthing=self._code(Earthing, r[_EARTHING]),
            power_limit_w=r[_POWER_LIMIT],
            v2h=self._code(V2hMode, r[_V2H_MODE]),
            v2h_current_limit_a=r[_V2H_CURRENT],
            utc=_EPOCH + timedelta(seconds=u32(r[_UTC], r[_UTC + 1])),
            v2h_floor_percent=r[_V2H_FLOOR],
        )

    def enable_sockets(self, sockets: Collection[SocketName]) -> None:
        """Enable exactly these sockets (mask, bit 0 = A)."""
        self._link.write_register(_ENABLE, sum(1 << _index(socket) for socket in set(sockets)))

    def set_priority(self, order: Sequence[SocketName]) -> None:
        """Set the order in which sockets are kept, highest first (nibbles 1 = A to 3 = C)."""
        if sorted(order) != sorted(SOCKETS):
            raise UsageError(f"order must name each of {SOCKETS} once, got {tuple(order)}")
        word = 0
        for socket in order:
            word = word << 4 | _index(socket) + 1
        self._link.write_register(_PRIORITY, word)

    def set_soc_floor(self, percent: int) -> None:
        """Set the state of charge at which the sockets go off, in %."""
        self._link.write_register(_SOC_FLOOR, percent)

    def set_earthing(self, earthing: Earthing) -> None:
        """Declare how the AC output is earthed."""
        self._link.write_register(_EARTHING, int(earthing))

    def set_power_limit(self, power_w: int) -> None:
        """Set the power limit in W."""
        self._link.write_register(_POWER_LIMIT, power_w)

    def set_v2h(self, mode: V2hMode) -> None:
        """Set what the V2H port may do."""
        self._link.write_register(_V2H_MODE, int(mode))

    def set_v2h_current_limit(self, current_a: int) -> None:
        """Set the largest V2H current in A."""
        self._link.write_register(_V2H_CURRENT, current_a)

    def set_v2h_floor(self, percent: int) -> None:
        """Set the state of charge at which V2H discharge ends, in %."""
        self._link.write_register(_V2H_FLOOR, percent)

    def set_utc(self, utc: datetime) -> None:
        """Set the unit's clock, to the second, in one request."""
        if utc.tzinfo is None:
            raise UsageError(f"utc must carry its time zone, got {utc.isoformat()}")
        seconds = (utc - _EPOCH) // timedelta(seconds=1)
        self._link.write_registers(_UTC, from_u32(seconds))

    def write_vehicle_data(self, data: VehicleData) -> None:
        """Say all of the vehicle's data in one request (FC16, registers 16 to 22)."""
        words = [
            round(data.soc_percent * 10),
            round(data.discharge_limit_w / 10),
            round(data.charge_limit_w / 10),
            from_signed(round(data.temperature_c * 10)),
            data.gear,
            round(data.other_power_w / 10),
            data.alive & 0xFFFF,
        ]
        self._link.write_registers(_VEHICLE_DATA, words)

    def _find_records(self, newest: int, wanted: int) -> list[LogRecord]:
        """Read slot after slot until the ``wanted`` newest records are found."""
        found: dict[int, LogRecord] = {}
        for slot in range(_LOG_RECORDS):
            if len(found) == wanted:
                break
            words = self._link.read_input(_LOG + _LOG_STRIDE * slot, _LOG_STRIDE)
            age = (newest - words[0]) & 0xFFFF
            if any(words) and age < wanted:
                found[age] = _log_record(words)
        return [found[age] for age in sorted(found, reverse=True)]

    def _socket_status(self, words: Sequence[int]) -> SocketStatus:
        return SocketStatus(
            state=self._code(SocketState, words[0]),
            current_a=words[1] / 100,
            power_w=signed(words[2]),
            energy_wh=u32(words[3], words[4]),
            trip=self._code(TripCode, words[5]),
            restarts_in_hour=words[6],
            flags=SocketFlags(words[7]),
        )

    def _code(self, kind: type[_Code], word: int) -> _Code:
        try:
            return kind(word)
        except ValueError:
            raise BenchError(
                f"reading a {kind.__name__}",
                box=self._link.name,
                address=self._link.address,
                expected=f"one of {', '.join(str(int(code)) for code in kind)}",
                got=str(word),
            ) from None


def _index(socket: SocketName) -> int:
    if socket not in SOCKETS:
        raise UsageError(f"socket must be one of {', '.join(SOCKETS)}, got {socket!r}")
    return SOCKETS.index(socket)


def _priority(word: int) -> tuple[SocketName, ...]:
    nibbles = (word >> 8 & 0xF, word >> 4 & 0xF, word & 0xF)
    return tuple(SOCKETS[n - 1] for n in nibbles if 1 <= n <= len(SOCKETS))


def _log_record(words: Sequence[int]) -> LogRecord:
    sequence, code, socket, high, low, milliseconds, value = words
    return LogRecord(
        sequence=sequence,
        code=code,
        socket=SOCKETS[socket - 1] if 1 <= socket <= len(SOCKETS) else None,
        utc=_EPOCH + timedelta(seconds=u32(high, low), milliseconds=milliseconds),
        value=value,
    )
