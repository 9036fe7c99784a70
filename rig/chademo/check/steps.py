"""Find the steps of a session in the changes of its frames."""

from __future__ import annotations

from collections.abc import Iterator

from rig.chademo.check.case import Case
from rig.chademo.check.happening import Happening
from rig.chademo.frames import (
    CORE,
    ChargerCapability,
    ChargerStatus,
    DischargeCapability,
    DischargeLimits,
    Message,
    Side,
    VehicleStatus,
    has_vehicle_fault,
)

__all__ = ["Steps"]

_FALLEN = 0.95
_QUARTER = 0.25


class Steps:
    """Turns new content into steps; until both sides talk, there is nothing but their talking."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._begun = False
        self._voltage_at_end_v = 0

    def of(self, new: Message, old: Message | None) -> Iterator[Happening]:
        """Yield the steps that a change makes, in the order they are taken."""
        bus = self._case.bus
        talks = Happening.VEHICLE_TALKS if new.SENDER is Side.VEHICLE else Happening.CHARGER_TALKS
        if new.IDENTIFIER in CORE and not self._case.done(talks):
            yield talks
        if not self._begun:
            if bus.version is not None:
                self._begun = True
                yield from self._begin()
        elif isinstance(new, VehicleStatus) and isinstance(old, VehicleStatus):
            yield from self._vehicle(new, old)
        elif isinstance(new, ChargerStatus) and isinstance(old, ChargerStatus):
            yield from self._charger(new, old)
        elif isinstance(new, ChargerCapability) and isinstance(old, ChargerCapability):
            yield from self._available(new, old)
        elif isinstance(new, DischargeLimits):
            if new.max_discharge_current_a and not self._case.done(Happening.DISCHARGE_ALLOWED):
                yield Happening.DISCHARGE_ALLOWED
        elif isinstance(new, DischargeCapability) and new.discharge_current_a:
            yield from self._current(Happening.DISCHARGE)

    def _begin(self) -> Iterator[Happening]:
        """Both talk now; where the output is live already, the log begins inside the session."""
        bus = self._case.bus
        vehicle, charger = bus.vehicle, bus.charger
        if charger.energizing or charger.charging:
            yield Happening.INSIDE
        if vehicle.enabled:
            yield Happening.ENABLED
        if charger.energizing:
            yield Happening.LOCKED
        closed = self._case.knows_contactor and not vehicle.contactor_open
        if charger.charging or (closed and (vehicle.enabled or charger.energizing)):
            yield Happening.CLOSED
        if charger.charging:
            yield from (Happening.REQUESTED, Happening.TRANSFER)
            if charger.stop_control:
                yield Happening.STOP_ORDERED
        if charger.energizing and not vehicle.enabled and self._case.closed:
            yield Happening.DISABLED

    def _vehicle(self, new: VehicleStatus, old: VehicleStatus) -> Iterator[Happening]:
        case = self._case
        if has_vehicle_fault(new) and not case.done(Happening.VEHICLE_FAULT):
            yield Happening.VEHICLE_FAULT
        if new.not_in_park and new.enabled and not case.done(Happening.NOT_PARKED):
            yield Happening.NOT_PARKED
        if new.enabled and not old.enabled and not case.done(Happening.ENABLED):
            yield Happening.ENABLED
        if case.knows_contactor and old.contactor_open and not new.contactor_open and new.enabled:
            yield Happening.CLOSED
        if case.bus.request_a and not case.done(Happening.REQUESTED):
            if not case.knows_contactor and not case.done(Happening.CLOSED):
                yield Happening.CLOSED
            yield Happening.REQUESTED
        if old.enabled and not new.enabled and not case.done(Happening.DISABLED):
            yield Happening.DISABLED
            yield from self._low_current()
        if case.knows_contactor and new.contactor_open and not old.contactor_open and case.closed:
            yield Happening.OPENED

    def _charger(self, new: ChargerStatus, old: ChargerStatus) -> Iterator[Happening]:
        case = self._case
        if _is_fault(new) and not case.done(Happening.CHARGER_FAULT):
            yield Happening.CHARGER_FAULT
        if new.energizing and not old.energizing and not case.done(Happening.LOCKED):
            yield Happening.LOCKED
        if not case.closed and not case.done(Happening.TRANSFER):
            yield from self._insulation(new)
        if new.charging and not case.done(Happening.TRANSFER):
            yield Happening.TRANSFER
        if new.current_a and new.charging:
            yield from self._current(Happening.CURRENT)
        ordered = new.stop_control and not old.stop_control and case.done(Happening.TRANSFER)
        if ordered and not case.done(Happening.STOP_ORDERED):
            yield Happening.STOP_ORDERED
        yield from self._low_current()
        if old.charging and not new.charging and not case.done(Happening.TRANSFER_OFF):
            self._voltage_at_end_v = old.voltage_v
            yield Happening.TRANSFER_OFF
        if case.done(Happening.TRANSFER_OFF):
            yield from self._output(new)
        if old.energizing and not new.energizing and not case.done(Happening.UNLOCKED):
            yield Happening.UNLOCKED

    def _insulation(self, new: ChargerStatus) -> Iterator[Happening]:
        case = self._case
        if new.voltage_v > case.limits.test_seen_v and not case.done(Happening.TEST_VOLTAGE):
            yield Happening.TEST_VOLTAGE
        tested = case.done(Happening.TEST_VOLTAGE) and not case.done(Happening.TEST_OVER)
        if tested and new.voltage_v <= case.limits.test_over_v:
            yield Happening.TEST_OVER

    def _current(self, kind: Happening) -> Iterator[Happening]:
        if not self._case.done(Happening.CURRENT):
            yield Happening.CURRENT
        if kind is Happening.DISCHARGE and not self._case.done(kind):
            yield kind

    def _low_current(self) -> Iterator[Happening]:
        case = self._case
        low = abs(case.bus.current_a) <= case.limits.low_current_a
        ends = case.stopping and case.done(Happening.TRANSFER)
        if low and ends and not case.done(Happening.LOW_CURRENT):
            yield Happening.LOW_CURRENT

    def _output(self, new: ChargerStatus) -> Iterator[Happening]:
        case, before = self._case, self._voltage_at_end_v
        if new.voltage_v < _FALLEN * before and not case.done(Happening.OUTPUT_FALLS):
            yield Happening.OUTPUT_FALLS
        if new.voltage_v <= _QUARTER * before and not case.done(Happening.OUTPUT_QUARTER):
            yield Happening.OUTPUT_QUARTER
        low = new.voltage_v <= case.limits.no_voltage_v
        if low and not case.done(Happening.OUTPUT_GONE):
            yield Happening.OUTPUT_GONE

    def _available(self, new: ChargerCapability, old: ChargerCapability) -> Iterator[Happening]:
        if not self._case.done(Happening.REQUESTED):
            return
        if old.available_current_a and not new.available_current_a:
            yield Happening.PAUSED
        if new.available_current_a and not old.available_current_a:
            yield Happening.RESUMED


def _is_fault(status: ChargerStatus) -> bool:
    return status.charger_malfunction or status.battery_incompatible or status.system_malfunction
