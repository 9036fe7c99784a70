"""What the firmware sees on a run of ticks: one number a quantity, or one a tick."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rig.virtual.unit.contract import Insulation
from rig.virtual.unit.residual_readings import ResidualReadings
from rig.virtual.unit.vehicle import VehicleData

__all__ = ["Signal", "Span", "Status", "at", "highest"]

Signal = float | NDArray[np.float64]
"""A quantity on the ticks of a span: unchanging, or by tick."""


def at(signal: Signal, tick: int) -> float:
    """Return the value on the ``tick``-th tick of the span, counted from 1."""
    return float(signal[tick - 1]) if isinstance(signal, np.ndarray) else signal


def highest(signal: Signal) -> float:
    """Return the largest value on the span."""
    return float(signal.max()) if isinstance(signal, np.ndarray) else signal


@dataclass(frozen=True, slots=True)
class Status:
    """What the unit itself is doing; unchanging on a span."""

    armed: bool
    """From the pre-check on until the unit stops."""
    inverter_on: bool
    sourcing: bool
    """The output has its voltage, as far as the unit has not taken it away itself."""
    supervised: bool
    """The output has had time to settle after a ramp."""
    sockets_on: tuple[bool, bool, bool]
    sockets_ready: tuple[bool, bool, bool]
    """On, or about to be."""
    trip_codes: tuple[int, int, int]
    """Why each socket went off; 0 when it did not trip."""
    waiting: frozenset[tuple[int, int]]
    """Code and socket of the trips of kind C that stand."""
    priority: tuple[int, int, int]
    """Socket numbers, the most important first."""
    power_limit_w: float
    """As it is now, derated by heat."""
    derated: bool
    floor_percent: float
    earthed: bool
    """The output's neutral is bonded to earth, as holding register 4 declares it."""
    evps_tests_insulation: bool
    """The home's conditioner does so at the CHAdeMO port now: ours would disturb it."""
    vehicle: VehicleData


@dataclass(frozen=True, slots=True)
class Span:
    """Readings on the ticks ``first_tick + 1`` to ``first_tick + ticks``."""

    first_tick: int
    ticks: int
    status: Status
    ac_voltage_v: Signal
    ac_current_a: Signal
    ac_power_w: Signal
    ac_frequency_hz: Signal
    apparent_va: Signal
    socket_current_a: tuple[Signal, Signal, Signal]
    socket_power_w: tuple[Signal, Signal, Signal]
    residual: ResidualReadings
    socket_voltage_v: tuple[float, float, float]
    """Behind each socket's relay, by a slow detector."""
    dc_voltage_v: float
    dc_current_a: float
    heatsink_c: float
    pack_insulation: Insulation
    output_insulation: Insulation
    supply_12v: float
    lid_open: tuple[bool, bool, bool]
    wet: tuple[bool, bool, bool]
    pe_lost: tuple[bool, bool, bool]
