"""What seeded defects are made of: functions that change one thing in the parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from rig.virtual.unit.parameters import (
    AcWindow,
    HeatParameters,
    InverterParameters,
    PackLimitParameters,
    Parameters,
    PowerLimitParameters,
    RestartKind,
    RestartParameters,
    SequenceParameters,
    ShortCircuitParameters,
    SocketParameters,
    SocParameters,
    Stage,
    SupplyParameters,
)

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
_Part = TypeVar(
    "_Part",
    AcWindow,
    HeatParameters,
    InverterParameters,
    PackLimitParameters,
    PowerLimitParameters,
    RestartParameters,
    SequenceParameters,
    ShortCircuitParameters,
    SocParameters,
    SupplyParameters,
)


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


def inverter(**changes: float) -> Change:
    """Change fields of the power stage."""
    return lambda p: replace(p, inverter=_with(p.inverter, changes))


def short_circuit(**changes: object) -> Change:
    """Change fields of the short-circuit protection."""
    return lambda p: replace(p, short_circuit=_with(p.short_circuit, changes))


def power_limit(**changes: object) -> Change:
    """Change fields of the power limit."""
    return lambda p: replace(p, power_limit=_with(p.power_limit, changes))


def restart(**changes: object) -> Change:
    """Change fields of the automatic restart."""
    return lambda p: replace(p, restart=_with(p.restart, changes))


def sequence(**changes: object) -> Change:
    """Change fields of the start sequence."""
    return lambda p: replace(p, sequence=_with(p.sequence, changes))


def soc(**changes: object) -> Change:
    """Change fields of the state-of-charge floor."""
    return lambda p: replace(p, soc=_with(p.soc, changes))


def ac_window(**changes: object) -> Change:
    """Change fields of the output's supervision."""
    return lambda p: replace(p, ac_window=_with(p.ac_window, changes))


def heat(**changes: object) -> Change:
    """Change fields of what watches the heat sink."""
    return lambda p: replace(p, heat=_with(p.heat, changes))


def supply(**changes: object) -> Change:
    """Change fields of what the 12 V supply and the reset do."""
    return lambda p: replace(p, supply=_with(p.supply, changes))


def pack_limit(**changes: object) -> Change:
    """Change fields of the pack's discharge limit."""
    return lambda p: replace(p, pack_limit=_with(p.pack_limit, changes))


def unlogged(code: int) -> Change:
    """Let a code be missing in the event log."""
    return lambda p: replace(p, unlogged_codes=p.unlogged_codes | {code})


def _with(part: _Part, changes: object) -> _Part:
    assert isinstance(changes, dict)
    return replace(part, **changes)
