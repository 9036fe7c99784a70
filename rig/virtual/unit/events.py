"""The event log and the console: what happened, stamped with the unit's own clock."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from rig.virtual.unit.memory import EventRecord, NonVolatile
from rig.virtual.unit.parameters_log import LogParameters
from rig.virtual.unit.trips import WARNING, socket_name, text_of

__all__ = ["EventLog", "UnitClock"]

_UNIX = datetime(1970, 1, 1, tzinfo=UTC)


class UnitClock:
    """The unit's real-time clock: the true time, plus what it was set to."""

    def __init__(self, epoch_utc: datetime, memory: NonVolatile) -> None:
        self._epoch_s = (epoch_utc - _UNIX).total_seconds()
        self._memory = memory

    def utc_s(self, now_s: float) -> float:
        """Return UTC in s since 1970 as the unit believes it."""
        return self._epoch_s + self._memory.rtc_offset_s + now_s

    def set_utc(self, utc_s: int, now_s: float) -> None:
        """Set the clock to a whole second, now."""
        self._memory.rtc_offset_s = utc_s - self._epoch_s - now_s

    def stamp(self, now_s: float) -> tuple[int, int]:
        """Return UTC as seconds and milliseconds."""
        total_ms = math.floor(self.utc_s(now_s) * 1000.0 + 1e-3)
        return divmod(total_ms, 1000)


class EventLog:
    """Write trips and warnings to memory, and everything to the console."""

    def __init__(
        self,
        clock: UnitClock,
        memory: NonVolatile,
        unlogged_codes: frozenset[int],
        parameters: LogParameters,
    ) -> None:
        self._clock = clock
        self._memory = memory
        self._unlogged, self._parameters = unlogged_codes, parameters
        self._listeners: list[Callable[[str], None]] = []

    def listen(self, listener: Callable[[str], None]) -> None:
        """Call ``listener`` with each console line."""
        self._listeners.append(listener)

    def event(self, code: int, socket: int, value: int, now_s: float) -> None:
        """Store a trip or a warning, and say it on the console."""
        if code not in self._unlogged and self._memory.last_sequence < self._parameters.full_after:
            self._store(code, socket, value, now_s)
        kind = "WARN" if code > WARNING else "TRIP"
        self.say(
            f"{kind} code={code} socket={socket_name(socket)} value={value} {text_of(code)}", now_s
        )

    def _store(self, code: int, socket: int, value: int, now_s: float) -> None:
        parameters = self._parameters
        seconds, ms = self._clock.stamp(now_s + parameters.utc_offset_s)
        self._memory.last_sequence += 1
        record = EventRecord(
            self._memory.last_sequence,
            parameters.codes.get(code, code),
            parameters.sockets.get(socket, socket),
            seconds,
            ms,
            value if parameters.values else 0,
        )
        self._memory.keep(record)

    def say(self, text: str, now_s: float) -> None:
        """Write a console line: UTC in ms, then the text."""
        seconds, ms = self._clock.stamp(now_s)
        instant = _UNIX + timedelta(seconds=seconds)
        line = f"{instant:%Y-%m-%dT%H:%M:%S}.{ms:03d}Z {text}"
        for listener in self._listeners:
            listener(line)
