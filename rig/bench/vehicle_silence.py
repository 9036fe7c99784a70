"""A vehicle whose data turn stale: from the last change of its counter to the last current."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from instruments.errors import Refused
from rig.bench.marker import Marker
from rig.bench.wave import Wave
from rig.controller import SocketName
from rig.measure import Component, Measurement, NoTripSeen, Requirement, StimulusProof

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["StaleVehicle"]

_MARGIN_S = 1.0
"""Record beyond the latest instant at which the outlets may be off."""
_PRE_S = 0.1
_SAY_EVERY_S = 0.3
_RECORD_S = 0.25
_LIVE_V = 50.0


class StaleVehicle:
    """Let the alive counter stand, with resistors at one socket that show when it goes off.

    The last change is said at an instant that the rig's own clock bounds, and so is the closing of
    the resistors that triggers the record: both bounds count as uncertainty.
    """

    def __init__(self, bench: Bench, socket: SocketName, requirement: Requirement) -> None:
        self._bench, self._socket = bench, socket
        self._hold_s = (requirement.limit("trip_time").maximum or 0.0) + _MARGIN_S
        self._watch_s = requirement.number("no_start_watch_s")

    def trip_time(self, *, silent: bool) -> Measurement | NoTripSeen:
        """Fall ``silent``, or go on saying data with a counter that stands; measure to the end."""
        bench, now = self._bench, self._bench.clock.now
        marker = Marker(bench, self._socket)
        with bench.capture(self._socket, self._hold_s, pre_s=_PRE_S, peak_a=marker.peak_a) as wave:
            bench.unit.stop_heartbeat()
            sooner_s = now()
            bench.unit.say_vehicle_data()
            said = sooner_s, now()
            bench.unit.freeze_alive_counter()
            fired = marker.close(self._hold_s)
            self._pass_time(silent=silent)
        return self._from_last_change(wave, said, fired)

    def starts(self, *, silent: bool) -> Wave:
        """Try to bring the outlets back while the data are stale; watch the first one to come."""
        bench = self._bench
        first = bench.controller.read_settings().priority[0]
        with bench.capture(first, _RECORD_S, trigger="voltage", level=_LIVE_V) as wave:
            for command in (
                bench.controller.acknowledge,
                bench.controller.stop,
                bench.controller.start,
            ):
                with suppress(Refused):
                    command()
            end = bench.clock.now() + self._watch_s
            while bench.clock.now() < end:
                self._pass_time(silent=silent, seconds=1.0)
        return wave

    def _pass_time(self, *, silent: bool, seconds: float | None = None) -> None:
        bench = self._bench
        end = bench.clock.now() + (self._hold_s if seconds is None else seconds)
        while bench.clock.now() < end:
            if not silent:
                bench.unit.say_vehicle_data()
            bench.sleep(_SAY_EVERY_S)

    def _from_last_change(
        self, wave: Wave, said: tuple[float, float], fired: tuple[float, float]
    ) -> Measurement | NoTripSeen:
        """Shift a time that counts from the trigger to the last change."""
        found = wave.trip_time(stimulus_ends_s=self._hold_s)
        shift_s = sum(fired) / 2 - sum(said) / 2
        held_s = self._hold_s + shift_s
        stood = StimulusProof(0.0, "1", 0.0, 0.0, held_s, held_s, 0.0, 0.0)
        if isinstance(found, NoTripSeen):
            return replace(found, watched_s=found.watched_s + shift_s, stimulus=stood)
        widths = {"last change": said, "trigger": fired}
        budget = found.budget.plus(
            *(
                Component.within(f"instant of the {name}", (late - soon) / 2)
                for name, (soon, late) in widths.items()
            )
        )
        end_s = found.value if found.end_s is None else found.end_s
        return replace(found, value=end_s + shift_s, budget=budget, stimulus=stood)
