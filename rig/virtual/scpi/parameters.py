"""Kinds of parameters: what a token must be, and what it is worth to the box (E4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from rig.virtual.scpi.errors import ScpiError
from rig.virtual.scpi.lexer import Token

__all__ = ["AnyOf", "Block", "Boolean", "Choice", "Integer", "Number", "Parameter", "Text"]

T_co = TypeVar("T_co", covariant=True)

INFINITY = 9.9e37
NOT_A_NUMBER = 9.91e37

_NOT_ALLOWED = {"number": -128, "word": -148, "string": -158, "block": -168, "expression": -178}
_MULTIPLIERS = {
    "": 1.0, "EX": 1e18, "PE": 1e15, "T": 1e12, "G": 1e9, "MA": 1e6, "K": 1e3,
    "M": 1e-3, "U": 1e-6, "N": 1e-9, "P": 1e-12, "F": 1e-15, "A": 1e-18,
}  # fmt: skip
_MEGA_BY_DEFINITION = {"MHZ": 1e6, "MOHM": 1e6}
_LONGEST_WORD = 12


class Parameter(Protocol[T_co]):
    """Turns a token into a value; raises ``ScpiError`` when it is none of this kind."""

    def convert(self, token: Token) -> T_co:
        """Return the token's value."""


def _expect(token: Token, *kinds: str) -> None:
    if token.kind not in kinds:
        raise ScpiError(_NOT_ALLOWED[token.kind])


class Number:
    """A decimal number (NRf+) in a range, with an optional unit and a resolution to round to.

    ``low`` and ``high`` may be calls, where another setting moves the limits.
    """

    def __init__(
        self,
        low: float | Callable[[], float],
        high: float | Callable[[], float],
        *,
        unit: str = "",
        default: float | None = None,
        resolution: float = 0.0,
        clamp: bool = False,
    ) -> None:
        self._low, self._high = low, high
        self._unit, self._default = unit, default
        self._resolution, self._clamp = resolution, clamp

    @property
    def low(self) -> float:
        """The smallest value accepted now."""
        return self._low() if callable(self._low) else self._low

    @property
    def high(self) -> float:
        """The largest value accepted now."""
        return self._high() if callable(self._high) else self._high

    def convert(self, token: Token) -> float:
        """Return the number in the base unit; -222 outside the range unless the box clamps."""
        _expect(token, "number", "word")
        if token.kind == "word":
            return self.special(token.text)
        value = token.value * self._multiplier(token.suffix)
        if self._clamp:
            value = min(max(value, self.low), self.high)
        elif not self.low <= value <= self.high:
            raise ScpiError(-222)
        return round(value / self._resolution) * self._resolution if self._resolution else value

    def special(self, word: str) -> float:
        """Return the value of MINimum, MAXimum or DEFault."""
        if word in {"MIN", "MINIMUM"}:
            return self.low
        if word in {"MAX", "MAXIMUM"}:
            return self.high
        if word in {"DEF", "DEFAULT"} and self._default is not None:
            return self._default
        if word in {"INF", "INFINITY", "NINF", "NINFINITY", "NAN", "DEF", "DEFAULT", "UP", "DOWN"}:
            raise ScpiError(-222 if "N" in word[:3] else -224)
        raise ScpiError(-148)

    def _multiplier(self, suffix: str) -> float:
        if not suffix:
            return 1.0
        if not self._unit:
            raise ScpiError(-138)
        if suffix in _MEGA_BY_DEFINITION and suffix.endswith(self._unit):
            return _MEGA_BY_DEFINITION[suffix]
        multiplier = _MULTIPLIERS.get(suffix.removesuffix(self._unit))
        if multiplier is None or not suffix.endswith(self._unit):
            raise ScpiError(-131)
        return multiplier


class Integer:
    """A whole number in a range; fractions are rounded."""

    def __init__(self, low: int, high: int) -> None:
        self._number = Number(low, high)

    def convert(self, token: Token) -> int:
        """Return the integer."""
        return round(self._number.convert(token))


class Boolean:
    """ON, OFF or a number, where every number that does not round to 0 is ON."""

    def convert(self, token: Token) -> bool:
        """Return the truth value."""
        _expect(token, "number", "word")
        if token.kind == "number":
            if token.suffix:
                raise ScpiError(-138)
            return abs(token.value) >= 0.5
        if token.text not in {"ON", "OFF"}:
            raise ScpiError(-224)
        return token.text == "ON"


class Choice:
    """One of some mnemonics, in short or long spelling, by number too where the box takes it."""

    def __init__(self, *words: str, numbered: bool = False, short: bool = True) -> None:
        self._by_spelling: dict[str, str] = {}
        self._numbered: list[str] | None = [] if numbered else None
        for word in words:
            abbreviation = "".join(char for char in word if not char.islower())
            value = abbreviation if short else word.upper()
            self._by_spelling[abbreviation] = self._by_spelling[word.upper()] = value
            if self._numbered is not None:
                self._numbered.append(value)

    def convert(self, token: Token) -> str:
        """Return the short spelling; -224 for a mnemonic that is not offered."""
        if token.kind == "number" and self._numbered is not None and not token.suffix:
            if token.value not in range(len(self._numbered)):
                raise ScpiError(-222)
            return self._numbered[int(token.value)]
        _expect(token, "word")
        value = self._by_spelling.get(token.text)
        if value is None:
            raise ScpiError(-144 if len(token.text) > _LONGEST_WORD else -224)
        return value


class AnyOf:
    """The first of several kinds that takes the token; the last one's error when none does."""

    def __init__(self, *kinds: Parameter[object]) -> None:
        self._kinds = kinds

    def convert(self, token: Token) -> object:
        """Return the value as the first fitting kind sees it."""
        for kind in self._kinds[:-1]:
            try:
                return kind.convert(token)
            except ScpiError:
                continue
        return self._kinds[-1].convert(token)


class Text:
    """A quoted string."""

    def convert(self, token: Token) -> str:
        """Return what stands between the quotes."""
        _expect(token, "string")
        return token.text


class Block:
    """Arbitrary block data."""

    def convert(self, token: Token) -> bytes:
        """Return the payload."""
        _expect(token, "block")
        return token.text.encode("latin-1")
