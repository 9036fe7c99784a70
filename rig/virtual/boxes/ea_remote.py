"""Who may command an EA supply: remote control, the front panel, and the interface monitor."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from instruments.clock import Clock, ScheduledCall
from rig.virtual.boxes.ea_settings import EaRefusal

__all__ = ["Interface", "RemoteControl"]

_FREE, _LOCAL, _FREE_AFTER_TIMEOUT = 0x00, 0x01, 0x1C


class Interface(IntEnum):
    """Digital interfaces, by their control location in status register 505."""

    USB = 3
    ETHERNET = 6
    RS232 = 9
    MODBUS_TCP = 0x12


class RemoteControl:
    """The remote lock: one interface at a time, all connections of it alike.

    The interface monitor (``SYST:COMM:MON``) leaves remote when nothing came over the holding
    interface for its time-out. ``on_left`` is called whenever remote is left.
    """

    def __init__(self, clock: Clock, on_left: Callable[[], None]) -> None:
        self._clock, self._on_left = clock, on_left
        self.holder: Interface | None = None
        self.local = False
        self.timed_out = False
        self.monitor_timeout_s = 5
        self._monitor_on = False
        self._heard_at = 0.0
        self._check: ScheduledCall | None = None

    @property
    def location(self) -> int:
        """The control location as status register 505 gives it in bits 0 to 4."""
        if self.local:
            return _LOCAL
        if self.holder is not None:
            return self.holder
        return _FREE_AFTER_TIMEOUT if self.timed_out else _FREE

    @property
    def monitor_on(self) -> bool:
        """Whether the interface monitor is switched on."""
        return self._monitor_on

    def set_monitor(self, on: bool) -> None:
        """Switch the interface monitor."""
        self._monitor_on = on
        self._watch()

    def set_monitor_timeout(self, timeout_s: int) -> None:
        """Set how long the holder may stay silent, 1 to 36000 s."""
        if not 1 <= timeout_s <= 36000:
            raise EaRefusal.out_of_range()
        self.monitor_timeout_s = timeout_s
        self._watch()

    def take(self, interface: Interface) -> None:
        """Give remote control to an interface; refused in Local or when another one has it."""
        self._refuse_others(interface)
        self.holder, self.timed_out = interface, False
        self._heard_at = self._clock.now()
        self._watch()

    def leave(self, interface: Interface) -> None:
        """Give remote control back; nothing happens when nobody has it."""
        if self.holder is None:
            return
        self._refuse_others(interface)
        self.drop()

    def require(self, interface: Interface) -> None:
        """Refuse unless this interface holds remote control."""
        self._refuse_others(interface)
        if self.holder is None:
            raise EaRefusal.not_in_remote()

    def press_local(self, on: bool) -> None:
        """Lock remote control out at the front panel, or allow it again."""
        self.local = on
        if on:
            self.drop()

    def heard(self, interface: Interface) -> None:
        """Note a message on an interface."""
        if interface == self.holder:
            self._heard_at = self._clock.now()

    def drop(self) -> None:
        """Leave remote control, whoever has it."""
        if self.holder is not None:
            self.holder = None
            self._on_left()

    def _refuse_others(self, interface: Interface) -> None:
        if self.local:
            raise EaRefusal.in_local()
        if self.holder not in (None, interface):
            raise EaRefusal.not_in_remote()

    def _watch(self) -> None:
        """Look again when the present silence would reach the time-out."""
        if self._check is not None:
            self._check.cancel()
            self._check = None
        if self._monitor_on and self.holder is not None:
            due = self._heard_at + self.monitor_timeout_s
            self._check = self._clock.call_at(due, self._expire)

    def _expire(self) -> None:
        if self._clock.now() < self._heard_at + self.monitor_timeout_s:
            self._watch()
            return
        self._check = None
        if self._monitor_on and self.holder is not None:
            self.timed_out = True
            self.drop()
