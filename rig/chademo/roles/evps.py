"""The home's V2H power conditioner (EVPS) as a state machine (facts: sections 6 to 9.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from instruments.can_frame import CanFrame
from instruments.capabilities import CanPort
from instruments.clock import Clock
from rig.chademo.frames import V1, DischargeCapability, Side, VehicleStatus, effective_version
from rig.chademo.roles.evps_bounds import Bounds, Offer, is_incompatible, live_bounds
from rig.chademo.roles.evps_current import EvpsCurrent
from rig.chademo.roles.evps_frames import EvpsFault, EvpsFrames, EvpsShown
from rig.chademo.roles.evps_parameters import EvpsParameters
from rig.chademo.roles.evps_states import EVPS_TRANSITIONS, EvpsState
from rig.chademo.roles.evps_watch import EvpsWatch, Stop
from rig.chademo.roles.injection import Injection
from rig.chademo.roles.lines import Line, Lines
from rig.chademo.roles.power import EvpsPower, Measured
from rig.chademo.roles.reasons import Reason
from rig.chademo.roles.role import Role

__all__ = ["Evps"]

_S = EvpsState
_HELD_WITHIN_V = 2.0
_FRESH = frozenset({_S.IDLE, _S.WAKING, _S.PARAMETERS})
_OVER = frozenset({_S.EMERGENCY, _S.DISCHARGING, _S.UNLOCKED, _S.FINISHED})
_STARTING = frozenset(
    {
        _S.WAKING, _S.PARAMETERS, _S.LOCKING, _S.INSULATION, _S.BLEEDING, _S.CLOSING,
        _S.PRECHARGE, _S.READY, _S.TRANSFER,
    }
)  # fmt: skip


class Evps(Role[EvpsState]):
    """One session; ``start`` begins it, ``want`` sets the current of range mode."""

    def __init__(
        self,
        clock: Clock,
        port: CanPort,
        lines: Lines,
        power: EvpsPower,
        parameters: EvpsParameters | None = None,
        injections: Sequence[Injection] = (),
    ) -> None:
        self.parameters = parameters or EvpsParameters()
        super().__init__(
            Side.CHARGER, EVPS_TRANSITIONS, clock, port, lines, injections, self.parameters.tick_s
        )
        self._power = power
        self._frames = EvpsFrames(self.parameters, self.heard)
        self._watch = EvpsWatch(self.parameters, self.heard, lines)
        self._current = EvpsCurrent(self.parameters)
        self._steps: dict[EvpsState, Callable[[], EvpsState | None]] = {
            _S.WAKING: self._waking,
            _S.PARAMETERS: self._parameters_settle,
            _S.LOCKING: self._locking,
            _S.INSULATION: self._insulation,
            _S.BLEEDING: self._bleeding,
            _S.CLOSING: self._closing,
            _S.PRECHARGE: self._precharge,
            _S.READY: self._ready,
            _S.TRANSFER: self._transfer,
            _S.RAMP_DOWN: self._ramp_down,
            _S.WELD_CHECK: self._weld_check,
            _S.D2_OFF: self._d2_off,
            _S.EMERGENCY: self._emergency,
            _S.DISCHARGING: self._output_falls,
            _S.UNLOCKED: self._unlocked,
        }
        self.offer = Offer(self.parameters.available_a, self.parameters.input_a)
        """What may be drawn and taken now; change it with ``offer_current``."""
        self.wanted_a = 0.0
        self.faults: set[EvpsFault] = set()
        self._asked: Stop | None = None
        self._held_v = 0.0
        self._told_out_a = 0.0
        self._measured = Measured(0.0, 0.0)
        """Of the latest tick; frames tell it, so that no instrument delays them."""
        self._closed_s = self._enabled_s = self._test_s = self._stop_s = self._transfer_s = (
            self._d1_s
        ) = 0.0

    def start(self) -> None:
        """Press the start button: d1 goes on (section 6 #2)."""
        self._d1_s = self._clock.now()
        self._set(Line.D1, on=True)
        self._enter(_S.WAKING)
        self._drive()

    def want(self, amps: float) -> None:
        """Set the current of range mode, positive into the vehicle; bounds are kept by itself."""
        self.wanted_a = amps

    def offer_current(self, charge_a: int, discharge_a: int) -> None:
        """Change 108.3 and 208.3; the vehicle follows (section 7)."""
        self.offer = Offer(charge_a, discharge_a)

    def stop(self, reason: Reason = Reason.BUTTON) -> None:
        """Stop in the normal order (section 8.1)."""
        self._asked = self._asked or Stop(reason)

    def emergency_stop(self) -> None:
        """Stop without waiting for anything (section 8.4)."""
        self._asked = Stop(Reason.EMERGENCY, EvpsFault.MALFUNCTION, emergency=True)

    def malfunction(self) -> None:
        """Stop as for a fault of one's own (109.5.1)."""
        self._asked = self._asked or Stop(Reason.MALFUNCTION, EvpsFault.MALFUNCTION)

    @property
    def current_a(self) -> float:
        """The set-point of the supply, positive into the vehicle."""
        return self._current.amps

    @property
    def bounds(self) -> Bounds:
        """What the vehicle and the own offer allow now."""
        now_s, volts = self._clock.now(), self._power.measure().volts
        return live_bounds(self.heard, self.offer, self.parameters, volts, now_s)

    @property
    def threshold_v(self) -> int:
        """108.4-5: the voltage at which the output stops by itself."""
        return self._watch.threshold_v

    @property
    def version(self) -> int:
        """The protocol number both keep to."""
        return effective_version(self._vehicle.protocol, self.parameters.protocol)

    @property
    def _vehicle(self) -> VehicleStatus:
        return self.heard.get(VehicleStatus)

    def _decide(self) -> None:
        self._measured = self._power.measure()
        stop = self._to_stop()
        if stop is not None:
            self._begin_stop(stop)
        while self.state in self._steps and self._run(self._steps[self.state]):
            pass

    def _to_stop(self) -> Stop | None:
        if self.state in _OVER or self.state is _S.IDLE:
            return None
        if self._asked is not None and (self._asked.emergency or self.state in _STARTING):
            return self._asked
        if self.state not in _STARTING:
            return None
        now_s = self._clock.now()
        if (stop := self._watch.early(self.state, now_s)) is not None:
            return stop
        if self.state in _FRESH:
            return None
        return self._watch.enabled(self.state, now_s) or self._of_its_own(now_s)

    def _of_its_own(self, now_s: float) -> Stop | None:
        if self.state is not _S.TRANSFER:
            return None
        if self._power.measure().volts >= self._watch.threshold_v:
            return Stop(Reason.OVER_THRESHOLD)
        over = self._frames.left_s(now_s - self._transfer_s) <= 0.0
        return Stop(Reason.TIME_OVER) if over else None

    def _begin_stop(self, stop: Stop) -> None:
        self._end_for(stop.reason, emergency=stop.emergency)
        if stop.fault is not None:
            self.faults.add(stop.fault)
        if stop.emergency:
            self._current.drop(self._clock.now())
            self._power.set_current(0.0)
        else:
            self._stop_s = self._clock.now()
        self._enter(_S.EMERGENCY if stop.emergency else _S.RAMP_DOWN)

    def _late(self, limit_s: float) -> bool:
        return self._in_state_s() > limit_s

    def _fail(self, reason: Reason, fault: EvpsFault = EvpsFault.SYSTEM) -> None:
        """Begin an error stop out of a step."""
        self._begin_stop(Stop(reason, fault))

    def _waking(self) -> EvpsState | None:
        if not self.heard.complete:
            if self._late(self.parameters.enable_s):
                self._fail(Reason.DEADLINE)
            return None
        # Frames begin to be sent a little later, the state is entered now.
        self._clock.call_at(self._clock.now() + self.parameters.answer_s, self._begin_to_talk)
        return _S.PARAMETERS

    def _begin_to_talk(self) -> None:
        if self.state is not _S.FINISHED:
            self._talk([(0.0, each) for each in self._frames.places], self.parameters.period_s)

    def _parameters_settle(self) -> EvpsState | None:
        now_s = self._clock.now()
        if not (self._vehicle.enabled and self._lines.read(Line.K)):
            if now_s - self._d1_s > self.parameters.enable_s:
                self._fail(Reason.DEADLINE)
            return None
        if is_incompatible(self.heard, self.parameters):
            self._fail(Reason.INCOMPATIBLE, EvpsFault.INCOMPATIBLE)
            return None
        self._enabled_s = now_s
        self._set(Line.LOCK, on=True)
        return _S.LOCKING

    def _locking(self) -> EvpsState | None:
        if not self._lines.read(Line.LOCK):
            if self._late(self.parameters.lock_s):
                self._fail(Reason.MALFUNCTION, EvpsFault.MALFUNCTION)
            return None
        if self._power.measure().volts >= self.parameters.open_v:
            self._fail(Reason.CONTACTOR_OPEN)  # it should be, and is not
            return None
        self._power.set_contactor(closed=True)
        self._power.hold_voltage(self.parameters.test_v)
        self._test_s = 0.0
        return _S.INSULATION

    def _insulation(self) -> EvpsState | None:
        now_s, parameters = self._clock.now(), self.parameters
        if self._power.measure().volts < 0.95 * parameters.test_v:
            if self._late(parameters.test_rise_s):
                self._fail(Reason.MALFUNCTION, EvpsFault.MALFUNCTION)
            return None
        self._test_s = self._test_s or now_s
        if now_s - self._test_s < parameters.test_s:
            return None
        least_ohm = parameters.insulation_ohm_per_v * parameters.test_v
        if self._power.insulation_ohm() < least_ohm:
            self._fail(Reason.INSULATION, EvpsFault.MALFUNCTION)
            return None
        self._power.switch_off()
        return _S.BLEEDING

    def _bleeding(self) -> EvpsState | None:
        if self._power.measure().volts >= self.parameters.before_d2_v:
            if self._clock.now() - self._enabled_s > self.parameters.d2_s:
                self._fail(Reason.MALFUNCTION, EvpsFault.MALFUNCTION)
            return None
        self._power.set_contactor(closed=False)
        self._set(Line.D2, on=True)
        return _S.CLOSING

    def _closing(self) -> EvpsState | None:
        vehicle, seen = self._vehicle, self._power.measure().volts > self.parameters.battery_seen_v
        closed = not vehicle.contactor_open
        if self.version < V1:
            assumed = self._in_state_s() >= self.parameters.close_assumed_s
            closed = assumed or vehicle.current_request_a > 0
        if closed and seen:
            self._closed_s = self._clock.now()
            self._match(self._power.measure().volts)
            return _S.PRECHARGE
        if self._late(self.parameters.close_s):
            self._fail(Reason.DEADLINE)
        return None

    def _precharge(self) -> EvpsState | None:
        volts = self._power.measure().volts
        if abs(volts - self._held_v) > _HELD_WITHIN_V:
            self._match(volts)
        if abs(self._power.voltage_behind() - volts) <= self.parameters.match_v:
            self._power.set_contactor(closed=True)
            self._power.set_current(0.0)
            return _S.READY
        if self._late(self.parameters.precharge_s):
            self._fail(Reason.MALFUNCTION, EvpsFault.MALFUNCTION)
        return None

    def _match(self, volts: float) -> None:
        """Hold the battery's voltage; a meter that averages tells it only a moment later."""
        self._held_v = volts
        self._power.hold_voltage(volts)

    def _ready(self) -> EvpsState | None:
        if self._vehicle.current_request_a > 0:
            self._transfer_s = self._clock.now()
            self._current.begin(self._transfer_s)
            return _S.TRANSFER
        if self._clock.now() - self._closed_s > self.parameters.request_s:
            self._fail(Reason.DEADLINE)
        return None

    def _transfer(self) -> None:
        now_s = self._clock.now()
        amps = self._current.follow(self.wanted_a, self.bounds, now_s)
        self._power.set_current(amps + self._injections.excess_a(now_s))

    def _ramp_down(self) -> EvpsState | None:
        self._power.set_current(self._current.fall(self._clock.now()))
        most_a = self.parameters.low_current_a
        # 0x208 follows 0x109 in a cycle: transfer is over once the vehicle has been told so there.
        low = abs(self._measured.amps) <= most_a and self._told_out_a <= most_a
        if not low and not self._late(self.parameters.low_current_s):
            return None
        self._rest()
        return _S.WELD_CHECK

    def _rest(self) -> None:
        """Drive nothing, and part from the vehicle: its contactor opens without current."""
        self._current.drop(self._clock.now())
        self._power.set_current(0.0)
        self._power.switch_off()
        self._power.set_contactor(closed=False)

    def _weld_check(self) -> EvpsState | None:
        now_s, parameters, vehicle = self._clock.now(), self.parameters, self._vehicle
        if not self._lines.read(Line.D2) and not self._driven.get(Line.D2):
            return self._release()  # d2 was never on: nothing can have closed
        lost = self.heard.silent_s(now_s) > parameters.can_loss_s
        if lost:
            self.faults.add(EvpsFault.SYSTEM)
            return self._release()
        permitted = vehicle.enabled or self._lines.read(Line.K)
        if self.version < V1:
            return self._release() if self._late(parameters.weld_assumed_s) else None
        if vehicle.contactor_open and not permitted:
            return self._release()
        ignored = vehicle.enabled and now_s - self._stop_s > parameters.permission_s
        if ignored or self._late(parameters.weld_s):
            self.faults.add(EvpsFault.SYSTEM)
            return self._release()
        return None

    def _release(self) -> EvpsState:
        self._set(Line.D2, on=False)
        return _S.D2_OFF

    def _d2_off(self) -> EvpsState | None:
        if not self._late(self.parameters.d2_to_d1_s):
            return None
        self._set(Line.D1, on=False)
        return _S.DISCHARGING

    def _emergency(self) -> EvpsState | None:
        """Take the coil's supply away, current being 0 and the fault told (section 8.4)."""
        if self._in_state_s() < self.parameters.emergency_s:
            return None
        self._rest()
        self._set(Line.D2, on=False)
        self._set(Line.D1, on=False)
        return _S.DISCHARGING

    def _output_falls(self) -> EvpsState | None:
        gone = self._power.measure().volts <= self.parameters.open_v
        if not gone:
            if self._late(self.parameters.output_gone_s):
                self.faults.add(EvpsFault.MALFUNCTION)  # stays locked: the plug may be live
            return None
        self._set(Line.LOCK, on=False)
        return _S.UNLOCKED

    def _unlocked(self) -> EvpsState | None:
        if not self._late(self.parameters.farewell_s):
            return None
        self._be_silent()
        return _S.FINISHED

    def _content(self, identifier: int) -> CanFrame:
        measured = self._measured
        if identifier == DischargeCapability.IDENTIFIER:
            self._told_out_a = -measured.amps
        return self._frames.make(identifier, self._shown(), measured)

    def _shown(self) -> EvpsShown:
        state = self.state
        charging = state in {_S.TRANSFER, _S.RAMP_DOWN} and self._transfer_s > 0.0
        since_s = self._clock.now() - self._transfer_s if charging else None
        return EvpsShown(
            energizing=self._lines.read(Line.LOCK) and state is not _S.UNLOCKED,
            charging=charging,
            stopping=state is not _S.TRANSFER,
            faults=frozenset(self.faults),
            offer=self.offer,
            transfer_s=since_s,
        )
