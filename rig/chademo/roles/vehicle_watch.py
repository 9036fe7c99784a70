"""What makes the vehicle stop (facts: sections 4.1, 4.2, 4.4 and 9.1)."""

from __future__ import annotations

from dataclasses import dataclass

from rig.chademo.frames import (
    ChargerCapability,
    ChargerStatus,
    remaining_time_s,
)
from rig.chademo.roles.lasting import Lasting
from rig.chademo.roles.lines import Line, Lines
from rig.chademo.roles.mailbox import Mailbox
from rig.chademo.roles.power import Measured
from rig.chademo.roles.reasons import Reason
from rig.chademo.roles.vehicle_parameters import VehicleParameters

__all__ = ["Halt", "VehicleWatch"]


@dataclass(frozen=True, slots=True)
class Halt:
    """A cause to stop, the field of 102 it sets, and whether it is an emergency."""

    reason: Reason
    fault: str | None = None
    emergency: bool = False


class VehicleWatch:
    """Looks at frames, lines and measurements each tick."""

    def __init__(self, parameters: VehicleParameters, heard: Mailbox, lines: Lines) -> None:
        self._parameters, self._heard, self._lines = parameters, heard, lines
        self._deviates = Lasting(parameters.deviation_s)
        self._misleads = Lasting(parameters.voltage_deviation_s)
        self._reverse = Lasting(parameters.reverse_s)
        self._idle = Lasting(parameters.no_charge_s or 0.0)

    def incompatible(self) -> Halt | None:
        """Return why this charger cannot be used (R-V2H-11)."""
        if not self._parameters.heeds_charger:
            return None
        capability, status = self._heard.get(ChargerCapability), self._heard.get(ChargerStatus)
        if status.protocol == 0:
            return Halt(Reason.INCOMPATIBLE, "system_fault")
        least_a = max(self._parameters.min_charge_a, 1)
        too_low = capability.available_voltage_v < self._parameters.target_v
        if too_low or capability.available_current_a < least_a:
            return Halt(Reason.INCOMPATIBLE, "stop_before_charge")
        return None

    def early(self, now_s: float, *, closing: bool) -> Halt | None:
        """Return what stops a session in any state; ``closing``: d2 is due to be on."""
        if not self._lines.read(Line.PROXIMITY):
            return Halt(Reason.UNPLUGGED, "system_fault", emergency=True)
        if not self._lines.read(Line.D1):
            return Halt(Reason.LINE_LOST, emergency=True)
        if closing and not self._lines.read(Line.D2):
            return Halt(Reason.LINE_LOST, emergency=True)
        status = self._heard.get(ChargerStatus)
        if status.charger_malfunction or status.system_malfunction or status.battery_incompatible:
            return Halt(Reason.CHARGER_FAULT)
        if self._heard.complete and self._heard.silent_s(now_s) > self._parameters.can_loss_s:
            return Halt(Reason.CAN_LOST, "system_fault")
        return None

    def running(
        self,
        now_s: float,
        measured: Measured,
        battery_v: float,
        request_a: float,
        limit_a: float,
    ) -> Halt | None:
        """Return what stops a transfer."""
        status = self._heard.get(ChargerStatus)
        if status.stop_control or not remaining_time_s(status):
            return Halt(Reason.CHARGER_STOP)
        halt = self._deviation(now_s, measured, battery_v, request_a, limit_a)
        if halt is not None:
            return halt
        if battery_v > self._parameters.max_v:
            return Halt(Reason.OVER_VOLTAGE, "fault_over_voltage")
        quirk = self._parameters.no_charge_s is not None
        if self._idle.judge(now_s, holds=quirk and status.current_a == 0):
            return Halt(Reason.NO_CHARGE_CURRENT)
        return None

    def _deviation(
        self,
        now_s: float,
        measured: Measured,
        battery_v: float,
        request_a: float,
        limit_a: float,
    ) -> Halt | None:
        over = measured.amps - request_a, -measured.amps - limit_a
        if self._deviates.judge(now_s, holds=max(over) >= self._parameters.deviation_a):
            return Halt(Reason.CURRENT_DEVIATION, "fault_current_deviation")
        off_v = abs(self._heard.get(ChargerStatus).voltage_v - battery_v)
        if self._misleads.judge(now_s, holds=off_v > self._parameters.match_v):
            return Halt(Reason.VOLTAGE_DEVIATION, "fault_voltage_deviation")
        charged = not self._parameters.charge and measured.amps > self._parameters.reverse_a
        if self._reverse.judge(now_s, holds=charged):
            return Halt(Reason.REVERSE_CURRENT)
        return None
