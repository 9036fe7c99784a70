"""A Waveshare Modbus RTU relay board, 8 channels, firmware since 09/2021 (instruments.md D1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from instruments.clock import Clock, ScheduledCall
from rig.virtual.modbus import Code, Refusal, Unit
from rig.virtual.ports import RelayPort

__all__ = ["WaveshareRelay"]

RELAYS = 8
_ALL = 0x00FF
_FLASH_ON, _FLASH_OFF = 0x0200, 0x0400
_FLASH_UNIT_S, _FLASH_MOST = 0.1, 0x7FFF
_ON, _OFF, _TOGGLE = 0xFF00, 0x0000, 0x5500

_BAUD_REGISTER, _ADDRESS_REGISTER, _VERSION_REGISTER = 0x2000, 0x4000, 0x8000
_MODE_REGISTER = 0x1000
_LAST_ADDRESS = 247


class WaveshareRelay(Unit):
    """One board on a serial line; coils are commands, the contact follows in the circuit.

    ``inputs`` makes it the IO variant "(D)": it returns the states of its eight inputs, read by
    function 02. Of that variant's relay modes only 0 (relays follow the line alone) is simulated;
    another is refused with 03 rather than stored and not obeyed. A new rate (0x2000) is accepted
    and changes nothing: a pseudo-terminal has no rate to disagree about.
    """

    def __init__(
        self,
        port: RelayPort,
        clock: Clock,
        *,
        address: int = 1,
        inputs: Callable[[], Sequence[bool]] | None = None,
        delay_s: float = 0.002,
        firmware: int = 200,
    ) -> None:
        self.unit_id: int | None = address
        self.delay_s = delay_s
        self._port, self._clock, self._inputs, self._firmware = port, clock, inputs, firmware
        self._coils = [False] * RELAYS
        self._flashes: dict[int, ScheduledCall] = {}

    def read_coils(self, address: int, count: int) -> Sequence[bool]:
        """Return what the coils 0 to 7 are driven with, the first relay lowest."""
        _within(address, count)
        return self._coils[address : address + count]

    def read_discrete_inputs(self, address: int, count: int) -> Sequence[bool]:
        """Return the inputs 0 to 7 of the IO variant; a plain board refuses with 01."""
        if self._inputs is None:
            raise Refusal(Code.ILLEGAL_FUNCTION)
        _within(address, count)
        return list(self._inputs())[address : address + count]

    def read_holding(self, address: int, count: int) -> Sequence[int]:
        """Return the unit address, the firmware version by 100, or relay modes."""
        if self._inputs is not None and address & 0xFF00 == _MODE_REGISTER:
            _within(address - _MODE_REGISTER, count)
            return [0] * count
        values = {_ADDRESS_REGISTER: self.unit_id or 0, _VERSION_REGISTER: self._firmware}
        if address not in values or count != 1:
            raise Refusal(Code.ILLEGAL_ADDRESS)
        return [values[address]]

    def write_coil_raw(self, address: int, data: int) -> None:
        """Switch, toggle or flash: what the 16 data bits mean depends on the address."""
        if address == _ALL:
            for relay in range(RELAYS):
                self._command(relay, data)
        elif address & 0xFF00 in (_FLASH_ON, _FLASH_OFF):
            _within(address & 0xFF, 1)
            self._flash(address & 0xFF, address & 0xFF00 == _FLASH_ON, data)
        else:
            _within(address, 1)
            self._command(address, data)

    def write_coils(self, address: int, on: Sequence[bool]) -> None:
        """Switch several relays at once."""
        _within(address, len(on))
        for relay, closed in enumerate(on, start=address):
            self._switch(relay, closed)

    def write_register(self, address: int, value: int) -> None:
        """Set the unit address, the line's rate, or (IO variant) a relay's mode."""
        if address == _ADDRESS_REGISTER:
            if not 1 <= value <= _LAST_ADDRESS:
                raise Refusal(Code.ILLEGAL_VALUE)
            self.unit_id = value
        elif address == _BAUD_REGISTER:
            return
        elif self._inputs is not None and _MODE_REGISTER <= address < _MODE_REGISTER + RELAYS:
            if value != 0:
                raise Refusal(Code.ILLEGAL_VALUE)
        else:
            raise Refusal(Code.ILLEGAL_ADDRESS)

    def _command(self, relay: int, data: int) -> None:
        if data not in (_ON, _OFF, _TOGGLE):
            raise Refusal(Code.ILLEGAL_VALUE)
        self._switch(relay, not self._coils[relay] if data == _TOGGLE else data == _ON)

    def _flash(self, relay: int, on: bool, tenths: int) -> None:
        """Switch now and back by itself; a new command for the relay withdraws the way back."""
        if tenths > _FLASH_MOST:
            raise Refusal(Code.ILLEGAL_VALUE)
        self._switch(relay, on)
        ends = self._clock.now() + tenths * _FLASH_UNIT_S
        self._flashes[relay] = self._clock.call_at(ends, lambda: self._switch(relay, not on))

    def _switch(self, relay: int, closed: bool) -> None:
        flash = self._flashes.pop(relay, None)
        if flash is not None:
            flash.cancel()
        if self._coils[relay] != closed:
            self._coils[relay] = closed
            self._port.drive(relay, closed)


def _within(address: int, count: int) -> None:
    if address < 0 or address + count > RELAYS:
        raise Refusal(Code.ILLEGAL_ADDRESS)
