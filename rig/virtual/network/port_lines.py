"""The pilot lines of the plug: what drives each, what each end sees of it, and when it changed."""

from __future__ import annotations

from collections.abc import Callable

from rig.virtual.network.history import Track
from rig.virtual.network.port_wiring import PortContact

__all__ = ["PortLines"]

_OPEN_V, _PULLED_V = 12.0, 0.8


class PortLines:
    """d1, d2, proximity and lock are contacts of the bench, k is the unit's transistor."""

    def __init__(self) -> None:
        self._contacts: dict[PortContact, bool] = {}
        self._pulled = False
        self.k_volts = Track(_OPEN_V)
        """What a probe at the bench's end of line k sees: 12 V through a resistor, or ground."""
        self.changed: list[Callable[[float], None]] = []
        """Called after a change at the inlet."""
        self.heard: Callable[[float], None] = _nobody
        """The unit's processor, told after those."""

    @property
    def plugged(self) -> bool:
        """Whether the plug is in."""
        return self._contacts.get("proximity", False)

    @property
    def d1(self) -> bool:
        """Whether +12 V stands on pin 2 of the inlet."""
        return self.plugged and self._contacts.get("d1", False)

    @property
    def d2(self) -> bool:
        """Whether pin 10 of the inlet is at ground."""
        return self.plugged and self._contacts.get("d2", False)

    @property
    def k(self) -> bool:
        """Whether the bench sees line k pulled."""
        return self.plugged and self._pulled

    @property
    def locked(self) -> bool:
        """Whether the connector's lock has caught."""
        return self.plugged and self._contacts.get("lock", False)

    @property
    def coil_fed(self) -> bool:
        """Whether the contactors' coils, which hang between d1 and d2, have their supply."""
        return self.d1 and self.d2

    def move(self, contact: PortContact, closed: bool, t_s: float) -> None:
        """Let a contact of the bench close or open."""
        before = self.d1, self.d2, self.plugged
        self._contacts[contact] = closed
        self._follow_k(t_s)
        if (self.d1, self.d2, self.plugged) != before:
            for tell in (*self.changed, self.heard):
                tell(t_s)

    def pull_k(self, on: bool, t_s: float) -> None:
        """Let the unit pull line k, or let it go."""
        self._pulled = on
        self._follow_k(t_s)

    def _follow_k(self, t_s: float) -> None:
        volts = _PULLED_V if self.k else _OPEN_V
        if volts != self.k_volts.last:
            self.k_volts.put(t_s, volts)


def _nobody(t_s: float) -> None:
    """Hear nothing: a port that no unit hangs on."""
