"""The unit under test as a plan sees it: states, readings, settings, commands, event log.

A lab whose unit has another service port writes its own adapter to `Controller`.
Signs: DC and V2H current are positive into the vehicle; AC power is positive out of the sockets.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, IntFlag
from typing import Literal, Protocol

from rig.controller.trips import TripCode

__all__ = [
    "SOCKETS",
    "Controller",
    "Earthing",
    "LogRecord",
    "OverloadMemory",
    "Settings",
    "SocketFlags",
    "SocketName",
    "SocketState",
    "SocketStatus",
    "UnitState",
    "UnitStatus",
    "V2hMode",
    "V2hStatus",
    "VehicleData",
]

SocketName = Literal["A", "B", "C"]
SOCKETS: tuple[SocketName, ...] = ("A", "B", "C")


class UnitState(IntEnum):
    """What the unit as a whole does."""

    OFF = 0
    STANDBY = 1
    PRE_CHECK = 2
    RUNNING = 3
    DERATED = 4
    TRIPPED = 5
    LOCKED_OUT = 6


class SocketState(IntEnum):
    """What one socket does."""

    OFF = 0
    ON = 1
    TRIPPED = 2
    LOCKED_OUT = 3
    SHED = 4
    INHIBITED = 5


class SocketFlags(IntFlag):
    """What a socket's own sensors and checks say."""

    NONE = 0
    LID_OPEN = 1
    WET = 2
    PE_LOST = 4
    BACKFEED = 8
    WELD = 16


class Earthing(IntEnum):
    """How the AC output is earthed."""

    TN = 0
    IT = 1


class V2hMode(IntEnum):
    """What the V2H port may do."""

    OFF = 0
    DISCHARGE = 1
    CHARGE = 2
    BOTH = 3


@dataclass(frozen=True, slots=True)
class UnitStatus:
    """The unit as a whole at one instant."""

    state: UnitState
    last_trip: TripCode
    soc_percent: float
    dc_voltage_v: float
    dc_current_a: float
    ac_power_w: int
    heatsink_c: float
    dc_insulation_ohm: float
    ac_voltage_v: float
    ac_frequency_hz: float
    usable_energy_wh: int
    run_time_min: int
    """Predicted time until the sockets' floor."""
    firmware: str
    uptime_s: int


@dataclass(frozen=True, slots=True)
class SocketStatus:
    """One socket at one instant."""

    state: SocketState
    current_a: float
    power_w: int
    energy_wh: int
    trip: TripCode
    restarts_in_hour: int
    flags: SocketFlags


@dataclass(frozen=True, slots=True)
class V2hStatus:
    """The CHAdeMO port at one instant."""

    state: int
    voltage_v: float
    current_a: float
    """Positive into the vehicle."""
    last_stop_reason: int
    insulation_ohm: float


@dataclass(frozen=True, slots=True)
class OverloadMemory:
    """How full the overload timers are, in percent."""

    inverter_percent: int
    socket_percent: dict[SocketName, int]


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One entry of the unit's event log."""

    sequence: int
    code: int
    """A `TripCode`, or an event of the unit's own that is none."""
    socket: SocketName | None
    """None = the unit as a whole."""
    utc: datetime
    value: int
    """In the unit's own scaling for this code."""

    @property
    def trip(self) -> TripCode | None:
        """Return the trip the entry reports; None when its code is no trip."""
        return TripCode(self.code) if self.code in set(TripCode) else None


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings that the unit keeps."""

    enabled: frozenset[SocketName]
    priority: tuple[SocketName, ...]
    """Highest first."""
    soc_floor_percent: int
    earthing: Earthing
    power_limit_w: int
    v2h: V2hMode
    v2h_current_limit_a: int
    utc: datetime
    v2h_floor_percent: int


@dataclass(frozen=True, slots=True)
class VehicleData:
    """What the rest of the vehicle would say on its own bus, said by the rig in its place."""

    soc_percent: float
    discharge_limit_w: float = 12_000.0
    charge_limit_w: float = 12_000.0
    temperature_c: float = 25.0
    gear: int = 0
    """0 = park."""
    other_power_w: float = 0.0
    """Drawn by other consumers."""
    alive: int = 0
    """Must change at least every 2 s, or the unit takes the data for stale."""


class Controller(Protocol):
    """The service interface of the unit under test; what it declines raises ``Refused``."""

    def read_status(self) -> UnitStatus:
        """Read the unit as a whole."""

    def read_socket(self, socket: SocketName) -> SocketStatus:
        """Read one socket."""

    def read_sockets(self) -> dict[SocketName, SocketStatus]:
        """Read every socket at one instant."""

    def read_v2h(self) -> V2hStatus:
        """Read the CHAdeMO port."""

    def read_overload_memory(self) -> OverloadMemory:
        """Read how full the overload timers are."""

    def read_newest_sequence(self) -> int:
        """Return the sequence number of the newest log entry."""

    def read_log(self, after: int | None = None) -> list[LogRecord]:
        """Return log entries newer than sequence number ``after`` (None: all kept), oldest first.

        Entries the unit has overwritten meanwhile are missing; the sequence numbers show it.
        """

    def start(self) -> None:
        """Start: pre-checks, then enabled sockets one after another."""

    def stop(self) -> None:
        """Stop all outlets."""

    def acknowledge(self) -> None:
        """Acknowledge trips whose cause is gone."""

    def clear_lockout(self) -> None:
        """Clear a lock-out, which also zeroes the restart counters."""

    def read_settings(self) -> Settings:
        """Read every setting."""

    def enable_sockets(self, sockets: Collection[SocketName]) -> None:
        """Enable exactly these sockets."""

    def set_priority(self, order: Sequence[SocketName]) -> None:
        """Set the order in which sockets are kept, highest first; names every socket once."""

    def set_soc_floor(self, percent: int) -> None:
        """Set the state of charge at which the sockets go off, 10 to 90 %."""

    def set_earthing(self, earthing: Earthing) -> None:
        """Declare how the AC output is earthed."""

    def set_power_limit(self, power_w: int) -> None:
        """Set the power limit in W, 500 to 15000."""

    def set_v2h(self, mode: V2hMode) -> None:
        """Set what the V2H port may do."""

    def set_v2h_current_limit(self, current_a: int) -> None:
        """Set the largest V2H current in A."""

    def set_v2h_floor(self, percent: int) -> None:
        """Set the state of charge at which V2H discharge ends."""

    def set_utc(self, utc: datetime) -> None:
        """Set the unit's clock, to the second; ``utc`` must carry its time zone."""

    def write_vehicle_data(self, data: VehicleData) -> None:
        """Say all of the vehicle's data in one request."""
