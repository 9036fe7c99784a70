"""Serial lines without hardware: a pseudo-terminal whose two ends stay open."""

from __future__ import annotations

import os

from instruments.errors import UsageError

__all__ = ["SerialPort"]

_READ_SIZE = 65536


class SerialPort:
    """The box's end of a pseudo-terminal; clients open ``path`` as often as they like.

    The client's end is held open here too, so that a client may leave without a hang-up, and is
    raw: no echo, no translation. What nobody reads is lost, as on a wire without handshake.
    """

    lossy = True

    def __init__(self) -> None:
        try:
            import tty  # noqa: PLC0415 - absent on Windows, where real benches still run
        except ImportError as error:
            raise UsageError(
                "simulated serial lines need pseudo-terminals (Linux or macOS): "
                "run the virtual bench there, or connect a real box"
            ) from error
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)

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
        os.close(self._slave)
        os.close(self._master)
