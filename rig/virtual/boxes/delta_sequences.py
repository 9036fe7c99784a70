"""The sequencer's memory of a Delta SM15K: names and steps; sequences are not run (A4)."""

from __future__ import annotations

import re

from rig.virtual.scpi import ScpiError

__all__ = ["DeltaSequences"]

_NAME = re.compile(r"[A-Z][A-Z0-9+]{0,15}", re.ASCII)
_MOST_SEQUENCES, _MOST_STEPS = 25, 2000


class DeltaSequences:
    """Up to 25 sequences of up to 2000 steps, by upper-case names."""

    def __init__(self) -> None:
        self._steps: dict[str, dict[int, str]] = {}
        self.selected = ""

    def catalog(self) -> str:
        """Return the names, one a line, the last line empty."""
        return "".join(f"{name}\n" for name in self._steps)

    def select(self, name: str) -> None:
        """Select a sequence, a new one if there is none of this name."""
        name = name.upper()
        if _NAME.fullmatch(name) is None:
            raise ScpiError(-224)
        if name not in self._steps and len(self._steps) >= _MOST_SEQUENCES:
            raise ScpiError(-225)
        self._steps.setdefault(name, {})
        self.selected = name

    def store(self, text: str) -> None:
        """Store ``<number> <command>`` in the selected sequence."""
        step, _, command = text.partition(" ")
        if not self.selected:
            raise ScpiError(-221)
        if not command.strip():
            raise ScpiError(-109)
        self._steps[self.selected][_step_number(step)] = command.strip().upper()

    def recall(self, text: str) -> str:
        """Return one step as it was stored, or all of them, one a line, the last line empty."""
        steps = self._steps.get(self.selected, {})
        if not text:
            return "".join(f"{step} {steps[step]}\n" for step in sorted(steps))
        step = _step_number(text)
        return f"{step} {steps[step]}" if step in steps else ""


def _step_number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > len(str(_MOST_STEPS)):
        raise ScpiError(-104)
    if not 1 <= int(text) <= _MOST_STEPS:
        raise ScpiError(-222)
    return int(text)
