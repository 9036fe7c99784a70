"""Hold the wiring of a bench file against its boxes: each of the right kind, nothing used twice."""

from __future__ import annotations

from collections.abc import Iterator

from instruments.registry import Role, find_model
from rig.bench.file_problem import Problem, Use, Where, used_twice
from rig.bench.model import BenchFile, SocketWiring
from rig.bench.model_base import InputContact

__all__ = ["wiring_problems"]

_WORDS: dict[Role, str] = {
    "ac_load": "an electronic AC load",
    "supply": "a bidirectional supply",
    "scope": "an oscilloscope",
    "analyser": "a power analyser",
    "relays": "a relay board",
    "inputs": "a board with digital inputs",
    "point_on_wave": "a point-on-wave trigger",
    "can": "a CAN adapter",
    "thermometer": "a thermometer",
}
_BY_NAME: dict[str, Role] = {
    "pack": "supply",
    "scope_ac": "scope",
    "scope_dc": "scope",
    "analyser_ac": "analyser",
    "analyser_dc": "analyser",
    "point_on_wave": "point_on_wave",
    "ambient": "thermometer",
}
"""Roles that have their meaning by their name."""
_NEEDED = {
    "reference": ("pack", "scope_ac", "analyser_ac", "point_on_wave"),
    "v2h-box": ("pack",),
}
_CONTROLLER = "controller"


def wiring_problems(bench: BenchFile) -> Iterator[Problem]:
    """Yield what cannot be: a role that is missing or of another kind, a part with two uses."""
    needed = (*_NEEDED[bench.unit.profile], *(("analyser_dc",) if bench.wiring.v2h else ()))
    for role in dict.fromkeys(needed):
        if role not in bench.roles:
            yield Problem(("roles",), f"the role {role}, {_WORDS[_BY_NAME[role]]}, besides")
    for where, role, kind in _kinds(bench):
        if role == _CONTROLLER or kind not in find_model(bench.roles[role].model).roles:
            yield Problem(where, f"a role that is {_WORDS[kind]}; {role} is none")
    yield from used_twice(_socket_uses(bench))
    yield from used_twice(_contact_uses(bench))
    for scope in ("scope_ac", "scope_dc"):
        probes = getattr(bench.wiring, scope).items()
        yield from used_twice(
            Use(("wiring", scope, n, "sees"), "something", probe.sees) for n, probe in probes
        )
    for name, socket in bench.wiring.sockets.items():
        if socket.neighbour == name:
            yield Problem(("wiring", "sockets", name, "neighbour"), "another socket")


def _kinds(bench: BenchFile) -> Iterator[tuple[Where, str, Role]]:
    """Yield each place that names a role, with the kind of box it must be."""
    wiring = bench.wiring
    for name, wanted in _BY_NAME.items():
        if name in bench.roles:
            yield ("roles", name, "model"), name, wanted
    for name, socket in wiring.sockets.items():
        yield ("wiring", "sockets", name, "load"), socket.load, "ac_load"
    if wiring.mux_board is not None:
        yield ("wiring", "mux_board"), wiring.mux_board, "relays"
    for name, contact in wiring.fault_networks.items():
        yield ("wiring", "fault_networks", name, "board"), contact.board, "relays"
    if wiring.contactors is not None:
        yield ("wiring", "contactors", "board"), wiring.contactors.board, "relays"
    if wiring.v2h is not None:
        yield ("wiring", "v2h", "supply"), wiring.v2h.supply, "supply"
        yield ("wiring", "v2h", "can"), wiring.v2h.can, "can"
        for name, each in wiring.v2h.contacts.items():
            kind: Role = "inputs" if isinstance(each, InputContact) else "relays"
            yield ("wiring", "v2h", name, "board"), each.board, kind
    if bench.interlock is not None:
        yield ("interlock", "board"), bench.interlock.board, "inputs"


def _socket_uses(bench: BenchFile) -> Iterator[Use]:
    for name, socket in bench.wiring.sockets.items():
        where: Where = ("wiring", "sockets", name)
        yield Use((*where, "load"), "a load", ("load", socket.load))
        yield Use((*where, "analyser_element"), "an element", ("element", socket.analyser_element))
        for key, bit in _branches(socket):
            yield Use((*where, *key), "a branch", ("branch", bit))


def _branches(socket: SocketWiring) -> Iterator[tuple[Where, int]]:
    for index, bit in enumerate(socket.step_branches):
        yield ("step_branches", index), bit
    yield ("short_branch",), socket.short_branch
    if socket.residual_branch is not None:
        yield ("residual_branch",), socket.residual_branch


def _contact_uses(bench: BenchFile) -> Iterator[Use]:
    """Yield each relay and each input that something hangs on."""
    wiring = bench.wiring
    for name, socket in wiring.sockets.items():
        where: Where = ("wiring", "sockets", name, "mux_relay")
        yield Use(where, "a relay", (wiring.mux_board, "relay", socket.mux_relay))
    if (main := wiring.contactors) is not None:
        yield Use(("wiring", "contactors"), "a relay", (main.board, "relay", main.relay))
    for name, contact in wiring.fault_networks.items():
        where = ("wiring", "fault_networks", name)
        yield Use(where, "a relay", (contact.board, "relay", contact.relay))
    if wiring.v2h is not None:
        for name, each in wiring.v2h.contacts.items():
            kind, number = (
                ("input", each.input) if isinstance(each, InputContact) else ("relay", each.relay)
            )
            what = "an input" if kind == "input" else "a relay"
            yield Use(("wiring", "v2h", name), what, (each.board, kind, number))
    if bench.interlock is not None:
        for name, number in bench.interlock.inputs.items():
            yield Use(("interlock", name), "an input", (bench.interlock.board, "input", number))
