"""What a capture says of a trip: the plan's handle on it."""

from __future__ import annotations

from rig.bench.model import BenchFile
from rig.bench.steps import Journal
from rig.measure import Capture, Measurement, NoTripSeen, StimulusProof, trip_time

__all__ = ["Wave"]

_CURRENT = "socket_current"
_VOLTAGE = "socket_voltage"


class Wave:
    """One capture, filled when its ``with`` block is left; time zero is the trigger."""

    def __init__(self, capture_id: str, bench: BenchFile, journal: Journal) -> None:
        self.capture_id = capture_id
        self._bench, self._journal = bench, journal
        self._capture: Capture | None = None

    def attach(self, capture: Capture | None) -> None:
        """Take the samples; None when the trigger never came."""
        self._capture = capture

    @property
    def capture(self) -> Capture | None:
        """The samples on their common time base; None when the trigger never came."""
        return self._capture

    def trip_time(
        self,
        *,
        stimulus: StimulusProof | None = None,
        stimulus_ends_s: float | None = None,
    ) -> Measurement | NoTripSeen:
        """Measure the time from the stimulus edge to the last current of the socket, s."""
        if self._capture is None:
            return NoTripSeen("trip_time", 0.0, problems=("scope_ac: not triggered",))
        return trip_time(
            self._capture,
            _CURRENT,
            reference=_VOLTAGE,
            stimulus_ends_s=stimulus_ends_s,
            stimulus=stimulus,
        )
