"""Any temperature transmitter that shows its reading in one Modbus register.

Which register and how it counts stands in the transmitter's manual and goes into the bench file; no
maker's map is built in. The register holds a signed 16-bit number. The line may be shared, so
closing leaves it open.
"""

from __future__ import annotations

from instruments.capabilities import Identity
from instruments.clock import Clock
from instruments.errors import BenchError
from instruments.links.api import RegisterLink
from instruments.ratings import TemperatureRegister

__all__ = ["RegisterThermometer"]

_SIGN = 0x8000


class RegisterThermometer:
    """One sensor."""

    def __init__(self, link: RegisterLink, clock: Clock, rating: TemperatureRegister) -> None:
        self._link, self._map = link, rating

    def identify(self) -> Identity:
        """Read once, so that one that does not answer is found; such boxes say nothing more."""
        self.read_temperature()
        return Identity("", "temperature transmitter", "", "")

    def read_temperature(self) -> float:
        """Return degC; ``BenchError`` outside of the sensor's range, as with a broken wire."""
        given = self._map
        read = self._link.read_input if given.input else self._link.read_holding
        raw = read(int(given.register))[0]
        celsius = ((raw ^ _SIGN) - _SIGN) / given.per_degree
        if not given.lowest_c <= celsius <= given.highest_c:
            raise BenchError(
                "reading the temperature",
                box=self._link.name,
                address=self._link.address,
                expected=f"{given.lowest_c:g} to {given.highest_c:g} degC",
                got=f"{celsius:g} degC (register {int(given.register)} holds {raw:#06x})",
            )
        return celsius

    def make_safe(self) -> None:
        """Do nothing: a sensor carries no power."""

    def close(self) -> None:
        """Do nothing: the line belongs to who opened it."""
