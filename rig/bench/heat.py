"""The heat sink as hot as a resistor in place of its sensor says."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from statistics import fmean
from typing import TYPE_CHECKING

from instruments.errors import Refused
from rig.bench.marker import Marker
from rig.bench.networks import SETTLED_S
from rig.bench.outlets import TripWatch, dead_outlets, live_outlets
from rig.bench.proofs import count_of
from rig.bench.switch_off import SECOND_CONTACT, time_to_off
from rig.controller import SocketName, TripCode
from rig.measure import Evidence, Measurement, NoTripSeen, Quantity, Requirement, StimulusProof

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["HeatSink", "heatsink_network"]

_ROLES = ("analyser_ac", "controller")
_PRE_S = 0.1
_SPARE_S = 0.5
_ASKED_S = 5.0
_LADDER_C = 0.1
"""How far a resistor of 0.1 % may be from its temperature."""


def heatsink_network(celsius: float) -> str:
    """Return the name of the resistor for a temperature."""
    return f"heatsink_{celsius:g}c"


class HeatSink:
    """An energised unit, and the resistors in place of its sensor."""

    def __init__(self, bench: Bench, requirement: Requirement) -> None:
        self._bench, self._requirement = bench, requirement
        self._number = requirement.number

    @contextmanager
    def at(self, *celsius: float, longest_s: float) -> Iterator[Callable[[], None]]:
        """Let the sensor say a temperature for a block; what it gets goes on to the next one.

        The next resistor goes in before the last one comes out: never is there none, and two are
        hotter than either.
        """
        networks, names = self._bench.faults.networks, [heatsink_network(c) for c in celsius]
        networks.need_trigger(*names)
        coming = iter(names)
        present = next(coming)

        def go_on() -> None:
            nonlocal present
            last, present = present, next(coming)
            networks.close(present, longest_s=longest_s)
            self._bench.sleep(SETTLED_S)
            networks.open(last)

        try:
            networks.close(present, longest_s=longest_s)
            self._bench.sleep(SETTLED_S)
            yield go_on
        finally:
            networks.open(present)

    def power_limit_error(self, celsius: float) -> Measurement:
        """Load step by step until a socket is shed; return how far off the power limit was, in %.

        The limit lies between the last load that was kept and the one that shed; where no load
        was kept, or none shed, it is that load at least that it is off.
        """
        wanted, step = self._limit_percent(celsius), self._number("step_percent")
        kept = shed = math.nan
        with self.at(celsius, longest_s=self._number("longest_s")):
            self._bench.sleep(self._number("settling_s"))
            for level in self._steps(wanted):
                power, sheds = self._load(level)
                if sheds:
                    shed = power
                    break
                kept = power
        limit = fmean(each for each in (kept, shed) if not math.isnan(each))
        error = Quantity(limit - wanted, "%", step / math.sqrt(12.0))
        return Measurement.of("power_limit_error", error, evidence=_EVIDENCE)

    def trip_time(self, socket: SocketName, celsius: float) -> Measurement | NoTripSeen:
        """Let the sensor say a temperature; measure until the outlet is off."""
        bench, marker = self._bench, Marker(self._bench, socket)
        record_s = (self._requirement.limit("trip_time").maximum or 0.0) + _SPARE_S
        marker.close(record_s + 2.0 * _SPARE_S)
        with bench.capture(socket, record_s, pre_s=_PRE_S, peak_a=marker.peak_a) as wave:
            bench.sleep(_PRE_S)
            with self.at(celsius, longest_s=record_s):
                bench.sleep(record_s)
        if wave.capture is None:
            return NoTripSeen("trip_time", 0.0, problems=("scope_ac: not triggered",))
        return time_to_off(
            wave.capture, "trip_time", SECOND_CONTACT, lambda end_s: _stood(celsius, end_s)
        )

    def recoveries(self) -> list[Measurement]:
        """Let it trip, cool down a little, then enough; count what came back, and what did not."""
        bench, within_s = self._bench, self._number("returns_within_s")
        stands_s = self._number("stands_s")
        temperatures = [self._number(f"{key}_c") for key in ("trip", "above", "below")]
        longest_s = stands_s + 2.0 * within_s + _ASKED_S
        with self.at(*temperatures, longest_s=longest_s) as go_on:
            seen = bench.unit.wait_for_trip(bench.sockets[0], within_s)
            watch = TripWatch(bench)
            go_on()
            self._ask_for_it()
            bench.sleep(stands_s)
            trips = sum(1 for record in watch.records() if record.trip is not None)
            too_hot = max(len(live_outlets(bench)), trips)
            go_on()
            bench.sleep(within_s)
            dead = len(dead_outlets(bench))
        expected = seen is TripCode.OVER_TEMPERATURE
        problems = () if expected else (f"the trip was {seen.name.lower()}",)
        return [
            count_of(name, count, instruments=_ROLES, problems=problems)
            for name, count in (("recoveries_too_hot", too_hot), ("recoveries_missing", dead))
        ]

    def _ask_for_it(self) -> None:
        """Ask for the outlets by every command that must not bring them now."""
        controller = self._bench.controller
        controller.enable_sockets(self._bench.sockets)
        for command in (controller.acknowledge, controller.start):
            with suppress(Refused):
                command()

    def _limit_percent(self, celsius: float) -> float:
        above_k = max(0.0, celsius - self._number("derate_from_c"))
        return 100.0 - self._number("derate_percent_per_k") * above_k

    def _steps(self, wanted: float) -> Iterator[float]:
        """Yield loads in percent, across what the limit may be off either way."""
        reach, step = self._number("reach_percent"), self._number("step_percent")
        for n in range(round(2.0 * reach / step) + 1):
            yield wanted - reach + n * step

    def _load(self, percent: float) -> tuple[float, bool]:
        """Load to a level; return what it was, and whether it made the unit shed."""
        bench = self._bench
        bench.share_load(percent / 100.0 * bench.rated_va)
        bench.sleep(self._number("load_settles_s"))
        level = self._percent()
        bench.sleep(self._number("sheds_within_s"))
        return level, bool(dead_outlets(bench))

    def _percent(self) -> float:
        """Return the total power as the analyser reads it, in percent of the limit that is set."""
        watts = sum(each.power_w for each in self._bench.output.read(following=True).values())
        return watts / self._bench.rated_va * 100.0


_EVIDENCE = Evidence(instruments=_ROLES)


def _stood(celsius: float, held_s: float) -> StimulusProof:
    """Say that a resistor stood for a temperature, from the trigger of its relay on."""
    low, high = celsius - _LADDER_C, celsius + _LADDER_C
    return StimulusProof(celsius, "Cel", low, high, held_s, held_s, low, high)
