"""DC in the output: what flows through resistors, as the analyser sees it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import fmean
from typing import TYPE_CHECKING

from instruments.capabilities import PowerReading
from rig.bench.calibration import state_of, uncertainty_of
from rig.bench.proofs import prove_level
from rig.measure import Budget, Component, Evidence, Measurement, Requirement

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["DcInOutput"]

_ROLE = "analyser_ac"
_SETTLED_S = 0.5
_UPDATES = 3
_HOLD_S = 6.0
"""For settling and the updates, which last 0.5 s each, and one more before the first."""


class DcInOutput:
    """The DC part of the inverter's current into every resistor of the step bank.

    Electronic loads take no part: they make their current themselves and block DC. The analyser's
    zero is taken off, as it shows it with voltage and without current.
    """

    def __init__(self, bench: Bench, requirement: Requirement) -> None:
        self._bench, self._requirement = bench, requirement

    def measure(self) -> Measurement:
        """Measure on an energised bench without load; the level proven is that of all sockets."""
        bench = self._bench
        bench.sleep(_SETTLED_S)
        idle = self._updates()
        wiring = bench.spec.wiring.sockets
        bench.faults.step(
            [(socket, len(each.step_branches)) for socket, each in wiring.items()], hold_s=_HOLD_S
        )
        bench.faults.wait_until_fired()
        bench.sleep(_SETTLED_S)
        loaded = self._updates()
        budget = Budget("A", self._components(idle, loaded))
        power_va = bench.rated_va / 100 * self._requirement.number("load_percent")
        level_va = sum(reading.apparent_va for reading in loaded[-1].values())
        tolerance = self._requirement.number("load_tolerance_percent")
        return Measurement(
            "dc_current",
            sum(_mean(loaded, socket) - _mean(idle, socket) for socket in wiring),
            "A",
            budget,
            Evidence(instruments=(_ROLE,)),
            self._problems(loaded),
            prove_level(level_va, "VA", power_va, tolerance, held_s=_HOLD_S),
        )

    def _updates(self) -> list[Mapping[str, PowerReading]]:
        """Return updates in a row, all of which began after the call."""
        first = self._bench.output.read()
        return [first, *(self._bench.output.read(following=True) for _ in range(_UPDATES - 1))]

    def _components(
        self, idle: list[Mapping[str, PowerReading]], loaded: list[Mapping[str, PowerReading]]
    ) -> tuple[Component, ...]:
        """Return the budget: scatter of each mean, and what the AC may add to the DC shown.

        No certificate states the latter; the accuracy of reading, of the AC, is taken for it, and
        for all elements alike.
        """
        scatter = math.hypot(
            *(_scatter(each, socket) for each in (idle, loaded) for socket in loaded[0])
        )
        amps = [reading.current_a for reading in loaded[0].values()]
        gains = [known[0] * a for a in amps if (known := self._known(a))]
        return (
            Component("scatter of the updates", "A", "normal", scatter),
            Component("AC seen as DC", "B", "normal", sum(gains)),
        )

    def _problems(self, loaded: list[Mapping[str, PowerReading]]) -> tuple[str, ...]:
        bench, spec = self._bench, self._bench.spec.roles[_ROLE]
        found = [
            f"{_ROLE}: no certificate covers {reading.current_a:g} A at socket {socket}"
            for socket, reading in loaded[0].items()
            if self._known(reading.current_a) is None
        ]
        overdue = state_of(_ROLE, spec).problem(bench.clock.utc().date())
        return tuple(found + ([overdue] if overdue else []))

    def _known(self, current_a: float) -> tuple[float, float] | None:
        return uncertainty_of(self._bench.spec.roles[_ROLE].calibration, "current", current_a)


def _mean(updates: list[Mapping[str, PowerReading]], socket: str) -> float:
    return fmean(update[socket].current_dc_a for update in updates)


def _scatter(updates: list[Mapping[str, PowerReading]], socket: str) -> float:
    """Return the standard uncertainty of the mean: the range of three by 1.69 estimates sigma."""
    values = [update[socket].current_dc_a for update in updates]
    return (max(values) - min(values)) / 1.69 / math.sqrt(len(values))
