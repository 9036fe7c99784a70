"""The unit's own supply sinks for a moment, or it is reset: outlets off, and off they stay.

The board keeps the time of the dip; its beginning is the scope's trigger, by the relay's second
contact. What is asked for is asked for once the dip has been, however short it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rig.bench.marker import Marker
from rig.bench.switch_off import SECOND_CONTACT, time_to_off
from rig.controller import SocketName
from rig.measure import Measurement, NoTripSeen, Requirement, StimulusProof

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["SupplyLoss"]

_RECORD_S, _PRE_S = 0.5, 0.1
_MARKED_S = 1.5
_CLOSING_S = 0.25
_LIVE_V = 50.0


class SupplyLoss:
    """A network at the 12 V supply or the reset line, with resistors at one socket for a load."""

    def __init__(
        self, bench: Bench, socket: SocketName, requirement: Requirement, network: str
    ) -> None:
        bench.faults.networks.need_trigger(network)
        self._bench, self._socket, self._network = bench, socket, network
        self._number = requirement.number

    def run(self) -> list[Measurement | NoTripSeen]:
        """Let it happen; return when the outlet was off, and how often one came on again."""
        off = self.trip_time()
        return [off, self._closes()]

    def trip_time(self) -> Measurement | NoTripSeen:
        """Let it happen; measure from there to the end of the outlet."""
        bench, marker, name = self._bench, Marker(self._bench, self._socket), f"{self._network}_off"
        seconds = self._number("pulse_s")
        marker.close(_MARKED_S)
        with bench.capture(self._socket, _RECORD_S, pre_s=_PRE_S, peak_a=marker.peak_a) as wave:
            bench.sleep(_PRE_S)
            bench.unit.stop_heartbeat()
            bench.faults.networks.pulse(self._network, seconds)
            bench.sleep(_RECORD_S)
        bench.unit.wait_until_up()
        bench.unit.start_heartbeat()
        if wave.capture is None:
            return NoTripSeen(name, 0.0, problems=("scope_ac: not triggered",))
        proof = StimulusProof(
            seconds, "s", seconds, seconds, _RECORD_S, _RECORD_S, seconds, seconds
        )
        return time_to_off(wave.capture, name, SECOND_CONTACT, lambda _: proof)

    def _closes(self) -> Measurement:
        bench = self._bench
        with bench.capture(self._socket, _CLOSING_S, trigger="voltage", level=_LIVE_V) as wave:
            bench.sleep(self._number("watch_s"))
        return wave.triggers("closes_by_itself")
