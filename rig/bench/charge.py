"""The state of charge as the vehicle says it, tenth by tenth, and what the outlets make of it.

The charge is what the rig says, so a level is known to the digit at which something happened; the
unit's threshold lies between that digit and the one before. Each digit stands long enough for the
unit to act and for one whole update of the analyser.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from instruments.errors import Refused
from rig.bench.outlets import TripWatch, live_outlets
from rig.bench.proofs import count_of
from rig.controller import SocketName
from rig.measure import Evidence, Measurement, Quantity, Requirement

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["ChargeRamp"]

_STEP = 0.1
_U_STEP = _STEP / math.sqrt(12.0)
_ROLES = ("analyser_ac", "controller")


class ChargeRamp:
    """An energised unit whose floor and priorities are known, and its charge."""

    def __init__(
        self,
        bench: Bench,
        requirement: Requirement,
        order: Sequence[SocketName],
        floor_percent: float,
    ) -> None:
        self._bench, self._order, self._floor = bench, list(order), floor_percent
        self._number = requirement.number
        self._stands_s = requirement.number("digit_stands_s")
        bench.controller.set_soc_floor(int(floor_percent))
        bench.controller.set_priority(self._order)

    def warning(self) -> Measurement:
        """Fall towards the level of the warning; return how far above the floor it was logged."""
        watch, code = TripWatch(self._bench), self._number("warning_code")
        for above in self._falling("from_above_floor", "to_above_floor"):
            if any(record.code == code for record in watch.records()):
                return self._level("warning_above_floor", above)
        return self._level("warning_above_floor", self._number("to_above_floor") - _STEP)

    def switch_offs(self) -> list[Measurement]:
        """Fall to below the floor; return how far above it each socket went, by its rank."""
        gone = dict[SocketName, float]()
        for above in self._falling("from_above_floor", "to_above_floor"):
            live = live_outlets(self._bench)
            gone |= {each: above for each in self._order if each not in live and each not in gone}
            if len(gone) == len(self._order):
                break
        never = self._number("to_above_floor") - _STEP
        return [
            self._level(f"rank_{rank}_above_floor", gone.get(socket, never))
            for rank, socket in enumerate(self._order, start=1)
        ]

    def rise_before_return(self, rank: int) -> Measurement:
        """Let the socket of a rank go, then rise; return by how much until it is back.

        Where it is not back by the highest rise tried, that is the value: it took more.
        """
        bench, socket = self._bench, self._order[rank - 1]
        evidence, rise = Evidence(instruments=_ROLES), math.nan
        falling = self._falling("from_above_floor", "to_above_floor")
        off = next((above for above in falling if socket not in live_outlets(bench)), None)
        if off is None:
            never = (f"socket {socket} did not go at all",)
            nothing = Quantity(rise, "%")
            return Measurement.of("rise_before_return", nothing, evidence=evidence, problems=never)
        for rise in self._rises():
            self._say(off + rise)
            bench.sleep(self._number("return_stands_s"))
            self._ask_for_it(rise)
            if socket in live_outlets(bench):
                break
        return Measurement.of("rise_before_return", Quantity(rise, "%"), evidence=evidence)

    def returns_after_a_cut(self) -> Measurement:
        """Let all go, cut the 12 V supply, rise by half of what is needed; count what comes then.

        That the unit starts once the charge has risen enough proves that nothing else kept it off.
        """
        bench, first = self._bench, self._order[0]
        falling = self._falling("from_above_floor", "to_above_floor")
        off = next((above for above in falling if first not in live_outlets(bench)), None)
        problems = (f"socket {first} did not go at all",) if off is None else ()
        went = self._number("to_above_floor") if off is None else off
        bench.power_cycle_unit(self._number("power_off_s"))
        came = self._start_at(went + self._number("allowed_rise") / 2.0)
        if not came and not self._start_at(went + self._number("highest_rise")):
            problems = (*problems, "nothing started when the charge had risen enough")
        return count_of("returns_after_a_cut", came, instruments=_ROLES, problems=problems)

    def _start_at(self, above_floor: float) -> int:
        """Start at a charge; count the outlets that come."""
        self._say(above_floor)
        with suppress(Refused):
            self._bench.controller.start()
        self._bench.sleep(self._number("return_stands_s"))
        return len(live_outlets(self._bench))

    def _falling(self, start: str, end: str) -> Iterator[float]:
        """Say one digit after the other; yield how far above the floor it is, once it stood."""
        first, last = self._number(start), self._number(end)
        for n in range(round((first - last) / _STEP) + 1):
            above = round(first - n * _STEP, 1)
            self._say(above)
            self._bench.sleep(self._stands_s)
            yield above

    def _rises(self) -> Iterator[float]:
        """Yield rises: coarse far below the one that is allowed, then digit by digit."""
        allowed, highest = self._number("allowed_rise"), self._number("highest_rise")
        yield allowed / 2
        first = allowed - 0.4
        for n in range(round((highest - first) / _STEP) + 1):
            yield round(first + n * _STEP, 1)

    def _ask_for_it(self, rise: float) -> None:
        """Ask for the outlets by every command there is, as long as they must not come."""
        if rise >= self._number("allowed_rise"):
            return
        controller = self._bench.controller
        controller.enable_sockets(self._order)
        for command in (controller.acknowledge, controller.start):
            with suppress(Refused):
                command()
        self._bench.sleep(self._number("return_stands_s"))

    def _say(self, above_floor: float) -> None:
        soc = round(self._floor + above_floor, 1)
        self._bench.journal.stimulus("controller", f"charge {soc:.1f} %", soc_percent=soc)
        self._bench.unit.say_soc(soc)

    def _level(self, name: str, above_floor: float) -> Measurement:
        """Return a threshold that lies between a digit and the one above it."""
        middle = Quantity(above_floor + _STEP / 2.0, "%", _U_STEP)
        return Measurement.of(name, middle, evidence=Evidence(instruments=_ROLES))
