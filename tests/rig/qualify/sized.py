"""Defects that lie a given distance inside or outside of a limit, whatever the unit's tolerances.

A defect file: ``rig qualify --defects sized.py``. Each subject is one parameter of which the
measured quantity is a known function; what the unit of seed 0 makes of it is taken off.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rig.virtual.network import Plant
from rig.virtual.unit import Defect, Parameters
from rig.virtual.unit.parameters import Limit, Stage
from rig.virtual.unit.spread import spread

Change = Callable[[Parameters, float], Parameters]
Read = Callable[[Parameters], float]


@dataclass(frozen=True)
class Subject:
    """A limit of a requirement, and how a parameter that just keeps or breaks it is set."""

    name: str
    requirement: str
    inside: float
    outside: float
    change: Change
    read: Read
    """The parameter of a unit: its share or offset of the nominal one is that of the unit."""


def stage(number: int) -> tuple[Change, Read]:
    def change(p: Parameters, time_s: float) -> Parameters:
        stages = list(p.stages)
        stages[number - 1] = Stage(stages[number - 1].percent, time_s)
        return replace(p, stages=tuple(stages))

    return change, lambda p: p.stages[number - 1].time_s


def voltage(p: Parameters, volts: float) -> Parameters:
    # Without load the circuit stands a little above the nominal voltage, with a tolerance.
    off = Plant.drawn(0, 0).open_voltage_v / p.inverter.voltage_v
    return replace(p, inverter=replace(p.inverter, voltage_v=volts / off))


def frequency(p: Parameters, hertz: float) -> Parameters:
    return replace(p, inverter=replace(p.inverter, frequency_hz=hertz))


def gate_block(p: Parameters, seconds: float) -> Parameters:
    return replace(p, short_circuit=replace(p.short_circuit, gate_block_s=seconds))


def stale(p: Parameters, seconds: float) -> Parameters:
    return replace(p, vehicle_stale_s=seconds)


def under(p: Parameters, seconds: float) -> Parameters:
    limit = Limit(p.dc_window.under.value, seconds)
    return replace(p, dc_window=replace(p.dc_window, under=limit))


def spacing(p: Parameters, seconds: float) -> Parameters:
    return replace(p, sequence=replace(p.sequence, socket_spacing_s=seconds))


def warning(p: Parameters, percent: float) -> Parameters:
    return replace(p, soc=replace(p.soc, warn_percent=percent))


# A trip by the one-cycle RMS comes up to 25 ms after its timer; by a relay, up to 12 ms more.
SUBJECTS = (
    Subject("overload-150-late", "R-OVL-04", 2.95, 3.01, *stage(3)),
    Subject("overload-150-early", "R-OVL-04", 1.01, 0.96, *stage(3)),
    Subject("voltage-high", "R-OUT-01", 236.4, 238.0, voltage, lambda p: p.inverter.voltage_v),
    Subject("frequency-high", "R-OUT-02", 50.24, 50.32, frequency,
            lambda p: p.inverter.frequency_hz),
    Subject("short-circuit-late", "R-SC-01", 0.0193, 0.0205, gate_block,
            lambda p: p.short_circuit.gate_block_s),
    Subject("vehicle-stale-late", "R-PWR-03", 2.45, 2.66, stale, lambda p: p.vehicle_stale_s),
    Subject("pack-under-late", "R-DC-01", 0.14, 0.22, under, lambda p: p.dc_window.under.time_s),
    Subject("sockets-close", "R-SEQ-01", 1.02, 0.97, spacing,
            lambda p: p.sequence.socket_spacing_s),
    Subject("soc-warning-early", "R-SOC-01", 5.4, 5.8, warning, lambda p: p.soc.warn_percent),
)  # fmt: skip


def sized(subject: Subject, side: str, value: float) -> Defect:
    """Return the defect whose unit of seed 0 has ``value`` in truth."""
    nominal = Parameters()
    factor = subject.read(spread(nominal, 0)) / subject.read(nominal)
    return Defect(
        f"{subject.name}-{side}",
        subject.requirement,
        f"{value:g}, {side} the limit",
        lambda p: subject.change(p, value / factor),
    )


DEFECTS = [
    sized(subject, side, getattr(subject, side))
    for subject in SUBJECTS
    for side in ("inside", "outside")
]
