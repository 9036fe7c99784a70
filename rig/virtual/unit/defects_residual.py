"""Seeded defects of the protection against residual current."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rig.virtual.unit.defect import Defect
from rig.virtual.unit.defect_changes import Change, restart_kind, unlogged
from rig.virtual.unit.defect_fields import fields_of
from rig.virtual.unit.parameters import Parameters, ResidualParameters, Stage
from rig.virtual.unit.protections.base import Protection
from rig.virtual.unit.readings import Span
from rig.virtual.unit.trips import Decision, Trip, TripCode

__all__ = ["DEFECTS"]

_ALL = (1, 2, 3)
_NAMES = ("residual_a", "residual_b", "residual_c")
_fields = fields_of(ResidualParameters)


def _residual(change: Callable[[ResidualParameters], ResidualParameters], *at: int) -> Change:
    """Change the residual-current protection of sockets by number (none named: all)."""

    def changed(parameters: Parameters) -> Parameters:
        a, b, c = (
            change(each) if n in (at or _ALL) else each
            for n, each in enumerate(parameters.residual, start=1)
        )
        return replace(parameters, residual=(a, b, c))

    return changed


def _ac(number: int, stage: Stage) -> Callable[[ResidualParameters], ResidualParameters]:
    """Replace one stage (1 to 3) of the alternating part."""
    return lambda each: replace(each, ac_stages=_put(each.ac_stages, number, stage))


def _dc(number: int, stage: Stage) -> Callable[[ResidualParameters], ResidualParameters]:
    """Replace one stage (1 or 2) of the direct part."""
    return lambda each: replace(each, dc_stages=_put(each.dc_stages, number, stage))


def _put(stages: tuple[Stage, ...], number: int, stage: Stage) -> tuple[Stage, ...]:
    return (*stages[: number - 1], stage, *stages[number:])


def _offset(amps: float) -> Callable[[ResidualParameters], ResidualParameters]:
    return lambda each: replace(each, sensor=replace(each.sensor, offset=amps))


class _Coded:
    """A protection whose trips are stored under another code."""

    def __init__(self, healthy: Protection, code: TripCode) -> None:
        self._code = code
        self.find, self.live, self.standing = healthy.find, healthy.live, healthy.standing
        self._decide = healthy.decide

    def decide(self, span: Span, ticks: int) -> list[Decision]:
        """Give every trip the wrong code."""
        return [
            replace(each, code=self._code) if isinstance(each, Trip) else each
            for each in self._decide(span, ticks)
        ]


class _Tiring:
    """A protection that no longer acts after so many trips; a power cycle refreshes it."""

    def __init__(self, healthy: Protection, trips: int) -> None:
        self._left = trips
        self.live, self.standing = healthy.live, healthy.standing
        self._find, self._decide = healthy.find, healthy.decide

    def find(self, span: Span) -> int | None:
        """Say nothing any more after the last trip."""
        return self._find(span) if self._left else None

    def decide(self, span: Span, ticks: int) -> list[Decision]:
        """Count the trip."""
        self._left -= 1
        return self._decide(span, ticks)


class _Drowsy:
    """A protection that does not act while the heat sink is hotter than this."""

    def __init__(self, healthy: Protection, celsius: float) -> None:
        self._celsius, self._find = celsius, healthy.find
        self.live, self.standing, self.decide = healthy.live, healthy.standing, healthy.decide

    def find(self, span: Span) -> int | None:
        """Say nothing in the heat."""
        return self._find(span) if span.heatsink_c <= self._celsius else None


DEFECTS = (
    Defect(
        "residual-nervous", "R-RCD-01", "13.5 mA of residual current trip already",
        _residual(_ac(1, Stage(45.0, 0.18))),
    ),
    Defect(
        "residual-nervous-on-b", "R-RCD-01", "socket B trips at 12 mA of residual current",
        _residual(_ac(1, Stage(40.0, 0.18)), 2),
    ),
    Defect(
        "residual-30-ma-late", "R-RCD-02", "the first stage takes 0.3 s, relay and window besides",
        _residual(_ac(1, Stage(70.0, 0.30))),
    ),
    Defect(
        "residual-c-high", "R-RCD-02", "socket C trips from 36 mA on only",
        _residual(_ac(1, Stage(120.0, 0.18)), 3),
    ),
    Defect(
        "residual-coded-dc", "R-RCD-02", "alternating residual current is taken for direct",
        wrap={name: lambda p: _Coded(p, TripCode.RESIDUAL_DC) for name in _NAMES},
    ),
    Defect(
        "residual-asleep-when-hot", "R-RCD-02", "no residual current trips above 70 C",
        wrap={name: lambda p: _Drowsy(p, 70.0) for name in _NAMES},
    ),
    Defect(
        "residual-60-ma-slow", "R-RCD-03", "there is no stage between 30 and 150 mA",
        _residual(lambda each: replace(each, ac_stages=each.ac_stages[::2])),
    ),
    Defect(
        "residual-150-ma-slow", "R-RCD-04", "there is no stage for 150 mA",
        _residual(lambda each: replace(each, ac_stages=each.ac_stages[:2])),
    ),
    Defect(
        "residual-150-ma-late", "R-RCD-04", "the third stage takes 25 ms",
        _residual(_ac(3, Stage(300.0, 0.025))),
    ),
    Defect(
        "residual-tires", "R-RCD-04", "no residual current trips a socket that has tripped thrice",
        wrap={name: lambda p: _Tiring(p, 3) for name in _NAMES},
    ),
    Defect(
        "residual-follows-drift", "R-RCD-05", "up to 31.5 mA it takes 30 s: a slow rise outruns it",
        _residual(
            lambda each: replace(
                each, ac_stages=(Stage(70.0, 30.0), Stage(105.0, 0.18), *each.ac_stages[1:])
            )
        ),
    ),
    Defect(
        "residual-takes-the-mean", "R-RCD-06",
        "judges by the mean magnitude, and half-waves blind the direct part",
        _residual(_fields(responds_to="mean", dc_blinded_by=1.0)),
    ),
    Defect(
        "residual-one-half-wave", "R-RCD-06",
        "sees positive half-waves only, and half-waves blind the direct part",
        _residual(_fields(responds_to="positive", dc_blinded_by=1.0)),
    ),
    Defect(
        "residual-direct-nervous", "R-RCD-07", "2.7 mA of direct current trip already",
        _residual(_dc(1, Stage(44.0, 0.5))),
    ),
    Defect(
        "residual-direct-high", "R-RCD-07", "6.6 mA of direct current do not trip yet",
        _residual(_dc(1, Stage(112.0, 0.5))),
    ),
    Defect(
        "residual-direct-late", "R-RCD-07", "6 mA of direct current are borne for 11 s",
        _residual(_dc(1, Stage(73.0, 11.0))),
    ),
    Defect(
        "residual-62-ma-late", "R-RCD-07", "the second stage of direct current takes 0.35 s",
        _residual(lambda each: _dc(1, Stage(73.0, 0.35))(_dc(2, Stage(500.0, 0.35))(each))),
    ),
    Defect(
        "residual-direct-one-way", "R-RCD-07", "negative direct current is not seen",
        _residual(_fields(dc_polarity="positive")),
    ),
    Defect(
        "residual-offset-on-a", "R-RCD-07", "the sensor of socket A is off by 2 mA",
        _residual(_offset(0.002), 1),
    ),
    Defect(
        "residual-opens-two", "R-RCD-08", "residual current at socket A opens socket C too",
        _residual(_fields(trips_also=(3,)), 1),
    ),
    Defect(
        "residual-opens-all", "R-RCD-08", "residual current at any socket opens all three",
        _residual(_fields(trips_also=(1, 2, 3))),
    ),
    Defect(
        "residual-restarts", "R-REC-02", "residual current is retried as an overload is",
        restart_kind(TripCode.RESIDUAL_AC, "A"),
    ),
    Defect(
        "residual-direct-restarts", "R-REC-02", "direct residual current is retried",
        restart_kind(TripCode.RESIDUAL_DC, "A"),
    ),
    Defect(
        "residual-not-logged", "R-LOG-01", "trips of code 4 are not written to the log",
        unlogged(TripCode.RESIDUAL_AC),
    ),
)  # fmt: skip
