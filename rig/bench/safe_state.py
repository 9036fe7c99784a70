"""Make a bench safe: the power path first, every step on its own, all failures collected."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from instruments.capabilities import Instrument
from instruments.clock import Clock
from instruments.errors import BenchError
from rig.bench.model import BenchFile
from rig.bench.safety_model import SafeStep
from rig.bench.side_by_side import Step, run_steps
from rig.bench.terminals import Terminals
from rig.signals import power_path

__all__ = ["SafeState"]

_DEAD_WITHIN_S = 5.0
"""From power off to terminals found dead: discharge, and two updates of an analyser."""
_LOOK_S = 5.0
"""How long one look at the terminals may take besides."""


class SafeState:
    """The safe state of a bench file; it can be run at any time, and again."""

    def __init__(
        self,
        bench: BenchFile,
        addresses: Mapping[str, str],
        drivers: Mapping[str, object],
        clock: Clock,
        terminals: Terminals,
        *,
        let_go: Callable[[], None],
    ) -> None:
        self._addresses, self._clock = addresses, clock
        self._let_go = let_go
        self._terminals = terminals
        self._power = [self._step(s, drivers) for s in bench.safe_state if not s.tidy]
        self._tidy = [self._step(s, drivers) for s in bench.safe_state if s.tidy]
        self._verify = [self._check(role, dead) for role, dead in terminals.checks()]

    def cut_power(self) -> list[BenchError]:
        """Make the power path safe, and nothing else; return what failed.

        First of all ``let_go`` ends what keeps something on by itself; when it fails, that is one
        failure more.
        """
        failures: list[BenchError] = []
        try:
            self._let_go()
        except Exception as error:  # whatever it is: the power path must be opened
            failures.append(_not_ended(error))
        return [*failures, *run_steps(self._power, self._clock)]

    def run(self) -> list[BenchError]:
        """Make all safe, find the terminals dead, tidy up; return what failed.

        An interrupt hastens it: the power path is run to its end, begun anew if need be, then the
        interrupt is raised.
        """
        failures: list[BenchError] | None = None
        interrupted: KeyboardInterrupt | None = None
        while failures is None:
            try:
                with power_path():
                    failures = self.cut_power()
            except KeyboardInterrupt as error:
                interrupted = error
        if interrupted is not None:
            for failure in failures:
                interrupted.add_note(f"and while making safe: {failure}")
            raise interrupted
        verified = run_steps(self._verify, self._clock)
        if not failures and not verified:
            self._terminals.found_dead()
        return [*failures, *verified, *run_steps(self._tidy, self._clock)]

    def _step(self, step: SafeStep, drivers: Mapping[str, object]) -> Step:
        driver, address = drivers[step.role], self._addresses[step.role]
        assert isinstance(driver, Instrument)
        return Step(step.role, address, address, step.within_s, driver.make_safe)

    def _check(self, role: str, dead: Callable[[float], None]) -> Step:
        address = self._addresses[role]
        return Step(
            role,
            address,
            address,
            _DEAD_WITHIN_S + _LOOK_S,
            lambda: dead(_DEAD_WITHIN_S),
            "finding the terminals dead",
        )


def _not_ended(error: Exception) -> BenchError:
    return BenchError(
        "ending what runs by itself",
        box="bench",
        address="this process",
        expected="it to end",
        got=f"{type(error).__name__}: {error}",
        did="the power path was opened all the same",
    )
