"""Conditions at the ends of ordinary use, in which a protection must act as it always does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rig.bench.heat import HeatSink
from rig.measure import Requirements

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["CONDITIONS", "condition"]

_SETTLED_S = 1.0

Condition = Callable[["Bench", Requirements], Iterator[None]]


def _hot(bench: Bench, requirements: Requirements) -> Iterator[None]:
    heat = requirements.get("R-OT-01")
    with HeatSink(bench, heat).at(heat.number("hot_c"), longest_s=heat.number("longest_s")):
        yield


def _nearly_empty(bench: Bench, requirements: Requirements) -> Iterator[None]:
    above = requirements.get("R-SOC-01").number("from_above_floor")
    bench.unit.say_soc(bench.controller.read_settings().soc_floor_percent + above)
    yield


def _low_pack(bench: Bench, requirements: Requirements) -> Iterator[None]:
    bench.pack.set_voltage(min(requirements.get("R-DC-01").numbers("in_use_v")))
    yield


def _full_pack(bench: Bench, requirements: Requirements) -> Iterator[None]:
    bench.pack.set_voltage(max(requirements.get("R-DC-01").numbers("in_use_v")))
    yield


CONDITIONS: Mapping[str, Condition] = {
    "hot": _hot,
    "nearly empty": _nearly_empty,
    "low pack": _low_pack,
    "full pack": _full_pack,
}
"""As hot, as empty or at such a voltage as the unit may be without doing anything about it."""


@contextmanager
def condition(bench: Bench, requirements: Requirements, name: str) -> Iterator[None]:
    """Have an energised bench in a condition for a block, which starts when it stands.

    How far a condition goes is known from the requirement that ends it.
    """
    with contextmanager(CONDITIONS[name])(bench, requirements):
        bench.sleep(_SETTLED_S)
        yield
