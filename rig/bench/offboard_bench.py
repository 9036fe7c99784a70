"""A bench of the second kind: the unit under test is an off-board V2H box, the rig the vehicle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from instruments.clock import Clock
from rig.bench.guard import Guard
from rig.bench.latch import Latch
from rig.bench.model import BenchFile
from rig.bench.powered_bench import PoweredBench
from rig.bench.roles import Roles
from rig.bench.steps import Journal
from rig.bench.v2h import OffboardStation

__all__ = ["OffboardBench"]


class OffboardBench(PoweredBench):
    """One bench whose unit is a box at the plug; the pack stands for the vehicle's battery."""

    def __init__(
        self,
        spec: BenchFile,
        file: str,
        roles: Roles,
        clock: Clock,
        journal: Journal,
        guard: Guard | None = None,
        *,
        latch: Latch | None = None,
    ) -> None:
        super().__init__(spec, file, roles, clock, journal, guard, latch=latch)
        clocks = self.clock, self._raw_clock
        self.v2h = OffboardStation(
            self._drivers, spec, clocks, journal, roles.demand, self.safety.fail
        )

    @contextmanager
    def energised(self) -> Iterator[None]:
        """Power the vehicle's battery; leaving the block makes the bench safe."""
        with self.safety.powered():
            with self.step("energise the pack"):
                self._power_from_pack()
            yield

    def _let_go(self) -> None:
        """Stop what runs by itself and would keep things on."""
        try:
            self.power_hold.let_go()
        finally:
            self.v2h.let_go()
