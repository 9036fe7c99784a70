"""What one make of controller is set to: every number of the firmware, frozen, in one place.

Numbers are those of the reference outlet controller, sections 1 to 3. Where the requirement is a
bound that a healthy unit must keep with its tolerances, the setting lies inside it (1 Hz: 0.9 Hz).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from rig.virtual.unit.parameter_kinds import Limit, SensorParameters, Stage
from rig.virtual.unit.parameters_earth import (
    PACK_TRIP_OHM,
    PACK_WARN_OHM,
    InsulationParameters,
    ResidualParameters,
)
from rig.virtual.unit.parameters_log import LogParameters
from rig.virtual.unit.v2h.parameters import V2hParameters

if TYPE_CHECKING:
    from rig.virtual.unit.protections.base import Protection

__all__ = [
    "AcWindow",
    "ContactParameters",
    "DcWindow",
    "HeatParameters",
    "InsulationParameters",
    "InverterParameters",
    "Limit",
    "OutletParameters",
    "PackLimitParameters",
    "Parameters",
    "PowerLimitParameters",
    "ResidualParameters",
    "RestartKind",
    "RestartParameters",
    "SensorParameters",
    "SequenceParameters",
    "ShortCircuitParameters",
    "SocParameters",
    "SocketParameters",
    "Stage",
    "SupplyParameters",
    "WeldParameters",
]

RestartKind = Literal["A", "M", "C", "L"]
"""By itself, after acknowledge, when the cause is gone, lock-out at once."""


@dataclass(frozen=True, slots=True)
class InverterParameters:
    """What the circuit needs to know of the unit's power stage."""

    voltage_v: float = 230.0
    frequency_hz: float = 50.0
    output_resistance_ohm: float = 0.0
    """Added to the circuit's own; negative lets the voltage rise with load."""
    current_limit_a: float = 80.0
    """Peak."""
    ramp_s: float = 0.015
    thd_percent: float = 0.94
    """Of the source itself, third and fifth harmonic together."""
    dc_offset_v: float = 0.0
    dip_per_rated: float = 0.09
    """Share of the voltage that a load step of 100 % takes at first."""
    dip_tau_s: float = 0.012
    """Time constant with which the regulator brings it back."""


@dataclass(frozen=True, slots=True)
class SocketParameters:
    """One socket: its overload stages in percent of 16 A, and how its relay is driven."""

    stages: tuple[Stage, ...] = (Stage(118.0, 250.0), Stage(145.0, 4.0), Stage(300.0, 0.001))
    relay_delay_s: float = 0.0
    """From the decision until the coil is driven."""
    wears_after: int = 10**9
    """So many openings after which the relay is worn, and how much later it is driven then."""
    worn_delay_s: float = 0.0
    current: SensorParameters = SensorParameters(range=100.0, noise=0.03)


@dataclass(frozen=True, slots=True)
class ShortCircuitParameters:
    """The hardware comparator and what follows it."""

    inverter_a: float = 77.0
    """Peak; above a resistive 200 % (73.8 A), below the electronic limit (80 A)."""
    socket_a: float = 75.0
    samples: int = 2
    """Successive 10 us samples above the threshold."""
    gate_block_s: float = 0.0002
    release_s: float = 0.013
    """From the relay's drive until the gates are released: its slowest opening and 1 ms."""
    selective: bool = True
    """A short circuit opens the socket it is at; else it stops the unit."""
    slow_rise_block_s: float | None = None
    """The same as ``gate_block_s`` after a current that rose over 50 us; None = no exception."""
    takes_along: tuple[int, int, int] = (0, 0, 0)
    """Which socket is opened with A, B, C; 0 = none."""


@dataclass(frozen=True, slots=True)
class AcWindow:
    """Output voltage and frequency supervision."""

    over_slow: Limit = Limit(257.6, 0.6)
    over_fast: Limit = Limit(270.0, 0.040)
    under_slow: Limit = Limit(183.0, 5.0)
    under_fast: Limit = Limit(104.0, 0.050)
    frequency_hz: float = 50.0
    frequency: Limit = Limit(0.9, 0.4)


@dataclass(frozen=True, slots=True)
class DcWindow:
    """Pack voltage supervision; digital thresholds, so only the sensor spreads."""

    under: Limit = Limit(251.5, 0.1)
    over: Limit = Limit(407.8, 0.1)
    hysteresis_v: float = 8.0
    return_s: float = 5.0


@dataclass(frozen=True, slots=True)
class HeatParameters:
    """The heat sink: less power when hot, off when too hot; digital thresholds."""

    sensor: SensorParameters = SensorParameters(range=200.0, noise=0.0)
    derate_from_c: float = 60.0
    derate_percent_per_k: float = 2.0
    notice_s: float = 0.2
    """From passing the knee until the state says so."""
    trip: Limit = Limit(84.2, 0.5)
    return_c: float = 75.0
    return_s: float = 2.0

    def power_share(self, heatsink_c: float) -> float:
        """Return what is left of the power limit."""
        above_k = max(0.0, heatsink_c - self.derate_from_c)
        return max(0.0, 1.0 - self.derate_percent_per_k / 100.0 * above_k)


@dataclass(frozen=True, slots=True)
class SupplyParameters:
    """The unit's own 12 V supply and its reset."""

    sensor: SensorParameters = SensorParameters(range=20.0, noise=0.0)
    brown_out: Limit = Limit(8.0, 0.02)
    lives_above_v: float = 4.0
    """What the processor's own regulator needs; below it the drivers of gates and relays let go."""
    drops_out: bool = True
    """Without processor the drivers of gates and relays let go."""
    resumes: bool = False
    """After a reset or cut it goes on where it was."""


@dataclass(frozen=True, slots=True)
class PackLimitParameters:
    """The discharge limit of the pack, in percent of what the vehicle says."""

    far_percent: float = 103.5
    far_s: float = 0.2
    near_percent: float = 98.5
    near_s: float = 0.45
    sheds: Literal["least", "most"] = "least"
    keeps_last: bool = False
    one_at_a_time: bool = False


@dataclass(frozen=True, slots=True)
class PowerLimitParameters:
    """The total power limit: warning, shedding and return."""

    warn_percent: float = 80.0
    yield_percent: float = 125.0
    """Above this the overload stages act first, once they count."""
    shed_s: float = 1.0
    headroom_percent: float = 10.0
    return_s: float = 60.0
    sheds: Literal["least", "most"] = "least"
    """Which socket goes: the least important one, or the most."""
    keeps_last: bool = True


@dataclass(frozen=True, slots=True)
class SocParameters:
    """The state-of-charge floor."""

    warn_percent: float = 5.0
    by_rank_percent: tuple[float, float, float] = (0.0, 1.5, 3.0)
    """Above the floor, by rank of priority; the first is the whole unit."""
    by_priority: bool = True
    """Ranks are those of the priority; else A, B, C in this order."""
    return_percent: float = 3.0
    kept: bool = True
    """What went for the charge is known after a power cycle."""


@dataclass(frozen=True, slots=True)
class SequenceParameters:
    """Start-up; quartz-timed, without spread."""

    boot_s: float = 0.1
    pre_check_s: float = 0.5
    first_socket_s: float = 0.1
    socket_spacing_s: float = 1.1
    by_priority: bool = True
    """Sockets come on the most important first; else by their numbers."""
    supervise_s: float = 0.1
    """From a ramp's begin until AC voltage and frequency are supervised."""


@dataclass(frozen=True, slots=True)
class ContactParameters:
    """A contact that says that a socket must be off."""

    delay_s: float
    while_off: bool = True
    """It counts for a socket that is off as well, and keeps it from being closed."""
    reads: int | None = None
    """The socket whose contact is read; None: its own."""


@dataclass(frozen=True, slots=True)
class WeldParameters:
    """The look for voltage behind a relay that was told to open."""

    voltage: Limit = Limit(50.0, 0.1)
    by_current: bool = False
    """It is looked for by the socket's current, not by its voltage."""
    least_a: float = 0.2
    most_looks: int = 1_000_000_000
    """After so many openings without a find it looks no more."""


@dataclass(frozen=True, slots=True)
class OutletParameters:
    """What watches one outlet beside its current: lid, water, earth, voltage, reverse power."""

    lid: ContactParameters = ContactParameters(0.2)
    lid_needs_enable: bool = True
    """A socket whose lid was open must be enabled again."""
    wet: ContactParameters = ContactParameters(0.2)
    pe: ContactParameters = ContactParameters(3.0)
    pe_inhibits: bool = True
    """A socket without earth is shown as inhibited, not as tripped."""
    voltage: SensorParameters = SensorParameters(range=500.0, noise=0.0)
    """Behind the relay, line against earth; a detector of its own, slow and smooth."""
    foreign_voltage: Limit = Limit(24.0, 0.15)
    reverse_power: Limit = Limit(4.7, 0.7)
    """In percent of the socket's rated power."""
    weld: WeldParameters = WeldParameters()


@dataclass(frozen=True, slots=True)
class RestartParameters:
    """What restarts each trip code, and how often by itself."""

    kinds: Mapping[int, RestartKind] = field(
        default_factory=lambda: MappingProxyType(
            {
                1: "A", 2: "A", 3: "M", 4: "M", 5: "M", 6: "M", 7: "M", 8: "M", 9: "M", 10: "M",
                11: "C", 12: "C", 13: "C", 14: "M", 15: "C", 16: "M", 17: "M", 18: "M", 19: "L",
                20: "C", 21: "M", 22: "M",
            }
        )
    )  # fmt: skip
    pauses_s: tuple[float, ...] = (10.0, 20.0, 40.0)
    within_s: float = 3600.0
    kept: bool = True
    """Counters and lock-outs survive a power cycle."""
    latches_kept: bool = True
    """What waits for an acknowledge survives it too."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """All of one controller; the nominal reference unit by default."""

    rating_va: float = 6000.0
    socket_rating_a: float = 16.0
    pack_wh: float = 62_000.0
    firmware_x100: int = 120
    inverter: InverterParameters = InverterParameters()
    stages: tuple[Stage, ...] = (
        Stage(105.0, 90.0),
        Stage(117.0, 20.0),
        Stage(137.0, 2.0),
        Stage(170.0, 0.12),
    )
    leak_s_per_s: float = 0.25
    sockets: tuple[SocketParameters, SocketParameters, SocketParameters] = (
        SocketParameters(),
        SocketParameters(),
        SocketParameters(),
    )
    ac_voltage: SensorParameters = SensorParameters(range=500.0, noise=0.3)
    ac_current: SensorParameters = SensorParameters(range=160.0, noise=0.05)
    dc_voltage: SensorParameters = SensorParameters(range=500.0, noise=0.0)
    dc_current: SensorParameters = SensorParameters(range=100.0, noise=0.0)
    clock_gain: float = 1.0
    """How fast the frequency counter's quartz makes frequencies look."""
    short_circuit: ShortCircuitParameters = ShortCircuitParameters()
    ac_window: AcWindow = AcWindow()
    dc_window: DcWindow = DcWindow()
    power_limit: PowerLimitParameters = PowerLimitParameters()
    soc: SocParameters = SocParameters()
    outlets: tuple[OutletParameters, OutletParameters, OutletParameters] = (
        OutletParameters(),
        OutletParameters(),
        OutletParameters(),
    )
    weld_kept: bool = True
    """A lock-out after a weld survives a power cycle."""
    sequence: SequenceParameters = SequenceParameters()
    restart: RestartParameters = RestartParameters()
    vehicle_stale_s: float = 2.0
    vehicle_any_message: bool = False
    """Every message counts as a sign of life, whatever its counter says."""
    vehicle_forgives_start: bool = False
    """Stale data forbid no start; their age counts from the start."""
    heat: HeatParameters = HeatParameters()
    supply: SupplyParameters = SupplyParameters()
    pack_limit: PackLimitParameters = PackLimitParameters()
    residual: tuple[ResidualParameters, ResidualParameters, ResidualParameters] = (
        ResidualParameters(),
        ResidualParameters(),
        ResidualParameters(),
    )
    pack_insulation: InsulationParameters = InsulationParameters(
        trip_ohm=PACK_TRIP_OHM, warn_ohm=PACK_WARN_OHM, settles_s=0.2, per_farad_s=1.2e6
    )
    output_insulation: InsulationParameters = InsulationParameters(
        trip_ohm=26_000.0, warn_ohm=None, settles_s=0.12, per_farad_s=0.0
    )
    v2h: V2hParameters = field(default_factory=V2hParameters)
    unlogged_codes: frozenset[int] = frozenset()
    log: LogParameters = LogParameters()
    replaced: Mapping[str, Callable[[Protection], Protection]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """Protections that run in place of the healthy ones, by name (see ``build_protections``)."""
    defect: str | None = None
    """The id of the defect these parameters carry."""
