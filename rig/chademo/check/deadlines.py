"""From one step to the next: what must follow within which time (facts: sections 6, 8.3, 8.5)."""

from __future__ import annotations

from dataclasses import dataclass

from rig.chademo.check.case import Case, Rule
from rig.chademo.check.happening import STOPS, Happening
from rig.chademo.check.limits import Limits
from rig.chademo.frames import Side

__all__ = ["DEADLINES", "Deadline", "DeadlineRule", "deadlines_met"]


@dataclass(frozen=True, slots=True)
class Deadline:
    """What one side owes after a step; names of limits are those of ``Limits``."""

    name: str
    side: Side
    start: Happening
    end: Happening
    limit: str
    asked: str | None
    source: str
    to_start: bool
    """Part of the start: a stop waives it. What belongs to the stop is owed in any case."""
    after: Happening | None = None
    """What must have happened as well; the time counts from the later of both."""

    def limit_s(self, limits: Limits) -> float:
        """Return the time after which the rule is broken."""
        return float(getattr(limits, self.limit))

    def asked_s(self, limits: Limits) -> float | None:
        """Return the time after which it is worth a note."""
        return float(getattr(limits, self.asked)) if self.asked else None


_V, _C, _H = Side.VEHICLE, Side.CHARGER, Happening

DEADLINES = (
    Deadline("answer", _C, _H.VEHICLE_TALKS, _H.CHARGER_TALKS, "answer_s", None, "§6 #4", True),
    Deadline("enable", _V, _H.VEHICLE_TALKS, _H.ENABLED, "enable_s", None, "§6 #7", True),
    Deadline("lock", _C, _H.ENABLED, _H.LOCKED, "lock_s", None, "§6 #8", True),
    Deadline("close", _V, _H.ENABLED, _H.CLOSED, "close_s", "close_asked_s", "§6 #11-12", True),
    Deadline("request", _V, _H.CLOSED, _H.REQUESTED, "request_s", None, "§6 #14", True),
    Deadline("start", _C, _H.REQUESTED, _H.TRANSFER, "start_s", "start_asked_s", "§6 #15", True),
    Deadline(
        "obey stop",
        _V,
        _H.STOP_ORDERED,
        _H.DISABLED,
        "obey_stop_s",
        "obey_stop_asked_s",
        "§8.3",
        False,
    ),
    Deadline(
        "obey fault",
        _V,
        _H.CHARGER_FAULT,
        _H.DISABLED,
        "obey_stop_s",
        "obey_stop_asked_s",
        "§4.2",
        False,
    ),
    Deadline(
        "stop on fault",
        _C,
        _H.VEHICLE_FAULT,
        _H.STOP_ORDERED,
        "low_current_s",
        "low_current_asked_s",
        "§4.1",
        False,
    ),
    Deadline(
        "stop out of park",
        _C,
        _H.NOT_PARKED,
        _H.STOP_ORDERED,
        "low_current_s",
        "low_current_asked_s",
        "§4.1, §4.4",
        False,
    ),
    Deadline(
        "stop with the vehicle",
        _C,
        _H.DISABLED,
        _H.STOP_ORDERED,
        "low_current_s",
        "low_current_asked_s",
        "§8.2",
        False,
    ),
    Deadline(
        "ramp down",
        _C,
        _H.DISABLED,
        _H.LOW_CURRENT,
        "low_current_s",
        "low_current_asked_s",
        "§8.3",
        False,
    ),
    Deadline(
        "clear charging",
        _C,
        _H.LOW_CURRENT,
        _H.TRANSFER_OFF,
        "clear_charging_s",
        None,
        "§8.3",
        False,
        _H.DISABLED,  # which a charger of 1.0 may wait for (§12, 11)
    ),
    Deadline("weld check", _V, _H.TRANSFER_OFF, _H.OPENED, "weld_s", "weld_asked_s", "§8.3", False),
    Deadline(
        "output at a quarter",
        _C,
        _H.OUTPUT_FALLS,
        _H.OUTPUT_QUARTER,
        "output_quarter_s",
        None,
        "§8.3",
        False,
    ),
    Deadline(
        "output gone", _C, _H.OUTPUT_FALLS, _H.OUTPUT_GONE, "output_gone_s", None, "§8.3", False
    ),
)

_VEHICLE_STOPS = frozenset({_H.DISABLED, _H.NOT_PARKED, _H.VEHICLE_FAULT})


class DeadlineRule(Rule):
    """Runs one timer a deadline, and notes what came later than asked for."""

    def happened(self, what: Happening) -> None:
        """Start and stop the deadlines that hang on this step."""
        for each in DEADLINES:
            if each.end is what:
                self._met(each)
            elif self._begins(each, what) and self._is_owed(each):
                self._start(each, what)
        if what in STOPS:
            for each in DEADLINES:
                if each.to_start:
                    self.case.timers.stop(each.name)

    def _begins(self, deadline: Deadline, what: Happening) -> bool:
        both = {deadline.start, deadline.after} - {None}
        return what in both and all(each in self.case.at for each in both)

    def _is_owed(self, deadline: Deadline) -> bool:
        case = self.case
        if case.done(deadline.end) or (case.done(Happening.INSIDE) and deadline.to_start):
            return False
        if deadline.to_start and case.stopping:
            return False
        if deadline.end in {Happening.OPENED, Happening.CLOSED}:
            return case.knows_contactor
        if deadline.end is Happening.DISABLED:
            return case.bus.vehicle.enabled
        if deadline.start not in _VEHICLE_STOPS:
            return True
        # A fault that comes with the end of the permission is judged by that.
        told_twice = deadline.start is Happening.VEHICLE_FAULT and not case.bus.vehicle.enabled
        return case.done(Happening.TRANSFER) and not told_twice

    def _start(self, deadline: Deadline, what: Happening) -> None:
        case, since_s = self.case, self.case.bus.t_s
        limit_s = deadline.limit_s(case.limits)

        def missed(t_s: float) -> None:
            if deadline.end is Happening.ENABLED and case.bus.vehicle.enabled:
                return  # before the charger has said a word, which is judged by itself
            case.error(
                f"deadline: {deadline.name}",
                deadline.side,
                f"not within {limit_s:g} s after '{what}': {deadline.end}",
                deadline.source,
                t_s=t_s,
            )

        case.timers.start(deadline.name, since_s + limit_s, missed)

    def _met(self, deadline: Deadline) -> None:
        case = self.case
        in_time = case.timers.running(deadline.name)
        case.timers.stop(deadline.name)
        asked_s = deadline.asked_s(case.limits)
        if not in_time or asked_s is None:
            return
        took_s = case.bus.t_s - case.at[deadline.start]
        if took_s > asked_s:
            case.note(
                f"deadline: {deadline.name}",
                deadline.side,
                f"{deadline.end} {took_s:.3f} s after '{deadline.start}': {asked_s:g} s are asked"
                f" for, the other side waits {deadline.limit_s(case.limits):g} s",
                deadline.source,
            )


def deadlines_met(case: Case) -> dict[str, float]:
    """Return how long each step took after the one it hangs on, s, by the deadline's name.

    What was done before it was owed is left out.
    """
    done = [each for each in DEADLINES if case.done(each.start) and case.done(each.end)]
    took = {each.name: case.at[each.end] - case.at[each.start] for each in done}
    return {name: took_s for name, took_s in took.items() if took_s >= 0.0}
