"""The process that holds the bench, watched and, where it is stopped, killed; never another."""

from __future__ import annotations

import os
import signal

__all__ = ["Holder"]


class Holder:
    """The guardian's parent, told apart from any later process with its number.

    Where the kernel has process descriptors one is opened while the parent certainly lives; else
    the parent's number is good for as long as it is the parent's: an orphan has another one.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._descriptor: int | None = None
        if hasattr(os, "pidfd_open"):
            try:
                self._descriptor = os.pidfd_open(pid)
            except OSError:
                self._descriptor = None
        if os.getppid() != pid:
            self._forget()

    def busy(self) -> bool:
        """Say whether the holder certainly runs: neither dead nor stopped, merely silent."""
        if not self._pid or os.getppid() != self._pid:
            return False
        try:
            with open(f"/proc/{self._pid}/stat", "rb") as stat:  # noqa: PTH123  # pathlib is slow
                state = stat.read().rpartition(b")")[2].split()[0]
        except (OSError, IndexError):
            return False
        return state in (b"R", b"S", b"D")

    def kill(self) -> bool:
        """Kill the holder if it still lives, so that it cannot wake and drive; say whether."""
        if not self._pid or os.getppid() != self._pid:
            return False
        try:
            if self._descriptor is not None:
                signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)
            else:
                os.kill(self._pid, signal.SIGKILL)
        except OSError:
            return False
        return True

    def _forget(self) -> None:
        """Have nobody to kill: the parent was gone before we looked."""
        self._pid = 0
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
