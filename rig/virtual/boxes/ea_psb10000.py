"""The simulated EA PSB 10000 or 9000: bidirectional DC supply, SCPI and Modbus on one socket."""

from __future__ import annotations

from typing import Literal

import numpy as np

from instruments.clock import Clock
from rig.virtual.boxes.ea_alarms import Alarm
from rig.virtual.boxes.ea_commands import commands_of
from rig.virtual.boxes.ea_modbus import EaUnit, RegisterFile
from rig.virtual.boxes.ea_remote import Interface
from rig.virtual.boxes.ea_scpi import run_message
from rig.virtual.boxes.ea_session import EaSession
from rig.virtual.boxes.ea_settings import EaRating
from rig.virtual.boxes.ea_status import EaStatus
from rig.virtual.boxes.ea_supply import EaIdentity, EaSupply
from rig.virtual.modbus import Unit, mbap_service
from rig.virtual.ports import SupplyPort
from rig.virtual.wires.contract import Line, Service

__all__ = ["Alarm", "EaIdentity", "EaPsb10000", "EaRating", "Interface"]

_MODBUS_ENABLED, _SCPI_ENABLED = 10010, 10011
_IDLE_TIMEOUT = {"10000": 10889, "9000": 10573}
"""Where the series keeps it: for its own LAN port, or for that of the plug-in module."""


class EaPsb10000:
    """One box on its DC terminals; ``service()`` is its LAN port (instruments.md A1).

    ``delay_s`` is charged for every message, answered or not. A protocol that is switched off
    stays silent. Remote control outlives a connection: nothing but the interface monitor notices
    that a client is gone.
    """

    def __init__(
        self,
        port: SupplyPort,
        clock: Clock,
        rng: np.random.Generator,
        *,
        rating: EaRating | None = None,
        identity: EaIdentity | None = None,
        delay_s: float = 0.005,
        meter_noise: float = 1e-4,
        supervision_s: float = 1.0,
    ) -> None:
        self._clock, self._delay_s = clock, delay_s
        self.supply = EaSupply(
            port,
            clock,
            rng,
            rating=rating or EaRating(),
            identity=identity or EaIdentity(),
            meter_noise=meter_noise,
            supervision_s=supervision_s,
        )
        self.status = EaStatus(self.supply)
        self.registers = RegisterFile(self.supply)
        self._commands = commands_of(self.supply, self.status)
        self._sessions: list[EaSession] = []
        self._restarts = 0

    def service(self, interface: Interface = Interface.ETHERNET) -> Service:
        """Return the service of one of the digital interfaces; LAN alone closes idle sockets."""
        conversation = _Conversation(self, interface)

        def connect(line: Line) -> EaSession:
            session = EaSession(
                line, conversation, self._clock, self._delay_s, self._sessions_forget
            )
            self._sessions.append(session)
            return session

        return connect

    def modbus_tcp_service(self) -> Service:
        """Return the service of the plug-in module for Modbus TCP (port 502 of the real one)."""
        conversation = _Conversation(self, Interface.MODBUS_TCP)
        units = {number: _ModbusTcpUnit(conversation, number, self._delay_s) for number in (0, 1)}
        return mbap_service(units)

    def press_local(self, on: bool) -> None:
        """Lock remote control out at the front panel, or allow it again."""
        self.supply.remote.press_local(on)

    def set_cause(self, alarm: Literal[Alarm.OT, Alarm.PF], present: bool) -> None:
        """Let the box overheat or its mains fail, or end it."""
        self.supply.set_cause(alarm, present)

    def before_message(self, interface: Interface) -> None:
        """Bring the box up to the present before it reads a message."""
        self.supply.remote.heard(interface)
        self.supply.refresh()
        self.status.update()

    def after_message(self) -> None:
        """Latch what the message did; a warm start hangs up on everyone."""
        self.status.update()
        if self.supply.restarts != self._restarts:
            self._restarts = self.supply.restarts
            self._clock.call_at(self._clock.now(), self._hang_up)

    def run(self, message: str, interface: Interface) -> str:
        """Carry out an SCPI message."""
        return run_message(message, self._commands, self.supply, interface, self.status.report)

    def _hang_up(self) -> None:
        for session in tuple(self._sessions):
            session.hang_up()

    def _sessions_forget(self, session: EaSession) -> None:
        if session in self._sessions:
            self._sessions.remove(session)


class _Conversation:
    """The box as one interface sees it."""

    def __init__(self, box: EaPsb10000, interface: Interface) -> None:
        self._box, self._interface = box, interface
        self._unit = EaUnit(box.supply, box.registers, interface)

    def modbus(self, unit: int, pdu: bytes) -> bytes:
        if not self._box.supply.coils[_MODBUS_ENABLED]:
            return b""
        self._box.before_message(self._interface)
        reply = self._unit.answer(unit, pdu)
        self._box.after_message()
        return reply

    def scpi(self, message: str) -> str:
        if not self._box.supply.coils[_SCPI_ENABLED]:
            return ""
        self._box.before_message(self._interface)
        reply = self._box.run(message, self._interface)
        self._box.after_message()
        return reply

    def too_long(self) -> None:
        self._box.status.report(-223)

    def idle_timeout_s(self) -> float | None:
        if self._interface is not Interface.ETHERNET:
            return None
        supply = self._box.supply
        return supply.settings.words[_IDLE_TIMEOUT[supply.identity.series]] or None


class _ModbusTcpUnit(Unit):
    """One unit address behind the plug-in module."""

    def __init__(self, conversation: _Conversation, number: int, delay_s: float) -> None:
        self._conversation, self._number, self.delay_s = conversation, number, delay_s

    def handle(self, pdu: bytes) -> bytes | None:
        """Answer a request; nothing when Modbus is switched off."""
        return self._conversation.modbus(self._number, pdu) or None
