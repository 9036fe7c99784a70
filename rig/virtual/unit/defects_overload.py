"""Seeded defects of the overload protections that show by little, or under conditions only.

Times and thresholds are as small as the limits let them be seen, whatever the unit's own 5 % and
1 % are: 120 s are passed by 90 s x 1.42 x 0.95.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rig.virtual.unit.defect import Defect
from rig.virtual.unit.defect_changes import Change, socket, stage, threshold, time
from rig.virtual.unit.defect_readings import drifting, misread, with_socket_current
from rig.virtual.unit.parameters import Parameters, SensorParameters, Stage
from rig.virtual.unit.readings import Signal, Span, highest

__all__ = ["DEFECTS"]

_NOMINAL_V = 230.0
_HOT_C = 45.0


def _socket_stage(number: int, which: int, change: Callable[[Stage], Stage]) -> Change:
    """Change one stage (1 to 3) of one socket."""
    return socket(
        number,
        lambda each: replace(
            each,
            stages=tuple(
                change(s) if n == which else s for n, s in enumerate(each.stages, start=1)
            ),
        ),
    )


def _socket_sensor(number: int, change: Callable[[SensorParameters], SensorParameters]) -> Change:
    return socket(number, lambda each: replace(each, current=change(each.current)))


def _total_gain(gain: float) -> Change:
    def changed(p: Parameters) -> Parameters:
        return replace(p, ac_current=replace(p.ac_current, gain=gain))

    return changed


def _more_when_hot(span: Span) -> Span:
    factor = 1.1 if span.heatsink_c > _HOT_C else 1.0
    return replace(span, apparent_va=span.apparent_va * factor)


def _active_only(span: Span) -> Span:
    a, b, c = (power_w / _NOMINAL_V for power_w in span.socket_power_w)
    return replace(span, socket_current_a=(a, b, c))


def _crossed(span: Span) -> Span:
    a, b, c = span.socket_current_a
    return replace(span, socket_current_a=(b, a, c))


def _deaf_beside_a(span: Span) -> Span:
    seen: Signal = 0.0 if highest(span.socket_current_a[0]) > 1.0 else span.socket_current_a[1]
    return with_socket_current(span, 2, seen)


DEFECTS = (
    Defect(
        "overload-at-rated-load", "R-OVL-01", "96 % of the rating trips after 50 minutes",
        stage(1, lambda _: Stage(96.0, 3000.0)),
    ),
    Defect(
        "overload-trips-when-hot", "R-OVL-01", "with a hot heat sink the load is read 10 % high",
        wrap={"inverter_overload": misread(_more_when_hot)},
    ),
    Defect(
        "overload-drifts", "R-OVL-01", "the load is read 3 % higher with each hour under power",
        wrap={"inverter_overload": drifting(0.03)},
    ),
    Defect(
        "overload-110-a-little-late", "R-OVL-02", "stage 1 takes 1.42 times its time",
        stage(1, time(1.42)),
    ),
    Defect(
        "overload-110-a-little-early", "R-OVL-02", "stage 1 takes 0.625 of its time",
        stage(1, time(0.625)),
    ),
    Defect(
        "overload-110-threshold", "R-OVL-02", "stage 1 begins at 112.5 %",
        stage(1, threshold(112.5)),
    ),
    Defect(
        "total-current-read-low", "R-OVL-02", "the inverter's current is read 6.5 % low",
        _total_gain(0.935),
    ),
    Defect(
        "overload-125-a-little-late", "R-OVL-03", "stage 2 takes 1.6 times its time",
        stage(2, time(1.6)),
    ),
    Defect(
        "overload-125-early", "R-OVL-03", "stage 2 takes 0.46 of its time", stage(2, time(0.46)),
    ),
    Defect(
        "overload-150-a-little-late", "R-OVL-04", "stage 3 takes 1.6 times its time",
        stage(3, time(1.6)),
    ),
    Defect(
        "overload-150-early", "R-OVL-04", "stage 3 takes 0.44 of its time", stage(3, time(0.44)),
    ),
    Defect(
        "overload-200-a-little-late", "R-OVL-05", "stage 4 takes 1.75 times its time",
        stage(4, time(1.75)),
    ),
    Defect(
        "overload-200-early", "R-OVL-05", "stage 4 takes a fifth of its time",
        stage(4, time(0.2)),
    ),
    Defect(
        "overload-200-missing", "R-OVL-05", "the inverter has no stage 4",
        lambda p: replace(p, stages=p.stages[:3]),
    ),
    Defect(
        "overload-leaks-fast", "R-OVL-06", "the overload timers leak 0.6 s/s",
        lambda p: replace(p, leak_s_per_s=0.6),
    ),
    Defect(
        "socket-a-trips-at-110", "R-OVL-07", "stage 1 of socket A begins at 108 %",
        _socket_stage(1, 1, threshold(108.0)),
    ),
    Defect(
        "socket-c-reads-high", "R-OVL-07", "the current of socket C is read 10 % high",
        _socket_sensor(3, lambda each: replace(each, gain=1.10)),
    ),
    Defect(
        "socket-a-130-late", "R-OVL-08", "stage 1 of socket A takes 2.6 times its time",
        _socket_stage(1, 1, time(2.6)),
    ),
    Defect(
        "socket-c-130-early", "R-OVL-08", "stage 1 of socket C takes 0.22 of its time",
        _socket_stage(3, 1, time(0.22)),
    ),
    Defect(
        "socket-b-reads-low", "R-OVL-08", "the current of socket B is read 12 % low",
        _socket_sensor(2, lambda each: replace(each, gain=0.88)),
    ),
    Defect(
        "socket-a-160-late", "R-OVL-09", "stage 2 of socket A takes 2.7 times its time",
        _socket_stage(1, 2, time(2.7)),
    ),
    Defect(
        "socket-b-160-early", "R-OVL-09", "stage 2 of socket B takes 0.22 of its time",
        _socket_stage(2, 2, time(0.22)),
    ),
    Defect(
        "socket-overload-by-power", "R-OVL-09", "sockets watch active power, not current",
        wrap={f"socket_overload_{each}": misread(_active_only) for each in "abc"},
    ),
    Defect(
        "sensors-of-a-and-b-crossed", "R-OVL-09", "the current sensors of A and B are exchanged",
        wrap={f"socket_overload_{each}": misread(_crossed) for each in "ab"},
    ),
    Defect(
        "socket-b-deaf-beside-a", "R-OVL-09", "current at A keeps the overload of B from tripping",
        wrap={"socket_overload_b": misread(_deaf_beside_a)},
    ),
)  # fmt: skip
