"""What seeded defects are made of: functions that change one thing in the parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rig.virtual.unit.defect_fields import fields_of
from rig.virtual.unit.parameters import Parameters, RestartKind, SocketParameters, Stage

__all__ = [
    "Change",
    "ac_window",
    "heat",
    "inverter",
    "pack_limit",
    "power_limit",
    "restart",
    "restart_kind",
    "sequence",
    "short_circuit",
    "soc",
    "socket",
    "stage",
    "supply",
    "threshold",
    "time",
    "unlogged",
]

Change = Callable[[Parameters], Parameters]

# Each takes fields of a part by their names: ``heat(return_c=70.0)``.
inverter = fields_of(Parameters, "inverter")
short_circuit = fields_of(Parameters, "short_circuit")
power_limit = fields_of(Parameters, "power_limit")
restart = fields_of(Parameters, "restart")
sequence = fields_of(Parameters, "sequence")
soc = fields_of(Parameters, "soc")
ac_window = fields_of(Parameters, "ac_window")
heat = fields_of(Parameters, "heat")
supply = fields_of(Parameters, "supply")
pack_limit = fields_of(Parameters, "pack_limit")


def stage(number: int, change: Callable[[Stage], Stage]) -> Change:
    """Change one stage (1 to 4) of the inverter."""

    def changed(parameters: Parameters) -> Parameters:
        stages = list(parameters.stages)
        stages[number - 1] = change(stages[number - 1])
        return replace(parameters, stages=tuple(stages))

    return changed


def time(factor: float) -> Callable[[Stage], Stage]:
    """Multiply a stage's time."""
    return lambda stage: replace(stage, time_s=factor * stage.time_s)


def threshold(percent: float) -> Callable[[Stage], Stage]:
    """Move a stage's threshold."""
    return lambda stage: replace(stage, percent=percent)


def socket(number: int, change: Callable[[SocketParameters], SocketParameters]) -> Change:
    """Change one socket (1 to 3)."""

    def changed(parameters: Parameters) -> Parameters:
        a, b, c = (
            change(each) if n == number else each
            for n, each in enumerate(parameters.sockets, start=1)
        )
        return replace(parameters, sockets=(a, b, c))

    return changed


def restart_kind(code: int, kind: RestartKind) -> Change:
    """Let a trip code be restarted by something else."""

    def changed(parameters: Parameters) -> Parameters:
        kinds = {**parameters.restart.kinds, code: kind}
        return replace(parameters, restart=replace(parameters.restart, kinds=kinds))

    return changed


def unlogged(*codes: int) -> Change:
    """Let codes be missing in the event log."""
    return lambda p: replace(p, unlogged_codes=p.unlogged_codes | set(codes))
