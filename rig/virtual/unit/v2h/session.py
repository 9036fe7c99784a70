"""One session at the V2H port: the vehicle's state machine (chademo.md sections 6, 8 and 9.1)."""

from __future__ import annotations

from collections.abc import Callable

from rig.virtual.unit.events import EventLog
from rig.virtual.unit.memory import NonVolatile
from rig.virtual.unit.ticks import TICKS_PER_S, instant_of
from rig.virtual.unit.trips import UNIT, TripCode
from rig.virtual.unit.v2h.allowance import Allowance
from rig.virtual.unit.v2h.contract import PortPins
from rig.virtual.unit.v2h.frames import EvpsFrames, VehicleContent
from rig.virtual.unit.v2h.parameters import V2hParameters
from rig.virtual.unit.v2h.states import ACTIVE, PortState, Stop, StopReason
from rig.virtual.unit.v2h.view import View
from rig.virtual.unit.v2h.watch import Watch

__all__ = ["V2hSession"]

_S = PortState
_TRANSFERS = frozenset({_S.REQUESTING, _S.TRANSFER})
_SYSTEM = frozenset({"system"})
_NOT_PARKED = Stop(TripCode.V2H_NOT_PARKED, 1)


class V2hSession:
    """From d1 until d1 has gone again; ``decide`` is asked on every look of the port."""

    def __init__(
        self,
        parameters: V2hParameters,
        pins: PortPins,
        memory: NonVolatile,
        log: EventLog,
        tick: int,
    ) -> None:
        self._parameters, self._pins = parameters, pins
        self._memory, self._log = memory, log
        self._steps: dict[PortState, Callable[[View], PortState | None]] = {
            _S.WAKING: self._waking,
            _S.PARAMETERS: self._settling,
            _S.PERMITTED: self._permitted,
            _S.CLOSING: self._closing,
            _S.READY: self._ready,
            _S.REQUESTING: self._requesting,
            _S.STOPPING: self._stopping,
            _S.WELD_CHECK: self._weld_check,
        }
        self.state = _S.WAKING
        self.reason: int = StopReason.NONE
        self.evps, self.allowance = EvpsFrames(), Allowance(parameters)
        self._watch = Watch(parameters)
        self._faults: frozenset[str] = frozenset()
        self._enabled = self._asked = self._closed = self._refused = self._checked = False
        self._settled = False
        self._d1_tick = self._since = tick
        self._complete_tick = self._request_tick = 0
        self._floor_percent = 0.0

    @property
    def active(self) -> bool:
        """Whether the unit permits current, or is about to."""
        return self.state in ACTIVE

    def decide(self, view: View) -> None:
        """Stop for what calls for it, fall where less is permitted, take the steps due."""
        if self.state in ACTIVE:
            told = self.allowance.request_a, self.allowance.discharge_a
            stop = self._watch.stop(self.state, view, self.evps, told)
            if stop is not None:
                self._stop(stop, view.tick)
        if self.state in _TRANSFERS:
            self.allowance.hold(view, self.evps)
        while (step := self._steps.get(self.state)) and (state := step(view)):
            self._enter(state, view.tick)

    def renew(self, view: View) -> None:
        """Let request and limit rise by a cycle."""
        if self.state in _TRANSFERS:
            self.allowance.renew(view, self.evps, discharge=self._discharges(view.tick))

    def content(self, view: View, capacity_wh: float) -> VehicleContent:
        """Return what the frames of a cycle say."""
        parameters = self._parameters
        floor_percent = self._floor_percent if self._enabled else view.floor_percent
        usable = max(0.0, view.soc_percent - floor_percent) / 100.0
        return VehicleContent(
            protocol=parameters.protocol,
            target_v=parameters.target_v,
            max_v=parameters.max_v,
            min_charge_a=parameters.min_charge_a,
            min_discharge_v=round(parameters.min_discharge_v),
            charge_percent=round(view.soc_percent),
            floor_percent=round(floor_percent),
            energy_100wh=round(usable * capacity_wh / 100.0),
            capacity_100wh=round(capacity_wh / 100.0),
            settled=self._settled,
            enabled=self._enabled,
            parked=view.parked or not parameters.heeds_gear,
            contactor_open=not self._closed or self._checked or self._tells_early,
            stop_before_charge=self._refused,
            may_discharge=view.may_discharge,
            request_a=self.allowance.request_a,
            discharge_a=self.allowance.discharge_a,
            faults=self._faults,
        )

    def _enter(self, state: PortState, tick: int) -> None:
        self.state, self._since = state, tick
        self._log.say(f"V2H {state.name.lower().replace('_', '-')}", instant_of(tick))

    def _waking(self, view: View) -> PortState | None:
        if self._parameters.heeds_gear_before and not view.parked:
            return self._refuse(_NOT_PARKED, view.tick)
        if not self.evps.complete:
            return self._too_late(view, self._d1_tick, self._parameters.permit_within_s)
        self._complete_tick = view.tick
        return _S.PARAMETERS

    def _settling(self, view: View) -> PortState | None:
        """Wait with k: for the parameters, a compatible EVPS and a parked vehicle."""
        parameters = self._parameters
        self._settled = self._in_s(view, self._complete_tick) >= parameters.settle_s
        if parameters.heeds_gear_before and not view.parked:
            return self._refuse(_NOT_PARKED, view.tick)
        if self._in_s(view, self._complete_tick) < parameters.permit_s:
            return None
        refused = self._watch.incompatible(view, self.evps)
        if refused is None and view.data_age_s > parameters.stale_s:
            refused = Stop(TripCode.VEHICLE_STALE)
        if refused is None and view.mode == 0:
            refused = Stop(StopReason.BY_COMMAND)
        if refused is not None:
            return self._refuse(refused, view.tick)
        self._floor_percent, self._enabled = view.floor_percent, True
        self._pins.pull_k(True, instant_of(view.tick))
        return _S.PERMITTED

    def _permitted(self, view: View) -> PortState | None:
        if view.d2:
            return _S.CLOSING
        return self._too_late(view, self._since, self._parameters.d2_within_s)

    def _closing(self, view: View) -> PortState | None:
        waited_s = self._in_s(view, self._since) - self._parameters.close_after_s
        if waited_s < 0.0:
            return None
        if not self._asked:
            self._asked = True
            self._pins.drive_contactors(True, instant_of(view.tick))
        if view.closed:
            self._closed = True
            return _S.READY
        if waited_s > self._parameters.closed_within_s:
            self._stop(Stop(TripCode.V2H_SEQUENCE_TIMEOUT, self.state, _SYSTEM), view.tick)
        return None

    def _ready(self, view: View) -> PortState | None:
        parameters, waited_s = self._parameters, self._in_s(view, self._since)
        matched = abs(self.evps.output_v - view.inlet_v) <= parameters.match_v
        if waited_s >= parameters.request_after_s and matched:
            self._request_tick = view.tick
            return _S.REQUESTING
        return self._too_late(view, self._since, parameters.matched_within_s)

    def _requesting(self, view: View) -> PortState | None:
        if self.evps.charging and not self.evps.stopping:
            return _S.TRANSFER
        return self._too_late(view, self._since, self._parameters.start_within_s)

    def _stopping(self, view: View) -> PortState | None:
        """Wait for 5 A and the EVPS's word before the contactors open (R-V2H-07, 08)."""
        parameters, waited_s = self._parameters, self._in_s(view, self._since)
        low = abs(view.inlet_a) <= parameters.low_current_a or not parameters.waits_for_low_current
        silent = self.evps.silent_s(instant_of(view.tick)) > parameters.can_loss_s
        told = not self.evps.charging or silent or not parameters.waits_for_109
        if not (low and told) and waited_s < parameters.low_current_s and view.closed:
            return None
        self._open(view.tick)
        return _S.WELD_CHECK

    def _weld_check(self, view: View) -> PortState | None:
        parameters, waited_s = self._parameters, self._in_s(view, self._since)
        if waited_s < parameters.weld_done_s:
            return None
        gone = view.inlet_v <= parameters.weld_share * view.pack_v or not self.evps.weld_support
        if view.closed or not gone:
            self._faults |= _SYSTEM if waited_s >= parameters.weld_done_s + 2.0 else frozenset()
            return None
        self._checked = True
        return _S.FINISHED

    def _too_late(self, view: View, since: int, within_s: float) -> PortState | None:
        if self._in_s(view, since) <= within_s:
            return None
        stop = Stop(TripCode.V2H_SEQUENCE_TIMEOUT, self.state, _SYSTEM)
        if self.state in ACTIVE:
            self._stop(stop, view.tick)
            return None
        return self._refuse(stop, view.tick)

    def _refuse(self, stop: Stop, tick: int) -> PortState:
        """End a session before its permission: nothing was closed."""
        self._note(stop, tick)
        self._refused = not stop.faults
        return _S.FINISHED

    def _stop(self, stop: Stop, tick: int) -> None:
        """Take the permission away, on the line and in the frames, in one cycle."""
        self._note(stop, tick)
        self._enabled = False
        self.allowance.end()
        if self._parameters.releases_k:
            self._pins.pull_k(False, instant_of(tick))
        if stop.emergency:
            self._open(tick)
        self._enter(_S.WELD_CHECK if stop.emergency else _S.STOPPING, tick)

    def _open(self, tick: int) -> None:
        now_s = instant_of(tick)
        self._pins.drive_contactors(False, now_s)
        self._pins.bleed(self._parameters.bleeds, now_s)

    def _note(self, stop: Stop, tick: int) -> None:
        self.reason = int(stop.reason)
        self._faults |= stop.faults
        now_s = instant_of(tick)
        if isinstance(stop.reason, TripCode):
            self._memory.last_code = stop.reason
            self._log.event(stop.reason, UNIT, stop.value, now_s)
        kind = "EMERGENCY" if stop.emergency else "stop"
        self._log.say(f"V2H {kind} reason={self.reason}", now_s)

    def _discharges(self, tick: int) -> bool:
        """Say whether the discharge limit may be above 0: after the start, and a moment later."""
        waited_s = (tick - self._request_tick) / TICKS_PER_S
        return self.state is _S.TRANSFER and waited_s >= self._parameters.discharge_after_s

    @property
    def _tells_early(self) -> bool:
        return self._parameters.tells_open_early and not self._enabled

    @staticmethod
    def _in_s(view: View, since: int) -> float:
        return (view.tick - since) / TICKS_PER_S
