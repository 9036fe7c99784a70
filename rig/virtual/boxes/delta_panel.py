"""The front panel of a Delta SM15K: who programs what, limits, shut-downs, both status registers.

Each quantity is programmed by one source at a time: a value sent over Ethernet is kept, and acts
only while Ethernet is the source (facts/instruments.md A4). Stand-ins for what the manual leaves
open: a new limit pulls the value set before down to it; the output comes back by itself when RSD,
interlock or a fault ends, as long as it is still switched on.
"""

from __future__ import annotations

from typing import Literal

from rig.virtual.boxes.dc_meters import SupplyRating
from rig.virtual.ports import SupplyPort, SupplyReading, SupplySetting
from rig.virtual.scpi import ScpiError

__all__ = ["Cause", "DeltaPanel", "Quantity"]

Quantity = Literal["VOL", "CUR", "CUR:NEG", "POW", "POW:NEG"]
Loop = Literal["CV", "CC", "CP"]
Cause = Literal["DCF", "OT", "ACF", "INTERLOCK"]

LOOPS: dict[Quantity, Loop] = {
    "VOL": "CV", "CUR": "CC", "CUR:NEG": "CC", "POW": "CP", "POW:NEG": "CP",
}  # fmt: skip
_STEPS = 65535
"""The set values have 16 bits."""
_ETHERNET, _FRONT = "Ethernet", "Front"
_REGULATION = {"CV": 0x1, "CC": 0x2, "CP": 0x4}
_LIMIT_BITS: dict[Quantity, int] = {
    "VOL": 0x08, "CUR": 0x10, "CUR:NEG": 0x10, "POW": 0x20, "POW:NEG": 0x20,
}  # fmt: skip
_CAUSE_BITS: dict[Cause, int] = {"DCF": 0x40, "OT": 0x100, "ACF": 0x400, "INTERLOCK": 0x800}
_RSD, _OUTPUT, _LOCKED = 0x1000, 0x2000, 0x4000
_REMOTE: dict[Loop, int] = {"CV": 0x1, "CC": 0x2, "CP": 0x4}


class DeltaPanel:
    """One SM15K between its terminals and its interfaces."""

    def __init__(self, port: SupplyPort, rating: SupplyRating) -> None:
        self._port, self.rating = port, rating
        self.sources: dict[Loop, str] = dict.fromkeys(("CV", "CC", "CP"), _FRONT)
        self.limits: dict[Quantity, tuple[float, bool]] = {
            quantity: (self.end(quantity), False) for quantity in LOOPS
        }
        self._ethernet: dict[Quantity, float] = dict.fromkeys(LOOPS, 0.0)
        self._front: dict[Quantity, float] = dict.fromkeys(LOOPS, 0.0)
        self._causes: set[Cause] = set()
        self.on = self.rsd = False
        self.locked = self.controls_locked = False
        self.apply()

    def end(self, quantity: Quantity) -> float:
        """Return how far a quantity goes: the rating, below 0 for the sink's."""
        kind = quantity.partition(":")[0]
        rated = {"VOL": self.rating.voltage_v, "CUR": self.rating.current_a}.get(kind)
        full = self.rating.power_w if rated is None else rated
        return -full if quantity.endswith("NEG") else full

    def step(self, quantity: Quantity) -> float:
        """Return the step of a set value."""
        return abs(self.end(quantity)) / _STEPS

    def get(self, quantity: Quantity) -> float:
        """Return what was set over Ethernet."""
        return self._ethernet[quantity]

    def set(self, quantity: Quantity, value: float) -> None:
        """Keep a value for the Ethernet source; -222 beyond the rating or the limit."""
        reach = self._reach(quantity)
        if not min(reach, 0.0) <= value <= max(reach, 0.0):
            raise ScpiError(-222)
        self._ethernet[quantity] = value
        self.apply()

    def turn_knob(self, quantity: Quantity, value: float) -> None:
        """Set a value at the front panel."""
        self._front[quantity] = value
        self.apply()

    def set_limit(self, quantity: Quantity, value: float, on: bool) -> None:
        """Limit what may be set."""
        self.limits[quantity] = (value, on)
        for values in (self._ethernet, self._front):
            values[quantity] = self._limited(quantity, values[quantity])
        self.apply()

    def set_source(self, loop: Loop, source: str) -> None:
        """Choose who programs a quantity."""
        self.sources[loop] = source
        self.apply()

    def switch(self, on: bool) -> None:
        """Switch the output; RSD, interlock and faults keep it off all the same."""
        self.on = on
        self.apply()

    def set_rsd(self, on: bool) -> None:
        """Set or end the remote shut-down."""
        self.rsd = on
        self.apply()

    def set_cause(self, cause: Cause, present: bool) -> None:
        """Let a fault of the box itself begin or end."""
        (self._causes.add if present else self._causes.discard)(cause)
        self.apply()

    def reset(self) -> None:
        """Do what *RST does: values 0, RSD off, Ethernet the source, front panel unlocked."""
        self._ethernet = dict.fromkeys(LOOPS, 0.0)
        self.sources = dict.fromkeys(self.sources, _ETHERNET)
        self.rsd = self.locked = self.controls_locked = False
        self.apply()

    @property
    def delivering(self) -> bool:
        """Whether the output is on and nothing keeps it off."""
        return self.on and not self.rsd and not self._causes

    def read(self) -> SupplyReading:
        """Return what stands at the terminals now."""
        return self._port.read()

    def apply(self) -> None:
        """Hand what acts on to the terminals."""
        self._port.apply(
            SupplySetting(
                on=self.delivering,
                voltage_v=self._acting("VOL"),
                source_current_a=self._acting("CUR"),
                source_power_w=self._acting("POW"),
                sink_current_a=self._acting("CUR:NEG"),
                sink_power_w=self._acting("POW:NEG"),
            )
        )

    def register_a(self) -> int:
        """Return status register A."""
        word = _REGULATION[self.read().regulation] | _OUTPUT if self.delivering else 0
        for quantity, bit in _LIMIT_BITS.items():
            limit, on = self.limits[quantity]
            if on and self._raw(quantity) == limit:
                word |= bit
        for cause in self._causes:
            word |= _CAUSE_BITS[cause]
        return word | (_RSD if self.rsd else 0) | (_LOCKED if self.locked else 0)

    def register_b(self) -> int:
        """Return status register B."""
        return sum(_REMOTE[loop] for loop, source in self.sources.items() if source != _FRONT)

    def _raw(self, quantity: Quantity) -> float:
        source = self.sources[LOOPS[quantity]]
        if source == _ETHERNET:
            return self._ethernet[quantity]
        return self._front[quantity] if source == _FRONT else 0.0

    def _acting(self, quantity: Quantity) -> float:
        step = self.step(quantity)
        return round(abs(self._raw(quantity)) / step) * step

    def _reach(self, quantity: Quantity) -> float:
        limit, on = self.limits[quantity]
        return limit if on else self.end(quantity)

    def _limited(self, quantity: Quantity, value: float) -> float:
        reach = self._reach(quantity)
        return max(value, reach) if reach < 0 else min(value, reach)
