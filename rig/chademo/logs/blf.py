"""Vector's BLF binary logs, by python-can (extra ``can``)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from instruments.errors import UsageError
from rig.chademo.logs.frame import CAN_FD, ERROR_FRAME, LoggedFrame

__all__ = ["BLF_MAGIC", "read_blf"]

BLF_MAGIC = b"LOGG"


def read_blf(path: Path) -> Iterator[LoggedFrame | str]:
    """Read frames, numbered from 1; without python-can a ``UsageError`` that names the extra."""
    if find_spec("can") is None:
        raise UsageError(
            f"{path}: a BLF log needs python-can: pip install 'outlet-rig[can]', or save it as ASC"
        )
    from can.io.blf import BLFParseError, BLFReader  # optional, slow to load

    count = 0
    try:
        with path.open("rb") as file:  # the reader leaves a file open whose header is broken
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
                        str(message.channel),
                        count,
                    )
    except (BLFParseError, struct.error, zlib.error, ValueError, EOFError) as error:
        raise UsageError(
            f"{path}: frame {count + 1}: expected a Vector BLF log, got broken data ({error})"
        ) from error
