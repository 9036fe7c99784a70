"""The pilot lines of the plug: what drives each, what each end sees of it, and when it changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from rig.virtual.network.history import Track

__all__ = ["Line", "PortLines"]

Line = Literal["d1", "d2", "k", "proximity", "lock"]

_OPEN_V, _PULLED_V = 12.0, 0.8


class PortLines:
    """Levels as they are driven, by relays of the bench or by the unit; whoever it is."""

    def __init__(self) -> None:
        self._driven: dict[Line, bool] = {}
        self.k_volts = Track(_OPEN_V)
        """What a probe at the bench's end of line k sees: 12 V through a resistor, or ground."""
        self.changed: list[Callable[[float], None]] = []
        """Called after a change."""
        self.heard: Callable[[float], None] = _nobody
        """The unit's processor, told after those."""

    @property
    def plugged(self) -> bool:
        """Whether the plug is in."""
        return self._driven.get("proximity", False)

    @property
    def d1(self) -> bool:
        """Whether +12 V stands on pin 2 of the inlet."""
        return self.plugged and self._driven.get("d1", False)

    @property
    def d2(self) -> bool:
        """Whether pin 10 of the inlet is at ground."""
        return self.plugged and self._driven.get("d2", False)

    @property
    def k(self) -> bool:
        """Whether the home sees line k pulled."""
        return self.plugged and self._driven.get("k", False)

    @property
    def locked(self) -> bool:
        """Whether the connector's lock has caught."""
        return self.plugged and self._driven.get("lock", False)

    @property
    def coil_fed(self) -> bool:
        """Whether the contactors' coils, which hang between d1 and d2, have their supply."""
        return self.d1 and self.d2

    def move(self, line: Line, on: bool, t_s: float) -> None:
        """Drive a line, or let it go."""
        before = self._levels()
        self._driven[line] = on
        if self._levels() == before:
            return
        volts = _PULLED_V if self.k else _OPEN_V
        if volts != self.k_volts.last:
            self.k_volts.put(t_s, volts)
        for tell in (*self.changed, self.heard):
            tell(t_s)

    def _levels(self) -> tuple[bool, ...]:
        return self.d1, self.d2, self.k, self.plugged


def _nobody(t_s: float) -> None:
    """Hear nothing: a port that no unit hangs on."""
