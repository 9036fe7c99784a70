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
_MARKERS = {0x7E951BEE: "NAN (no data)", 0x7E94F56A: "INF (over-range)"}


class YokogawaWt500:
    """One analyser; every item of a set comes from one and the same update."""

    def __init__(self, link: ScpiLink, clock: Clock, rating: None = None) -> None:
        self._link = link
        self._scpi = Scpi(link, error_query="STAT:ERR?")
        self._elements: tuple[int, ...] = ()
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

    def make_safe(self) -> None:
        """Do nothing: an analyser carries no power."""

    def close(self) -> None:
        """Give the front panel back, close the link."""
        try:
            if self._prepared:
                self._link.write(":COMM:REM OFF")
        finally:
            self._link.close()

    def _prepare(self) -> None:
        if self._prepared:
            return
        self._scpi.send(
            "preparing the analyser",
            "COMM:REM ON",
            "COMM:HEAD OFF",
            "NUM:FORM FLO",
            "STAT:FILT1 FALL",
        )
        self._prepared = True

    def _select(self, elements: tuple[int, ...]) -> None:
        """Build the list of numeric items, once for each set of elements."""
        if not elements or len(set(elements)) != len(elements):
            raise UsageError(f"elements must be given, and each once, got {elements}")
        for element in elements:
            check_range("element", element, 1, _ELEMENTS)
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
        words = self._unpack(block)
        width = len(_ITEMS)
        return {
            element: self._reading(element, words[i * width : (i + 1) * width])
            for i, element in enumerate(self._elements)
        }

    def _unpack(self, block: bytes) -> tuple[int, ...]:
        count = len(self._elements) * len(_ITEMS)
        if len(block) != 4 * count:
            raise self._error(f"{count} values of 4 bytes", f"{len(block)} bytes")
        return struct.unpack(f">{count}I", block)

    def _reading(self, element: int, words: Sequence[int]) -> PowerReading:
        values: dict[str, float] = {}
        for (name, item), word in zip(_ITEMS.items(), words, strict=True):
            marker = _MARKERS.get(word)
            if marker and name in _MEASURED:
                raise self._error(f"a value of {item.format(e=element)}", marker)
            values[name] = math.nan if marker else struct.unpack(">f", struct.pack(">I", word))[0]
        return PowerReading(**values)

    def _error(self, expected: str, got: str) -> BenchError:
        return BenchError(
            "reading an update",
            box=self._link.name,
            address=self._link.address,
            expected=expected,
            got=got,
        )
