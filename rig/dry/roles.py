"""Stand-ins on every role of a bench, behind the same gate and envelope as real boxes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from instruments.capabilities import Instrument
from instruments.registry import Role, find_model
from rig.bench.demand import Demand
from rig.bench.envelope import Envelopes
from rig.bench.limited import limited
from rig.bench.model import BenchFile
from rig.bench.roles import CONTROLLER, Roles, WatchdogBox
from rig.clock import VirtualClock
from rig.dry.boxes import DryBox, DryLoad, DryPointOnWave, DryRelays, DrySupply
from rig.dry.meters import DryAnalyser, DryCan, DryScope, DryThermometer
from rig.dry.stimuli import Stimuli
from rig.dry.unit import DryUnit
from rig.dry.world import World
from rig.safety import Gate

__all__ = ["dry_roles"]

_STAND_INS: Mapping[Role, type[DryBox]] = {
    "supply": DrySupply,
    "ac_load": DryLoad,
    "scope": DryScope,
    "analyser": DryAnalyser,
    "relays": DryRelays,
    "point_on_wave": DryPointOnWave,
    "can": DryCan,
    "thermometer": DryThermometer,
}


def dry_roles(bench: BenchFile, file: str, clock: VirtualClock, stimuli: Stimuli) -> Roles:
    """Return a stand-in for every role; no link is made."""
    world, gate = World(bench, clock), Gate()
    boxes = {
        role: _stand_in(spec.model)(role, world, stimuli)
        for role, spec in bench.roles.items()
        if role != CONTROLLER
    }
    envelopes = Envelopes(bench, file, stimuli.refuse)
    demand = Demand(envelopes, clock, gate.shut_with)
    drivers = cast("Mapping[str, Instrument]", boxes)
    armed = {role: boxes[role] for role, spec in bench.roles.items() if spec.watchdog is not None}
    return Roles(
        limited(bench, drivers, demand, clock, gate.shut_with),
        DryUnit(world, stimuli),
        {},
        dict.fromkeys(bench.roles, "dry run"),
        gate,
        demand,
        cast("Mapping[str, WatchdogBox]", armed),
    )


def _stand_in(model: str) -> type[DryBox]:
    kinds = find_model(model).roles
    return next((box for kind, box in _STAND_INS.items() if kind in kinds), DryBox)
