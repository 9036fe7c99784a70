"""A short circuit at one socket, seen from another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rig.bench.outlets import TripWatch, live_outlets
from rig.bench.proofs import count_of, decisive
from rig.bench.readout import measured
from rig.bench.recovery import recovery_time
from rig.bench.wave import VOLTAGE, Wave
from rig.controller import SocketName
from rig.measure import Measurement, Requirement, StimulusProof, rms

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["ShortBeside"]

_NEIGHBOUR = "neighbour_voltage"
_RECORD_S = 0.19
_PRE_S = 0.1
_COLLAPSED_S = (0.002, 0.042)
_COLLAPSED_V = 25.0
_HOLD_S = 0.2
_ROLES = ("analyser_ac", "controller")


class ShortBeside:
    """Short-circuit a socket while resistors load the others, and watch one of those.

    The scope sees the voltage of the socket it is put on and of that socket's neighbour: of the
    shorted socket and the watched one, either is the other's neighbour. The trigger box holds one
    set of branches at a time, so the resistors close with the short circuit.
    """

    def __init__(
        self, bench: Bench, shorted: SocketName, watched: SocketName, requirement: Requirement
    ) -> None:
        self._bench, self._shorted, self._watched = bench, shorted, watched
        self._number = requirement.number
        if bench.spec.wiring.sockets[shorted].neighbour == watched:
            self._seen_from = shorted
            self._watched_channel, self._shorted_channel = _NEIGHBOUR, VOLTAGE
        else:
            self._seen_from = watched
            self._watched_channel, self._shorted_channel = VOLTAGE, _NEIGHBOUR

    def run(self, angle_deg: float) -> list[Measurement]:
        """Close the short circuit, and return recovery time and number of trips elsewhere."""
        bench = self._bench
        trips = TripWatch(bench)
        others = [s for s in bench.sockets if s != self._shorted]
        resistors = [(s, len(bench.spec.wiring.sockets[s].step_branches)) for s in others]
        with bench.capture(
            self._seen_from, _RECORD_S, pre_s=_PRE_S, channels=(VOLTAGE, _NEIGHBOUR)
        ) as wave:
            bench.faults.short_circuit(
                self._shorted, angle_deg=angle_deg, hold_s=_HOLD_S, resistors=resistors
            )
        proof = self._prove(wave, angle_deg)
        return [
            replace(self._recovery(wave), stimulus=proof),
            count_of(
                "other_socket_trips", self._trips_elsewhere(trips), instruments=_ROLES,
                stimulus=proof, capture=wave.capture_id,
            ),
        ]  # fmt: skip

    def _recovery(self, wave: Wave) -> Measurement:
        nominal_v = self._bench.spec.unit.nominal_voltage_v
        tolerance = self._number("voltage_tolerance_percent") / 100
        return measured(
            wave,
            "recovery_time",
            "s",
            lambda c: recovery_time(
                c, self._watched_channel, nominal_v=nominal_v, tolerance=tolerance
            ),
        )

    def _trips_elsewhere(self, watch: TripWatch) -> int:
        """Count other sockets that are off, or trips in the log that are not the shorted one's."""
        off = set(self._bench.sockets) - live_outlets(self._bench) - {self._shorted}
        logged = [r for r in watch.records() if r.trip is not None and r.socket != self._shorted]
        return max(len(off), len(logged))

    def _prove(self, wave: Wave, angle_deg: float) -> StimulusProof:
        """Prove the angle, and that the shorted socket's voltage was gone right after it."""
        angle = wave.prove_angle(angle_deg, self._number("angle_tolerance_deg"), _HOLD_S)
        if wave.capture is None:
            return angle
        start_s, end_s = _COLLAPSED_S
        left_v = rms(wave.capture, self._shorted_channel, start_s=start_s, end_s=end_s).value
        held_s = end_s - start_s
        gone = StimulusProof(left_v, "V", 0.0, _COLLAPSED_V, held_s, held_s, left_v, left_v)
        return decisive(angle, gone)
