"""The unit's contactor pair: its coils hang between d1 and d2, so no supply, no contact."""

from __future__ import annotations

from rig.virtual.network.agenda import Change
from rig.virtual.network.port import Port
from rig.virtual.network.randomness import rng_for
from rig.virtual.network.truth import Kind
from rig.virtual.network.world import World

__all__ = ["ContactorPair"]

_WITHIN = 1.0 / 3.0


class ContactorPair:
    """Follows the unit's switch while both lines feed the coils; drops when either goes."""

    def __init__(self, world: World, port: Port, unit_seed: int, *, holds_s: float = 0.0) -> None:
        rng = rng_for(unit_seed, "v2h contactors")
        spread = 1.0 + rng.uniform(-_WITHIN, _WITHIN, 2)
        self._closes_s = float(port.plant.closes_s * spread[0])
        self._drops_s = float(port.plant.drops_s * spread[1])
        self._world, self._port, self._holds_s = world, port, holds_s
        self._switched = self._energised = False
        self._moving: Change | None = None
        port.lines.changed.append(self._follow)

    def drive(self, on: bool, t_s: float) -> None:
        """Close or open the unit's switch."""
        self._switched = on
        self._follow(t_s)

    def _follow(self, t_s: float) -> None:
        fed = self._port.lines.coil_fed
        energised = self._switched and fed
        if energised == self._energised:
            return
        self._energised = energised
        if self._moving is not None:
            self._moving.cancel()
        kept_s = 0.0 if fed else self._holds_s
        takes_s = self._closes_s if energised else self._drops_s + kept_s
        self._moving = self._world.at(t_s + takes_s, self._move)

    def _move(self, t_s: float) -> None:
        kind: Kind = "contact_closed" if self._energised else "contact_parted"
        self._world.truth.note(t_s, kind, "port")
        self._port.move("vehicle", self._energised, t_s, self._world.pack.last.voltage_v)
