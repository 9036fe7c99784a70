"""What can happen to an energised plan: each row of the matrix, and how it is brought about."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from benchmarks.kill.served import Served

__all__ = ["ROWS", "Row", "named"]

Bound = Literal["guardian", "watchdog", "none"]


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that happens.

    ``event`` tells the plan what to do by itself; ``act`` is done to it from outside. ``bound``
    says within which time everything must be off. ``spoils``: the served bench is of no use after.
    """

    name: str
    event: str = "wait"
    act: Callable[[Served, Mapping[str, Any]], None] | None = None
    bound: Bound = "none"
    spoils: bool = False
    guardian: bool = False
    """Whether it needs a guardian to happen to."""
    plan_silence_s: float | None = None
    """The bench file's limit of a plan's silence; None: as served, without one."""


def _signal(number: signal.Signals, *whom: str) -> Callable[[Served, Mapping[str, Any]], None]:
    def act(_: Served, told: Mapping[str, Any]) -> None:
        for each in whom or ("pid",):
            os.kill(told[each], number)

    return act


def _control(command: str) -> Callable[[Served, Mapping[str, Any]], None]:
    return lambda served, _: served.control(command)


def _twice(served: Served, told: Mapping[str, Any]) -> None:
    os.kill(told["pid"], signal.SIGTERM)
    time.sleep(_IMPATIENCE_S)  # the moment itself is tried: an impatient second Ctrl-C
    os.kill(told["pid"], signal.SIGINT)


_IMPATIENCE_S = 0.03
"""After the first signal has been taken, well before the safe state it began is at its end."""
_TCP = ("pack", "load_c", "scope_ac", "scope_dc", "analyser_ac", "analyser_dc")
ROWS = (
    Row("exception", "exception"),
    Row("assertion", "assertion"),
    Row("SIGINT", act=_signal(signal.SIGINT), bound="guardian"),
    Row("SIGTERM", act=_signal(signal.SIGTERM), bound="guardian"),
    Row("SIGHUP", act=_signal(signal.SIGHUP), bound="guardian"),
    Row("SIGTERM, then SIGINT", act=_twice, bound="guardian"),
    Row("SIGKILL", act=_signal(signal.SIGKILL), bound="guardian"),
    Row("SIGSTOP", act=_signal(signal.SIGSTOP), bound="guardian"),
    Row("out of memory", "memory"),
    Row("plan hangs in Python", "hang", bound="watchdog", plan_silence_s=1.0),
    Row("guardian killed", act=_signal(signal.SIGKILL, "guardian"), guardian=True),
    Row(
        "both killed",
        act=_signal(signal.SIGKILL, "guardian", "pid"),
        bound="watchdog",
        guardian=True,
    ),
    Row("driver raises in teardown: pack", "teardown pack"),
    Row("driver raises in teardown: relays", "teardown faults_1"),
    Row("box hung: pack", act=_control("stick pack")),
    Row("box hung: load_a", act=_control("stick load_a")),
    Row("serial adapter vanished: relays", act=_control("cut faults_1"), spoils=True),
    Row("serial adapter vanished: load_a", act=_control("cut load_a"), spoils=True),
    *(Row(f"link cut: {role}", act=_control(f"cut {role}"), spoils=True) for role in _TCP),
    Row("link cut: controller", act=_control("cut controller"), spoils=True),
)


def named(*names: str) -> tuple[Row, ...]:
    """Return the rows with these names, in their order."""
    return tuple(row for row in ROWS if row.name in names)
