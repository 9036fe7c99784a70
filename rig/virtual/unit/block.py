"""One sampled block as the firmware sees it: digitised, summed up, ready to be lived through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rig.virtual.unit.comparator import ShortCircuit
from rig.virtual.unit.contract import SteadyInputs
from rig.virtual.unit.frequency import Crossing
from rig.virtual.unit.readings import Signal, Span, Status
from rig.virtual.unit.residual_readings import ResidualReadings
from rig.virtual.unit.residual_sensing import ResidualBlock
from rig.virtual.unit.window import BlockSums

__all__ = ["AcReadings", "Block", "make_span"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class AcReadings:
    """Voltage, four currents, four powers and residual currents; by tick, or unchanging."""

    rms: tuple[Signal, ...]
    power_w: tuple[Signal, ...]
    frequency_hz: Signal
    residual: ResidualReadings

    def part(self, start: int, end: int) -> AcReadings:
        """Return the readings of some of the ticks."""
        return AcReadings(
            tuple(_part(each, start, end) for each in self.rms),
            tuple(_part(each, start, end) for each in self.power_w),
            _part(self.frequency_hz, start, end),
            self.residual.part(start, end),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """What the front end made of a block, up to the sample at which the comparator fired."""

    true: Floats
    first_sample: int
    sums: BlockSums
    residual: ResidualBlock
    crossings: list[Crossing]
    firing: ShortCircuit | None
    first_tick: int
    ticks: int
    readings: AcReadings
    slow: SteadyInputs


def make_span(
    first_tick: int,
    ticks: int,
    status: Status,
    *,
    ac: AcReadings,
    slow: SteadyInputs,
) -> Span:
    """Return readings as the protections take them; ``slow`` as the sensors show it."""
    _, a, b, c = ac.power_w
    return Span(
        first_tick=first_tick,
        ticks=ticks,
        status=status,
        ac_voltage_v=ac.rms[0],
        ac_current_a=ac.rms[1],
        ac_power_w=ac.power_w[0],
        ac_frequency_hz=ac.frequency_hz,
        apparent_va=ac.rms[0] * ac.rms[1],
        socket_current_a=(ac.rms[2], ac.rms[3], ac.rms[4]),
        socket_power_w=(a, b, c),
        residual=ac.residual,
        socket_voltage_v=slow.socket_voltage_v,
        dc_voltage_v=slow.dc_voltage_v,
        dc_current_a=slow.dc_current_a,
        heatsink_c=slow.heatsink_c,
        pack_insulation=slow.pack_insulation,
        output_insulation=slow.output_insulation,
        supply_12v=slow.supply_12v,
        lid_open=slow.lid_open,
        wet=slow.wet,
        pe_lost=slow.pe_lost,
    )


def _part(signal: Signal, start: int, end: int) -> Signal:
    return signal[start:end] if isinstance(signal, np.ndarray) else signal
