"""The CHAdeMO port of a bench file on the virtual bench: contacts, inputs, the unit's CAN node."""

from __future__ import annotations

from collections.abc import Callable

from instruments.clock import Clock
from rig.bench.model import BenchFile
from rig.bench.model_base import Contact
from rig.bench.v2h_model import EvpsWiring
from rig.bench.watchdog_model import Contactors
from rig.virtual.boxes.slcan_bus import CanBus
from rig.virtual.can_nodes import BusNode, PythonCanNode
from rig.virtual.network import Network, PortContact, PortWiring
from rig.virtual.unit.v2h import CanNode, V2hParameters

__all__ = ["can_node", "port_inputs", "port_wiring"]

_INPUTS = 8


def port_wiring(spec: BenchFile, unit: V2hParameters) -> PortWiring | None:
    """Return how the bench file wires the port of an on-board unit; None: it does not."""
    wired = spec.wiring.v2h
    if not isinstance(wired, EvpsWiring):
        return None
    contacts: dict[PortContact, Contact | Contactors] = {
        "d1": wired.d1,
        "d2": wired.d2,
        "proximity": wired.proximity,
        "contactor": wired.contactor,
        "lock": wired.lock,
    }
    return PortWiring(
        supply=wired.supply,
        contacts={
            (spec.roles[each.board].link.unit or 0, each.relay): name
            for name, each in contacts.items()
        },
        coil_holds_s=unit.coil_holds_s,
    )


def port_inputs(
    spec: BenchFile, network: Network, role: str
) -> Callable[[], tuple[bool, ...]] | None:
    """Return the inputs of a board that k or the lock's contact is wired to; None: neither is."""
    wired, port = spec.wiring.v2h, network.port
    if not isinstance(wired, EvpsWiring) or port is None:
        return None
    levels: dict[int, Callable[[], bool]] = {}
    if wired.k.board == role:
        levels[wired.k.input] = lambda: port.lines.k
    if wired.locked.board == role:
        levels[wired.locked.input] = lambda: port.lines.locked
    if not levels:
        return None

    def states() -> tuple[bool, ...]:
        network.advance()
        return tuple(n in levels and levels[n]() for n in range(_INPUTS))

    return states


def can_node(spec: BenchFile, address: str, bus: CanBus, clock: Clock) -> CanNode:
    """Return the unit's node on the bus that the CAN role at ``address`` is on."""
    wired = spec.wiring.v2h
    assert wired is not None  # asked for only where the bench file has a port
    if spec.roles[wired.can].link.kind == "can-python":
        return PythonCanNode(address.partition(":")[2], clock)
    return BusNode(bus)
