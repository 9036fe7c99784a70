"""What a Delta SM15K consists of behind its commands: panel, meters, queue, watchdog, cards."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from instruments.clock import Clock
from rig.virtual.boxes.dc_meters import DcMeters, DcShown, SupplyRating
from rig.virtual.boxes.delta_counters import Counter
from rig.virtual.boxes.delta_panel import DeltaPanel
from rig.virtual.boxes.delta_sequences import DeltaSequences
from rig.virtual.boxes.delta_slots import Card, DeltaSlots
from rig.virtual.boxes.watchdog import BoxWatchdog
from rig.virtual.ports import SupplyPort
from rig.virtual.scpi import ErrorQueue
from rig.virtual.scpi.errors import STANDARD_TEXTS

__all__ = ["DeltaBox"]

_QUEUE_DEPTH = 10
_NOTHING = "0,None"
_TEST_S = 0.0025


class DeltaBox:
    """The state of one box; the commands in front of it are ``delta_commands``."""

    def __init__(
        self,
        clock: Clock,
        port: SupplyPort,
        rng: np.random.Generator,
        rating: SupplyRating,
        cards: Mapping[int, Card],
    ) -> None:
        self.identity = self.user_text = ""
        self.terminator = "LF"
        self.temperature_c = 31.0
        self.panel = DeltaPanel(port, rating)
        self.errors = ErrorQueue(_QUEUE_DEPTH, mark_overflow=False)
        self.slots, self.sequences = DeltaSlots(cards), DeltaSequences()
        self.sink_reactions = dict.fromkeys(("RSD", "INTERLOCK", "OUTPUT"), False)
        self._meters = DcMeters(rng, rating)
        self._shown: DcShown | None = None
        self.counters = {
            "AH": Counter(clock, lambda: self._steady().current_a),
            "WH": Counter(clock, lambda: self._steady().power_w),
        }
        self._watchdog = BoxWatchdog(clock, self._time_out)
        self.watchdog_ms: int | None = None
        self.timed_out = False

    @property
    def shown(self) -> DcShown:
        """What the meters show; one set for a whole message."""
        if self._shown is None:
            self._shown = self._meters.read(self.panel.read())
        return self._shown

    def lock(self, on: bool) -> None:
        """Lock the front panel."""
        self.panel.locked = on

    def lock_controls(self, on: bool) -> None:
        """Choose whether a lock takes in the controls."""
        self.panel.controls_locked = on

    def next_error(self) -> str:
        """Take the oldest error out."""
        entry = self.errors.pop()
        return _NOTHING if entry is None else f"{entry[0]},{STANDARD_TEXTS[entry[0]]}"

    def next_warning(self) -> str:
        """Say that there is no warning."""
        return _NOTHING

    def set_watchdog(self, period_ms: int) -> None:
        """Arm the watchdog."""
        self.timed_out, self.watchdog_ms = False, period_ms
        self._watchdog.arm(period_ms / 1e3)

    def stop_watchdog(self) -> None:
        """Disarm the watchdog."""
        self.timed_out, self.watchdog_ms = False, None
        self._watchdog.disarm()

    def test_watchdog(self) -> None:
        """Let it run out in 2.5 ms, armed or not."""
        self._watchdog.disarm()
        self._watchdog.expire_after(_TEST_S)

    def read_watchdog(self) -> int:
        """Return the ms left before this message, 0 once after it ran out, -1 when it is off."""
        if self.timed_out:
            self.timed_out = False
            return 0
        left_s = self._watchdog.remaining_s
        return -1 if left_s is None else max(round(left_s * 1e3), 1)

    def _steady(self) -> DcShown:
        return self._meters.steady(self.panel.read())

    def _time_out(self) -> None:
        self.timed_out, self.watchdog_ms = True, None
        self.panel.switch(False)
