"""The total power limit: who is shed, when, who never, and when it comes back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rig.bench.on_off import comes_s, goes_s
from rig.bench.outlets import TripWatch, live_outlets
from rig.bench.overload import InverterOverload
from rig.bench.proofs import count_of, prove_level
from rig.bench.readout import NOT_TRIGGERED, measured
from rig.bench.wave import CURRENT, VOLTAGE
from rig.controller import SocketName, TripCode
from rig.measure import (
    Budget,
    Capture,
    Component,
    Evidence,
    Measurement,
    NoTripSeen,
    Requirement,
    StimulusProof,
)

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["PowerLimit"]

_NEIGHBOUR = "neighbour_voltage"
_RATE_HZ = 10_000.0
_LIVE_V = 50.0
_AT_ONCE_S = 0.05
"""Two sockets that go within this go together: their relays, and the zeros of their waves."""
_LATE_S = 1e-3
_EDGE_S = 0.02
"""Left out at both ends of an excess: the level is judged by one-cycle values."""
_BEGINNING_S = 0.2
_BETWEEN_S = 3.0
_ROLES = ("analyser_ac", "controller")


class PowerLimit:
    """A power limit at the rating, and the socket that is the least important of an order."""

    def __init__(self, bench: Bench, requirement: Requirement, order: Sequence[SocketName]) -> None:
        self._bench, self._requirement = bench, requirement
        self._number = requirement.number
        self.least = order[-1]
        bench.controller.set_priority(order)

    def shed(self) -> list[Measurement | NoTripSeen]:
        """Exceed the limit by resistors at the least important socket.

        Return when that is shed, how many others were, and when it is back once there is room.
        """
        bench, excess = self._bench, self._excess()
        excess.prepare()
        record_s = (self._requirement.limit("return_time").maximum or 0.0) + excess.hold_s
        with bench.capture(
            self.least,
            record_s,
            peak_a=excess.peak_a,
            sample_rate_hz=_RATE_HZ,
            channels=(VOLTAGE, CURRENT),
        ) as wave:
            excess.apply()
            bench.sleep(excess.hold_s)
            gone = frozenset(bench.sockets) - {self.least} - live_outlets(bench)
            bench.loads[self.least].stop()
        trip = excess.trip_time(wave)
        result = (
            trip.renamed("shed_time")
            if isinstance(trip, Measurement)
            else replace(trip, quantity_name="shed_time")
        )
        proof = trip.stimulus and replace(trip.stimulus, wanted_s=trip.stimulus.held_s)
        wrong = count_of("wrong_sheds", len(gone), instruments=_ROLES, stimulus=proof)
        return [result, wrong, measured(wave, "return_time", "s", _return_time)]

    def short_excesses(self) -> Measurement:
        """Exceed the limit again and again for less time than sheds; count what is shed."""
        bench, excess = self._bench, self._excess()
        excess.prepare()
        watch, hold_s = TripWatch(bench), self._number("short_excess_s")
        waves = []
        for _ in range(int(self._number("short_excesses"))):
            with bench.capture(self.least, hold_s, peak_a=excess.peak_a) as wave:
                excess.apply(hold_s=hold_s)
            waves.append(wave)
            bench.sleep(_BETWEEN_S)
        trips = watch.trips()
        # A unit that sheds at once ends the first excess itself: its beginning must do then.
        proof = excess.proof_between(waves[0], _EDGE_S, _BEGINNING_S if trips else hold_s)
        return count_of("sheds_too_soon", trips, instruments=_ROLES, stimulus=proof)

    def far_excess(self, overload: Requirement) -> Measurement:
        """Go far above the limit; count sockets that went before an overload stage stopped all."""
        bench, excess = self._bench, InverterOverload(self._bench, self.least, overload)
        excess.prepare()
        with bench.capture(
            self.least,
            excess.hold_s,
            peak_a=excess.peak_a,
            sample_rate_hz=_RATE_HZ,
            channels=(VOLTAGE, CURRENT, _NEIGHBOUR),
        ) as wave:
            excess.apply()
        if wave.capture is None:
            return wave.triggers("sheds_before_overload", (NOT_TRIGGERED,))
        own_s, other_s = (_end_s(wave.capture, name) for name in (VOLTAGE, _NEIGHBOUR))
        code = bench.controller.read_status().last_trip
        known = code in (TripCode.OVERLOAD_INVERTER, TripCode.SHED)
        return count_of(
            "sheds_before_overload",
            int(abs(own_s - other_s) > _AT_ONCE_S),
            instruments=("scope_ac",),
            problems=() if known else (f"the last trip was {code.name.lower()}",),
            stimulus=excess.proof_between(wave, _EDGE_S, min(own_s, other_s) - _EDGE_S),
            capture=wave.capture_id,
        )

    def warnings(self) -> list[Measurement]:
        """Load below and above the level that is to be told; count what was wrong about it."""
        early, low = self._warned("below_warning_percent")
        told, high = self._warned("above_warning_percent")
        return [
            count_of("warnings_too_soon", early, instruments=_ROLES, stimulus=low),
            count_of("warnings_missing", int(told == 0), instruments=_ROLES, stimulus=high),
        ]

    def _warned(self, key: str) -> tuple[int, StimulusProof]:
        """Return how often the unit warned under a load, and the proof of the load."""
        bench, percent = self._bench, self._number(key)
        watch, within_s = TripWatch(bench), self._number("warning_within_s")
        bench.share_load(percent / 100 * bench.rated_va)
        bench.sleep(within_s)
        found = sum(each.code == self._number("warning_code") for each in watch.records())
        level = bench.output.total_va() / bench.rated_va * 100
        tolerance = self._number("load_tolerance_percent")
        return found, prove_level(level, "%", percent, tolerance, held_s=within_s)

    def last_socket(self) -> Measurement:
        """Exceed a low limit at the only socket that is on; count trips of it."""
        bench, percent = self._bench, self._number("load_percent")
        wanted_w = percent / 100 * self._number("one_socket_limit_w")
        hold_s, watch = self._number("hold_s"), TripWatch(bench)
        bench.loads[self.least].draw_power(wanted_w)
        bench.sleep(hold_s)
        power_w = bench.output.read()[self.least].power_w
        shed = int(self.least not in live_outlets(bench))
        logged = sum(1 for each in watch.records() if each.trip is not None)
        tolerance = self._number("load_tolerance_percent")
        proof = prove_level(power_w, "W", wanted_w, tolerance, held_s=hold_s)
        return count_of(
            "last_socket_sheds", max(shed, logged), instruments=_ROLES,
            stimulus=None if shed else proof,
        )  # fmt: skip

    def _excess(self) -> InverterOverload:
        """Return the excess over the limit, which is set at the rating."""
        return InverterOverload(self._bench, self.least, self._requirement)


def _end_s(capture: Capture, name: str) -> float:
    """Return when a voltage went; the end of the record when it did not."""
    wave = capture.waveform(name)
    end_s = goes_s(wave, _LIVE_V, after_s=0.0)
    return wave.end_s if end_s is None else end_s


def _return_time(capture: Capture) -> Measurement:
    """Measure from the end of a socket's voltage until it is back, s."""
    wave = capture.waveform(VOLTAGE)
    off_s = goes_s(wave, _LIVE_V, after_s=0.0)
    on_s = None if off_s is None else comes_s(wave, _LIVE_V, after_s=off_s)
    evidence = Evidence(capture.capture_id, capture.instruments)
    problems = capture.problems_of(VOLTAGE)
    if off_s is None or on_s is None:
        missing = (*problems, "the socket did not come back within the record")
        return Measurement("return_time", math.nan, "s", Budget("s"), evidence, missing)
    budget = Budget(
        "s",
        (
            Component.within("last voltage", _LATE_S),
            Component.within("first voltage", _LATE_S),
            Component("time base", "B", "normal", capture.u_time_base, on_s - off_s),
        ),
    )
    return Measurement("return_time", on_s - off_s, "s", budget, evidence, problems)
