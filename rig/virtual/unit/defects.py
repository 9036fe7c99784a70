"""The seeded defects of the simulated controller, and how others are added from a file.

A file outside the project defines ``DEFECTS``, a sequence of ``Defect``; a defect changes the
frozen ``Parameters`` or replaces protections by name, never the firmware's code.
"""

from __future__ import annotations

import runpy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from instruments.errors import UsageError
from rig.virtual.unit.defect import Defect
from rig.virtual.unit.parameters import Limit, Parameters, RestartKind, SocketParameters, Stage

__all__ = ["Defect", "defect_by_id", "list_defects", "load_defects"]

_Change = Callable[[Parameters], Parameters]


def _stage(number: int, change: Callable[[Stage], Stage]) -> _Change:
    """Change one stage (1 to 4) of the inverter."""

    def changed(parameters: Parameters) -> Parameters:
        stages = list(parameters.stages)
        stages[number - 1] = change(stages[number - 1])
        return replace(parameters, stages=tuple(stages))

    return changed


def _time(factor: float) -> Callable[[Stage], Stage]:
    return lambda stage: replace(stage, time_s=factor * stage.time_s)


def _threshold(percent: float) -> Callable[[Stage], Stage]:
    return lambda stage: replace(stage, percent=percent)


def _socket(number: int, change: Callable[[SocketParameters], SocketParameters]) -> _Change:
    """Change one socket (1 to 3)."""

    def changed(parameters: Parameters) -> Parameters:
        a, b, c = (
            change(each) if n == number else each
            for n, each in enumerate(parameters.sockets, start=1)
        )
        return replace(parameters, sockets=(a, b, c))

    return changed


def _restart(code: int, kind: RestartKind) -> _Change:
    def changed(parameters: Parameters) -> Parameters:
        kinds = {**parameters.restart.kinds, code: kind}
        return replace(parameters, restart=replace(parameters.restart, kinds=kinds))

    return changed


def _slow_gates(parameters: Parameters) -> Parameters:
    slow = replace(parameters.short_circuit, gate_block_s=0.025)
    return replace(parameters, short_circuit=slow)


def _voltage(volts: float) -> _Change:
    return lambda p: replace(p, inverter=replace(p.inverter, voltage_v=volts))


def _frequency(hz: float) -> _Change:
    return lambda p: replace(p, inverter=replace(p.inverter, frequency_hz=hz))


def _slow_dc(parameters: Parameters) -> Parameters:
    late = Limit(parameters.dc_window.under.value, 0.6)
    return replace(parameters, dc_window=replace(parameters.dc_window, under=late))


def _no_spacing(parameters: Parameters) -> Parameters:
    return replace(parameters, sequence=replace(parameters.sequence, socket_spacing_s=0.4))


def _eager(parameters: Parameters) -> Parameters:
    restart = replace(parameters.restart, pauses_s=(10.0, 20.0, 40.0, 40.0, 40.0))
    return replace(parameters, restart=restart)


_DEFECTS = (
    Defect(
        "overload-110-late", "R-OVL-02", "stage 1 of the inverter takes 1.6 times its time",
        _stage(1, _time(1.6)),
    ),
    Defect(
        "overload-125-late", "R-OVL-03", "stage 2 of the inverter takes 1.8 times its time",
        _stage(2, _time(1.8)),
    ),
    Defect(
        "overload-150-threshold", "R-OVL-04", "stage 3 of the inverter begins at 160 %",
        _stage(3, _threshold(160.0)),
    ),
    Defect(
        "overload-200-late", "R-OVL-05", "stage 4 of the inverter takes 2.5 times its time",
        _stage(4, _time(2.5)),
    ),
    Defect(
        "overload-forgets", "R-OVL-06", "a dip below a threshold empties the overload timers",
        lambda p: replace(p, leak_s_per_s=1e6),
    ),
    Defect(
        "socket-b-no-overload", "R-OVL-08", "socket B has no overload stages",
        _socket(2, lambda socket: replace(socket, stages=())),
    ),
    Defect(
        "short-circuit-restarts", "R-SC-03", "a short circuit is retried as an overload is",
        _restart(3, "A"),
    ),
    Defect(
        "gate-block-slow", "R-SC-01", "the gates are blocked 25 ms after the comparator",
        _slow_gates,
    ),
    Defect(
        "relay-c-late", "R-SC-01", "the relay of socket C is driven 40 ms late",
        _socket(3, lambda socket: replace(socket, relay_delay_s=0.040)),
    ),
    Defect(
        "socket-overload-not-logged", "R-LOG-01", "trips of code 2 are not written to the log",
        lambda p: replace(p, unlogged_codes=frozenset({2})),
    ),
    Defect(
        "output-high", "R-OUT-01", "the output voltage is 4 % high", _voltage(239.2),
    ),
    Defect(
        "output-rises-with-load", "R-OUT-01", "the output voltage is 4 % high at full load",
        lambda p: replace(p, inverter=replace(p.inverter, output_resistance_ohm=-0.353)),
    ),
    Defect(
        "frequency-high", "R-OUT-02", "the output frequency is 50.4 Hz", _frequency(50.4),
    ),
    Defect(
        "pack-under-voltage-late", "R-DC-01", "pack under-voltage is debounced for 0.6 s", _slow_dc,
    ),
    Defect(
        "power-limit-late", "R-PWR-01", "sockets are shed after 3 s",
        lambda p: replace(p, power_limit=replace(p.power_limit, shed_s=3.0)),
    ),
    Defect(
        "vehicle-stale-late", "R-PWR-03", "vehicle data count as alive for 4 s",
        lambda p: replace(p, vehicle_stale_s=4.0),
    ),
    Defect(
        "sockets-together", "R-SEQ-01", "sockets follow each other after 0.4 s", _no_spacing,
    ),
    Defect(
        "restarts-without-end", "R-REC-01", "overload is retried five times an hour", _eager,
    ),
)  # fmt: skip


def list_defects() -> tuple[Defect, ...]:
    """Return the defects that come with the project."""
    return _DEFECTS


def load_defects(path: Path) -> tuple[Defect, ...]:
    """Return the defects a file defines as ``DEFECTS``."""
    if not path.is_file():
        raise UsageError(f"no defect file at {path}")
    found = runpy.run_path(str(path)).get("DEFECTS")
    if not isinstance(found, list | tuple) or not all(isinstance(d, Defect) for d in found):
        raise UsageError(f"{path} must define DEFECTS, a list of rig.virtual.unit.Defect")
    return tuple(found)


def defect_by_id(name: str) -> Defect:
    """Return the defect ``ID``, or ``FILE:ID`` from a file outside the project."""
    file, _, wanted = name.rpartition(":")
    known = load_defects(Path(file)) if file else _DEFECTS
    for defect in known:
        if defect.id == wanted:
            return defect
    ids = ", ".join(each.id for each in known)
    raise UsageError(f"no defect {wanted!r} in {file or 'the project'}; there are: {ids}")
