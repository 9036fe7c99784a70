"""What happened, in the order of time and in words."""

from __future__ import annotations

from dataclasses import dataclass

from rig.chademo.check.case import Case, Rule
from rig.chademo.check.happening import STOPS, Happening

__all__ = ["Entry", "Timeline", "outcome_of"]

_MOST_ENTRIES = 500

_REASONS = {
    Happening.VEHICLE_FAULT: "the vehicle reported a fault",
    Happening.NOT_PARKED: "the vehicle left park",
    Happening.CHARGER_FAULT: "the charger reported a fault",
    Happening.VEHICLE_SILENT: "the vehicle fell silent",
    Happening.CHARGER_SILENT: "the charger fell silent",
    Happening.STOP_ORDERED: "the charger stopped it (109.5.5)",
    Happening.DISABLED: "the vehicle withdrew 102.5.0",
}
"""Of steps in one frame the first of these tells most."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline."""

    t_s: float
    what: str
    detail: str


class Timeline(Rule):
    """Writes steps down; of a session with endless pauses it keeps the first 500."""

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self.entries: list[Entry] = []

    def happened(self, what: Happening) -> None:
        """Write a step down, with the values that explain it."""
        if len(self.entries) < _MOST_ENTRIES:
            self.entries.append(Entry(self.case.bus.t_s, what, self._detail(what)))

    def _detail(self, what: Happening) -> str:
        bus = self.case.bus
        volts_amps = f"{bus.charger.voltage_v} V, {bus.current_a} A"
        details = {
            Happening.ENABLED: f"target {bus.vehicle.target_voltage_v} V",
            Happening.TEST_VOLTAGE: f"{bus.charger.voltage_v} V",
            Happening.TEST_OVER: f"{bus.charger.voltage_v} V",
            Happening.CLOSED: f"{bus.charger.voltage_v} V at the output",
            Happening.REQUESTED: f"{bus.request_a} A",
            Happening.RESUMED: f"{bus.capability.available_current_a} A",
            Happening.DISCHARGE_ALLOWED: f"{bus.discharge_limit_a} A",
            Happening.TRANSFER: volts_amps,
            Happening.CURRENT: volts_amps,
            Happening.DISCHARGE: volts_amps,
            Happening.LOW_CURRENT: volts_amps,
            Happening.TRANSFER_OFF: volts_amps,
            Happening.OUTPUT_GONE: f"{bus.charger.voltage_v} V",
        }
        return volts_amps if what in STOPS else details.get(what, "")


def outcome_of(case: Case) -> str:
    """Say in a sentence how far a session came and what ended it."""
    stops = [each for each in _REASONS if case.done(each)]
    if case.done(Happening.TRANSFER):
        came = "energy was transferred" if case.done(Happening.CURRENT) else "no current flowed"
    elif case.done(Happening.CLOSED):
        came = "the contactor closed, transfer never started"
    elif case.done(Happening.ENABLED):
        came = "charging was enabled, the contactor never closed"
    elif case.done(Happening.VEHICLE_TALKS) and case.done(Happening.CHARGER_TALKS):
        came = "both talked, charging was never enabled"
    else:
        came = "only one side talked"
    if not stops:
        return f"{came}; nothing stopped it while the log lasts"
    ended = f"{came}; ended because {_REASONS[min(stops, key=case.at.__getitem__)]}"
    return ended + ("" if case.done(Happening.UNLOCKED) else "; the end is not in the log")
