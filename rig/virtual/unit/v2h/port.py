"""The V2H port of the unit: the vehicle's side of a CHAdeMO session, on the unit's own ticks."""

from __future__ import annotations

from collections.abc import Callable

from rig.virtual.unit.events import EventLog
from rig.virtual.unit.memory import NonVolatile
from rig.virtual.unit.ticks import (
    TICKS_PER_S,
    Agenda,
    instant_of,
    tick_at_or_after,
    ticks_of,
)
from rig.virtual.unit.trips import UNIT, TripCode, clamp_u16
from rig.virtual.unit.v2h.allowance import Allowance
from rig.virtual.unit.v2h.contract import CanNode, PortPins
from rig.virtual.unit.v2h.frames import EvpsFrames, VehicleContent, pack
from rig.virtual.unit.v2h.parameters import V2hParameters
from rig.virtual.unit.v2h.states import ACTIVE, PortState, Stop, StopReason
from rig.virtual.unit.v2h.view import View, take_view
from rig.virtual.unit.v2h.watch import Watch
from rig.virtual.unit.vehicle import VehicleData

__all__ = ["V2hPort"]

_S = PortState
_LINES, _CYCLE = "v2h lines", "v2h cycle"
_REST_S = 0.025
"""Between the last frame of a cycle and the next one: looks at such distances."""
_TRANSFERS = frozenset({_S.REQUESTING, _S.TRANSFER})
_SYSTEM = frozenset({"system"})
_NOT_PARKED = Stop(TripCode.V2H_NOT_PARKED, 1)
_OPEN_OHM = 65_535_000.0


class V2hPort:
    """One port for the life of a power cycle; sessions come and go with d1.

    It acts on ticks of the unit's agenda only: one for each frame of a cycle and a few looks in
    between, from the first frame to the end of the session; and one after each change of a line.
    """

    def __init__(
        self,
        parameters: V2hParameters,
        pins: PortPins,
        can: CanNode,
        *,
        agenda: Agenda,
        memory: NonVolatile,
        log: EventLog,
        vehicle: VehicleData,
        capacity_wh: float,
        insulation_ohm: Callable[[], float],
    ) -> None:
        self._parameters, self._pins, self._can = parameters, pins, can
        self._agenda, self._memory, self._log = agenda, memory, log
        self._vehicle, self._capacity_wh = vehicle, capacity_wh
        self._insulation_ohm = insulation_ohm
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
        self.state = _S.IDLE
        self.reason: int = StopReason.NONE
        self.emergencies = 0
        self._begin_session(0)
        pins.on_lines(self._lines_changed)

    @property
    def shown_state(self) -> PortState:
        """Register 48: a port that is switched off says so between sessions."""
        off = self._mode == 0 and self.state is _S.IDLE
        return _S.OFF if off else self.state

    def power_up(self, now_s: float) -> None:
        """Let everything go, and look whether d1 is there already."""
        self._pins.pull_k(False, now_s)
        self._pins.drive_contactors(False, now_s)
        self._lines_changed(now_s)

    def power_lost(self, now_s: float) -> None:
        """Fall silent: nothing holds k and the contactors without a processor."""
        self._pins.pull_k(False, now_s)
        self._pins.drive_contactors(False, now_s)
        self._can.leave()
        self._agenda.drop(_LINES, _CYCLE)

    def registers(self) -> tuple[int, ...]:
        """Return input registers 48 to 52 as of now."""
        seen = self._pins.read()
        volts = clamp_u16(10.0 * seen.inlet_v * self._parameters.voltage_gain)
        amps = round(10.0 * seen.inlet_a * self._parameters.current_gain) & 0xFFFF
        kohm = clamp_u16(min(self._insulation_ohm(), _OPEN_OHM) / 1000.0)
        return (self.shown_state, volts, amps, self.reason, kohm)

    def reduce_w(self, too_much_w: float) -> float:
        """Say how much of an excess will be left once the EVPS follows the discharge limit.

        The limit fell with the pack's at the last look already; an EVPS that has not followed it
        after a while does not count.
        """
        seen = self._pins.read()
        beyond_a = -seen.inlet_a - self._allowance.discharge_a
        follows = self._allowance.follows_s <= self._parameters.follow_within_s
        return too_much_w - max(0.0, beyond_a) * seen.pack_v if follows else too_much_w

    def settings_changed(self, now_s: float) -> None:
        """Look at d1 again where the port is switched on: it may just have been."""
        if self.state is _S.IDLE and self._mode:
            self._lines_changed(now_s)

    @property
    def _mode(self) -> int:
        return self._memory.settings[6]

    def _begin_session(self, tick: int) -> None:
        self._evps, self._watch = EvpsFrames(), Watch(self._parameters)
        self._allowance = Allowance(self._parameters)
        self._faults: frozenset[str] = frozenset()
        self._enabled = self._asked = self._closed = self._refused = self._checked = False
        self._settled = False
        self._d1_tick = self._since = self._first_tick = tick
        self._complete_tick = self._request_tick = self._farewell_tick = 0
        self._slot = self._cycles = 0
        self._floor_percent = 0.0

    # when it acts

    def _lines_changed(self, at_s: float) -> None:
        tick = tick_at_or_after(at_s) + 1
        self._put(_LINES, tick, self._look_at_lines)

    def _put(self, name: str, tick: int, action: Callable[[int], None]) -> None:
        self._agenda.put(name, tick, action)
        self._pins.wake_at(instant_of(tick))

    def _look_at_lines(self, tick: int) -> None:
        view = self._view(tick)
        if self.state is _S.IDLE:
            if view.d1 and view.plugged and view.mode:
                self._wake(tick)
        else:
            self._decide(view)

    def _wake(self, tick: int) -> None:
        self._begin_session(tick)
        self._can.join()
        self._can.take()
        self._pins.bleed(False, instant_of(tick))
        self._first_tick = tick + ticks_of(self._parameters.wake_s)
        self._enter(_S.WAKING, tick)
        self._put(_CYCLE, self._first_tick, self._cycle)

    def _cycle(self, tick: int) -> None:
        """Look, and send the frame whose turn it is."""
        view, order = self._view(tick), self._parameters.order
        self._decide(view)
        if self.state is _S.IDLE:
            return
        if self._slot < len(order) and not self._skips(order[self._slot]):
            self._send(order[self._slot], view)
        self._put(_CYCLE, self._next_slot(tick), self._cycle)

    def _next_slot(self, tick: int) -> int:
        """Return when to act next: frames on absolute deadlines, looks in what is left."""
        parameters, slots = self._parameters, len(self._parameters.order)
        period, spacing = ticks_of(parameters.period_s), ticks_of(parameters.spacing_s)
        self._slot += 1
        if self._slot < slots:
            return self._first_tick + self._slot * spacing
        look = tick + ticks_of(_REST_S)
        if look < self._first_tick + period:
            return look
        self._slot = 0
        self._cycles += 1
        self._first_tick += period
        return self._first_tick

    def _view(self, tick: int) -> View:
        for frame in self._can.take():
            self._evps.take(frame.identifier, frame.data, instant_of(tick))
        settings = self._memory.settings
        floor = settings.get(10, settings[3] + 10)
        return take_view(
            tick, self._pins.read(), (settings[6], settings[7], floor), self._vehicle,
            self._insulation_ohm(), self._parameters,
        )  # fmt: skip

    # what it does

    def _decide(self, view: View) -> None:
        if self._left(view):
            return
        if self.state in ACTIVE:
            told = self._allowance.request_a, self._allowance.discharge_a
            stop = self._watch.stop(self.state, view, self._evps, told)
            if stop is not None:
                self._stop(stop, view.tick)
        if self.state in _TRANSFERS:
            self._allowance.hold(view, self._evps)
        while (step := self._steps.get(self.state)) and (state := step(view)):
            self._enter(state, view.tick)

    def _left(self, view: View) -> bool:
        """End what is not permitted (any more) once d1 has gone; say whether that is done."""
        if view.d1 or self.state in ACTIVE:
            self._farewell_tick = 0
            return False
        self._farewell_tick = self._farewell_tick or view.tick
        if self._in_s(view, self._farewell_tick) < self._parameters.farewell_s:
            return False
        self._can.leave()
        self._agenda.drop(_CYCLE)
        now_s = instant_of(view.tick)
        self._pins.drive_contactors(False, now_s)
        self._enter(_S.IDLE, view.tick)
        return True

    def _enter(self, state: PortState, tick: int) -> None:
        self.state, self._since = state, tick
        self._log.say(f"V2H {state.name.lower().replace('_', '-')}", instant_of(tick))

    def _waking(self, view: View) -> PortState | None:
        if self._parameters.heeds_gear_before and not view.parked:
            return self._refuse(_NOT_PARKED, view.tick)
        if not self._evps.complete:
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
        refused = self._watch.incompatible(view, self._evps)
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
        matched = abs(self._evps.output_v - view.inlet_v) <= parameters.match_v
        if waited_s >= parameters.request_after_s and matched:
            self._request_tick = view.tick
            return _S.REQUESTING
        return self._too_late(view, self._since, parameters.matched_within_s)

    def _requesting(self, view: View) -> PortState | None:
        if self._evps.charging and not self._evps.stopping:
            return _S.TRANSFER
        return self._too_late(view, self._since, self._parameters.start_within_s)

    def _stopping(self, view: View) -> PortState | None:
        """Wait for 5 A and the EVPS's word before the contactors open (R-V2H-07, 08)."""
        parameters, waited_s = self._parameters, self._in_s(view, self._since)
        low = abs(view.inlet_a) <= parameters.low_current_a or not parameters.waits_for_low_current
        silent = self._evps.silent_s(instant_of(view.tick)) > parameters.can_loss_s
        told = not self._evps.charging or silent or not parameters.waits_for_109
        if not (low and told) and waited_s < parameters.low_current_s and view.closed:
            return None
        self._open(view.tick)
        return _S.WELD_CHECK

    def _weld_check(self, view: View) -> PortState | None:
        parameters, waited_s = self._parameters, self._in_s(view, self._since)
        if waited_s < parameters.weld_done_s:
            return None
        gone = view.inlet_v <= parameters.weld_share * view.pack_v or not self._evps.weld_support
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
        self._allowance.end()
        if self._parameters.releases_k:
            self._pins.pull_k(False, instant_of(tick))
        if stop.emergency:
            self.emergencies += 1
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

    # what it says

    def _send(self, identifier: int, view: View) -> None:
        if identifier == 0x102 and self.state in _TRANSFERS:
            self._allowance.renew(view, self._evps, discharge=self._discharges(view.tick))
        data = pack(identifier, self._content(view))
        length = dict(self._parameters.lengths).get(identifier, len(data))
        self._can.send(identifier, data[:length], instant_of(view.tick))

    def _skips(self, identifier: int) -> bool:
        every = self._parameters.skips
        return identifier == 0x101 and every > 0 and self._cycles % every == every - 1

    def _discharges(self, tick: int) -> bool:
        """Say whether the discharge limit may be above 0: after the start, and a moment later."""
        waited_s = (tick - self._request_tick) / TICKS_PER_S
        return self.state is _S.TRANSFER and waited_s >= self._parameters.discharge_after_s

    def _content(self, view: View) -> VehicleContent:
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
            energy_100wh=round(usable * self._capacity_wh / 100.0),
            capacity_100wh=round(self._capacity_wh / 100.0),
            settled=self._settled,
            enabled=self._enabled,
            parked=view.parked or not parameters.heeds_gear,
            contactor_open=not self._closed or self._checked or self._tells_early,
            stop_before_charge=self._refused,
            may_discharge=view.may_discharge,
            request_a=self._allowance.request_a,
            discharge_a=self._allowance.discharge_a,
            faults=self._faults,
        )

    @property
    def _tells_early(self) -> bool:
        return self._parameters.tells_open_early and not self._enabled

    @staticmethod
    def _in_s(view: View, since: int) -> float:
        return (view.tick - since) / TICKS_PER_S
