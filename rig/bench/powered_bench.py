"""What every bench has: a pack behind contactors, its safety, its gated clock, its journal."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, cast

from instruments.clock import Clock
from instruments.errors import BenchError
from rig.bench.bench_safety import BenchSafety
from rig.bench.gated import GatedClock
from rig.bench.guard import Guard
from rig.bench.latch import Latch
from rig.bench.model import BenchFile
from rig.bench.pack import Pack
from rig.bench.power_hold import PowerHold
from rig.bench.roles import Roles
from rig.bench.steps import Journal

__all__ = ["PoweredBench"]


class PoweredBench(ABC):
    """One bench, bound and open; energising is a ``with`` block and nothing else."""

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
        self.spec, self.file, self.journal = spec, file, journal
        self.power_hold = PowerHold(spec, roles, clock, journal, guard)
        self.safety = BenchSafety(
            spec,
            roles,
            clock,
            journal,
            latch=latch or Latch(),
            hold=self.power_hold,
            let_go=self._let_go,
        )
        self.clock: Clock = GatedClock(clock, roles.gate)
        self._raw_clock = clock
        self._envelopes = roles.demand.envelopes
        # Which driver is on which role, the bench file says; its model was checked for the role.
        self._drivers = cast("Mapping[str, Any]", roles.drivers)
        self.pack = Pack(self._drivers, spec, self.clock, journal)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.sleep_until(self.clock.now() + seconds)

    def step(self, text: str) -> AbstractContextManager[None]:
        """Bracket what belongs together in the report."""
        return self.journal.step(text)

    def make_safe(self) -> list[BenchError]:
        """Run the safe state of the bench file; return what could not be made safe."""
        return self.safety.make_safe()

    def _power_from_pack(self) -> None:
        """Close the contactors and let the pack stand behind them."""
        self.power_hold.close_contactors()
        self.pack.connect(self._envelopes)
        self.safety.power_is_on()

    @abstractmethod
    def _let_go(self) -> None:
        """Stop what runs by itself and would keep things on; forget what was on."""
