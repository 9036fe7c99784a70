"""One holder: a lock on the bench and on each address, freed by the kernel when its holder dies."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from instruments.errors import UsageError
from instruments.links.visa_address import parse_resource
from rig.bench.model import BenchFile

__all__ = ["BenchHeld", "BenchLock", "hold_bench"]

GUARDIAN_DONE_S = 5.0
"""How long a dead holder's guardian may take to make the bench safe and let go."""
_LOOK_EVERY_S = 0.05
_TRIES = 1000
"""To open a lock file that others make and remove."""
_LOCKED_BYTE = 1 << 30
"""On Windows a locked byte cannot be read: one far behind the text is locked."""


class BenchHeld(UsageError):
    """Say that somebody else holds the bench, or a box of it, at this moment."""


@dataclass(frozen=True, slots=True)
class BenchLock:
    """The descriptors that hold the locks; a child that inherits them holds the bench too."""

    descriptors: tuple[int, ...]


@contextmanager
def hold_bench(
    spec: BenchFile,
    addresses: Mapping[str, str],
    *,
    folder: Path | None = None,
    patience_s: float = GUARDIAN_DONE_S,
) -> Iterator[BenchLock]:
    """Hold a bench and all its addresses; raises ``BenchHeld`` saying who holds which since when.

    Where the holder is dead and its guardian is still at work, wait for that.
    """
    where = folder or _folder()
    names = [f"bench {spec.name}", *sorted({_wire(each) for each in addresses.values()})]
    with ExitStack() as stack:
        held = [stack.enter_context(_held(where, name, patience_s)) for name in names]
        yield BenchLock(tuple(held))


@contextmanager
def _held(folder: Path, name: str, patience_s: float) -> Iterator[int]:
    path = _path(folder, name)
    deadline = time.monotonic() + patience_s
    file = _locked(path, name, deadline)
    try:
        with suppress(OSError):  # a full disk: the lock holds, only nobody is told who has it
            _write(file)
        yield file
        with suppress(OSError):  # another user's file, or an open one on Windows
            path.unlink()
    finally:
        os.close(file)


def _locked(path: Path, name: str, deadline: float) -> int:
    """Return the open and locked file; raises ``BenchHeld``."""
    while True:
        file = _open(path, name)
        try:
            if not _try_lock(file):
                _wait_for_guardian(_read(file), name, deadline)
            elif _is_still(file, path):
                return file
        except BaseException:
            os.close(file)
            raise
        os.close(file)


def _wait_for_guardian(holder: Mapping[str, Any], name: str, deadline: float) -> None:
    """Return after a moment while a dead holder's guardian is at work; else ``BenchHeld``."""
    alive = _alive(holder.get("pid"))
    if alive or time.monotonic() > deadline:
        raise BenchHeld(_in_words(name, holder, alive=alive))
    # A lock that is waited for has no time-out, so it is tried again; in wall time, whatever clock
    # the bench has: the other process knows no other.
    time.sleep(_LOOK_EVERY_S)


def _is_still(file: int, path: Path) -> bool:
    """Say whether an open file is the one at its path: its last holder may have removed it."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except OSError:
        return False


def _path(folder: Path, name: str) -> Path:
    readable = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[-40:]
    return folder / f"{readable}-{hashlib.sha256(name.encode()).hexdigest()[:12]}.lock"


def _folder() -> Path:
    """Return where the locks of this machine are: one place for all users."""
    shared = tempfile.gettempdir() if sys.platform == "win32" else "/tmp"
    folder = Path(shared) / "outlet-rig-locks"
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise UsageError(f"locks of benches: {folder}: expected a folder: {error}") from error
    with suppress(OSError):  # made by another user, who has opened it to all
        folder.chmod(0o1777)
    return folder


def _wire(address: str) -> str:
    """Return one name for a wire, however its address is written."""
    if "::" in address:
        address = parse_resource(address).wire
    if address.startswith("/"):
        return os.path.realpath(address)
    return address.lower()


def _open(path: Path, name: str) -> int:
    flags = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0)
    # Where a file is there, some kernels refuse to open it "or create it" for another user. Others
    # make and remove it meanwhile, so that it may be gone at one try and there at the next.
    for extra in (0, os.O_CREAT | os.O_EXCL) * _TRIES:
        try:
            file = os.open(path, flags | extra, 0o666)
        except (FileNotFoundError, FileExistsError):
            continue
        except OSError as error:
            raise UsageError(f"lock of {name}: {path} cannot be opened: {error}") from error
        if extra:
            with suppress(OSError, AttributeError):  # the umask must not lock other users out
                os.fchmod(file, 0o666)
        return file
    raise UsageError(f"lock of {name}: {path} is neither there nor can it be made")


def _try_lock(file: int) -> bool:
    """Lock the file unless somebody else has; the kernel frees it with the last descriptor."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(file, _LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _write(file: int) -> None:
    text = json.dumps(
        {
            "user": _user(),
            "pid": os.getpid(),
            "command": " ".join(sys.argv)[:300],
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
    )
    os.ftruncate(file, 0)
    os.lseek(file, 0, os.SEEK_SET)
    os.write(file, text.encode())


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user without an entry
        return "unknown user"


def _read(file: int) -> dict[str, Any]:
    os.lseek(file, 0, os.SEEK_SET)
    with suppress(ValueError, OSError):
        found = json.loads(os.read(file, 4096))
        if isinstance(found, dict):
            return found
    return {}


def _alive(pid: object) -> bool:
    if not isinstance(pid, int) or sys.platform == "win32":
        return True  # nobody to ask: take the lock's word for it
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    with suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    return False


def _in_words(name: str, holder: Mapping[str, Any], *, alive: bool) -> str:
    who = "{user} (pid {pid}, {command}) since {since}".format_map(_Unknown(holder))
    late = "" if alive else "; it is dead, but its guardian has not made the bench safe yet"
    return f"{name} is held by {who}{late}; nothing was opened"


class _Unknown(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return f"unknown {key}"
