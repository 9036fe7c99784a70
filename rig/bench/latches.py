"""Trips that a person must acknowledge: provoke one, take its cause away, and see it stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from instruments.errors import Refused
from rig.bench.outlets import live_outlets
from rig.bench.proofs import count_of
from rig.controller import SocketName, TripCode
from rig.measure import Measurement, Requirement

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["LatchedTrip"]

_RECORD_S = 0.25
_LIVE_V = 50.0
_SEEN_WITHIN_S = 5.0
_SHORT_S = 0.1
_CAUSE_GONE_S = 1.0
_BACK_S = 5.0
_ROLES = ("scope_ac", "analyser_ac")


class LatchedTrip:
    """One trip code that the bench can provoke, at one socket."""

    def __init__(
        self, bench: Bench, code: TripCode, socket: SocketName, requirement: Requirement
    ) -> None:
        self._bench, self._code, self._socket = bench, code, socket
        self._number = requirement.number
        provoke: Mapping[TripCode, tuple[Callable[[], None], Callable[[], None]]] = {
            TripCode.SHORT_CIRCUIT: (self._short, self._wait_for_release),
            TripCode.DC_OVER_VOLTAGE: (self._raise_pack, self._lower_pack),
            TripCode.VEHICLE_DATA_STALE: (self._fall_silent, self._speak_again),
        }
        self._provoke, self._end_cause = provoke[code]

    def restarts(self) -> Measurement:
        """Count restarts without acknowledge; one that follows it proves that the cause is gone."""
        bench = self._bench
        self._provoke()
        seen = bench.unit.wait_for_trip(self._socket, _SEEN_WITHIN_S)
        self._end_cause()
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

    def _short(self) -> None:
        self._bench.faults.short_circuit(self._socket, angle_deg=90, hold_s=_SHORT_S)
        self._bench.faults.wait_until_fired()

    def _wait_for_release(self) -> None:
        self._bench.sleep(_SHORT_S)

    def _raise_pack(self) -> None:
        self._bench.pack.set_voltage(self._number("pack_over_voltage_v"))

    def _lower_pack(self) -> None:
        self._bench.pack.set_voltage(self._bench.spec.unit.pack_voltage_v)

    def _fall_silent(self) -> None:
        self._bench.unit.stop_heartbeat()

    def _speak_again(self) -> None:
        self._bench.unit.start_heartbeat()
