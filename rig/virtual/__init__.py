"""The virtual bench: simulated boxes behind real protocols, one circuit, one simulated unit."""

from rig.virtual.bench import VirtualBench

__all__ = ["VirtualBench"]
