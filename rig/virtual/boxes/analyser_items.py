"""The functions that a numeric item of a WT analyser can show (C1)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rig.virtual.boxes.analyser_panel import AnalyserPanel, Element
from rig.virtual.ports import AcQuantities

__all__ = ["FUNCTIONS", "INFINITE", "NO_DATA", "Item", "show"]

NO_DATA = math.nan
INFINITE = math.inf
_HARMONIC = {"UK", "IK"}
_CURRENT = {"I", "IRMS", "IMN", "IDC", "IAC", "IPP", "IMP", "CFI", "FI", "IK"}

FUNCTIONS = (
    "U", "I", "P", "S", "Q", "LAMBda", "PHI", "FU", "FI", "UPPeak", "UMPeak", "IPPeak", "IMPeak",
    "CFU", "CFI", "URMS", "UMN", "UDC", "UAC", "IRMS", "IMN", "IDC", "IAC", "UTHD", "UK", "IK",
    "TIME", "WH", "WHP", "WHM", "AH", "AHP", "AHM", "WS", "WQ", "NONE",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """What one numeric item shows: function, element (0 = sigma), order of a harmonic."""

    function: str = "NONE"
    element: int = 1
    order: str | int | None = None

    def spell(self) -> str:
        """Return the item as its query answers it."""
        if self.function == "NONE":
            return "NONE"
        words = [self.function, "SIGM" if self.element == 0 else str(self.element)]
        return ",".join(words if self.order is None else [*words, str(self.order)])


def show(item: Item, panel: AnalyserPanel) -> float:
    """Return an item's value; NaN without data, infinity beyond a range or where none exists."""
    if item.function == "NONE":
        return NO_DATA
    if item.function == "TIME":
        return panel.integration.elapsed_s
    elements = panel.elements if item.element == 0 else [panel.elements[item.element - 1]]
    if item.function in _INTEGRALS:
        return sum(_INTEGRALS[item.function](element) for element in elements)
    readings = panel.readings()
    if readings is None:
        return NO_DATA
    if item.element == 0:
        return _sigma(item, readings)
    return _single(item, elements[0], readings[item.element - 1])


def _single(item: Item, element: Element, q: AcQuantities) -> float:
    current = item.function in _CURRENT
    voltage_over, current_over = element.voltage_over(q), element.current_over(q)
    both = item.function in {"P", "S", "Q", "LAMB", "PHI"} and (voltage_over or current_over)
    if both or (current_over if current else voltage_over):
        return INFINITE
    if item.function in _HARMONIC or item.order == "DC":
        return _harmonic(item, q)
    return _READINGS[item.function](q)


def _sigma(item: Item, readings: Sequence[AcQuantities]) -> float:
    active = sum(q.power_w for q in readings)
    apparent = sum(q.apparent_va for q in readings)
    if item.function in {"LAMB", "PHI"}:
        ratio = _factor(active, apparent)
        return ratio if item.function == "LAMB" or not apparent else _angle(ratio)
    values = [_READINGS[item.function](q) for q in readings if item.function in _READINGS]
    if not values:
        return NO_DATA
    total = sum(values)
    return total if item.function in {"P", "S", "Q"} else total / len(values)


def _harmonic(item: Item, q: AcQuantities) -> float:
    """Return DC, fundamental or total; single harmonics are not known to the bench."""
    current = item.function in _CURRENT
    if item.order in {"DC", 0}:
        return _current_dc(q) if current else _voltage_dc(q)
    if item.order in {None, "TOT"}:
        return _READINGS["I" if current else "U"](q)
    if item.order == 1:
        if current:
            return abs(q.current_a)
        return q.voltage_v / math.hypot(1.0, q.voltage_thd_percent / 100.0)
    return NO_DATA


def _is_dc(q: AcQuantities) -> bool:
    return q.frequency_hz == 0.0


def _voltage_dc(q: AcQuantities) -> float:
    return q.voltage_v if _is_dc(q) else q.voltage_dc_v


def _current_dc(q: AcQuantities) -> float:
    return q.current_a if _is_dc(q) else q.current_dc_a


def _ac_part(total: float, direct: float) -> float:
    return math.sqrt(max(total * total - direct * direct, 0.0))


def _over(value: float, by: float) -> float:
    return value / by if by else INFINITE


def _factor(active: float, apparent: float) -> float:
    """Return active by apparent power; noise without load does not get it beyond 1."""
    return min(max(active / apparent, -1.0), 1.0) if apparent else INFINITE


def _angle(ratio: float) -> float:
    return math.degrees(math.acos(min(max(ratio, -1.0), 1.0)))


def _phase(q: AcQuantities) -> float:
    return _angle(q.power_factor) if q.apparent_va else INFINITE


_READINGS: Mapping[str, Callable[[AcQuantities], float]] = {
    "U": lambda q: abs(q.voltage_v),
    "URMS": lambda q: abs(q.voltage_v),
    "UMN": lambda q: abs(q.voltage_v),
    "UDC": _voltage_dc,
    "UAC": lambda q: _ac_part(q.voltage_v, _voltage_dc(q)),
    "I": lambda q: abs(q.current_a),
    "IRMS": lambda q: abs(q.current_a),
    "IMN": lambda q: abs(q.current_a),
    "IDC": _current_dc,
    "IAC": lambda q: _ac_part(q.current_a, _current_dc(q)),
    "P": lambda q: q.power_w,
    "S": lambda q: abs(q.apparent_va),
    "Q": lambda q: q.reactive_var,
    "LAMB": lambda q: _factor(q.power_w, abs(q.apparent_va)),
    "PHI": _phase,
    "FU": lambda q: q.frequency_hz or INFINITE,
    "FI": lambda q: q.frequency_hz if q.frequency_hz and q.current_a else INFINITE,
    "UPP": lambda q: q.voltage_peak_v,
    "UMP": lambda q: -q.voltage_peak_v,
    "IPP": lambda q: q.current_peak_a,
    "IMP": lambda q: -q.current_peak_a,
    "CFU": lambda q: _over(q.voltage_peak_v, abs(q.voltage_v)),
    "CFI": lambda q: _over(q.current_peak_a, abs(q.current_a)),
    "UTHD": lambda q: INFINITE if _is_dc(q) else q.voltage_thd_percent,
}

_INTEGRALS: Mapping[str, Callable[[Element], float]] = {
    "WH": lambda e: e.integral.watt_hours,
    "WHP": lambda e: e.integral.positive_watt_hours,
    "WHM": lambda e: e.integral.negative_watt_hours,
    "AH": lambda e: e.integral.ampere_hours,
    "AHP": lambda e: e.integral.positive_ampere_hours,
    "AHM": lambda e: e.integral.negative_ampere_hours,
    "WS": lambda e: e.integral.volt_ampere_hours,
    "WQ": lambda e: e.integral.var_hours,
}
