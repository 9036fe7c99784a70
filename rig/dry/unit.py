"""A stand-in for the unit under test: it does as it is told, and never trips."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from rig.controller import (
    SOCKETS,
    Earthing,
    LogRecord,
    OverloadMemory,
    Settings,
    SocketFlags,
    SocketName,
    SocketState,
    SocketStatus,
    TripCode,
    UnitState,
    UnitStatus,
    V2hMode,
    V2hStatus,
    VehicleData,
)
from rig.dry.stimuli import Stimuli
from rig.dry.world import World

__all__ = ["DryUnit"]

_ROLE = "controller"


class DryUnit:
    """A `Controller` without a unit behind it."""

    def __init__(self, world: World, stimuli: Stimuli) -> None:
        self._world, self._stimuli = world, stimuli
        self._power_limit_w = int(world.bench.unit.rated_power_va)
        self._priority: tuple[SocketName, ...] = ("A", "C", "B")
        self._v2h = V2hMode.OFF

    def read_status(self) -> UnitStatus:
        """Return a unit that runs, or stands by, at nominal values."""
        world, unit = self._world, self._world.bench.unit
        watts = world.power_w
        return UnitStatus(
            state=UnitState.RUNNING if world.running else UnitState.STANDBY,
            last_trip=TripCode.NONE,
            soc_percent=80.0,
            dc_voltage_v=world.pack_v,
            dc_current_a=watts / world.pack_v if world.pack_v else 0.0,
            ac_power_w=int(watts),
            heatsink_c=30.0,
            dc_insulation_ohm=1e6,
            ac_voltage_v=unit.nominal_voltage_v if world.running else 0.0,
            ac_frequency_hz=unit.nominal_frequency_hz,
            usable_energy_wh=40_000,
            run_time_min=600,
            firmware="dry run",
            uptime_s=int(world.clock.now()),
        )

    def read_socket(self, socket: SocketName) -> SocketStatus:
        """Return a socket that is on when it was told to be."""
        watts, amps = self._world.load(socket)
        return SocketStatus(
            state=SocketState.ON if self._world.live(socket) else SocketState.OFF,
            current_a=amps,
            power_w=int(watts),
            energy_wh=0,
            trip=TripCode.NONE,
            restarts_in_hour=0,
            flags=SocketFlags.NONE,
        )

    def read_sockets(self) -> dict[SocketName, SocketStatus]:
        """Return every socket."""
        return {socket: self.read_socket(socket) for socket in SOCKETS}

    def read_v2h(self) -> V2hStatus:
        """Return a port that is dead."""
        return V2hStatus(0, 0.0, 0.0, 0, 1e6)

    def read_overload_memory(self) -> OverloadMemory:
        """Return empty timers."""
        return OverloadMemory(0, dict.fromkeys(SOCKETS, 0))

    def read_newest_sequence(self) -> int:
        """Return that the log is empty."""
        return 0

    def read_log(self, after: int | None = None) -> list[LogRecord]:
        """Return no entries."""
        return []

    def start(self) -> None:
        """Start."""
        self._note("start")
        self._world.running = True

    def stop(self) -> None:
        """Stop all outlets."""
        self._note("stop")
        self._world.running = False

    def acknowledge(self) -> None:
        """Acknowledge trips."""
        self._note("acknowledge")

    def clear_lockout(self) -> None:
        """Clear a lock-out."""
        self._note("clear the lock-out")

    def read_settings(self) -> Settings:
        """Return the settings of a new unit, as far as they were not changed."""
        earthing = Earthing[self._world.bench.unit.earthing.upper()]
        return Settings(
            enabled=self._world.enabled,
            priority=self._priority,
            soc_floor_percent=20,
            earthing=earthing,
            power_limit_w=self._power_limit_w,
            v2h=self._v2h,
            v2h_current_limit_a=15,
            utc=self._world.clock.utc(),
            v2h_floor_percent=30,
        )

    def enable_sockets(self, sockets: Collection[SocketName]) -> None:
        """Enable exactly these sockets."""
        self._note(f"enable sockets: {', '.join(sockets) or 'none'}")
        self._world.enabled = frozenset(sockets)

    def set_priority(self, order: Sequence[SocketName]) -> None:
        """Set the order in which sockets are kept."""
        self._note(f"priority {' > '.join(order)}")
        self._priority = tuple(order)

    def set_soc_floor(self, percent: int) -> None:
        """Set the floor of the sockets."""
        self._note(f"floor {percent} %")

    def set_earthing(self, earthing: Earthing) -> None:
        """Declare the earthing."""
        self._note(f"earthing {earthing.name.lower()}")

    def set_power_limit(self, power_w: int) -> None:
        """Set the power limit."""
        self._note(f"power limit {power_w} W")
        self._power_limit_w = power_w

    def set_v2h(self, mode: V2hMode) -> None:
        """Set what the V2H port may do."""
        self._note(f"V2H {mode.name.lower()}")
        self._v2h = mode

    def set_v2h_current_limit(self, current_a: int) -> None:
        """Set the largest V2H current."""
        self._note(f"V2H at most {current_a} A")

    def set_v2h_floor(self, percent: int) -> None:
        """Set the floor of V2H."""
        self._note(f"V2H floor {percent} %")

    def set_utc(self, utc: datetime) -> None:
        """Take the time."""

    def write_vehicle_data(self, data: VehicleData) -> None:
        """Take the vehicle's data."""

    def _note(self, what: str) -> None:
        self._stimuli.note(_ROLE, what)
