"""SCPI status of an EA 10000: its condition registers, status byte and error queue."""

from __future__ import annotations

from rig.virtual.boxes.ea_alarms import Alarm
from rig.virtual.boxes.ea_supply import EaSupply
from rig.virtual.scpi.errors import STANDARD_TEXTS, ErrorQueue, event_bit
from rig.virtual.scpi.status import RegisterGroup, StandardStatus

__all__ = ["EaStatus"]

_QUEUE_DEPTH = 5
_OPERATION_COMPLETE = 0x01
_QUESTIONABLE = {
    Alarm.OVP: 0,
    Alarm.OCP: 1,
    Alarm.OPP: 2,
    Alarm.OT: 3,
    Alarm.OVD: 4,
    Alarm.UVD: 5,
    Alarm.OCD: 6,
    Alarm.UCD: 7,
    Alarm.OPD: 8,
    Alarm.PF: 13,
}
_LOCAL, _REMOTE, _ON = 9, 10, 11
_TIMED_OUT, _SINK = 7, 12
_REGULATION = {"CV": 8, "CC": 9, "CP": 10}


class EaStatus:
    """Status registers and error queue, shared by all connections (bits: instruments.md A1.5).

    Every enable mask starts at 0. Errors beyond the fifth are lost.
    """

    def __init__(self, supply: EaSupply) -> None:
        self._supply = supply
        self._errors = ErrorQueue(_QUEUE_DEPTH, mark_overflow=False)
        self.standard = StandardStatus(power_on_event=True)
        self.questionable, self.operation = RegisterGroup(), RegisterGroup()
        self.secondary = RegisterGroup()

    def update(self) -> None:
        """Take the box's present conditions; events latch on the way from 0 to 1."""
        self.questionable.update(self._questionable())
        self.operation.update(self._operation())
        self.secondary.update(int(self._supply.alarms.by_sink))

    def report(self, code: int) -> None:
        """Queue an error and set its standard event."""
        self._errors.push(code)
        self.standard.event |= 1 << event_bit(code)

    def next_error(self) -> str:
        """Take the oldest error out."""
        entry = self._errors.pop()
        return _error(entry[0] if entry else 0)

    def all_errors(self) -> str:
        """Take all errors out, joined by comma and space."""
        errors = [self.next_error() for _ in range(max(1, len(self._errors)))]
        return ", ".join(errors)

    def byte(self) -> int:
        """Return the status byte; EA uses no message-available bit."""
        summaries = (
            (self.secondary.summary, 0),
            (len(self._errors) > 0, 2),
            (self.questionable.summary, 3),
            (self.standard.event_summary, 5),
            (self.operation.summary, 7),
        )
        return self.standard.with_master(sum(bool(summary) << bit for summary, bit in summaries))

    def clear_events(self) -> None:
        """Clear the event registers, and with them the status byte (*RST)."""
        for group in (self.questionable, self.operation, self.secondary):
            group.read_event()

    def clear(self) -> None:
        """Clear errors, events and standard events but bit 0 (*CLS)."""
        self._errors.clear()
        self.clear_events()
        self.standard.event &= _OPERATION_COMPLETE

    def _questionable(self) -> int:
        supply = self._supply
        word = sum(1 << _QUESTIONABLE[alarm] for alarm in supply.alarms.present)
        word |= supply.remote.local << _LOCAL
        word |= (supply.remote.holder is not None) << _REMOTE
        return word | supply.on << _ON

    def _operation(self) -> int:
        supply = self._supply
        word = supply.remote.timed_out << _TIMED_OUT | supply.sinking << _SINK
        regulation = supply.regulation()
        return word if regulation is None else word | 1 << _REGULATION[regulation]


def _error(code: int) -> str:
    return f'{code},"{STANDARD_TEXTS.get(code, "No error")}"'
