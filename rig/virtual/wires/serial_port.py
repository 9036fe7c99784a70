"""Serial lines without hardware: a pseudo-terminal whose two ends stay open."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from instruments.errors import UsageError

__all__ = ["SerialPort"]

_READ_SIZE = 65536


class SerialPort:
    """The box's end of a pseudo-terminal; clients open ``path`` as often as they like.

    ``path`` is a link in a folder of its own: the system gives the name of a closed terminal to
    the next one that is opened, by any process, and a client must not end up there.
    The client's end is held open here too, so that a client may leave without a hang-up, and is
    raw: no echo, no translation. What nobody reads is lost, as on a wire without handshake.
    """

    lossy = True

    def __init__(self) -> None:
        try:
            import tty  # absent on Windows, where real benches still run
        except ImportError as error:
            raise UsageError(
                "simulated serial lines need pseudo-terminals (Linux or macOS): "
                "run the virtual bench there, or connect a real box"
            ) from error
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._folder = Path(tempfile.mkdtemp(prefix="rig-serial-"))
        self._link = self._folder / "tty"
        self._link.symlink_to(os.ttyname(self._slave))
        self.path = str(self._link)

    def fileno(self) -> int:
        """Return the descriptor to select on."""
        return self._master

    def read(self) -> bytes:
        """Return what the client wrote; raises BlockingIOError when there is nothing."""
        return os.read(self._master, _READ_SIZE)

    def write(self, data: bytes | memoryview) -> int:
        """Pass bytes to the client, return how many fitted; raises BlockingIOError when none."""
        return os.write(self._master, data)

    def end_output(self) -> None:
        """Do nothing: a serial line has no end of its own."""

    def close(self, *, reset: bool) -> None:
        """Hang up: a client that has the port open reads and writes errors from now on."""
        self._link.unlink(missing_ok=True)
        with suppress(OSError):  # somebody's files in it are none of ours to remove
            self._folder.rmdir()
        os.close(self._slave)
        os.close(self._master)
