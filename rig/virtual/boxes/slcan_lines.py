"""SLCAN's spelling of CAN frames: t, T, r and R lines (facts/instruments.md D3)."""

from __future__ import annotations

import re

from rig.virtual.boxes.slcan_bus import BusFrame

__all__ = ["LONGEST_LINE", "read_frame", "show_frame"]

_HEX = "[0-9A-Fa-f]"
_FRAME = re.compile(
    rf"(?:([tr])([0-7]{_HEX}{{2}})|([TR])([01]{_HEX}{{7}}))([0-8])((?:{_HEX}{{2}})*)", re.ASCII
)
LONGEST_LINE = len("T1FFFFFFF8") + 16
_MINUTE_MS = 60_000


def read_frame(line: str) -> BusFrame | None:
    """Return the frame of a line, None when the line is none.

    >>> read_frame("t1232AABB").data.hex()
    'aabb'
    """
    match = _FRAME.fullmatch(line)
    if match is None:
        return None
    short, short_id, long, long_id, length, data = match.groups()
    remote, count = (short or long) in "rR", int(length)
    if len(data) != (0 if remote else 2 * count):
        return None
    return BusFrame(
        identifier=int(short_id or long_id, 16),
        data=bytes.fromhex(data),
        extended=long is not None,
        remote=remote,
        length=count,
    )


def show_frame(frame: BusFrame, *, stamped: bool) -> str:
    r"""Return the line of a received frame, with its instant in ms of a minute if asked for.

    >>> show_frame(BusFrame(0x102, b"\x01", length=1, t_s=61.5), stamped=True)
    't10210105DC'
    """
    kind = "r" if frame.remote else "t"
    identifier = f"{frame.identifier:08X}" if frame.extended else f"{frame.identifier:03X}"
    text = (kind.upper() if frame.extended else kind) + identifier + str(frame.length)
    text += frame.data.hex().upper()
    return text + (f"{int(frame.t_s * 1e3 + 1e-6) % _MINUTE_MS:04X}" if stamped else "")
