"""The vehicle as a state machine, Leaf-like by default (facts: sections 6 to 9.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from instruments.can_frame import CanFrame
from instruments.capabilities import CanPort
from instruments.clock import Clock
from instruments.errors import UsageError
from rig.chademo.frames import (
    VEHICLE_FAULTS,
    ChargerCapability,
    ChargerStatus,
    DischargeCapability,
    Side,
)
from rig.chademo.roles.injection import Injection
from rig.chademo.roles.lines import Line, Lines
from rig.chademo.roles.power import VehiclePower
from rig.chademo.roles.reasons import Reason
from rig.chademo.roles.role import Role
from rig.chademo.roles.vehicle_frames import VehicleFrames, VehicleShown
from rig.chademo.roles.vehicle_parameters import VehicleParameters
from rig.chademo.roles.vehicle_states import VEHICLE_TRANSITIONS, VehicleState
from rig.chademo.roles.vehicle_watch import Halt, VehicleWatch

__all__ = ["Vehicle"]

_S = VehicleState
_UNDER_WAY = frozenset(
    {_S.INIT, _S.PARAMETERS, _S.PERMITTED, _S.ENABLED, _S.CLOSING, _S.CLOSED, _S.RUN}
)
_D2_DUE = frozenset({_S.CLOSING, _S.CLOSED, _S.RUN})
_ENABLED = frozenset({_S.ENABLED, _S.CLOSING, _S.CLOSED, _S.RUN})


class Vehicle(Role[VehicleState]):
    """One session; it begins when the plug is in and d1 comes on."""

    def __init__(
        self,
        clock: Clock,
        port: CanPort,
        lines: Lines,
        power: VehiclePower,
        parameters: VehicleParameters | None = None,
        injections: Sequence[Injection] = (),
    ) -> None:
        self.parameters = parameters or VehicleParameters()
        super().__init__(
            Side.VEHICLE,
            VEHICLE_TRANSITIONS,
            clock,
            port,
            lines,
            injections,
            self.parameters.tick_s,
        )
        self._power = power
        self._frames = VehicleFrames(self.parameters, self.heard)
        self._watch = VehicleWatch(self.parameters, self.heard, lines)
        self._steps: dict[VehicleState, Callable[[], VehicleState | None]] = {
            _S.OFF: self._off,
            _S.WAKING: self._waking,
            _S.INIT: self._init,
            _S.PARAMETERS: self._settle,
            _S.PERMITTED: self._permitted,
            _S.ENABLED: self._enabled,
            _S.CLOSING: self._closing,
            _S.CLOSED: self._closed,
            _S.RUN: self._running,
            _S.STOPPING: self._stopping,
            _S.WELD_CHECK: self._weld_check,
            _S.OPENED: self._opened,
            _S.FAREWELL: self._farewell,
        }
        self._asked: Halt | None = None
        self._faults: set[str] = set()
        self._talking_s = self._run_s = 0.0
        self._request_a = self._limit_a = 0.0
        self._ramped_s = 0.0
        self._percent = 0
        self._asks_stop = self._not_in_park = False
        self._was_closed = self._started = False

    def stop(self) -> None:
        """Stop in the normal order, as the vehicle's user (section 8.2)."""
        self._asked = self._asked or Halt(Reason.BUTTON)

    def stop_before_charge(self) -> None:
        """Ask for a stop before charging (102.5.4); later it stops as ``stop`` does."""
        self._asked = self._asked or Halt(Reason.STOP_BEFORE_CHARGE, "stop_before_charge")

    def leave_park(self) -> None:
        """Shift out of park: 102.5.1, and k off (section 4.1)."""
        self._not_in_park = True
        self._asked = self._asked or Halt(Reason.NOT_IN_PARK)

    def fail(self, fault: str) -> None:
        """Stop for a fault, named as the field of ``VehicleStatus`` (section 4.1)."""
        if fault not in VEHICLE_FAULTS:
            raise UsageError(f"fault must be one of {sorted(VEHICLE_FAULTS)}, got {fault!r}")
        self._asked = self._asked or Halt(Reason.VEHICLE_FAULT, fault)

    @property
    def request_a(self) -> int:
        """102.3 now."""
        return int(self._request_a)

    @property
    def discharge_limit_a(self) -> int:
        """200.0 now, decoded."""
        return int(self._limit_a)

    def _decide(self) -> None:
        self._percent = round(self._power.charge_percent())
        halt = self._to_halt()
        if halt is not None:
            self._begin_stop(halt)
        while self.state in self._steps and self._run(self._steps[self.state]):
            pass

    def _to_halt(self) -> Halt | None:
        if self.state not in _UNDER_WAY:
            return None
        now_s = self._clock.now()
        halt = self._watch.early(now_s, closing=self.state in _D2_DUE)
        if halt is not None or self._asked is not None:
            return halt or self._asked
        if self.state is not _S.RUN:
            return None
        started = self.heard.get(ChargerStatus).charging
        self._started = self._started or started
        if not self._started:
            late = now_s - self._run_s > self.parameters.start_s
            return Halt(Reason.DEADLINE, "system_fault") if late else None
        return self._watch.running(
            now_s,
            self._power.measure(),
            self._power.battery_v(),
            self._request_a,
            self._limit_a,
        )

    def _begin_stop(self, halt: Halt) -> None:
        """Withdraw request, permission and limit in one cycle (section 8.2)."""
        self._end_for(halt.reason, emergency=halt.emergency)
        if halt.fault == "stop_before_charge":
            self._asks_stop = self.state is not _S.RUN
        elif halt.fault is not None:
            self._faults.add(halt.fault)
        self._request_a = self._limit_a = 0.0
        self._set(Line.K, on=False)
        if halt.emergency:
            # The coil has lost its supply, or must: nothing is left to be waited for.
            self._open()
            self._enter(_S.WELD_CHECK)
        else:
            self._enter(_S.STOPPING)

    def _open(self) -> None:
        self._was_closed = self._was_closed or self._power.contactor_closed()
        self._power.set_contactor(closed=False)

    def _late(self, limit_s: float) -> bool:
        return self._in_state_s() > limit_s

    def _fail(self, reason: Reason) -> None:
        self._begin_stop(Halt(reason, "system_fault"))

    def _off(self) -> VehicleState | None:
        there = self._lines.read(Line.PROXIMITY) and self._lines.read(Line.D1)
        return _S.WAKING if there else None

    def _waking(self) -> VehicleState | None:
        if not self._lines.read(Line.D1):
            return _S.FAREWELL
        if self._in_state_s() < self.parameters.wake_s:
            return None
        self._talking_s = self._clock.now()
        spacing_s = self.parameters.spacing_s
        places = [
            (self.parameters.phase_s + n * spacing_s, each)
            for n, each in enumerate(self._frames.places)
        ]
        self._talk(places, self.parameters.period_s)
        return _S.INIT

    def _init(self) -> VehicleState | None:
        if self.heard.complete:
            return _S.PARAMETERS
        if self._late(self.parameters.answer_s):
            self._fail(Reason.DEADLINE)
        return None

    def _settle(self) -> VehicleState | None:
        if self._clock.now() - self._talking_s < self.parameters.ready_s:
            return None
        halt = self._watch.incompatible()
        if halt is not None:
            self._begin_stop(halt)
            return None
        self._set(Line.K, on=True)
        return _S.PERMITTED

    def _permitted(self) -> VehicleState | None:
        return _S.ENABLED if self._in_state_s() >= self.parameters.enable_after_k_s else None

    def _enabled(self) -> VehicleState | None:
        if self._lines.read(Line.D2):
            return _S.CLOSING
        if self._late(self.parameters.d2_s):
            self._fail(Reason.DEADLINE)
        return None

    def _closing(self) -> VehicleState | None:
        if self._in_state_s() < self.parameters.close_after_s:
            return None
        self._power.set_contactor(closed=True)
        if self._power.contactor_closed():
            self._was_closed = True
            return _S.CLOSED
        if self._late(self.parameters.close_s):
            self._fail(Reason.NOT_CLOSED)
        return None

    def _closed(self) -> VehicleState | None:
        if self._in_state_s() >= self.parameters.request_after_s and self._sees_itself():
            self._run_s = self._ramped_s = self._clock.now()
            self._follow()
            return _S.RUN
        if self._late(self.parameters.request_s):
            self._fail(Reason.DEADLINE)
        return None

    def _sees_itself(self) -> bool:
        """Compare the own voltage with the inlet and with 109.1-2 (section 6 #14)."""
        own_v, match_v = self._power.battery_v(), self.parameters.match_v
        shown_v = self.heard.get(ChargerStatus).voltage_v
        inlet_v = self._power.measure().volts
        return abs(shown_v - own_v) <= match_v and abs(inlet_v - own_v) <= match_v

    def _running(self) -> None:
        """Ramp request and limit up by 2 A a cycle; the ramp is the cycle's, not the tick's."""
        now_s = self._clock.now()
        if now_s - self._ramped_s >= self.parameters.period_s - 1e-6:
            self._ramped_s = now_s
            self._follow()
        self._request_a = min(self._request_a, self._charge_most_a())
        self._limit_a = min(self._limit_a, self._discharge_most_a())

    def _follow(self) -> None:
        step_a = self.parameters.rise_a_per_s * self.parameters.period_s
        self._request_a = min(self._request_a + step_a, self._charge_most_a())
        if self._clock.now() - self._run_s >= self.parameters.discharge_after_s - 1e-6:
            self._limit_a = min(self._limit_a + step_a, self._discharge_most_a())

    def _charge_most_a(self) -> float:
        offer_a = self.heard.get(ChargerCapability).available_current_a
        # Current into the vehicle is asked for even where only discharge is allowed: without a
        # request no transfer begins (section 6 #15). One ampere is the least there is.
        own_a = self.parameters.charge_a if self.parameters.charge else 1
        return float(min(own_a, offer_a))

    def _discharge_most_a(self) -> float:
        """Return the limit; 0 at the floor, where charge stays allowed (R-V2H-12)."""
        offer_a = self.heard.get(DischargeCapability).available_input_current_a
        low = self._power.battery_v() <= self.parameters.min_discharge_v
        in_percent = self.parameters.estimate and self.parameters.sequence > 0
        floor = self.parameters.min_level if in_percent else 0
        low = low or self._power.charge_percent() <= floor
        compatible = self.heard.get(ChargerStatus).discharge_compatible
        return float(min(self.parameters.discharge_a, offer_a)) if compatible and not low else 0.0

    def _stopping(self) -> VehicleState | None:
        status, intake = self.heard.get(ChargerStatus), self.heard.get(DischargeCapability)
        lost = self.heard.silent_s(self._clock.now()) > self.parameters.can_loss_s
        most_a = self.parameters.low_current_a
        low = abs(self._power.measure().amps) <= most_a
        told = max(status.current_a, intake.discharge_current_a) <= most_a and not status.charging
        gone = not (self._lines.read(Line.D1) and self._lines.read(Line.D2))
        if not (low and (told or lost or gone)) and not self._late(self.parameters.low_current_s):
            return None
        self._open()
        return _S.WELD_CHECK

    def _weld_check(self) -> VehicleState | None:
        if not self._was_closed:
            return _S.OPENED
        if self._in_state_s() < self.parameters.weld_after_s:
            return None
        inlet_v = self._power.measure().volts
        if inlet_v <= self.parameters.open_share * self._power.battery_v():
            return _S.OPENED
        if not self._late(self.parameters.weld_s):
            return None
        self._end_for(Reason.WELDED)
        self._faults.add("system_fault")
        return _S.OPENED

    def _opened(self) -> VehicleState | None:
        off = not self._lines.read(Line.D1)
        return _S.FAREWELL if off or self._late(self.parameters.d1_s) else None

    def _farewell(self) -> VehicleState | None:
        if not self._late(self.parameters.farewell_s):
            return None
        self._be_silent()
        return _S.FINISHED

    @property
    def _welded(self) -> bool:
        return self.ending is not None and self.ending.reason is Reason.WELDED

    def _content(self, identifier: int) -> CanFrame:
        return self._frames.make(identifier, self._shown())

    def _shown(self) -> VehicleShown:
        shut = self.state in {_S.CLOSED, _S.RUN} or (
            self._was_closed and self.state in {_S.STOPPING, _S.WELD_CHECK}
        )
        fresh = self.state in {_S.INIT} or not self.heard.complete
        return VehicleShown(
            enabled=self.state in _ENABLED,
            closed=shut or self._welded,
            request_a=self.request_a,
            discharge_a=self.discharge_limit_a,
            charge_percent=self._percent,
            settled=not fresh,
            not_in_park=self._not_in_park,
            stop_before_charge=self._asks_stop,
            faults=frozenset(self._faults),
        )
