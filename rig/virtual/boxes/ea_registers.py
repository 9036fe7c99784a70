"""The Modbus registers of PSB supplies: what exists, of which type, by which functions."""

from __future__ import annotations

import csv
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

__all__ = [
    "Register",
    "Series",
    "float_words",
    "load_registers",
    "span",
    "string_words",
    "words_string",
]

Series = Literal["10000", "9000"]

_TABLE = Path(__file__).with_name("ea_psb10000_registers.csv")
_NOT_IN_9000 = frozenset(
    {427, 428, 444, 511, 527, 666, 667, 10820, 10821, 10822, 10823, 10825, 10827, 10829, 10856}
    | {10883, 10885, 10888, 10889, 21000, 21003, 21006, 21009, 21011, 21013, 21015}
    | {30000, 30100, 30101, 30102, 30103}
)
"""What the list of the PSB 9000 (KE 2.31) lacks; all else stands there with the same type."""


@dataclass(frozen=True, slots=True)
class Register:
    """One entry of the manufacturer's list; ``count`` registers from ``address`` on."""

    address: int
    functions: frozenset[int]
    kind: str
    count: int

    @property
    def element(self) -> int:
        """Registers that make up one value of the kind."""
        return 2 if self.kind in ("float", "uint(32)") else 1

    @property
    def end(self) -> int:
        """The first address behind the entry."""
        return self.address + self.count


@cache
def load_registers(series: Series = "10000") -> Mapping[int, Register]:
    """Return the table by first address (PSB 10000: KE 3.10, source named in the file)."""
    with _TABLE.open(encoding="ascii", newline="") as lines:
        rows = csv.DictReader(line for line in lines if not line.startswith("#"))
        registers = [_register(row) for row in rows]
    missing = _NOT_IN_9000 if series == "9000" else frozenset()
    return MappingProxyType(
        {each.address: each for each in registers if each.address not in missing}
    )


def _register(row: dict[str, str]) -> Register:
    functions = frozenset(int(code) for code in row["functions"].split("+"))
    return Register(int(row["address"]), functions, row["type"], int(row["registers"]))


def span(table: Mapping[int, Register], address: int, count: int) -> Iterator[Register | None]:
    """Yield the entries that cover ``count`` registers from ``address`` on; None for a gap."""
    end = address + count
    while address < end:
        register = table.get(address)
        yield register
        if register is None:
            return
        address = register.end


def float_words(value: float) -> list[int]:
    """Return a float as two registers, high word first."""
    return list(struct.unpack(">HH", struct.pack(">f", value)))


def string_words(text: str, count: int) -> list[int]:
    """Return ASCII text in ``count`` registers, zero padded and cut to fit."""
    raw = text.encode("ascii", "replace")[: 2 * count].ljust(2 * count, b"\0")
    return list(struct.unpack(f">{count}H", raw))


def words_string(words: Iterable[int]) -> str:
    """Return the text of registers up to the first zero byte."""
    raw = b"".join(word.to_bytes(2, "big") for word in words)
    return raw.split(b"\0", 1)[0].decode("ascii", "replace")
