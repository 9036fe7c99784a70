"""The reading side of a run's record."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from instruments.errors import UsageError
from rig.recording.packing import unpacked
from rig.recording.schema import DATABASE, digest_of

__all__ = ["Record", "RecordedEvent", "RecordedExchange"]


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """One thing that happened, at clock time ``t_s``."""

    seq: int
    t_s: float
    kind: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RecordedExchange:
    """One exchange with one box; a long reply is kept as its beginning, length and SHA-256."""

    after_event: int
    t_s: float
    box: str
    address: str
    sent: bytes
    received: bytes
    received_bytes: int
    received_sha256: str | None
    error: str | None


class Record:
    """A run folder opened for reading; may be read while the run goes on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = folder / DATABASE
        if not path.is_file():
            raise UsageError(f"{folder}: expected a run folder with {DATABASE}, found none")
        self._db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        try:
            next(self._rows("select seq from events limit 1"), None)
        except UsageError:
            self._db.close()
            raise

    def __enter__(self) -> Record:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._db.close()

    def events(self, kind: str | None = None) -> Iterator[RecordedEvent]:
        """Yield events in order, of one kind where it is given."""
        rows = self._rows(
            "select seq, t_s, kind, data from events where ? is null or kind = ? order by seq",
            kind,
            kind,
        )
        for seq, t_s, name, data in rows:
            yield RecordedEvent(seq, t_s, name, json.loads(data))

    def exchanges(self, first_event: int, last_event: int) -> Iterator[RecordedExchange]:
        """Yield the exchanges made after event ``first_event`` and before event ``last_event``."""
        rows = self._rows(
            "select after_event, t_s, box, address, sent, received, received_bytes,"
            " received_sha256, error from exchanges"
            " where after_event >= ? and after_event < ? order by seq",
            first_event,
            last_event,
        )
        for row in rows:
            yield RecordedExchange(*row)

    def utc(self, seq: int) -> str:
        """Return the wall time in UTC (ISO 8601) at which an event was stored."""
        row = next(self._rows("select utc from wall where seq = ?", seq), None)
        return str(row[0]) if row else ""

    def waveform(self, file: str) -> dict[str, NDArray[np.generic]]:
        """Load the arrays of one stored capture by its file name."""
        path = self.folder / file
        try:
            with path.open("rb") as stored, np.load(stored, allow_pickle=False) as data:
                return unpacked({key: data[key] for key in data.files})
        except (OSError, ValueError, EOFError, BadZipFile) as error:
            raise UsageError(f"{path}: expected the samples of a capture: {error}") from error

    def digest(self) -> str:
        """Return the record's SHA-256 over its hashed events."""
        return digest_of(self._db)

    def _rows(self, statement: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """Yield what a question finds; raises ``UsageError`` for a file that is damaged."""
        try:
            yield from self._db.execute(statement, values)
        except sqlite3.DatabaseError as error:
            raise UsageError(
                f"{self.folder / DATABASE}: expected the record of a run, whole: {error}"
            ) from error
