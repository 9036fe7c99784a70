"""What an observer beside the bench would see: what is on, what is closed, what is live."""

from __future__ import annotations

from dataclasses import dataclass

from rig.virtual.network.world import World

__all__ = ["Observation", "observe"]


@dataclass(frozen=True, slots=True)
class Observation:
    """The state of everything that can carry power, at one instant."""

    supply_on: bool
    contactors_closed: bool
    dc_voltage_v: float
    """At the unit's DC terminals, behind the contactors; rounded to 1 V."""
    socket_voltage_v: tuple[float, float, float]
    """RMS, rounded to 1 V."""
    load_current_a: tuple[float, float, float]
    """RMS, rounded to 0.1 A."""
    loads_on: tuple[bool, bool, bool]
    branches: int
    """Mask of closed branches of the point-on-wave trigger."""


def observe(world: World) -> Observation:
    """Look at the circuit as it stands; the world must have been brought up to now."""
    a, b, c = world.steady.sockets
    x, y, z = world.steady.loads
    first, second, third = world.circuit.loads
    return Observation(
        supply_on=world.supply_on,
        contactors_closed=world.connected,
        dc_voltage_v=round(world.pack.last.voltage_v),
        socket_voltage_v=(round(a.voltage_v), round(b.voltage_v), round(c.voltage_v)),
        load_current_a=(round(x.current_a, 1), round(y.current_a, 1), round(z.current_a, 1)),
        loads_on=(first.on, second.on, third.on),
        branches=world.circuit.branches,
    )
