"""The firmware of an off-board V2H box: the EVPS's side of a session (chademo.md sections 6 to 8).

It lives on whole milliseconds of its own agenda, as the on-board controller does: a look every
20 ms and its frames every 100 ms while a session runs, nothing in between sessions.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from rig.virtual.offboard.contract import BoxInputs, BoxPins, Button
from rig.virtual.offboard.current import BoxCurrent, bounds
from rig.virtual.offboard.frames import BoxContent, VehicleFrames, pack_box
from rig.virtual.offboard.parameters import BoxParameters
from rig.virtual.offboard.states import STARTING, BoxState
from rig.virtual.offboard.status import INCOMPATIBLE, MALFUNCTION, SYSTEM, status_byte
from rig.virtual.offboard.watch import BoxWatch
from rig.virtual.unit.contract import Actuators, Sensors
from rig.virtual.unit.ticks import (
    TICKS_PER_S,
    Agenda,
    instant_of,
    tick_at_or_after,
    tick_at_or_before,
    ticks_of,
)
from rig.virtual.unit.v2h import CanNode

__all__ = ["OffboardBox"]

_S = BoxState
_LOOK, _CHANGE = "look", "change"


class OffboardBox:
    """``Firmware`` towards the circuit; ``plug_in`` wires it to its cable and its bus."""

    def __init__(self, parameters: BoxParameters | None = None) -> None:
        self.parameters = parameters or BoxParameters()
        self.state = _S.IDLE
        self.said: list[str] = []
        """Why sessions ended, oldest first."""
        self._agenda = Agenda()
        self._pressed: frozenset[Button] = frozenset()
        self._steps: dict[BoxState, Callable[[BoxInputs], BoxState | None]] = {
            _S.WAITING: self._waiting,
            _S.PARAMETERS: self._parameters_settle,
            _S.LOCKING: self._locking,
            _S.INSULATION: self._insulation,
            _S.BLEEDING: self._bleeding,
            _S.CLOSING: self._closing,
            _S.MATCHING: self._matching,
            _S.JOINING: self._joining,
            _S.READY: self._ready,
            _S.TRANSFER: self._transfer,
            _S.RAMP_DOWN: self._ramp_down,
            _S.WELD_CHECK: self._weld_check,
            _S.D2_OFF: self._d2_off,
            _S.EMERGENCY: self._emergency,
            _S.EMPTYING: self._emptying,
            _S.FAREWELL: self._farewell,
        }
        self._begin_session(0)

    def plug_in(self, pins: BoxPins, can: CanNode) -> None:
        """Be wired to the cable's end and its bus."""
        self._pins, self._can = pins, can
        pins.on_change(self._changed)

    # the circuit's side: Firmware

    def start(self, sensors: Sensors, actuators: Actuators, now_s: float) -> None:
        """Power up; the box has no part in what an on-board unit senses and moves."""
        self._tick = tick_at_or_before(now_s)

    def next_deadline(self, now_s: float) -> float:
        """Return when the box will next look by itself."""
        tick = max(self._tick + 1, self._agenda.next_tick())
        return instant_of(tick) if self._agenda.next_tick() < 10**12 else math.inf

    def run_steady(self, start_s: float, end_s: float) -> None:
        """Do what is due by ``end_s``."""
        self._tick = max(self._tick, tick_at_or_before(end_s))
        self._agenda.run_due(self._tick)

    def run_block(self, start_s: float, end_s: float) -> float:
        """Do what is due, and stop there: what it moves shows from then on."""
        due_s = instant_of(max(self._tick + 1, self._agenda.next_tick()))
        reached_s = max(start_s, min(end_s, due_s))
        self.run_steady(start_s, reached_s)
        return reached_s

    def settled(self) -> bool:
        """Say yes: nothing of the box needs samples."""
        return True

    # when it acts

    def _begin_session(self, tick: int) -> None:
        self._vehicle, self._current = VehicleFrames(), BoxCurrent(self.parameters)
        self._watch = BoxWatch(self.parameters, self._vehicle)
        self._faults = self._looks = 0
        self._talks = False
        self._talk_tick = self._d1_tick = self._since = self._start_tick = tick
        self._test_tick: int | None = None
        self._request_tick = 0
        self._told_out_a = 0.0

    def _changed(self, t_s: float) -> None:
        """Look soon: a button or a line has changed."""
        self._put(_CHANGE, tick_at_or_after(t_s) + 1, self._look_at_buttons)

    def _put(self, name: str, tick: int, action: Callable[[int], None]) -> None:
        self._agenda.put(name, tick, action)
        self._pins.wake_at(instant_of(tick))

    def _look_at_buttons(self, tick: int) -> None:
        seen = self._pins.read()
        fresh, self._pressed = seen.pressed - self._pressed, seen.pressed
        if self.state is _S.IDLE:
            if "start" in fresh and "emergency" not in seen.pressed and seen.plugged:
                self._wake(tick)
        elif "emergency" in seen.pressed or not seen.plugged:
            self._stop_at_once("emergency stop" if seen.plugged else "plug lost", tick)
        elif "stop" in fresh and self.state in STARTING:
            self._stop("stop button", 0, tick)

    def _wake(self, tick: int) -> None:
        self._begin_session(tick)
        self._can.join()
        self._can.take()
        self._pins.drive_line("d1", True, instant_of(tick))
        self._enter(_S.WAITING, tick)
        self._put(_LOOK, tick + ticks_of(self.parameters.look_s), self._look)

    def _look(self, tick: int) -> None:
        now_s = instant_of(tick)
        for frame in self._can.take():
            self._vehicle.take(frame.identifier, frame.data, now_s)
        self._now, seen = tick, self._pins.read()
        if (stop := self._watch.stop(self.state, seen, now_s)) is not None:
            self._stop(*stop, tick)
        while (step := self._steps.get(self.state)) and (state := step(seen)):
            self._enter(state, tick)
        if self.state is _S.IDLE:
            return
        if self._talks and tick >= self._talk_tick:
            self._send(seen)
        self._put(_LOOK, tick + ticks_of(self.parameters.look_s), self._look)

    def _enter(self, state: BoxState, tick: int) -> None:
        self.state, self._since = state, tick

    def _in_s(self, since: int | None = None) -> float:
        return (self._now - (self._since if since is None else since)) / TICKS_PER_S

    # what stops it

    def _stop(self, why: str, fault: int, tick: int) -> None:
        """Stop in the normal order."""
        self.said.append(why)
        self._faults |= fault
        self._enter(_S.RAMP_DOWN, tick)

    def _stop_at_once(self, why: str, tick: int) -> None:
        """Take the current away, then the lines, without waiting for anything (section 8.4)."""
        if self.state in (_S.EMERGENCY, _S.EMPTYING, _S.FAREWELL):
            return
        self.said.append(why)
        self._faults |= MALFUNCTION
        if self.parameters.drops_at_once:
            self._pins.rest(instant_of(tick))
        self._enter(_S.EMERGENCY, tick)

    def _fail(self, why: str, fault: int = SYSTEM) -> None:
        self._stop(why, fault, self._now)

    # the steps of a session

    def _waiting(self, seen: BoxInputs) -> BoxState | None:
        if self._vehicle.complete:
            self._talks = True
            self._talk_tick = self._now + ticks_of(self.parameters.answer_s)
            return _S.PARAMETERS
        if self._in_s() > self.parameters.permit_within_s:
            self._fail("no vehicle on the bus")
        return None

    def _parameters_settle(self, seen: BoxInputs) -> BoxState | None:
        if not (seen.k and self._vehicle.enabled):
            if self._in_s(self._d1_tick) > self.parameters.permit_within_s:
                self._fail("no permission in time")
            return None
        beyond = self._vehicle.target_v > self.parameters.available_v
        if beyond and self.parameters.heeds_target:
            self._fail("battery incompatible", INCOMPATIBLE)
            return None
        self._pins.lock(True, instant_of(self._now))
        return _S.LOCKING

    def _locking(self, seen: BoxInputs) -> BoxState | None:
        if self._in_s() < self.parameters.lock_s:
            return None
        if seen.plug_v >= self.parameters.open_v:
            self._fail("voltage at the plug before the test")
            return None
        self._pins.close_contactor(True, instant_of(self._now))
        self._pins.hold_voltage(self.parameters.test_v, instant_of(self._now))
        return _S.INSULATION

    def _insulation(self, seen: BoxInputs) -> BoxState | None:
        parameters = self.parameters
        if seen.plug_v < 0.95 * parameters.test_v:
            if self._in_s() > parameters.test_rises_s:
                self._fail("test voltage not reached", MALFUNCTION)
            return None
        self._test_tick = self._now if self._test_tick is None else self._test_tick
        if self._in_s(self._test_tick) < parameters.test_s:
            return None
        if seen.insulation_ohm < parameters.insulation_ohm_per_v * parameters.test_v:
            self._fail("insulation too low", MALFUNCTION)
            return None
        self._pins.rest(instant_of(self._now))
        return _S.BLEEDING

    def _bleeding(self, seen: BoxInputs) -> BoxState | None:
        if seen.plug_v >= self.parameters.before_d2_v:
            return None
        self._pins.close_contactor(False, instant_of(self._now))
        self._pins.drive_line("d2", True, instant_of(self._now))
        return _S.CLOSING

    def _closing(self, seen: BoxInputs) -> BoxState | None:
        if not self._vehicle.contactor_open and seen.plug_v > self.parameters.battery_seen_v:
            self._pins.hold_voltage(seen.plug_v, instant_of(self._now))
            return _S.MATCHING
        if self._in_s() > self.parameters.closes_within_s:
            self._fail("vehicle's contactors not closed")
        return None

    def _matching(self, seen: BoxInputs) -> BoxState | None:
        if abs(seen.output_v - seen.plug_v) <= self.parameters.match_v:
            self._pins.close_contactor(True, instant_of(self._now))
            return _S.JOINING
        if self._in_s() > self.parameters.matches_within_s:
            self._fail("voltages do not match", MALFUNCTION)
        return None

    def _joining(self, seen: BoxInputs) -> BoxState | None:
        return _S.READY if self._in_s() >= self.parameters.contactor_s else None

    def _ready(self, seen: BoxInputs) -> BoxState | None:
        if self._requested_s() > self.parameters.start_after_s:
            self._start_tick = self._now
            return _S.TRANSFER
        if self._in_s() > self.parameters.request_within_s:
            self._fail("no request in time")
        return None

    def _requested_s(self) -> float:
        """Return for how long the vehicle has asked for current; below 0 = it has not."""
        if self._vehicle.request_a == 0:
            return -1.0
        self._request_tick = self._request_tick or self._now
        return self._in_s(self._request_tick) + 1e-6

    def _transfer(self, seen: BoxInputs) -> BoxState | None:
        if seen.plug_v >= min(self._vehicle.max_v, self.parameters.available_v):
            self._fail("output at its threshold", 0)
            return None
        if self._left_min() <= 0:
            self._fail("time is over", 0)
            return None
        low_a, high_a = bounds(self._vehicle, self.parameters, seen.plug_v)
        wanted_a = low_a if "discharge" in seen.pressed else high_a
        self._drive(self._current.follow(wanted_a, low_a, high_a) * self.parameters.drive_gain)
        return None

    def _ramp_down(self, seen: BoxInputs) -> BoxState | None:
        amps = self._current.fall()
        most_a = self.parameters.low_current_a
        low = max(abs(amps), abs(seen.amps), abs(self._told_out_a)) <= most_a
        if not low and self._in_s() <= self.parameters.low_current_s:
            self._drive(amps)
            return None
        self._current.drop()
        self._pins.rest(instant_of(self._now))
        return _S.WELD_CHECK

    def _weld_check(self, seen: BoxInputs) -> BoxState | None:
        """Wait until the vehicle has opened and checked; go on without where it never will."""
        vehicle = self._vehicle
        silent = vehicle.silent_s(instant_of(self._now)) > self.parameters.can_loss_s
        done = vehicle.contactor_open and not (seen.k or vehicle.enabled)
        waits = self.parameters.waits_for_weld_check
        if waits and not (silent or done) and self._in_s() <= self.parameters.weld_within_s:
            return None
        self._faults |= 0 if done else SYSTEM
        self._pins.drive_line("d2", False, instant_of(self._now))
        return _S.D2_OFF

    def _d2_off(self, seen: BoxInputs) -> BoxState | None:
        if self._in_s() < self.parameters.d2_to_d1_s:
            return None
        self._pins.drive_line("d1", False, instant_of(self._now))
        return _S.EMPTYING

    def _emergency(self, seen: BoxInputs) -> BoxState | None:
        if self._in_s() < self.parameters.emergency_s:
            return None
        self._current.drop()
        self._pins.rest(instant_of(self._now))
        for line in ("d2", "d1"):
            self._pins.drive_line(line, False, instant_of(self._now))
        return _S.EMPTYING

    def _emptying(self, seen: BoxInputs) -> BoxState | None:
        """Bleed the cable through the converter's output, then part from it and unlock."""
        if self._in_s() < self.parameters.dropped_s:
            return None
        if seen.plug_v > self.parameters.open_v:
            self._pins.close_contactor(True, instant_of(self._now))
            return None
        self._pins.close_contactor(False, instant_of(self._now))
        self._pins.lock(False, instant_of(self._now))
        return _S.FAREWELL

    def _farewell(self, seen: BoxInputs) -> BoxState | None:
        if self._in_s() < self.parameters.farewell_s:
            return None
        self._can.leave()
        return _S.IDLE

    def _drive(self, amps: float) -> None:
        self._pins.drive_current(amps, instant_of(self._now))

    # what it says

    def _left_min(self) -> int:
        most = min(self.parameters.max_time_min, self._vehicle.max_time_min or 255)
        passed_min = (self._now - self._start_tick) / TICKS_PER_S / 60.0
        return math.ceil(most - passed_min)

    def _send(self, seen: BoxInputs) -> None:
        """Send a set in every fifth look."""
        turn, self._looks = self._looks, self._looks + 1
        if turn % self.parameters.looks_per_cycle:
            return
        content, now_s = self._content(seen), instant_of(self._now)
        for identifier in self.parameters.order:
            self._can.send(identifier, pack_box(identifier, content), now_s)
        self._told_out_a = min(seen.amps, 0.0)

    def _content(self, seen: BoxInputs) -> BoxContent:
        parameters, transfer = self.parameters, self.state in (_S.TRANSFER, _S.RAMP_DOWN)
        return BoxContent(
            protocol=parameters.protocol,
            available_v=parameters.available_v,
            charge_a=parameters.charge_a,
            threshold_v=min(self._vehicle.max_v or parameters.available_v, parameters.available_v),
            plug_v=round(seen.plug_v),
            amps=round(seen.amps * parameters.report_gain),
            status=status_byte(self.state, self._faults, transferring=self._transferring),
            left_min=self._left_min() if transfer and self._transferring else None,
            discharge_a=parameters.discharge_a,
            lowest_v=self._vehicle.min_discharge_v or parameters.lowest_v,
        )

    @property
    def _transferring(self) -> bool:
        """Whether a transfer has begun and is not over."""
        return self._start_tick > self._d1_tick
