"""The unit's states: what commands and decisions do to the inverter and the sockets."""

from __future__ import annotations

from rig.virtual.unit.comparator import ShortCircuit
from rig.virtual.unit.events import EventLog
from rig.virtual.unit.levers import Levers
from rig.virtual.unit.memory import NonVolatile
from rig.virtual.unit.parameters import Parameters
from rig.virtual.unit.recovery import Recovery
from rig.virtual.unit.sequence import Sequence
from rig.virtual.unit.states import ARMED, LATCHED, Command, SocketChannel, SocketState, UnitState
from rig.virtual.unit.ticks import Agenda, instant_of, tick_at_or_after, ticks_of
from rig.virtual.unit.trips import (
    UNIT,
    WARNING,
    Decision,
    Derate,
    Restore,
    Trip,
    TripCode,
    Warn,
)

__all__ = ["Supervisor"]

_RESTART_UNIT = "restart unit"
_PRE_CHECK = "pre-check"
_RESUMES_S = 2.5
"""Of a unit that resumes: by then the vehicle has said its data."""


def _restart(socket: int) -> str:
    return f"restart socket {socket}"


class Supervisor:
    """Act on commands, on decisions of the protections, and on the agenda."""

    def __init__(
        self,
        parameters: Parameters,
        memory: NonVolatile,
        agenda: Agenda,
        log: EventLog,
        levers: Levers,
    ) -> None:
        self._parameters, self._memory = parameters, memory
        self._agenda, self._log, self._levers = agenda, log, levers
        self.recovery = Recovery(parameters.restart, memory)
        self.state = UnitState.OFF
        self.waiting: set[tuple[int, int]] = set()
        """Code and target of the trips of kind C that stand."""
        self._run_requested = False
        self.output = Sequence(parameters, memory, agenda, log, levers)

    @property
    def sockets(self) -> tuple[SocketChannel, SocketChannel, SocketChannel]:
        """The three sockets."""
        return self.output.sockets

    def power_up(self, now_s: float, *, resume: bool = False) -> None:
        """Come up after the self-test, with what was latched or locked out before.

        ``resume`` = start again by itself, which a healthy unit never does.
        """
        boot_ticks = ticks_of(self._parameters.sequence.boot_s)
        self._log.say("POWER-UP", now_s)
        self._agenda.put("boot", tick_at_or_after(now_s) + boot_ticks, self._booted)
        if resume:
            resumed = tick_at_or_after(now_s) + ticks_of(_RESUMES_S)
            self._agenda.put("resume", resumed, self._resume)

    def permits(self, command: Command, cause_standing: bool) -> bool:
        """Say whether a command is allowed in this state."""
        states = {socket.state for socket in self.sockets}
        if command is Command.START:
            return self.state is UnitState.STANDBY and not cause_standing
        if command is Command.STOP:
            return self.state is not UnitState.OFF
        if command is Command.ACKNOWLEDGE:
            if self.state is UnitState.TRIPPED:
                return not cause_standing
            return self.state is not UnitState.OFF and bool(LATCHED & states)
        unlocked = {UnitState.STANDBY, UnitState.TRIPPED, UnitState.LOCKED_OUT}
        return self.state in unlocked or SocketState.LOCKED_OUT in states

    def obey(self, command: Command, now_s: float) -> None:
        """Carry out a permitted command now."""
        self._log.say(f"COMMAND {command.name.lower().replace('_', '-')}", now_s)
        match command:
            case Command.START:
                self._run_requested = True
                self._begin_pre_check(now_s)
            case Command.STOP:
                self._stop(now_s)
            case Command.ACKNOWLEDGE:
                self._acknowledge(now_s)
            case Command.CLEAR_LOCK_OUT:
                self._clear_lock_out(now_s)

    def apply(self, decision: Decision, now_s: float) -> None:
        """Act on what a protection decided."""
        match decision:
            case Warn(code, socket, value):
                self._log.event(WARNING + code, socket, value, now_s)
            case Trip(code, target, value) if target == UNIT:
                if self.state in ARMED:
                    self._trip_unit(code, value, now_s)
            case Trip(code, socket, value):
                if self.state in ARMED:
                    self.output.open(socket, now_s)
                    self._trip_socket(code, socket, value, now_s)
            case Restore(code, target):
                self._restore(code, target, now_s)
            case Derate(on) if self.state in ARMED:
                self._enter(UnitState.DERATED if on else UnitState.RUNNING, now_s)

    def short_circuit(self, firing: ShortCircuit, now_s: float) -> None:
        """Block the gates; open the faulty socket, or stop when it was none of them."""
        # The comparator knows no value; the record takes what the converter reaches.
        range_a = max(socket.current.range for socket in self._parameters.sockets)
        value = round(10.0 * min(firing.current_a, range_a))
        self.output.block(now_s, firing)
        if firing.socket == UNIT:
            self._trip_unit(TripCode.SHORT_CIRCUIT, value, now_s)
            return
        along = self._parameters.short_circuit.takes_along[firing.socket - 1]
        for number in (firing.socket, along):
            if number != UNIT:
                self._trip_socket(TripCode.SHORT_CIRCUIT, number, value, now_s)

    def enable(self, now_s: float) -> None:
        """Follow a new socket enable mask."""
        for socket in self.sockets:
            if not self.output.enabled(socket) and socket.state is SocketState.SHED:
                self._release(socket)
        self.output.follow_mask(now_s)

    def _booted(self, tick: int) -> None:
        for number, code in self._memory.latched.items():
            if number != UNIT:
                self._mark(self.sockets[number - 1], self._tripped_by(code, number), code)
        for number, code in self._memory.locked.items():
            if number != UNIT:
                self._mark(self.sockets[number - 1], SocketState.LOCKED_OUT, code)
        self._enter(self._resting_state(), instant_of(tick))

    def _resume(self, tick: int) -> None:
        if self.state is UnitState.STANDBY:
            self.obey(Command.START, instant_of(tick))

    def _resting_state(self) -> UnitState:
        if UNIT in self._memory.locked:
            return UnitState.LOCKED_OUT
        return UnitState.TRIPPED if UNIT in self._memory.latched else UnitState.STANDBY

    def _enter(self, state: UnitState, now_s: float) -> None:
        self.state = state
        self._log.say(f"STATE {state.name.lower().replace('_', '-')}", now_s)

    def _begin_pre_check(self, now_s: float) -> None:
        """Wait: whatever forbids running trips by itself while the unit is armed."""
        self._enter(UnitState.PRE_CHECK, now_s)
        duration = ticks_of(self._parameters.sequence.pre_check_s)
        self._agenda.put(_PRE_CHECK, tick_at_or_after(now_s) + duration, self._run)

    def _run(self, tick: int) -> None:
        self._enter(UnitState.RUNNING, instant_of(tick))
        self.output.start(tick)

    def _stop(self, now_s: float) -> None:
        self._run_requested = False
        self.output.switch_off(now_s)
        self.waiting.clear()
        self._agenda.drop(_PRE_CHECK, _RESTART_UNIT)
        for socket in self.sockets:
            kept = socket.number in self._memory.latched or socket.number in self._memory.locked
            if not kept:
                self._release(socket)
        self._enter(self._resting_state(), now_s)

    def _acknowledge(self, now_s: float) -> None:
        awaited = {target for _, target in self.waiting}
        for socket in self.sockets:
            if socket.state in LATCHED and socket.number not in awaited:
                self._memory.latched.pop(socket.number, None)
                self._release(socket)
        if self.state is UnitState.TRIPPED:
            self._memory.latched.pop(UNIT, None)
            self.waiting = {each for each in self.waiting if each[1] != UNIT}
            self._agenda.drop(_RESTART_UNIT)
            if self._run_requested:
                self._begin_pre_check(now_s)
            else:
                self._enter(UnitState.STANDBY, now_s)
        self.output.arrange(tick_at_or_after(now_s))

    def _clear_lock_out(self, now_s: float) -> None:
        self.recovery.clear()
        self._memory.locked.clear()
        for socket in self.sockets:
            if socket.state is SocketState.LOCKED_OUT:
                self._release(socket)
        if self.state is UnitState.LOCKED_OUT:
            self._enter(self._resting_state(), now_s)
        self.output.arrange(tick_at_or_after(now_s))

    def _trip_unit(self, code: TripCode, value: int, now_s: float) -> None:
        self.output.switch_off(now_s)
        self._agenda.drop(_PRE_CHECK)
        self._record(code, UNIT, value, now_s)
        tick = tick_at_or_after(now_s)
        kind = self._parameters.restart.kinds[code]
        pause = self.recovery.pause_ticks(UNIT, tick) if kind == "A" else 0
        if kind == "L" or pause is None:
            self._lock_unit(code, now_s)
            return
        if kind == "A":
            due = tick + pause - self.output.lead_ticks
            self._agenda.put(_RESTART_UNIT, due, self._restart_unit)
        elif kind == "C":
            self.waiting.add((code, UNIT))
        else:
            self._memory.latched[UNIT] = code
        self._enter(UnitState.TRIPPED, now_s)

    def _lock_unit(self, code: TripCode, now_s: float) -> None:
        self._memory.locked[UNIT] = code
        self._run_requested = False
        self._enter(UnitState.LOCKED_OUT, now_s)

    def _trip_socket(self, code: TripCode, number: int, value: int, now_s: float) -> None:
        self._record(code, number, value, now_s)
        socket, tick = self.sockets[number - 1], tick_at_or_after(now_s)
        kind = self._parameters.restart.kinds[code]
        pause = self.recovery.pause_ticks(number, tick) if kind == "A" else 0
        if kind == "L" or pause is None:
            self._memory.locked[number] = code
            self._mark(socket, SocketState.LOCKED_OUT, code)
            self._log.say(f"LOCK-OUT socket={'ABC'[number - 1]}", now_s)
            if code is TripCode.WELD:
                self.output.switch_off(now_s)
                self._lock_unit(code, now_s)
            return
        self._mark(socket, self._tripped_by(code, number), code)
        if kind == "A":
            self._agenda.put(
                _restart(number), tick + pause, lambda t: self._restart_socket(socket, t)
            )
        elif kind == "C":
            self.waiting.add((code, number))
            if code is TripCode.LID:
                self._ask_for_enable(number)
        else:
            self._memory.latched[number] = code

    def _record(self, code: TripCode, target: int, value: int, now_s: float) -> None:
        self._memory.last_code = code
        self._log.event(code, target, value, now_s)

    def _restart_unit(self, tick: int) -> None:
        self.recovery.count(UNIT, tick)
        self._log.say("RESTART unit", instant_of(tick))
        self._begin_pre_check(instant_of(tick))

    def _restart_socket(self, socket: SocketChannel, tick: int) -> None:
        self.recovery.count(socket.number, tick)
        self._log.say(f"RESTART socket={'ABC'[socket.number - 1]}", instant_of(tick))
        self._release(socket)
        self.output.arrange(tick - 1)

    def _restore(self, code: TripCode, target: int, now_s: float) -> None:
        self.waiting.discard((code, target))
        if target != UNIT:
            self._release(self.sockets[target - 1])
            if code is TripCode.LID:
                self._ask_for_enable(target)
            self.output.arrange(tick_at_or_after(now_s))
        elif self.state is UnitState.TRIPPED and self._run_requested:
            self._begin_pre_check(now_s)

    def _tripped_by(self, code: int, number: int) -> SocketState:
        """Return the state of a socket after a trip that is no lock-out."""
        if code == TripCode.POWER_LIMIT:
            return SocketState.SHED
        inhibits = self._parameters.outlets[number - 1].pe_inhibits
        lost = code == TripCode.PE_LOST and inhibits
        return SocketState.INHIBITED if lost else SocketState.TRIPPED

    def _ask_for_enable(self, number: int) -> None:
        if self._parameters.outlets[number - 1].lid_needs_enable:
            self.output.disable(number)

    def _mark(self, socket: SocketChannel, state: SocketState, code: int) -> None:
        socket.state, socket.trip_code = state, code

    def _release(self, socket: SocketChannel) -> None:
        self._agenda.drop(_restart(socket.number))
        self.waiting = {each for each in self.waiting if each[1] != socket.number}
        self._mark(socket, SocketState.OFF, 0)
