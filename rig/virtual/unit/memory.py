"""What survives a power cycle: settings, counters, latches, meters and the event log."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["EventRecord", "NonVolatile"]

EVENTS_KEPT = 32
_WELD = 19


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One record of the event log; the unit of ``value`` hangs on the code (see ``trips``)."""

    sequence: int
    code: int
    socket: int
    utc_s: int
    ms: int
    value: int

    def registers(self) -> list[int]:
        """Return the seven registers of the record."""
        high, low = divmod(self.utc_s, 0x10000)
        return [self.sequence & 0xFFFF, self.code, self.socket, high, low, self.ms, self.value]


def _default_settings() -> dict[int, int]:
    return {1: 0b111, 2: 0x132, 3: 10, 4: 0, 5: 6000, 6: 0, 7: 15}


@dataclass(slots=True)
class NonVolatile:
    """The unit's non-volatile memory; ticks count on a clock with its own battery."""

    settings: dict[int, int] = field(default_factory=_default_settings)
    """Holding registers 1 to 7, and 10 once it was set."""
    events: list[EventRecord] = field(default_factory=list)
    last_sequence: int = 0
    last_code: int = 0
    restart_ticks: dict[int, list[int]] = field(
        default_factory=lambda: {0: [], 1: [], 2: [], 3: []}
    )
    """When the unit (0) and each socket restarted by itself."""
    latched: dict[int, int] = field(default_factory=dict)
    """Trip code by unit (0) or socket, of what waits for an acknowledge."""
    locked: dict[int, int] = field(default_factory=dict)
    """Trip code by unit (0) or socket, of what is locked out."""
    soc_held: dict[int, float] = field(default_factory=dict)
    """SOC in % at which the unit (0) or a socket went at the floor."""
    hot: bool = False
    """The heat sink was too hot, and has not been cool since."""
    energy_wh: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    rtc_offset_s: float = 0.0
    """What was set, less what the clock had been at."""

    def keep(self, record: EventRecord) -> None:
        """Append to the event log; the oldest record goes."""
        self.events.append(record)
        del self.events[:-EVENTS_KEPT]

    def forget_welds(self) -> None:
        """Lift the lock-outs after a weld."""
        self.locked = {n: code for n, code in self.locked.items() if code != _WELD}

    def forget_restarts(self) -> None:
        """Zero the restart counters and lift every lock-out."""
        self.restart_ticks = {target: [] for target in self.restart_ticks}
        self.locked.clear()
