"""Yokogawa WT500 power analysers (WT300 and WT3000E speak the same for what is used here).

Facts: facts/instruments.md section C1 (WT500 communication interface manual IM 760201-17E).
Errors are positive numbers of ``:STAT:ERR?``. ``:COMM:WAIT`` holds the interface until the next
update, so the link's time-out must exceed the update period.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence

from instruments.capabilities import Identity, PowerReading
from instruments.clock import Clock
from instruments.errors import BenchError, UsageError
from instruments.links.api import ScpiLink
from instruments.ratings import check_range
from instruments.scpi import Expected, Scpi, show

__all__ = ["YokogawaWt500"]

_PERIODS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
_ELEMENTS = 3
_MEASURED = {
    "voltage_v": "U,{e}",
    "current_a": "I,{e}",
    "power_w": "P,{e}",
    "voltage_dc_v": "U,{e},DC",
    "current_dc_a": "I,{e},DC",
}
_DERIVED = {
    "apparent_va": "S,{e}",
    "reactive_var": "Q,{e}",
    "power_factor": "LAMB,{e}",
    "frequency_hz": "FU,{e}",
    "voltage_thd_percent": "UTHD,{e}",
}
_ITEMS = _MEASURED | _DERIVED
_ENERGY = "WH,{e}"
_ENERGY_AT = 200
"""Items of energy stand behind those of an update (at most 30), so that reading one disturbs none.

``:NUM:NORM:VAL? <n>`` reads an item by itself.
"""
_INTEGRATING = 1 << 1
"""``:STAT:COND?``: ITG."""
_MARKERS = {0x7E951BEE: "NAN (no data)", 0x7E94F56A: "INF (over-range)"}
_LARGEST = 9.8e37
"""Whatever is not below it, also without being one of the markers, is no value."""


class YokogawaWt500:
    """One analyser; every item of a set comes from one and the same update."""

    def __init__(self, link: ScpiLink, clock: Clock, rating: None = None) -> None:
        self._link = link
        self._scpi = Scpi(link, error_query="STAT:ERR?")
        self._elements: tuple[int, ...] = ()
        self._energy_listed: set[int] = set()
        self._prepared = False

    def identify(self) -> Identity:
        """Return who the analyser says it is; it gives 0 for its serial number."""
        return self._scpi.identify()

    def set_update_period(self, period_s: float) -> None:
        """Set the update period in s: 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10 or 20, as the model has."""
        if period_s not in _PERIODS_S:
            known = ", ".join(f"{p:g}" for p in _PERIODS_S)
            raise UsageError(f"period_s must be one of {known} s, got {period_s:g} s")
        self._prepare()
        self._scpi.apply(
            f"setting the update period to {period_s:g} s",
            [f"RATE {show(period_s)}"],
            [Expected("RATE?", period_s, 1e-3 * period_s)],
        )

    def measure(self, elements: Sequence[int]) -> Mapping[int, PowerReading]:
        """Return the readings of an update that began after this call (waits for two updates).

        A volt, ampere or watt that is missing or over range raises ``BenchError``; what the box
        cannot derive (the power factor without current, the frequency of DC) is NaN.
        """
        self._select(tuple(elements))
        self._forget_updates()
        self._await_update()
        self._forget_updates()
        return self._read_update()

    def measure_following(self, elements: Sequence[int]) -> Mapping[int, PowerReading]:
        """Return the update after the one read last: call after call, none is left out.

        It comes at once when it is there already. Where the caller takes longer than an update
        period between two calls, updates are lost.
        """
        self._select(tuple(elements))
        return self._read_update()

    def start_integration(self) -> None:
        """Start summing up energy from 0; mode and timer stay as set at the box.

        As delivered it integrates until it is stopped.
        """
        self._prepare()
        doing = "starting the integration"
        with self._link.transaction():
            if self._integrating(doing):
                self._scpi.send(doing, "INTEG:STOP")
            self._scpi.send(doing, "INTEG:RES", "INTEG:STAR")
            if not self._integrating(doing):
                raise self._error("bit ITG of :STAT:COND? set", "not integrating", doing)

    def stop_integration(self) -> None:
        """End the summing up; the energies stand until the next start."""
        self._prepare()
        doing = "stopping the integration"
        with self._link.transaction():
            if not self._integrating(doing):
                raise self._error("to be integrating still", "ended before", doing)
            self._scpi.send(doing, "INTEG:STOP")
            if self._integrating(doing):
                raise self._error("bit ITG of :STAT:COND? clear", "still integrating", doing)

    def read_energy_wh(self, elements: Sequence[int]) -> Mapping[int, float]:
        """Return the energy summed up since the start in Wh by element, signed like its power."""
        self._check_elements(tuple(elements))
        self._prepare()
        return {element: self._read_energy(element) for element in elements}

    def make_safe(self) -> None:
        """Do nothing: an analyser carries no power."""

    def close(self) -> None:
        """Give the front panel back, close the link."""
        try:
            if self._prepared:
                self._link.write(":COMM:REM OFF")
        finally:
            self._prepared = False
            self._link.close()

    def _prepare(self) -> None:
        if self._prepared:
            return
        self._scpi.send(
            "preparing the analyser",
            "COMM:REM ON",
            "COMM:HEAD OFF",
            "NUM:FORM FLO",
            "NUM:HOLD OFF",  # frozen values would be read as new ones, update after update
            "STAT:FILT1 FALL",
        )
        self._prepared = True

    def _check_elements(self, elements: tuple[int, ...]) -> None:
        if not elements or len(set(elements)) != len(elements):
            raise UsageError(f"elements must be given, and each once, got {elements}")
        for element in elements:
            check_range("element", element, 1, _ELEMENTS)

    def _select(self, elements: tuple[int, ...]) -> None:
        """Build the list of numeric items, once for each set of elements."""
        self._check_elements(elements)
        self._prepare()
        if elements == self._elements:
            return
        items = [item.format(e=element) for element in elements for item in _ITEMS.values()]
        self._elements = ()
        self._scpi.send(
            "building the list of items",
            f"NUM:NORM:NUM {len(items)}",
            *(f"NUM:NORM:ITEM{n} {item}" for n, item in enumerate(items, start=1)),
        )
        self._forget_updates()
        self._elements = elements

    def _forget_updates(self) -> None:
        self._scpi.ask_number("clearing the update event", ":STAT:EESR?")

    def _await_update(self) -> None:
        """Hold the interface until an update is complete; alone, since time must go on here."""
        self._link.write(":COMM:WAIT 1")

    def _read_update(self) -> dict[int, PowerReading]:
        self._await_update()
        with self._link.transaction():
            block = self._link.query_block(":NUM:NORM:VAL?")
            self._forget_updates()
        width = len(_ITEMS)
        words = self._unpack(block, len(self._elements) * width)
        return {
            element: self._reading(element, words[i * width : (i + 1) * width])
            for i, element in enumerate(self._elements)
        }

    def _integrating(self, doing: str) -> bool:
        return bool(int(self._scpi.ask_number(doing, ":STAT:COND?")) & _INTEGRATING)

    def _read_energy(self, element: int) -> float:
        doing, item = f"reading the energy of element {element}", _ENERGY_AT + element
        with self._link.transaction():
            if element not in self._energy_listed:
                self._scpi.send(doing, f"NUM:NORM:ITEM{item} {_ENERGY.format(e=element)}")
                self._energy_listed.add(element)
            (word,) = self._unpack(self._link.query_block(f":NUM:NORM:VAL? {item}"), 1)
        if marker := _marker(word):
            raise self._error(f"a value of {_ENERGY.format(e=element)}", marker, doing)
        return _as_float(word)

    def _unpack(self, block: bytes, count: int) -> tuple[int, ...]:
        if len(block) != 4 * count:
            raise self._error(f"{count} values of 4 bytes", f"{len(block)} bytes")
        return struct.unpack(f">{count}I", block)

    def _reading(self, element: int, words: Sequence[int]) -> PowerReading:
        values: dict[str, float] = {}
        for (name, item), word in zip(_ITEMS.items(), words, strict=True):
            marker = _marker(word)
            if marker and name in _MEASURED:
                raise self._error(f"a value of {item.format(e=element)}", marker)
            values[name] = math.nan if marker else _as_float(word)
        return PowerReading(**values)

    def _error(self, expected: str, got: str, doing: str = "reading an update") -> BenchError:
        return BenchError(
            doing,
            box=self._link.name,
            address=self._link.address,
            expected=expected,
            got=got,
        )


def _marker(word: int) -> str | None:
    """Return in words why a word is no value; None when it is one."""
    value = _as_float(word)
    return None if abs(value) < _LARGEST else _MARKERS.get(word, f"{value:g}")


def _as_float(word: int) -> float:
    (value,) = struct.unpack(">f", struct.pack(">I", word))
    return float(value)
