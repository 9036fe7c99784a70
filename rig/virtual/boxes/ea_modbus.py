"""The Modbus side of an EA supply: which register allows what, and what stands behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from rig.virtual.boxes.ea_registers import (
    Register,
    float_words,
    load_registers,
    span,
    string_words,
    words_string,
)
from rig.virtual.boxes.ea_remote import Interface
from rig.virtual.boxes.ea_settings import EaRefusal
from rig.virtual.boxes.ea_supply import EaSupply
from rig.virtual.modbus import Code, Refusal, Unit, exception_reply

__all__ = ["EaUnit", "RegisterFile"]

_FUNCTIONS = frozenset({1, 3, 5, 6, 16})
_ON, _OFF = 0xFF00, 0x0000
_REMOTE, _OUTPUT, _WARM_START, _ACKNOWLEDGE, _FACTORY = 402, 405, 410, 411, 432
_MODBUS_ENABLED, _SCPI_ENABLED, _COMPLIANCE = 10010, 10011, 10013
_ORDERS = frozenset({_WARM_START, _ACKNOWLEDGE, _FACTORY})
_USER_TEXT, _STATUS = 171, 505


class RegisterFile:
    """All registers of the box; those without a meaning here keep what is written to them."""

    def __init__(self, supply: EaSupply) -> None:
        self._supply = supply
        self._kept: dict[int, list[int]] = {
            10020: [0xFF],
            10502: [192 << 8 | 168, 2],
            10572: [5025],
            10823: [192 << 8 | 168, 2],
            10888: [5025],
        }
        self._coils: dict[int, bool] = {}
        self._live = self._live_registers()

    def read(self, register: Register) -> list[int]:
        """Return the words of one entry."""
        live = self._live.get(register.address)
        if live is not None:
            return live()
        return self._kept.get(register.address, [0] * register.count)

    def write(self, register: Register, values: Sequence[int]) -> None:
        """Write the first words of one entry."""
        address = register.address
        if address in self._supply.settings.words:
            self._supply.set_word(address, values[0])
        elif address == _USER_TEXT:
            self._supply.settings.user_text = words_string(values)
        else:
            self._kept[address] = [*values, *self.read(register)[len(values) :]]

    def read_coil(self, address: int) -> bool:
        """Return one coil."""
        supply = self._supply
        if address == _REMOTE:
            return supply.remote.holder is not None
        if address == _OUTPUT:
            return supply.on
        return supply.coils.get(address, self._coils.get(address, False))

    def write_coil(self, address: int, on: bool) -> None:
        """Write one coil other than the remote lock."""
        supply = self._supply
        orders = {
            _WARM_START: supply.restart,
            _ACKNOWLEDGE: supply.acknowledge,
            _FACTORY: supply.factory_reset,
        }
        if address in orders:
            orders[address]()
        elif address == _OUTPUT:
            supply.switch(on)
        elif address in supply.coils:
            self._write_setting(address, on)
        else:
            self._coils[address] = on

    def _write_setting(self, address: int, on: bool) -> None:
        """Refuse to shut both protocols out."""
        coils = self._supply.coils
        other = {_MODBUS_ENABLED: _SCPI_ENABLED, _SCPI_ENABLED: _MODBUS_ENABLED}.get(address)
        if not on and other is not None and not coils[other]:
            raise EaRefusal.not_now()
        coils[address] = on

    def _live_registers(self) -> dict[int, Callable[[], list[int]]]:
        supply, identity, rating = self._supply, self._supply.identity, self._supply.rating
        texts = {
            1: identity.model,
            21: identity.manufacturer,
            131: identity.article,
            151: identity.serial,
            191: identity.firmware_ke,
            211: identity.firmware_hmi,
            231: identity.firmware_dr,
        }
        nominals = {
            121: rating.voltage_v,
            123: rating.current_a,
            125: rating.power_w,
            127: rating.resistance_max_ohm,
            129: rating.resistance_min_ohm,
        }
        live: dict[int, Callable[[], list[int]]] = {
            0: lambda: [identity.device_class],
            _USER_TEXT: lambda: string_words(supply.settings.user_text, 20),
            _STATUS: lambda: list(divmod(supply.status_word(), 0x10000)),
        }
        live |= {address: _constant(string_words(text, 20)) for address, text in texts.items()}
        live |= {address: _constant(float_words(value)) for address, value in nominals.items()}
        live |= {507 + index: partial(self._actual, index) for index in range(3)}
        live |= {address: partial(self._counter, address) for address in supply.alarms.counters}
        live |= {address: partial(self._setting, address) for address in supply.settings.words}
        return live

    def _actual(self, index: int) -> list[int]:
        return [self._supply.actual_words()[index]]

    def _counter(self, address: int) -> list[int]:
        return [self._supply.alarms.counters[address]]

    def _setting(self, address: int) -> list[int]:
        return [self._supply.settings.words[address]]


def _constant(words: list[int]) -> Callable[[], list[int]]:
    return lambda: words


class EaUnit(Unit):
    """The supply as a Modbus unit, as one of its interfaces sees it.

    Refusals in this order: the function (01), the address (02), the function at this address
    (01), remote control (07 or 0x17), the value or length (03), the state of the box (04).
    """

    obeys_broadcast = False

    def __init__(self, supply: EaSupply, registers: RegisterFile, interface: Interface) -> None:
        self._supply, self._registers, self._interface = supply, registers, interface
        self._table = load_registers(supply.identity.series)

    def answer(self, unit: int, pdu: bytes) -> bytes:
        """Return the reply to a request for a unit address: 0, or 1 under Full compliance."""
        if pdu[0] not in _FUNCTIONS:
            return exception_reply(pdu[0], Code.ILLEGAL_FUNCTION)
        if unit not in ((0, 1) if self._full else (0,)):
            return exception_reply(pdu[0], Code.ILLEGAL_ADDRESS)
        return self.handle(pdu) or b""

    def handle(self, pdu: bytes) -> bytes | None:
        """Answer a request, with the box's own codes."""
        try:
            return super().handle(pdu)
        except EaRefusal as refusal:
            return exception_reply(pdu[0], refusal.modbus)

    @property
    def _full(self) -> bool:
        return self._supply.coils[_COMPLIANCE]

    def encode_bits(self, bits: Sequence[bool]) -> bytes:
        """Return one standard byte under Full compliance, FF00 or 0000 under Limited."""
        if self._full:
            return super().encode_bits(bits)
        return (_ON if bits[0] else _OFF).to_bytes(2, "big")

    def read_coils(self, address: int, count: int) -> Sequence[bool]:
        """Return one coil; more at a time are refused."""
        self._entry(address, 1)
        if count != 1:
            raise Refusal(Code.ILLEGAL_VALUE)
        return [self._registers.read_coil(address)]

    def read_holding(self, address: int, count: int) -> Sequence[int]:
        """Return neighbouring entries of one type; the last may be cut short in a string only."""
        found = span(self._table, address, count)
        entries = [self._entry(each.address if each else -1, 3) for each in found]
        same = all(entry.kind == entries[0].kind for entry in entries)
        cut = entries[-1].end != address + count
        if not same or (cut and entries[-1].kind != "char"):
            raise Refusal(Code.ILLEGAL_VALUE)
        return [word for entry in entries for word in self._registers.read(entry)][:count]

    def write_coil_raw(self, address: int, data: int) -> None:
        """Write a coil with FF00 or 0000; an order takes FF00 only."""
        self._entry(address, 5)
        if address == _REMOTE:
            self._check_coil(address, data)
            remote = self._supply.remote
            (remote.take if data == _ON else remote.leave)(self._interface)
            return
        self._supply.remote.require(self._interface)
        self._check_coil(address, data)
        self._registers.write_coil(address, data == _ON)

    def write_register(self, address: int, value: int) -> None:
        """Write one register."""
        entry = self._entry(address, 6)
        self._supply.remote.require(self._interface)
        self._registers.write(entry, [value])

    def write_registers(self, address: int, values: Sequence[int]) -> None:
        """Write one entry, whole values of it, never beyond its border."""
        entry = self._entry(address, 16)
        self._supply.remote.require(self._interface)
        if len(values) > entry.count or len(values) % entry.element:
            raise Refusal(Code.ILLEGAL_VALUE)
        self._registers.write(entry, values)

    def _check_coil(self, address: int, data: int) -> None:
        if data not in (_ON, _OFF) or (address in _ORDERS and data != _ON):
            raise Refusal(Code.ILLEGAL_VALUE)

    def _entry(self, address: int, function: int) -> Register:
        """Return the entry that begins at an address and allows a function."""
        entry = self._table.get(address)
        if entry is None:
            raise Refusal(Code.ILLEGAL_ADDRESS)
        if function not in entry.functions:
            raise Refusal(Code.ILLEGAL_FUNCTION)
        return entry
