"""The CHAdeMO port of a bench file on the virtual bench: contacts, inputs, the unit's CAN node."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from instruments.clock import Clock
from rig.bench.model import BenchFile
from rig.bench.model_base import Contact, InputContact
from rig.bench.v2h_model import EvpsWiring, VehicleWiring
from rig.bench.watchdog_model import Contactors
from rig.virtual.boxes.slcan_bus import CanBus
from rig.virtual.can_nodes import BusNode, PythonCanNode
from rig.virtual.network import Network, PortContact, PortWiring
from rig.virtual.network.port_lines import PortLines
from rig.virtual.unit.v2h import CanNode, V2hParameters

__all__ = ["can_node", "port_inputs", "port_wiring", "vehicle_wiring"]


def port_wiring(spec: BenchFile, unit: V2hParameters) -> PortWiring | None:
    """Return how the bench file wires the port of an on-board unit; None: it does not."""
    wired = spec.wiring.v2h
    if not isinstance(wired, EvpsWiring):
        return None
    return PortWiring(
        supply=wired.supply,
        contacts=_at_relays(
            spec,
            {
                "d1": wired.d1,
                "d2": wired.d2,
                "proximity": wired.proximity,
                "contactor": wired.contactor,
                "lock": wired.lock,
            },
        ),
        coil_holds_s=unit.coil_holds_s,
    )


def vehicle_wiring(spec: BenchFile) -> PortWiring:
    """Return how the bench file wires the port of an off-board box."""
    wired = spec.wiring.v2h
    assert isinstance(wired, VehicleWiring)  # the model demands it of such a unit
    return PortWiring(
        supply=None,
        contacts=_at_relays(
            spec,
            {
                "k": wired.k,
                "proximity": wired.proximity,
                "contactor": wired.contactor,
                "start": wired.start,
                "stop": wired.stop,
                "emergency": wired.emergency,
                "discharge": wired.discharge,
            },
        ),
    )


def port_inputs(
    spec: BenchFile, network: Network, role: str, others: Callable[[], tuple[bool, ...]]
) -> Callable[[], tuple[bool, ...]]:
    """Return a board's inputs: the lines of the port that are wired to it, and ``others``."""
    wired, port = spec.wiring.v2h, network.port
    if wired is None or port is None:
        return others
    levels = {each.input: level for each, level in _seen(wired, port.lines) if each.board == role}
    if not levels:
        return others

    def states() -> tuple[bool, ...]:
        network.advance()
        return tuple(levels[n]() if n in levels else on for n, on in enumerate(others()))

    return states


def _seen(
    wired: EvpsWiring | VehicleWiring, lines: PortLines
) -> list[tuple[InputContact, Callable[[], bool]]]:
    if isinstance(wired, EvpsWiring):
        return [(wired.k, lambda: lines.k), (wired.locked, lambda: lines.locked)]
    return [(wired.d1, lambda: lines.d1), (wired.d2, lambda: lines.d2)]


def _at_relays(
    spec: BenchFile, contacts: Mapping[PortContact, Contact | Contactors]
) -> dict[tuple[int, int], PortContact]:
    return {
        (spec.roles[each.board].link.unit or 0, each.relay): name for name, each in contacts.items()
    }


def can_node(spec: BenchFile, address: str, bus: CanBus, clock: Clock) -> CanNode:
    """Return the unit's node on the bus that the CAN role at ``address`` is on."""
    wired = spec.wiring.v2h
    assert wired is not None  # asked for only where the bench file has a port
    if spec.roles[wired.can].link.kind == "can-python":
        return PythonCanNode(address.partition(":")[2], clock)
    return BusNode(bus)
