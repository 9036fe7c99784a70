"""The writing side of a run's record: events, waveforms and exchanges, on disk at once."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from instruments.clock import Clock
from instruments.errors import BenchError
from instruments.links.wire import Exchange
from rig.recording.packing import packed, unpacked
from rig.recording.reader import RecordedEvent
from rig.recording.schema import INLINE_BYTES, canonical, digest_of, new_database

__all__ = ["Listener", "RecordLost", "Recorder", "WaveformRef"]

Listener = Callable[[RecordedEvent], None]
_MANY = 200
"""Exchanges that are stored together where no event comes sooner."""


class RecordLost(BenchError):
    """Say that the record cannot be written: nothing that follows could be proven."""


@dataclass(frozen=True, slots=True)
class WaveformRef:
    """Where a capture's samples are kept, and the proof that they are the same."""

    file: str
    """Relative to the run folder."""
    sha256: str
    """Over the samples (not over the file, whose container may differ)."""


class Recorder:
    """Append to the record of one run; the folder must be new or empty.

    SQLite in WAL mode: what ``event`` has returned from survives the death of the process. Any
    thread may write: in wall time clock events and the safe state do.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder = folder
        self._clock = clock
        self._lock = threading.RLock()
        self._db = new_database(folder)
        self._listeners: list[Listener] = []
        self._seq = 0
        self._pending: list[tuple[Any, ...]] = []
        self._files: dict[str, int] = {}

    def subscribe(self, listener: Listener) -> None:
        """Call ``listener`` with every event from now on, after it has been stored."""
        self._listeners.append(listener)

    def event(
        self, kind: str, data: Mapping[str, Any] | None = None, *, hashed: bool = True
    ) -> int:
        """Store one event at the present instant; return its sequence number.

        ``data`` must be plain JSON without NaN. With ``hashed=False`` the event stays out of the
        digest: for what differs between equal runs (addresses, wall times, versions). Raises
        ``RecordLost`` when it cannot be stored (a full disk); then nothing of it is.
        """
        text = canonical(data or {})
        with self._lock, self._told(f"writing the event {kind}"):
            self._flush_exchanges()
            event = RecordedEvent(self._seq + 1, self._clock.now(), kind, dict(data or {}))
            with self._transaction():
                self._db.execute(
                    "insert into events values (?, ?, ?, ?, ?)",
                    (event.seq, event.t_s, kind, text, int(hashed)),
                )
                self._db.execute(
                    "insert into wall values (?, ?)", (event.seq, datetime.now(UTC).isoformat())
                )
                self._seq = event.seq  # here: an interrupt after the commit must not use it twice
            for listener in self._listeners:
                listener(event)
            return event.seq

    def exchange(self, exchange: Exchange) -> None:
        """Store one exchange with a box (a ``TranscriptSink``), at latest with the next event.

        One that cannot be stored yet is kept for then, and none waits for another thread's event:
        no box stays on because a disk is full or hangs.
        """
        received = exchange.received
        long = len(received) > INLINE_BYTES
        self._pending.append(
            (
                self._seq,
                exchange.t_s,
                exchange.box,
                exchange.address,
                exchange.sent[:INLINE_BYTES],
                received[:64] if long else received,
                len(received),
                hashlib.sha256(received).hexdigest() if long else None,
                exchange.error,
            )
        )
        if len(self._pending) % _MANY == 0 and self._lock.acquire(blocking=False):
            try:
                self._flush_exchanges()
            except sqlite3.Error:
                pass  # the next event tells
            finally:
                self._lock.release()

    def samples(
        self, name: str, samples: Mapping[str, NDArray[np.float64]], steps: Mapping[str, float]
    ) -> WaveformRef:
        """Store a capture's samples in single precision, as codes of a step where one fits."""
        kept = packed(samples, steps)
        return self._store(name, kept, unpacked(kept))

    def waveform(self, name: str, arrays: Mapping[str, NDArray[np.generic]]) -> WaveformRef:
        """Store arrays as ``waveforms/<name>.npz``; a used name gets a number."""
        kept = {key: np.asarray(value) for key, value in arrays.items()}
        return self._store(name, kept, kept)

    def _store(
        self,
        name: str,
        kept: Mapping[str, NDArray[np.generic]],
        shown: Mapping[str, NDArray[np.generic]],
    ) -> WaveformRef:
        """Write what is kept; the SHA-256 is over what a reader is shown."""
        folder = self.folder / "waveforms"
        n = self._files[name] = self._files.get(name, 0) + 1
        path = folder / (f"{name}.npz" if n == 1 else f"{name}-{n}.npz")
        with self._told(f"writing the samples {path.name}"):
            folder.mkdir(exist_ok=True)
            np.savez(path, allow_pickle=False, **kept)
        digest = hashlib.sha256()
        for key in sorted(shown):
            digest.update(key.encode())
            digest.update(np.ascontiguousarray(shown[key]).tobytes())
        return WaveformRef(str(path.relative_to(self.folder).as_posix()), digest.hexdigest())

    def digest(self) -> str:
        """Return the record's SHA-256 so far: equal for equal runs with equal seeds."""
        return digest_of(self._db)

    def close(self) -> None:
        """Store what is pending and close the database."""
        with self._lock, self._told("storing the last exchanges"):
            try:
                self._flush_exchanges()
            finally:
                self._db.close()

    def _flush_exchanges(self) -> None:
        if not self._pending:
            return
        rows = self._pending.copy()  # others may add to it meanwhile
        with self._transaction():
            self._db.executemany(
                "insert into exchanges (after_event, t_s, box, address, sent, received,"
                " received_bytes, received_sha256, error) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
        del self._pending[: len(rows)]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Store all that is written inside, or, whatever ends it (an interrupt too), nothing."""
        self._db.execute("begin")
        try:
            yield
            self._db.execute("commit")
        except BaseException:
            with suppress(sqlite3.Error):  # a disk that is full may have ended it already
                self._db.execute("rollback")
            raise

    @contextmanager
    def _told(self, doing: str) -> Iterator[None]:
        """Raise what keeps the record from being written as ``RecordLost``."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise RecordLost(
                doing,
                box="the record",
                address=str(self.folder),
                expected="room and leave to write",
                got=f"{type(error).__name__}: {error}",
                did="the run ends here",
            ) from error
