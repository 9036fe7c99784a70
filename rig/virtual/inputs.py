"""The simulated inputs of the IO board: emergency stop, door, thermal switch."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from instruments.errors import UsageError

__all__ = ["SimulatedInputs"]

_SIZE = 8


class SimulatedInputs:
    """Inputs by name, on until switched off: ``virtual.inputs["door"] = False`` opens the door."""

    def __init__(self, wired: Mapping[str, int]) -> None:
        self._wired = dict(wired)
        self._on = [number in wired.values() for number in range(_SIZE)]
        self._listeners: list[Callable[[], None]] = []

    def __getitem__(self, name: str) -> bool:
        """Say whether an input is on."""
        return self._on[self._number(name)]

    def __setitem__(self, name: str, on: bool) -> None:
        """Switch an input."""
        self._on[self._number(name)] = on
        for listener in self._listeners:
            listener()

    def states(self) -> tuple[bool, ...]:
        """Return every input of the board, input 0 first."""
        return tuple(self._on)

    def listen(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` after every change."""
        self._listeners.append(listener)

    def _number(self, name: str) -> int:
        if name not in self._wired:
            known = ", ".join(self._wired) or "none"
            raise UsageError(f"no input {name!r} on this bench's interlock; its inputs: {known}")
        return self._wired[name]
