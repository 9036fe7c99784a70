"""A bench of the second kind: the unit under test is an off-board V2H box, the rig the vehicle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
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
from rig.bench.v2h import OffboardStation

__all__ = ["OffboardBench"]


class OffboardBench:
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
        self._envelopes = roles.demand.envelopes
        drivers = cast("Mapping[str, Any]", roles.drivers)  # roles are bound by the bench file
        self.pack = Pack(drivers, spec, self.clock, journal)
        self.v2h = OffboardStation(
            drivers, spec, (self.clock, clock), journal, roles.demand, self.safety.fail
        )

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.sleep_until(self.clock.now() + seconds)

    def step(self, text: str) -> AbstractContextManager[None]:
        """Bracket what belongs together in the report."""
        return self.journal.step(text)

    @contextmanager
    def energised(self) -> Iterator[None]:
        """Power the vehicle's battery; leaving the block makes the bench safe."""
        with self.safety.powered():
            with self.step("energise the pack"):
                self.power_hold.close_contactors()
                self.pack.connect(self._envelopes)
                self.safety.power_is_on()
            yield

    def make_safe(self) -> list[BenchError]:
        """Run the safe state of the bench file; return what could not be made safe."""
        return self.safety.make_safe()

    def _let_go(self) -> None:
        """Stop what runs by itself and would keep things on."""
        self.power_hold.let_go()
        self.v2h.let_go()
