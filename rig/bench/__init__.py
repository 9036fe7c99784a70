"""A bench: its file, its roles, its limits, and the handle a plan gets on it."""

from rig.bench.bench import Bench
from rig.bench.check import Finding, check_roles, table
from rig.bench.model import BenchFile
from rig.bench.overload import InverterOverload, Overload, SocketOverload
from rig.bench.pulses import PulsedOverload
from rig.bench.roles import Roles, bind_roles, check_models
from rig.bench.steps import Journal
from rig.bench.wave import Wave

__all__ = [
    "Bench",
    "BenchFile",
    "Finding",
    "InverterOverload",
    "Journal",
    "Overload",
    "PulsedOverload",
    "Roles",
    "SocketOverload",
    "Wave",
    "bind_roles",
    "check_models",
    "check_roles",
    "table",
]
