"""Vector's BLF binary logs, by python-can (extra ``can``)."""

from __future__ import annotations

import logging
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from instruments.errors import UsageError
from rig.chademo.logs.frame import CAN_FD, ERROR_FRAME, LoggedFrame

__all__ = ["BLF_MAGIC", "cut_short", "read_blf"]

BLF_MAGIC = b"LOGG"
_FILE_SIZE = slice(16, 24)
"""Of the header: bytes of the whole file, written when the file is closed."""


def read_blf(path: Path) -> Iterator[LoggedFrame | str]:
    """Read frames, numbered from 1; without python-can a ``UsageError`` that names the extra."""
    if find_spec("can") is None:
        raise UsageError(
            f"{path}: a BLF log needs python-can: pip install 'outlet-rig[can]', or save it as ASC"
        )
    from can.io.blf import BLFParseError, BLFReader  # optional, slow to load

    count = 0
    try:
        # The reader leaves a file open whose header is broken.
        with path.open("rb") as file, _warnings_raised():
            for count, message in enumerate(BLFReader(file), 1):
                if message.is_error_frame:
                    yield ERROR_FRAME
                elif message.is_fd:
                    yield CAN_FD
                else:
                    yield LoggedFrame(
                        message.timestamp,
                        message.arbitration_id,
                        b"" if message.is_remote_frame else bytes(message.data),
                        message.is_extended_id,
                        message.is_remote_frame,
                        _channel(message.channel),
                        count,
                    )
    except (BLFParseError, struct.error, zlib.error, ValueError, EOFError) as error:
        raise UsageError(
            f"{path}: frame {count + 1}: expected a Vector BLF log, got broken data ({error})"
        ) from error


@contextmanager
def _warnings_raised() -> Iterator[None]:
    """Make errors of python-can's warnings: of broken data it warns, and may turn in circles."""

    def refuse(record: logging.LogRecord) -> bool:
        raise ValueError(record.getMessage())

    logger = logging.getLogger("can.io.blf")
    logger.addFilter(refuse)
    try:
        yield
    finally:
        logger.removeFilter(refuse)


def cut_short(path: Path) -> str | None:
    """Say that a file is not as long as its header tells, None where it is."""
    with path.open("rb") as file:
        header = file.read(_FILE_SIZE.stop)
    told, size = int.from_bytes(header[_FILE_SIZE], "little"), path.stat().st_size
    if told == size:
        return None
    return f"the file has {size} bytes, its header says {told}: it was cut short or never closed"


def _channel(number: Any) -> str:  # noqa: ANN401 - python-can's channels are of any kind
    """Return the number that Vector's tools show: from 1, where python-can counts from 0."""
    return str(number + 1) if isinstance(number, int) else str(number)
