"""Power as a context: checks before it, watches during it, the safe state after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from instruments.clock import Clock
from instruments.errors import BenchError
from rig.bench.check import Finding, check_roles
from rig.bench.interlock import InterlockWatch
from rig.bench.latch import Latch
from rig.bench.model import BenchFile
from rig.bench.plan_silence import PlanSilence
from rig.bench.power_hold import PowerHold
from rig.bench.roles import Roles
from rig.bench.safe_state import SafeState
from rig.bench.sources_out import check_sources_out
from rig.bench.steps import Journal
from rig.bench.supervisor import Supervisor
from rig.bench.suspicions import Suspicions
from rig.bench.terminals import Terminals
from rig.clock import VirtualClock
from rig.recording import RecordLost
from rig.safety import SafetyTrip, Trip

__all__ = ["BenchSafety"]

_FRESH_S = 5.0
"""A safe state that has just found all terminals dead need not be followed by another look."""


class BenchSafety:
    """Everything between a plan and power."""

    def __init__(
        self,
        spec: BenchFile,
        roles: Roles,
        clock: Clock,
        journal: Journal,
        *,
        latch: Latch,
        hold: PowerHold,
        let_go: Callable[[], None],
    ) -> None:
        self.latch = latch
        self._spec, self._roles, self._clock, self._journal = spec, roles, clock, journal
        self._gate = roles.gate
        self._terminals = Terminals(spec, roles.addresses, roles.drivers, clock)
        self._safe_state = SafeState(
            spec, roles.addresses, roles.drivers, clock, self._terminals, let_go=let_go
        )
        self._hold = hold
        self._interlock = InterlockWatch(spec, roles.drivers, hold.guard.alive)
        limits = spec.supervision
        self._supervisor = Supervisor(
            self._interlock,
            Suspicions(spec, roles.drivers, lambda: roles.demand.draws_power),
            PlanSilence(roles.gate, clock.now, limits.plan_silence_s if limits else None),
            clock,
            self._trip,
        )
        self._findings: list[Finding] | None = None

    @property
    def energised(self) -> bool:
        """Say whether there is power, or may be: a block was entered and nothing made it safe."""
        return self._roles.demand.powered

    def identified(self, findings: list[Finding]) -> None:
        """Take what every box has just said of itself."""
        self._findings = findings

    def look_soon(self) -> None:
        """Look at the interlock at once: somebody knows that it has changed."""
        self._supervisor.hasten()

    def fail(self, error: Exception) -> None:
        """Raise an error of a clock event in the plan, at its next call or sleep."""
        self._gate.shut_with(error)

    @contextmanager
    def powered(self) -> Iterator[None]:
        """Check before power; whatever ends the block, the safe state follows.

        A safe state that fails is an ``ExceptionGroup`` of all its failures; a trip, an interrupt
        or an exit that ended the block goes on as itself, with the failures as notes.
        """
        with self._supervisor.threads(), self._hold.held():
            try:
                with self._supervisor.watching():
                    self._check_before_power()
                    self._terminals.powered()
                    self._roles.demand.begin()
                    yield
                    self._gate.check()
            except BaseException as error:
                self._end(error)
                raise
            self._end(None)

    def power_is_on(self) -> None:
        """Watch for suspicions from now on: the pack has its voltage."""
        self._supervisor.watch_power()

    def make_safe(self) -> list[BenchError]:
        """Run the safe state of the bench file; return what could not be made safe."""
        self._roles.demand.end()
        self._supervisor.ignore_power()
        with self._gate.lifted():
            failures = self._safe_state.run()
        if failures:
            self._hold.not_made_safe()
        else:
            self._hold.made_safe()
        with suppress(RecordLost):  # the next event says so; what is not safe must be said first
            self._journal.note(
                "bench made safe"
                if not failures
                else "bench could not be made safe: " + "; ".join(f.box for f in failures)
            )
        return failures

    def _end(self, error: BaseException | None) -> None:
        failures = self.make_safe()
        self._gate.reopen()
        if not failures:
            return
        if isinstance(error, SafetyTrip | KeyboardInterrupt | SystemExit | GeneratorExit):
            for failure in failures:
                error.add_note(f"and while making safe: {failure}")
            return
        text = "the bench could not be made safe"
        if error is not None:
            text = f"{error}; and {text}"
        raise ExceptionGroup(text, failures) from error

    def _check_before_power(self) -> None:
        if (trip := self.latch.trip) is not None:
            raise SafetyTrip(trip)
        self._gate.check()
        self._know_every_box()
        if (cause := self._interlock.look_closely()) is not None:
            self._trip(cause)
            self._gate.check()
        if not self._terminals.dead_within(_FRESH_S):
            check_sources_out(self._spec, self._roles.drivers, self._roles.addresses)
            for _, dead in self._terminals.checks():
                dead(0.0)

    def _know_every_box(self) -> None:
        """Have every box identified, once unless one is not what it should be."""
        if self._findings is None:
            today = self._clock.utc().date()
            self._findings = check_roles(self._spec, self._roles, self._roles.addresses, today)
        for finding in self._findings:
            if not finding.sound:
                self._findings = None
                raise BenchError(
                    "identifying the boxes before power",
                    box=finding.role,
                    address=finding.address,
                    expected=finding.model,
                    got=finding.answer,
                    did="nothing was switched on",
                )

    def _trip(self, cause: str) -> None:
        """Stop the plan, cut the power, latch; the safe state follows as the plan ends.

        In wall time the plan may be at work elsewhere, so the power is cut from here; in virtual
        time it is waiting for this very call. No disk is waited for while power is on.
        """
        trip = Trip(cause, _instant(self._clock.utc()))
        self._gate.shut_with(SafetyTrip(self.latch.trip or trip))
        if not isinstance(self._clock, VirtualClock):
            self._safe_state.cut_power()
        self.latch.set(trip)
        with suppress(Exception):  # a record that cannot be written must not undo the trip
            self._journal.recorder.event("safety.trip", {"cause": trip.cause, "utc": trip.utc})


def _instant(utc: datetime) -> str:
    return utc.isoformat(timespec="milliseconds")
