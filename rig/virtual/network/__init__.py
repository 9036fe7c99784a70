"""The one circuit of the virtual bench."""

from rig.virtual.network.network import Network
from rig.virtual.network.plant import Plant
from rig.virtual.network.port import Port
from rig.virtual.network.port_wiring import PortContact, PortPlant, PortWiring
from rig.virtual.network.randomness import rng_for
from rig.virtual.network.truth import Truth, TruthEvent
from rig.virtual.network.wiring import Branch, Wiring

__all__ = [
    "Branch",
    "Network",
    "Plant",
    "Port",
    "PortContact",
    "PortPlant",
    "PortWiring",
    "Truth",
    "TruthEvent",
    "Wiring",
    "rng_for",
]
