"""The protections of the simulated controller, one a file."""

from rig.virtual.unit.protections.base import Protection
from rig.virtual.unit.protections.suite import build_protections

__all__ = ["Protection", "build_protections"]
