"""The bench's own point-on-wave trigger: solid-state branches closed at an angle of the voltage.

Registers: controller.md section 4 (Modbus RTU, unit 33 on the relay boards' line). It also drives
the trigger line common to the oscilloscopes; its jitter is at most 0.1 ms.
"""

from __future__ import annotations

from instruments.capabilities import Identity, PointOnWaveShot
from instruments.clock import Clock
from instruments.errors import BenchError
from instruments.links.api import RegisterLink
from instruments.ratings import check_range

__all__ = ["PointOnWaveTrigger"]

_DELAY, _BRANCHES, _ARM, _HOLD = 0, 1, 2, 3
_FIRED, _SHOT_LENGTH = 0, 3
_TICK_S = 10e-6
_LARGEST = 0xFFFF
_IDLE, _LIVE = 0, (1, 2)
"""States: 0 idle, 1 armed, 2 branches closed, 3 done."""


class PointOnWaveTrigger:
    """One trigger."""

    def __init__(self, link: RegisterLink, clock: Clock, rating: None = None) -> None:
        self._link = link

    def identify(self) -> Identity:
        """Return what is known once the trigger has answered: it has no registers of identity."""
        self.read_shot()
        return Identity("rig", "point-on-wave trigger", "0", "0")

    def arm(self, branches: int, *, delay_s: float, hold_s: float) -> None:
        """Close the branches of the mask ``delay_s`` after the next positive zero crossing.

        They open by themselves after ``hold_s``. Delay in steps of 10 us up to 0.65535 s, hold in
        steps of 1 ms up to 65.535 s. The settings are read back before the trigger is armed.
        """
        check_range("branches", branches, 1, _LARGEST)
        check_range("delay_s", delay_s, 0.0, _LARGEST * _TICK_S, "s")
        check_range("hold_s", hold_s, 0.001, _LARGEST / 1000, "s")
        delay, hold = round(delay_s / _TICK_S), round(hold_s * 1000)
        with self._link.transaction():
            self._link.write_registers(_DELAY, [delay, branches])
            self._link.write_register(_HOLD, hold)
            kept = self._link.read_holding(_DELAY, 4)
            if (kept[_DELAY], kept[_BRANCHES], kept[_HOLD]) != (delay, branches, hold):
                wanted = f"delay {delay}, branches {branches}, hold {hold}"
                raise self._error("setting", wanted, f"registers 0 to 3 = {kept}")
            self._link.write_register(_ARM, 1)
            if self.read_shot().state == _IDLE:
                raise self._error("arming", "the trigger armed", "state 0 (idle)")

    def read_shot(self) -> PointOnWaveShot:
        """Return what has happened since the arming; the measured angle in degrees."""
        fired, tenths, state = self._link.read_input(_FIRED, _SHOT_LENGTH)
        return PointOnWaveShot(fired=bool(fired), angle_deg=tenths / 10, state=state)

    def disarm(self) -> None:
        """Open all branches, forget the arming, verify."""
        with self._link.transaction():
            self._link.write_register(_ARM, 0)
            state = self.read_shot().state
        if state in _LIVE:
            raise self._error("disarming", "the branches open", f"state {state}")

    def make_safe(self) -> None:
        """Open all branches."""
        self.disarm()

    def close(self) -> None:
        """Do nothing: the line belongs to who opened it."""

    def _error(self, doing: str, expected: str, got: str) -> BenchError:
        return BenchError(
            doing, box=self._link.name, address=self._link.address, expected=expected, got=got
        )
