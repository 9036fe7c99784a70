"""Insulation that fails: of the pack against chassis, by a ladder whose last relay triggers.

The ladder, its rail and the Y-capacitors are chosen first; the fault begins when the relay between
ladder and chassis closes, whose second contact triggers the scopes. What stands in the ladder are
resistors of 0.1 %; that their relays stood is read back before and after.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from rig.bench.marker import Marker
from rig.bench.networks import SETTLED_S
from rig.bench.outlets import TripWatch, live_outlets
from rig.bench.proofs import count_of
from rig.bench.switch_off import SECOND_CONTACT, time_to_off
from rig.controller import SocketName, TripCode
from rig.measure import Measurement, NoTripSeen, Requirement, StimulusProof

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["PackInsulation", "Rail"]

Rail = Literal["positive", "negative"]

LADDER_OHM: Mapping[str, float] = {
    "insulation_39k2": 39_200.0,
    "insulation_42k2": 42_200.0,
    "insulation_196k": 196_000.0,
    "insulation_210k": 210_000.0,
}
_FAULT = "insulation_fault"
_Y_CAPACITOR = "insulation_y_1u"
_TOLERANCE = 1e-3
_PRE_S = 0.1
_SPARE_S = 1.0
_SEEN_WITHIN_S = 1.0
_ROLES = ("analyser_ac", "controller")


class PackInsulation:
    """A resistance between one rail of the pack and chassis, with or without more capacitance."""

    def __init__(
        self, bench: Bench, requirement: Requirement, rail: Rail, *, capacitors: bool
    ) -> None:
        self._bench, self._requirement = bench, requirement
        self._rail, self._capacitors = rail, capacitors
        self._stood = False

    def trip_time(self, socket: SocketName) -> Measurement | NoTripSeen:
        """Let the resistance fall below the limit; measure until the outlet is off."""
        bench, marker = self._bench, Marker(self._bench, socket)
        record_s = (self._requirement.limit("trip_time").maximum or 0.0) + _SPARE_S
        ohm = self._requirement.number("trip_ohm")
        marker.close(record_s + 2.0 * _SPARE_S)
        with bench.capture(socket, record_s, pre_s=_PRE_S, peak_a=marker.peak_a) as wave:
            bench.sleep(_PRE_S)
            with self._fault(ohm, record_s):
                bench.sleep(record_s)
        if wave.capture is None:
            return NoTripSeen("trip_time", 0.0, problems=("scope_ac: not triggered",))
        return time_to_off(
            wave.capture, "trip_time", SECOND_CONTACT, lambda end_s: self._proof(ohm, end_s)
        )

    def after_trip(self, *right: TripCode) -> list[Measurement]:
        """Count outlets that are still on, and a trip code that is none of the right ones."""
        seen = self._bench.unit.wait_for_trip(self._bench.sockets[0], _SEEN_WITHIN_S)
        problems = () if seen is not TripCode.NONE else ("nothing tripped",)
        live = len(live_outlets(self._bench))
        return [
            count_of("outlets_left_on", live, instruments=("analyser_ac",)),
            count_of(
                "wrong_codes", int(seen not in right), instruments=("controller",),
                problems=problems,
            ),
        ]  # fmt: skip

    def above(self, what: Literal["trip", "warning"]) -> list[Measurement]:
        """Let a resistance just above one of the limits stand; count what it must not do.

        What it must do is counted too: above the limit of the trip, the warning.
        """
        number = self._requirement.number
        ohm, hold_s = number(f"above_{what}_ohm"), number("hold_s")
        trips, warnings, proof = self._stand(ohm, hold_s)
        name = "warnings_too_soon" if what == "warning" else "warnings_missing"
        count = warnings if what == "warning" else int(not warnings)
        return [
            count_of("trips_too_soon", trips, instruments=_ROLES, stimulus=proof),
            count_of(name, count, instruments=("controller",), stimulus=proof),
        ]

    def below_warning(self) -> list[Measurement]:
        """Let a resistance just below the warning's limit stand; count missing warnings, trips."""
        number = self._requirement.number
        trips, warnings, proof = self._stand(number("warning_ohm"), number("hold_s"))
        return [
            count_of("trips_too_soon", trips, instruments=_ROLES, stimulus=proof),
            count_of(
                "warnings_missing", int(not warnings), instruments=("controller",), stimulus=proof
            ),
        ]

    def _stand(self, ohm: float, hold_s: float) -> tuple[int, int, StimulusProof]:
        watch, code = TripWatch(self._bench), self._requirement.number("warning_code")
        with self._fault(ohm, hold_s):
            self._bench.sleep(hold_s)
        warnings = sum(record.code == code for record in watch.records())
        return watch.trips(), warnings, self._proof(ohm, hold_s)

    @contextmanager
    def _fault(self, ohm: float, longest_s: float) -> Iterator[None]:
        """Choose the ladder, close the fault for a block, and see whether all of it stood."""
        networks = self._bench.faults.networks
        names = [f"insulation_{self._rail}", _resistor(ohm)]
        names += [_Y_CAPACITOR] if self._capacitors else []
        networks.need_trigger(_FAULT)
        with networks.inserted(*names, longest_s=longest_s + _SPARE_S):
            try:
                networks.close(_FAULT, longest_s=longest_s + _SPARE_S)
                self._bench.sleep(SETTLED_S)
                yield
                self._stood = networks.closed(*names, _FAULT)
            finally:
                networks.open(_FAULT)

    def _proof(self, ohm: float, held_s: float) -> StimulusProof:
        width = _TOLERANCE * ohm
        gap = "" if self._stood else "a relay of the insulation ladder did not stand"
        return StimulusProof(
            ohm, "ohm", ohm - width, ohm + width, held_s, held_s, ohm, ohm, gap=gap
        )


def _resistor(ohm: float) -> str:
    return next(name for name, each in LADDER_OHM.items() if abs(each - ohm) <= _TOLERANCE * ohm)
