"""The slot cards of a Delta SM15K: digital user I/O and isolated contacts (A4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from rig.virtual.scpi import ScpiError

__all__ = ["Card", "DeltaSlots", "DigitalCard", "RelayCard"]

Card = Literal["DIO", "ICO"]
RELAYS = 4


class DigitalCard:
    """Eight outputs and eight inputs, input A = bit 0; ``inputs`` is the outside world's."""

    def __init__(self) -> None:
        self.outputs = self.inputs = 0


class RelayCard:
    """Four change-over relays."""

    def __init__(self) -> None:
        self.closed = [False] * RELAYS


class DeltaSlots:
    """Slots 1 to 4; a command to a slot without the right card is refused with -241."""

    def __init__(self, cards: Mapping[int, Card]) -> None:
        self._digital = {slot: DigitalCard() for slot, card in cards.items() if card == "DIO"}
        self._relays = {slot: RelayCard() for slot, card in cards.items() if card == "ICO"}

    def digital(self, slot: int) -> DigitalCard:
        """Return the digital card of a slot."""
        if slot not in self._digital:
            raise ScpiError(-241)
        return self._digital[slot]

    def relays(self, slot: int) -> RelayCard:
        """Return the relay card of a slot."""
        if slot not in self._relays:
            raise ScpiError(-241)
        return self._relays[slot]
