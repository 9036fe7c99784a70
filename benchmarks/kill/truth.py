"""When, by the bench's own truth, everything was off."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.kill.served import Served
from benchmarks.waiting import awaited

__all__ = ["Off", "await_off", "off_after"]

_DEAD_DC_V, _DEAD_AC_V, _DEAD_A = 60.0, 30.0, 1.0
State = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Off:
    """Seconds from an event until something was off for good; None: it is still on."""

    contactors_s: float | None
    output_s: float | None
    dead_s: float | None
    """Unit's DC terminals and sockets without voltage, loads without current."""

    @property
    def all_s(self) -> float | None:
        """Until the last of them was off; None: something is still on."""
        times = (self.contactors_s, self.output_s, self.dead_s)
        return None if None in times else max(t for t in times if t is not None)


def off_after(log: Sequence[State], event_s: float) -> Off:
    """Return when everything was off for good, after an event at a monotonic time."""
    return Off(
        _until(log, event_s, lambda state: not state["contactors_closed"]),
        _until(log, event_s, lambda state: not state["supply_on"]),
        _until(log, event_s, _dead),
    )


def await_off(served: Served, event_s: float, within_s: float) -> Off:
    """Wait until everything is off, at most so long after the event; return how it is then."""

    def off() -> Off:
        return off_after(served.truth(), event_s)

    awaited(lambda: off().all_s is not None, event_s + within_s - time.monotonic())
    return off()


def _dead(state: State) -> bool:
    return bool(
        state["dc_voltage_v"] < _DEAD_DC_V
        and max(state["socket_voltage_v"]) < _DEAD_AC_V
        and max(state["load_current_a"]) < _DEAD_A
        and state["branches"] == 0
    )


def _until(log: Sequence[State], event_s: float, off: Callable[[State], bool]) -> float | None:
    if not log or not off(log[-1]):
        return None
    since = None
    for state in reversed(log):
        if not off(state):
            break
        since = state["monotonic_s"]
    return 0.0 if since is None else max(since - event_s, 0.0)
