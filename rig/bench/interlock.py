"""What forbids power at once: an open interlock, a dead guardian."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from instruments.errors import BenchError
from rig.bench.model import BenchFile

if TYPE_CHECKING:
    from instruments.capabilities import DigitalInputs

__all__ = ["InterlockWatch"]

_WORDS = {
    "emergency_stop": "emergency stop pressed",
    "door": "door open",
    "temperature": "thermal switch open",
}
_SILENT_LOOKS = 2
"""One answer may be lost on a serial line; two in a row are none."""


class InterlockWatch:
    """Look at the inputs of the interlock, and at whether the guardian lives."""

    def __init__(
        self, bench: BenchFile, drivers: Mapping[str, object], guardian_alive: Callable[[], bool]
    ) -> None:
        self._alive = guardian_alive
        self._wired: Mapping[str, int] = {}
        self._board: DigitalInputs | None = None
        self._role = ""
        self._silent = 0
        if bench.interlock is not None:
            self._role = bench.interlock.board
            self._wired = bench.interlock.inputs
            self._board = cast("DigitalInputs", drivers[self._role])

    def look(self) -> str | None:
        """Return what forbids power now, None when nothing does."""
        if not self._alive():
            return "the guardian is dead or does not answer"
        if self._board is None:
            return None
        try:
            states = self._board.read_inputs()
        except BenchError as error:
            self._silent += 1
            if self._silent < _SILENT_LOOKS:
                return None
            return f"{self._role} does not tell the interlock: {error.got}"
        self._silent = 0
        is_open = [_WORDS[name] for name, number in self._wired.items() if not states[number]]
        return ", ".join(is_open) or None

    def look_closely(self) -> str | None:
        """Look until the board has answered, or has failed to often enough."""
        while (found := self.look()) is None and self._silent:
            pass
        return found
