"""How a Siglent SDS HD spells its parameters and replies (C3, programming guide EN11).

Mnemonics are answered as the guide prints them (``ONEMeg``), switches as ON and OFF, numbers with
as many digits as ``FORMat:DATA`` says: three at start-up.
"""

from __future__ import annotations

from rig.virtual.scpi import Choice, ScpiError
from rig.virtual.scpi.lexer import Token

__all__ = ["Bandwidth", "Depth", "Digits", "Words"]

_DEPTHS = {"": 1, "K": 1_000, "M": 1_000_000}


class Words:
    """Some mnemonics, kept by their short spelling and answered in the guide's."""

    def __init__(self, *words: str) -> None:
        self.kind = Choice(*words)
        self._shown = {"".join(c for c in word if not c.islower()): word for word in words}

    def show(self, short: str) -> str:
        """Return the guide's spelling."""
        return self._shown[short]


class Digits:
    """The precision of NR3 replies."""

    def __init__(self) -> None:
        self.count = 3

    def show(self, value: float) -> str:
        """Return a number with the present count of significant digits."""
        return f"{value:z.{self.count - 1}E}"


class Depth:
    """A memory depth such as 10k or 2M."""

    def __init__(self, *depths: int) -> None:
        self._depths = frozenset(depths)

    def convert(self, token: Token) -> int:
        """Return the number of points; -224 for a depth that is not offered."""
        if token.kind != "number" or token.suffix not in _DEPTHS:
            raise ScpiError(-224)
        points = round(token.value * _DEPTHS[token.suffix])
        if points not in self._depths:
            raise ScpiError(-224)
        return points

    def show(self, points: int) -> str:
        """Return the depth with its prefix."""
        prefix = "M" if points >= _DEPTHS["M"] else "k" if points >= _DEPTHS["K"] else ""
        return f"{points / _DEPTHS[prefix.upper()]:g}{prefix}"


class Bandwidth:
    """FULL, 20M or 200M."""

    def convert(self, token: Token) -> str:
        """Return the bandwidth limit."""
        text = token.text.upper()
        if text not in {"FULL", "20M", "200M"}:
            raise ScpiError(-224)
        return text
