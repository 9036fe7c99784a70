"""The commands that many boxes share: IEEE 488.2 common commands, SYSTem:ERRor, STATus (E1-E5)."""

from __future__ import annotations

from rig.virtual.scpi.device import Dialect, ScpiDevice, command, query
from rig.virtual.scpi.lexer import Token
from rig.virtual.scpi.parameters import Integer
from rig.virtual.scpi.status import RegisterGroup

__all__ = ["CommonCommands", "ErrorQueries", "StatusRegisters"]

_BYTE = Integer(0, 255)
_WORD = Integer(0, 65535)
_QUESTIONABLE, _OPERATION = 0x08, 0x80
_COMPLETE = 0x01


class CommonCommands(ScpiDevice):
    """The mandatory common commands of a box that does one thing after another."""

    @command("*CLS")
    def clear_status(self) -> None:
        """Clear events and errors; masks stay."""
        self.status.event = 0
        self.errors.clear()
        self.clear_events()

    @command("*ESE", _BYTE)
    def set_event_enable(self, mask: int) -> None:
        """Choose which standard events sum up in bit 5 of the status byte."""
        self.status.event_enable = mask

    @query("*ESE")
    def event_enable(self) -> str:
        """Return the mask of standard events."""
        return str(self.status.event_enable)

    @query("*ESR")
    def standard_events(self) -> str:
        """Return the standard events and clear them."""
        return str(self.status.read_event())

    @query("*IDN")
    def identify(self) -> str:
        """Return maker, model, serial number and firmware."""
        return self.identity

    @command("*OPC")
    def note_completion(self) -> None:
        """Set the completion event; nothing is ever pending."""
        self.status.event |= _COMPLETE

    @query("*OPC")
    def completion(self) -> str:
        """Answer 1; nothing is ever pending."""
        return "1"

    @command("*RST")
    def restore_start_up(self) -> None:
        """Return the front panel to its start-up state; queue and masks stay."""
        self.reset()

    @command("*SRE", _BYTE)
    def set_service_enable(self, mask: int) -> None:
        """Choose which summary bits ask for service."""
        self.status.service_enable = mask

    @query("*SRE")
    def service_enable(self) -> str:
        """Return the mask of summary bits."""
        return str(self.status.service_enable)

    @query("*STB")
    def status_byte_with_master(self) -> str:
        """Return the status byte, the master summary in bit 6; clears nothing."""
        return str(self.status_summary())

    @query("*TST")
    def self_test(self) -> str:
        """Answer 0: passed."""
        return "0"

    @command("*WAI")
    def wait(self) -> None:
        """Wait for what is pending: nothing."""


class ErrorQueries(ScpiDevice):
    """``SYSTem:ERRor?`` alone, as most boxes have it."""

    @query("SYSTem:ERRor[:NEXT]")
    def oldest_error(self) -> str:
        """Take out and return the oldest error."""
        return self.next_error()


class StatusRegisters(ScpiDevice):
    """``STATus:OPERation`` and ``STATus:QUEStionable`` with their filters."""

    def __init__(self, dialect: Dialect, *, identity: str, turnaround_s: float) -> None:
        self.operation = RegisterGroup()
        self.questionable = RegisterGroup()
        super().__init__(dialect, identity=identity, turnaround_s=turnaround_s)
        for node, group in (("OPERation", self.operation), ("QUEStionable", self.questionable)):
            self._add_group(f"STATus:{node}", group)

    def clear_events(self) -> None:
        """Clear both event registers."""
        self.operation.event = self.questionable.event = 0

    def summary_bits(self) -> int:
        """Return bits 3 and 7 of the status byte."""
        byte = _QUESTIONABLE if self.questionable.summary else 0
        return byte | _OPERATION if self.operation.summary else byte

    @command("STATus:PRESet")
    def preset_registers(self) -> None:
        """Enable nothing, let rising edges through."""
        self.operation.preset()
        self.questionable.preset()

    def _add_group(self, header: str, group: RegisterGroup) -> None:
        for node, name in (
            ("ENABle", "enable"),
            ("PTRansition", "positive"),
            ("NTRansition", "negative"),
        ):
            self.bind(f"{header}:{node}", group, name, _FifteenBits(), str)
        self.add_query(f"{header}:CONDition", lambda: str(group.condition))
        self.add_query(f"{header}[:EVENt]", lambda: str(group.read_event()))


class _FifteenBits:
    """A register mask; bit 15 is always 0."""

    def convert(self, token: Token) -> int:
        """Return the mask."""
        return _WORD.convert(token) & 0x7FFF
