"""The output side: inverter, gates and relays, one socket brought on at a time (R-SEQ-01)."""

from __future__ import annotations

from rig.virtual.unit.comparator import ShortCircuit
from rig.virtual.unit.events import EventLog
from rig.virtual.unit.levers import Levers
from rig.virtual.unit.memory import NonVolatile
from rig.virtual.unit.parameters import Parameters
from rig.virtual.unit.states import SocketChannel, SocketState
from rig.virtual.unit.ticks import Agenda, instant_of, tick_at_or_after, ticks_of
from rig.virtual.unit.trips import UNIT, socket_name

__all__ = ["Sequence", "priority_of"]

_NEXT_SOCKET = "next socket"
_RELEASE = "release gates"
_SUPERVISE = "supervise"


def priority_of(register: int) -> tuple[int, int, int]:
    """Return the socket numbers of holding register 2: three nibbles, most important first."""
    return (register >> 8 & 0xF, register >> 4 & 0xF, register & 0xF)


class Sequence:
    """Keep what is energised, and bring on what should be."""

    def __init__(
        self,
        parameters: Parameters,
        memory: NonVolatile,
        agenda: Agenda,
        log: EventLog,
        levers: Levers,
    ) -> None:
        self._timing, self._short_circuit = parameters.sequence, parameters.short_circuit
        self._memory, self._agenda, self._log, self._levers = memory, agenda, log, levers
        self.sockets = (SocketChannel(1), SocketChannel(2), SocketChannel(3))
        self.inverter_on = False
        self.supervised = False
        self.gates_blocked = False
        self._not_before = 0

    @property
    def lead_ticks(self) -> int:
        """From the begin of a pre-check until the first socket closes."""
        return ticks_of(self._timing.pre_check_s) + ticks_of(self._timing.first_socket_s)

    @property
    def priority(self) -> tuple[int, int, int]:
        """Socket numbers, the most important first."""
        return priority_of(self._memory.settings[2])

    def enabled(self, socket: SocketChannel) -> bool:
        """Say whether the mask enables a socket."""
        return bool(self._memory.settings[1] >> (socket.number - 1) & 1)

    def ready(self, socket: SocketChannel) -> bool:
        """Say whether a socket is on or may be brought on."""
        return socket.state is SocketState.ON or (
            socket.state is SocketState.OFF and self.enabled(socket)
        )

    def start(self, tick: int) -> None:
        """Ramp the inverter up; sockets follow."""
        self._levers.start_inverter(instant_of(tick))
        self.inverter_on = True
        self._supervise_after(tick)
        self._not_before = tick + ticks_of(self._timing.first_socket_s)
        self.arrange(tick)

    def switch_off(self, now_s: float) -> None:
        """Stop the inverter, then open every socket."""
        if self.inverter_on:
            self._levers.stop_inverter(now_s)
        for socket in self.sockets:
            if socket.state is SocketState.ON:
                self.open(socket.number, now_s)
        self.inverter_on = self.supervised = self.gates_blocked = False
        self._agenda.drop(_NEXT_SOCKET, _RELEASE, _SUPERVISE)

    def disable(self, number: int) -> None:
        """Take a socket out of the enable mask."""
        self._memory.settings[1] &= ~(1 << (number - 1))

    def open(self, number: int, now_s: float) -> None:
        """Open one socket's relay."""
        socket = self.sockets[number - 1]
        if socket.state is SocketState.ON:
            self._levers.open_relay(number, now_s)
            self._log.say(f"SOCKET {socket_name(number)} off", now_s)
        socket.state = SocketState.OFF

    def block(self, now_s: float, firing: ShortCircuit) -> None:
        """Block the gates, open the faulty socket, if any, and release them for the others."""
        settings = self._short_circuit
        slow_s = settings.slow_rise_block_s if firing.slow else None
        block_s = now_s + (settings.gate_block_s if slow_s is None else slow_s)
        self._levers.block_gates(block_s)
        self.gates_blocked, self.supervised = True, False
        self._agenda.drop(_SUPERVISE, _NEXT_SOCKET)
        if firing.socket != UNIT:
            for number in (firing.socket, settings.takes_along[firing.socket - 1]):
                if number != UNIT:
                    self._levers.open_relay(number, block_s)
            release = tick_at_or_after(block_s + settings.release_s)
            self._agenda.put(_RELEASE, release, self._release_gates)

    def follow_mask(self, now_s: float) -> None:
        """Open what is no longer enabled; bring on what is."""
        for socket in self.sockets:
            if socket.state is SocketState.ON and not self.enabled(socket):
                self.open(socket.number, now_s)
        self.arrange(tick_at_or_after(now_s))

    def arrange(self, tick: int) -> None:
        """See to it that the next socket, if any, is brought on after ``tick``."""
        if self._next() is None or self._agenda.has(_NEXT_SOCKET):
            return
        self._agenda.put(_NEXT_SOCKET, max(tick + 1, self._not_before), self._close_next)

    def _next(self) -> SocketChannel | None:
        if not self.inverter_on or self.gates_blocked:
            return None
        order = self.priority if self._timing.by_priority else (1, 2, 3)
        in_order = (self.sockets[number - 1] for number in order)
        waiting = (s for s in in_order if s.state is SocketState.OFF and self.enabled(s))
        return next(waiting, None)

    def _close_next(self, tick: int) -> None:
        socket = self._next()
        if socket is None:
            return
        self._levers.close_relay(socket.number, instant_of(tick))
        socket.state, socket.trip_code = SocketState.ON, 0
        self._log.say(f"SOCKET {socket_name(socket.number)} on", instant_of(tick))
        self._not_before = tick + ticks_of(self._timing.socket_spacing_s)
        self.arrange(tick)

    def _release_gates(self, tick: int) -> None:
        self.gates_blocked = False
        self._levers.release_gates(instant_of(tick))
        self._supervise_after(tick)
        self.arrange(tick)

    def _supervise_after(self, tick: int) -> None:
        due = tick + ticks_of(self._timing.supervise_s)
        self._agenda.put(_SUPERVISE, due, self._supervise)

    def _supervise(self, tick: int) -> None:
        self.supervised = True
