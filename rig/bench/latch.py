"""The latch of a bench: a trip stays until a person has reset it, also for the next run."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from pathlib import Path

from instruments.errors import UsageError
from rig.safety import Trip

__all__ = ["Latch", "latch_of", "state_folder"]


def state_folder() -> Path:
    """Return where this user's programs keep what must outlive a restart of the machine."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        given = Path(os.environ.get("XDG_STATE_HOME", ""))
        # A relative one would be another latch in another working directory.
        base = given if given.is_absolute() else _home() / ".local" / "state"
    return base / "outlet-rig"


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError as error:
        raise UsageError(
            f"the latch of a bench: expected HOME or XDG_STATE_HOME in the environment: {error}"
        ) from error


def latch_of(bench: str) -> Latch:
    """Return the latch that all runs of this user on a bench of this name share."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", bench).strip("-")[:40]
    digest = hashlib.sha256(bench.encode()).hexdigest()[:12]
    return Latch(state_folder() / f"trip-{readable}-{digest}.json")


class Latch:
    """Holds the first trip until it is reset: in a file, or without one in memory."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._trip: Trip | None = None

    @property
    def trip(self) -> Trip | None:
        """The trip that is latched, if any; a file that cannot be understood counts as one."""
        if self._trip is None and self._file is not None:
            self._trip = _read(self._file)
        return self._trip

    def set(self, trip: Trip) -> Trip:
        """Latch a trip unless there is one already; return the one that is latched.

        A file that cannot be written is added to the cause: the trip then lasts as long as the run.
        """
        if self.trip is not None:
            return self.trip
        self._trip = trip
        if self._file is not None:
            try:
                _write(self._file, trip)
            except OSError as error:
                note = f"{trip.cause} (not latched beyond this run: {error})"
                self._trip = Trip(note, trip.utc)
        return self._trip

    def reset(self) -> Trip | None:
        """Forget the trip; return what it was."""
        trip, self._trip = self.trip, None
        if self._file is not None:
            try:
                self._file.unlink(missing_ok=True)
            except OSError as error:
                self._trip = trip
                raise UsageError(f"{self._file}: the latch cannot be reset: {error}") from error
        return trip


def _read(file: Path) -> Trip | None:
    try:
        text = file.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return Trip(f"the latch {file} cannot be read: {error}", "an unknown time")
    try:
        found = json.loads(text)
        return Trip(str(found["cause"]), str(found["utc"]))
    except (ValueError, KeyError, TypeError):
        return Trip(f"the latch {file} holds no trip that can be understood", "an unknown time")


def _write(file: Path, trip: Trip) -> None:
    """Write so that the death of this process or of the machine leaves a latched bench."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as out:
        json.dump({"cause": trip.cause, "utc": trip.utc}, out)
        out.flush()
        os.fsync(out.fileno())
