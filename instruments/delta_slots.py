"""The plug-in cards of a Delta SM15K: digital inputs and outputs, isolated contacts."""

from __future__ import annotations

from instruments.ratings import check_range
from instruments.scpi import Scpi

__all__ = ["DeltaSlot"]

_LINES = 8


class DeltaSlot:
    """One of the four slots; which card is in it, the box knows: it refuses what does not fit."""

    def __init__(self, scpi: Scpi, slot: int) -> None:
        self._scpi, self._slot = scpi, slot

    def write_outputs(self, mask: int) -> None:
        """Drive the eight outputs of a digital card, bit 0 = output 0 (``SYST:INT:DIO:OUT``)."""
        check_range("mask", mask, 0, (1 << _LINES) - 1)
        self._scpi.send(
            f"driving the outputs of slot {self._slot}", f"SYST:INT:DIO:OUT {self._slot},{mask}"
        )

    def read_inputs(self) -> tuple[bool, ...]:
        """Return the eight inputs of a digital card, input 0 first (``SYST:INT:DIO:INP``)."""
        bits = self._scpi.ask_number(
            f"reading the inputs of slot {self._slot}", f"SYST:INT:DIO:INP {self._slot}?"
        )
        return tuple(bool(int(bits) >> line & 1) for line in range(_LINES))

    def set_relay(self, relay: int, *, closed: bool) -> None:
        """Drive one relay of a contact card, by its number on the card (``SYST:INT:ICO:REL``)."""
        check_range("relay", relay, 0, float("inf"))
        self._scpi.send(
            f"driving relay {relay} of slot {self._slot}",
            f"SYST:INT:ICO:REL {self._slot},{relay},{int(closed)}",
        )
