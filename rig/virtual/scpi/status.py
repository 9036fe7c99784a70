"""Status reporting: event and condition registers, status byte, request for service (E5)."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RegisterGroup", "StandardStatus"]

_MASK = 0x7FFF
_SERVICE = 0x40


@dataclass(slots=True)
class RegisterGroup:
    """A condition register with its transition filters, latched events and enable mask."""

    condition: int = 0
    positive: int = _MASK
    negative: int = 0
    event: int = 0
    enable: int = 0
    mask: int = _MASK

    def update(self, condition: int) -> None:
        """Take a new condition; latch what the filters let through."""
        condition &= self.mask
        rising, falling = condition & ~self.condition, self.condition & ~condition
        self.event |= (rising & self.positive) | (falling & self.negative)
        self.condition = condition

    def read_event(self) -> int:
        """Return the latched events and clear them."""
        event, self.event = self.event, 0
        return event

    def preset(self) -> None:
        """Do what ``STATus:PRESet`` asks: nothing enabled, rising edges only."""
        self.enable, self.positive, self.negative = 0, self.mask, 0

    @property
    def summary(self) -> bool:
        """Whether an enabled event is latched."""
        return bool(self.event & self.enable)


class StandardStatus:
    """The standard event register, both enable masks and the request for service."""

    def __init__(self, *, power_on_event: bool) -> None:
        self.event = 0x80 if power_on_event else 0
        self.event_enable = 0
        self._service_enable = 0
        self._requested = False
        self._reasons = 0

    @property
    def service_enable(self) -> int:
        """The mask of ``*SRE``; bit 6 is always 0."""
        return self._service_enable

    @service_enable.setter
    def service_enable(self, mask: int) -> None:
        self._service_enable = mask & ~_SERVICE

    def read_event(self) -> int:
        """Return the standard events and clear them."""
        event, self.event = self.event, 0
        return event

    @property
    def event_summary(self) -> bool:
        """Whether an enabled standard event is latched."""
        return bool(self.event & self.event_enable)

    def with_master(self, byte: int) -> int:
        """Return the byte with the master summary in bit 6, as ``*STB?`` shows it."""
        return byte | _SERVICE if byte & self._service_enable else byte

    def note(self, byte: int) -> None:
        """Take note of the summary bits; a new enabled one asks for service."""
        reasons = byte & self._service_enable
        if reasons & ~self._reasons:
            self._requested = True
        elif not reasons:
            self._requested = False
        self._reasons = reasons

    def poll(self, byte: int) -> int:
        """Return the byte of a serial poll, request for service in bit 6, and clear that."""
        self.note(byte)
        requested, self._requested = self._requested, False
        return byte | _SERVICE if requested else byte
