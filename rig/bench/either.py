"""The bench that a file describes, of whichever kind."""

from __future__ import annotations

from rig.bench.bench import Bench
from rig.bench.model import BenchFile
from rig.bench.offboard_bench import OffboardBench

__all__ = ["AnyBench", "bench_class", "is_offboard"]

AnyBench = Bench | OffboardBench


def is_offboard(spec: BenchFile) -> bool:
    """Say whether the unit of a bench is an off-board V2H box."""
    return spec.unit.profile == "v2h-box"


def bench_class(spec: BenchFile) -> type[AnyBench]:
    """Return the class of the bench that a file describes."""
    return OffboardBench if is_offboard(spec) else Bench
