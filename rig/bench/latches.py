"""Trips that a person must acknowledge: provoke one, take its cause away, and see it stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from instruments.errors import Refused
from rig.bench.latch_causes import cause_of
from rig.bench.outlets import live_outlets
from rig.bench.proofs import count_of
from rig.controller import SocketName, TripCode
from rig.measure import Measurement, Requirement

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["LatchedTrip"]

_RECORD_S = 0.25
_LIVE_V = 50.0
_SEEN_WITHIN_S = 15.0
_CAUSE_GONE_S = 1.0
_BACK_S = 5.0
_ROLES = ("scope_ac", "analyser_ac")


class LatchedTrip:
    """One trip code, at one socket; ``NotFitted`` on a bench that cannot provoke it."""

    def __init__(
        self, bench: Bench, code: TripCode, socket: SocketName, requirement: Requirement
    ) -> None:
        self._bench, self._code, self._socket = bench, code, socket
        self._number = requirement.number
        self._cause = cause_of(bench, code, socket, requirement)

    def restarts(self) -> Measurement:
        """Count restarts without acknowledge; one that follows it proves that the cause is gone."""
        bench = self._bench
        with self._cause():
            seen = bench.unit.wait_for_trip(self._socket, _SEEN_WITHIN_S)
        bench.sleep(_CAUSE_GONE_S)
        with bench.capture(self._socket, _RECORD_S, trigger="voltage", level=_LIVE_V) as wave:
            bench.sleep(self._number("watch_s"))
        problems = [] if seen is self._code else [f"the trip was {seen.name.lower()}"]
        restarts = 0 if wave.capture is None else 1
        if not restarts and not self._comes_back():
            problems.append("nothing came back on acknowledge either: was the cause gone?")
        return count_of(
            "restarts_without_acknowledge", restarts, instruments=_ROLES,
            problems=tuple(problems), capture=wave.capture_id,
        )  # fmt: skip

    def _comes_back(self) -> bool:
        try:
            self._bench.controller.acknowledge()
        except Refused:
            return False
        self._bench.sleep(_BACK_S)
        return self._socket in live_outlets(self._bench)
