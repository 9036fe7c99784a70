"""Compare what the unit logged with what was done to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rig.bench.steps import Journal
from rig.controller import Controller, LogRecord, SocketName, TripCode
from rig.measure import Evidence, Measurement, Quantity

__all__ = ["LogCheck", "LoggedTrip"]


@dataclass(frozen=True, slots=True)
class LogCheck:
    """How one trip stands in the unit's log."""

    missing: Measurement
    wrong_fields: Measurement
    utc_error: Measurement


@dataclass(frozen=True, slots=True)
class LoggedTrip:
    """A trip that must be found in the log: what, where, when as the rig's clock saw it."""

    code: TripCode
    socket: SocketName | None
    """None = the unit as a whole."""
    utc: datetime
    u_s: float
    """Standard uncertainty of ``utc``."""
    after: int
    """The newest sequence number before it."""
    seen: TripCode
    """Why the socket went off, as the rig saw it; another code than ``code`` allows no verdict."""
    value_between: tuple[float, float] | None = None
    """What the record's value must be; None = anything but 0."""

    def check(self, controller: Controller, journal: Journal) -> LogCheck:
        """Look the trip up now.

        A record of this trip is one that is newer than ``after`` and has its code; its other
        fields are counted when they are wrong: socket and value.
        """
        records = controller.read_log(after=self.after)
        found = [record for record in records if record.code == self.code]
        for each in records:
            journal.reading("controller", "event log", _shown(each))
        record = found[0] if found else None
        wrong = self._wrong_fields(record) if record else 0
        problems = () if self.seen is self.code else (f"the trip was {self.seen.name.lower()}",)
        error_s = (record.utc - self.utc).total_seconds() if record else float("nan")
        return LogCheck(
            _count("records_missing", 0 if found else 1, problems),
            _count("wrong_fields", wrong, problems),
            Measurement.of(
                "utc_error",
                Quantity(error_s, "s", self.u_s),
                evidence=_EVIDENCE,
                problems=problems,
            ),
        )

    def _wrong_fields(self, record: LogRecord) -> int:
        low, high = self.value_between or (1.0, float("inf"))
        return int(record.socket != self.socket) + int(not low <= record.value <= high)


_EVIDENCE = Evidence(instruments=("controller",))


def _count(name: str, count: int, problems: tuple[str, ...]) -> Measurement:
    quantity = Quantity(float(count), "1", 0.0)
    return Measurement.of(name, quantity, evidence=_EVIDENCE, problems=problems)


def _shown(record: LogRecord) -> dict[str, float | str]:
    return {
        "sequence": float(record.sequence),
        "code": float(record.code),
        "socket": record.socket or "unit",
        "utc": record.utc.isoformat(timespec="milliseconds"),
        "value": float(record.value),
    }
