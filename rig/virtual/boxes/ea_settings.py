"""What an EA supply is set to: raw register values, their scale and their ranges.

The box holds every setting as the digital value its registers carry, so that Modbus and SCPI see
one state. Scale: real = nominal * raw / 52428 (instruments.md A1.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

__all__ = [
    "ACTUAL_MAX",
    "AUTO_AFTER_REMOTE",
    "EVENTS",
    "FULL_SCALE",
    "LIMITS",
    "PROTECTIONS",
    "SETPOINTS",
    "EaRating",
    "EaRefusal",
    "EaSettings",
    "Kind",
]

Kind = Literal["V", "A", "W", "OHM"]

FULL_SCALE: Final = 52428
SET_MAX: Final = 0xD0E5
PROTECTION_MAX: Final = 0xE147
ACTUAL_MAX: Final = 0xFFFF

SETPOINTS: Final[dict[int, tuple[Kind, int, int | None]]] = {
    498: ("W", 9005, None),
    499: ("A", 9008, 9009),
    500: ("V", 9000, 9001),
    501: ("A", 9002, 9003),
    502: ("W", 9004, None),
    503: ("OHM", 9006, None),
    504: ("OHM", 9007, None),
}
"""Set value: quantity, its adjustable upper limit, its adjustable lower limit."""

LIMITS: Final[dict[int, Kind]] = {
    9000: "V",
    9001: "V",
    9002: "A",
    9003: "A",
    9004: "W",
    9005: "W",
    9006: "OHM",
    9007: "OHM",
    9008: "A",
    9009: "A",
}
_PAIRS: Final = ((9000, 9001), (9002, 9003), (9008, 9009))

PROTECTIONS: Final[dict[int, Kind]] = {550: "V", 553: "A", 556: "W", 569: "A", 570: "W"}

EVENTS: Final[dict[int, Kind]] = {
    559: "V",
    561: "V",
    563: "A",
    565: "A",
    567: "W",
    571: "A",
    573: "A",
    575: "W",
}
"""Supervision thresholds UVD, OVD, UCD, OCD, OPD, sink UCD, OCD, OPD; the action is one behind."""

_UNDER: Final = frozenset({559, 563, 571})

AUTO_AFTER_REMOTE: Final = 425

_CHOICES: Final[dict[int, frozenset[int]]] = {
    408: frozenset({0xFFFF, 0xFFFE}),
    427: frozenset({0, 1, 2}),
    428: frozenset({0, 1}),
    577: frozenset({0, 1}),
    **{event + 1: frozenset({0, 1, 2, 3}) for event in EVENTS},
}
_SPANS: Final[dict[int, tuple[int, int]]] = {
    10566: (5, 0xFFFF),
    10573: (5, 0xFFFF),
    10889: (5, 0xFFFF),
}
_ZERO_ALLOWED: Final = frozenset({10573, 10889})


class EaRefusal(Exception):
    """A refusal, with the number either protocol gives it (instruments.md A1.2, A1.5)."""

    def __init__(self, modbus: int, scpi: int) -> None:
        super().__init__(f"Modbus 0x{modbus:02X}, SCPI {scpi}")
        self.modbus, self.scpi = modbus, scpi

    @classmethod
    def out_of_range(cls) -> EaRefusal:
        """Refuse a value beyond what may be set."""
        return cls(0x03, -222)

    @classmethod
    def illegal_choice(cls) -> EaRefusal:
        """Refuse a value that is none of those with a meaning."""
        return cls(0x03, -224)

    @classmethod
    def not_in_remote(cls) -> EaRefusal:
        """Refuse an interface that does not hold remote control."""
        return cls(0x07, -221)

    @classmethod
    def in_local(cls) -> EaRefusal:
        """Refuse what the front panel has locked out."""
        return cls(0x17, -201)

    @classmethod
    def not_now(cls) -> EaRefusal:
        """Refuse what the state of the box forbids."""
        return cls(0x04, -200)


@dataclass(frozen=True, slots=True)
class EaRating:
    """Nominal values; the resistance range is the simulation's own, no data sheet's."""

    voltage_v: float = 500.0
    current_a: float = 90.0
    power_w: float = 15000.0
    resistance_min_ohm: float = 0.1
    resistance_max_ohm: float = 170.0

    def nominal(self, kind: Kind) -> float:
        """Return the value that 52428 stands for."""
        return {
            "V": self.voltage_v,
            "A": self.current_a,
            "W": self.power_w,
            "OHM": self.resistance_max_ohm,
        }[kind]


class EaSettings:
    """Raw values by register number, range-checked."""

    def __init__(self, rating: EaRating) -> None:
        self.rating = rating
        self.words: dict[int, int] = {}
        self.user_text = ""
        self.reset()

    def reset(self) -> None:
        """Go to the defaults: nothing flows until asked for, every limit and protection open."""
        self.user_text = ""
        self.words = {
            **dict.fromkeys(SETPOINTS, 0),
            **dict.fromkeys((498, 502, 503, 504), FULL_SCALE),
            **dict.fromkeys(LIMITS, SET_MAX),
            **dict.fromkeys((9001, 9003, 9009), 0),
            **dict.fromkeys(PROTECTIONS, PROTECTION_MAX),
            **{event: 0 if event in _UNDER else PROTECTION_MAX for event in EVENTS},
            **{event + 1: 0 for event in EVENTS},
            408: 0xFFFF,
            427: 0,
            428: 0,
            577: 1,
            10566: 5,
            10573: 5,
            10889: 5,
        }

    def kind(self, register: int) -> Kind:
        """Return the quantity of a set value, limit, protection or supervision threshold."""
        if register in SETPOINTS:
            return SETPOINTS[register][0]
        return {**LIMITS, **PROTECTIONS, **EVENTS}[register]

    def real(self, register: int) -> float:
        """Return a setting in V, A, W or ohm."""
        nominal = self.rating.nominal(self.kind(register))
        return nominal * self.words[register] / FULL_SCALE

    def raw(self, register: int, value: float) -> int:
        """Return the digital value nearest to a real one; refuses what no register holds."""
        raw = round(value * FULL_SCALE / self.rating.nominal(self.kind(register)))
        if not 0 <= raw <= 0xFFFF:
            raise EaRefusal.out_of_range()
        return raw

    def bounds(self, register: int) -> tuple[int, int]:
        """Return the least and the largest digital value a setting takes now."""
        if register in SETPOINTS:
            kind, high, low = SETPOINTS[register]
            least = self._least_resistance if kind == "OHM" else 0
            return least if low is None else self.words[low], self.words[high]
        if register in LIMITS:
            return self._limit_bounds(register)
        return 0, PROTECTION_MAX

    @property
    def _least_resistance(self) -> int:
        rating = self.rating
        return round(rating.resistance_min_ohm / rating.resistance_max_ohm * FULL_SCALE)

    def _limit_bounds(self, register: int) -> tuple[int, int]:
        """Keep an upper limit at or above its lower one."""
        for high, low in _PAIRS:
            if register == high:
                return self.words[low], SET_MAX
            if register == low:
                return 0, self.words[high]
        return 0, SET_MAX

    def set(self, register: int, raw: int) -> None:
        """Take a new value; raises ``EaRefusal`` and keeps the old one when it is out of range."""
        if register in _CHOICES:
            if raw not in _CHOICES[register]:
                raise EaRefusal.illegal_choice()
        else:
            low, high = _SPANS.get(register) or self.bounds(register)
            if not low <= raw <= high and not (raw == 0 and register in _ZERO_ALLOWED):
                raise EaRefusal.out_of_range()
        self.words[register] = raw
