"""Waveshare Modbus RTU relay boards with 8 channels, and the variant (D) with 8 inputs.

Facts: facts/instruments.md section D1. A contact follows its coil after 5 to 12 ms: no time
reference. The serial line is shared, so closing a board leaves it open.
"""

from __future__ import annotations

from instruments.capabilities import Identity
from instruments.clock import Clock
from instruments.errors import BenchError
from instruments.links.api import RegisterLink
from instruments.ratings import check_range

__all__ = ["WaveshareIo", "WaveshareRelay"]

_SIZE = 8
_FLASH_ON = 0x0200
_LONGEST_FLASH_S = 3276.7
"""0x7FFF tenths of a second."""
_UNIT_ADDRESS, _FIRMWARE = 0x4000, 0x8000


class WaveshareRelay:
    """One board; relays count from 0, which is the one printed as 1."""

    def __init__(self, link: RegisterLink, clock: Clock, rating: None = None) -> None:
        self._link = link

    @property
    def size(self) -> int:
        """How many relays the board has."""
        return _SIZE

    def identify(self) -> Identity:
        """Return the board's unit address as serial number, and its firmware version."""
        unit = self._link.read_holding(_UNIT_ADDRESS)[0]
        version = self._link.read_holding(_FIRMWARE)[0]
        return Identity("Waveshare", "Modbus RTU Relay 8", str(unit), f"{version / 100:.2f}")

    def set_relay(self, relay: int, closed: bool) -> None:
        """Drive one relay (FC05), verify by reading the coils back."""
        check_range("relay", relay, 0, _SIZE - 1)
        with self._link.transaction():
            self._link.write_coil(relay, closed)
            self._verify(f"driving relay {relay}", relay, closed)

    def read_relays(self) -> tuple[bool, ...]:
        """Return the coil states, relay 0 first (FC01)."""
        return tuple(self._link.read_coils(0, _SIZE)[:_SIZE])

    def pulse(self, relay: int, duration_s: float) -> None:
        """Close a relay for a time the board itself bounds, 0.1 to 3276.7 s in steps of 0.1 s."""
        check_range("relay", relay, 0, _SIZE - 1)
        check_range("duration_s", duration_s, 0.1, _LONGEST_FLASH_S, "s")
        with self._link.transaction():
            self._link.write_coil_raw(_FLASH_ON + relay, round(duration_s * 10))
            self._verify(f"pulsing relay {relay}", relay, closed=True)

    def all_off(self) -> None:
        """Release every relay in one request (FC15), verify."""
        with self._link.transaction():
            self._link.write_coils(0, [False] * _SIZE)
            states = self.read_relays()
        if any(states):
            raise self._error("releasing every relay", "every coil off", str(states))

    def make_safe(self) -> None:
        """Release every relay."""
        self.all_off()

    def close(self) -> None:
        """Do nothing: the board has no remote control, the line belongs to who opened it."""

    def _verify(self, doing: str, relay: int, closed: bool) -> None:
        if self.read_relays()[relay] is not closed:
            raise self._error(doing, f"coil {relay} {'on' if closed else 'off'}", "the contrary")

    def _error(self, doing: str, expected: str, got: str) -> BenchError:
        return BenchError(
            doing, box=self._link.name, address=self._link.address, expected=expected, got=got
        )


class WaveshareIo(WaveshareRelay):
    """The variant (D): the same relays, and eight inputs."""

    def identify(self) -> Identity:
        """Return the board's unit address as serial number, and its firmware version."""
        board = super().identify()
        return Identity(board.maker, "Modbus RTU IO 8 (D)", board.serial, board.firmware)

    def read_inputs(self) -> tuple[bool, ...]:
        """Return the input states, input 0 first (FC02)."""
        return tuple(self._link.read_discrete_inputs(0, _SIZE)[:_SIZE])
