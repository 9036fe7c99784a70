"""Flags of the charger's status that must fit together (facts: section 2.7)."""

from __future__ import annotations

from rig.chademo.check.case import Case, Rule
from rig.chademo.check.happening import Happening
from rig.chademo.frames import ChargerStatus, Message, Side, VehicleStatus

__all__ = ["ChargerRule"]

_C = Side.CHARGER


class ChargerRule(Rule):
    """Judges the flags of 0x109."""

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self._stop_asked = False
        self._test_too_early = case.lasting_error(
            "voltage before enable",
            _C,
            case.limits.same_cycle_s,
            "the output is live before the vehicle has enabled charging",
            "§2.3, §6 #10",
        )
        self._test_goes_on = case.lasting_error(
            "voltage after enable",
            _C,
            case.limits.output_gone_s,
            "the insulation test goes on although the vehicle no longer enables charging",
            "§6 #10",
        )

        self._output_stays = case.lasting_error(
            "output after opening",
            _C,
            case.limits.output_gone_s,
            "the output is still above 10 V although the vehicle's contactor is open",
            "§8.3",
        )

    def changed(self, new: Message, old: Message | None) -> None:
        """Judge a status frame of either side."""
        if isinstance(new, VehicleStatus):
            if new.stop_before_charge and not self.case.done(Happening.REQUESTED):
                self._stop_asked = True
        elif isinstance(new, ChargerStatus):
            self._flags(new)
            if isinstance(old, ChargerStatus):
                self._edges(new, old)
            else:
                self._first(new)
        self._test()

    def happened(self, what: Happening) -> None:
        """Judge a fault, the lock, and the start of the transfer."""
        case, bus = self.case, self.case.bus
        if what is Happening.CHARGER_FAULT:
            self._tell_fault()
        elif what is Happening.UNLOCKED:
            self._unlocked()
        elif what is Happening.CLOSED and not bus.charger.energizing:
            case.error(
                "contactor without lock", _C, "the contactor closes with 109.5.2 = 0", "§6 #8-12"
            )
        if what is not Happening.TRANSFER or case.done(Happening.INSIDE):
            return
        if not case.done(Happening.REQUESTED):
            self._wrong_start("no current was requested")
        if not bus.vehicle.enabled and not self._just_disabled():
            self._wrong_start("102.5.0 is 0")
        if case.knows_contactor and bus.vehicle.contactor_open:
            self._wrong_start("the vehicle's contactor is open")
        if bus.vehicle.not_in_park:
            self._wrong_start("the vehicle is not in park (102.5.1)")
        if bus.charger.stop_control:
            self._wrong_start("109.5.5 is still 1; both change in one frame")
        if self._stop_asked:
            self._wrong_start("the vehicle had asked to stop before charging (102.5.4)")

    def _unlocked(self) -> None:
        case = self.case
        # A vehicle that says nothing any more can neither open nor withdraw anything in frames.
        excused = case.done(Happening.CHARGER_FAULT) or case.done(Happening.VEHICLE_SILENT)
        if case.knows_contactor and case.closed:
            told = "109.5.2 goes to 0 before the vehicle's contactor is open (102.5.3)"
            (case.note if excused else case.error)("order of the unlock", _C, told, "§8.1, §8.3")
        if case.bus.vehicle.enabled and not excused:
            case.error(
                "unlock while enabled", _C, "109.5.2 goes to 0 while 102.5.0 is 1", "§2.7, §4.2"
            )

    def _wrong_start(self, why: str) -> None:
        self.case.error("start of transfer", _C, f"109.5.0 goes to 1 but {why}", "§2.7, §6 #15")

    def _first(self, new: ChargerStatus) -> None:
        if self.case.done(Happening.INSIDE) or new.energizing or new.charging:
            return
        if new.current_a or not new.stop_control:
            self.case.error(
                "first frame", _C, "the first 0x109 is not at rest (109.5 = 20h, 0 A)", "§6 #4"
            )

    def _flags(self, new: ChargerStatus) -> None:
        case = self.case
        if not new.charging and not new.stop_control:
            case.error(
                "stop control", _C, "109.5.0 and 109.5.5 are both 0: neither on nor off", "§2.7"
            )
        faulty = new.charger_malfunction or new.battery_incompatible or new.system_malfunction
        if faulty and not new.stop_control:
            case.error("fault without stop", _C, "a fault is set without 109.5.5", "§2.7, §4.2")
        if new.current_a and not new.charging and not case.done(Happening.TRANSFER):
            case.error("current before transfer", _C, f"{new.current_a} A with 109.5.0 = 0", "§2.7")
        live = new.voltage_v > case.limits.test_over_v and not new.energizing
        if live and not case.stopping and case.done(Happening.ENABLED):
            case.note(
                "energizing",
                _C,
                f"{new.voltage_v} V at the output with 109.5.2 = 0; chargers are known to set it"
                " at the end of the insulation test only",
                "§2.7, §6 #8",
                size=new.voltage_v,
            )

    def _edges(self, new: ChargerStatus, old: ChargerStatus) -> None:
        case, vehicle = self.case, self.case.bus.vehicle
        if new.energizing and not old.energizing:
            if case.done(Happening.UNLOCKED):
                case.error("locked again", _C, "109.5.2 comes back in the same session", "§2.7")
            if not vehicle.enabled and not self._just_disabled():
                case.error("lock without enable", _C, "109.5.2 goes to 1 with 102.5.0 = 0", "§2.7")
        elif old.energizing and not new.energizing and new.voltage_v > case.limits.no_voltage_v:
            case.error("unlocked under voltage", _C, f"109.5.2 = 0 at {new.voltage_v} V", "§2.7")
        if old.charging and not new.charging:
            self._cleared(new)
        if old.stop_control and not new.stop_control and case.done(Happening.STOP_ORDERED):
            case.error(
                "stop withdrawn", _C, "109.5.5 goes back to 0; it stays 1 once it is set", "§2.7"
            )
        if new.protocol != old.protocol:
            case.error("protocol", _C, f"109.0 goes from {old.protocol} to {new.protocol}", "§5.1")
        if new.discharge_compatible != old.discharge_compatible:
            case.note("discharge compatible", _C, "109.4.0 changes in the session", "§2.7")

    def _cleared(self, new: ChargerStatus) -> None:
        case, current_a = self.case, abs(self.case.bus.current_a)
        if current_a > case.limits.low_current_a:
            told = f"109.5.0 goes to 0 at {current_a} A, above 5 A"
            faulty = case.done(Happening.CHARGER_FAULT)
            (case.note if faulty else case.error)("cleared under load", _C, told, "§2.7, §8.3")
        if case.bus.vehicle.enabled and not case.done(Happening.CHARGER_FAULT):
            case.note(
                "order of the stop",
                _C,
                "109.5.0 goes to 0 before the vehicle has withdrawn 102.5.0; known of real"
                " chargers, and allowed in 2.0",
                "§12 (11)",
            )

    def _test(self) -> None:
        case, bus = self.case, self.case.bus
        live = bus.charger.voltage_v > case.limits.test_over_v and not bus.vehicle.enabled
        testing = live and not case.done(Happening.CLOSED) and not case.done(Happening.INSIDE)
        stays = bus.charger.voltage_v > case.limits.no_voltage_v
        opened = case.done(Happening.OPENED) and bus.vehicle.contactor_open
        self._output_stays.judge(bus.t_s, holds=stays and opened)
        enabled_once = case.done(Happening.ENABLED)
        self._test_too_early.judge(bus.t_s, holds=testing and not enabled_once)
        self._test_goes_on.judge(bus.t_s, holds=testing and enabled_once)

    def _just_disabled(self) -> bool:
        """Allow for one cycle in which the charger could not know yet."""
        disabled_s = self.case.at.get(Happening.DISABLED)
        now_s, cycle_s = self.case.bus.t_s, self.case.limits.same_cycle_s
        return disabled_s is not None and now_s - disabled_s <= cycle_s

    def _tell_fault(self) -> None:
        status = self.case.bus.charger
        names = [
            text
            for told, text in (
                (status.charger_malfunction, "charger malfunction (109.5.1)"),
                (status.battery_incompatible, "battery incompatible (109.5.3)"),
                (status.system_malfunction, "charging-system malfunction (109.5.4)"),
            )
            if told
        ]
        self.case.note("fault", _C, f"the charger reports: {', '.join(names)}", "§4.2")
