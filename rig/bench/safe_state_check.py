"""Hold the safe state of a bench file against its boxes: nothing that carries power is left out."""

from __future__ import annotations

from collections.abc import Iterator

from instruments.registry import find_model
from rig.bench.file_problem import Problem, Use, used_twice
from rig.bench.model import BenchFile
from rig.bench.model_base import InputContact
from rig.bench.network_names import FEEDING

__all__ = ["safe_state_problems"]

_CARRIES = frozenset({"ac_load", "supply", "point_on_wave"})
_CONTROLLER = "controller"


def safe_state_problems(bench: BenchFile) -> Iterator[Problem]:
    """Yield what the safe state lacks, has twice, or tidies up though it carries power."""
    power, boards = _carrying(bench), _boards(bench)
    steps = {step.role for step in bench.safe_state}
    for role in bench.roles:
        if role in power | boards and role not in steps:
            does = "carries power" if role in power else "puts something in"
            yield Problem(("safe_state",), f"a step for {role} besides, which {does}")
    for index, step in enumerate(bench.safe_state):
        if step.tidy and step.role in power:
            yield Problem(
                ("safe_state", index),
                f"{step.role} among the first, without tidy: it carries power",
            )
    yield from used_twice(
        Use(("safe_state", index), "a role", step.role)
        for index, step in enumerate(bench.safe_state)
    )


def _carrying(bench: BenchFile) -> set[str]:
    """Return the roles that carry power, or let it past what switches it off."""
    wiring = bench.wiring
    found = {
        role
        for role, spec in bench.roles.items()
        if role != _CONTROLLER and find_model(spec.model).roles & _CARRIES
    }
    found |= {each.board for name, each in wiring.fault_networks.items() if name in FEEDING}
    if wiring.contactors is not None:
        found.add(wiring.contactors.board)
    if wiring.v2h is not None:
        found.add(wiring.v2h.contactor.board)
    return found


def _boards(bench: BenchFile) -> set[str]:
    """Return the relay boards that insert anything."""
    found = {each.board for each in bench.wiring.fault_networks.values()}
    if bench.wiring.v2h is not None:
        contacts = bench.wiring.v2h.contacts.values()
        found |= {each.board for each in contacts if not isinstance(each, InputContact)}
    return found
