"""One frame of a log, and what a reader of one kind of log must do."""

from __future__ import annotations

from typing import ClassVar, NamedTuple, Protocol, TypeAlias

__all__ = ["CAN_FD", "ERROR_FRAME", "LineReader", "LoggedFrame", "Parsed"]


class LoggedFrame(NamedTuple):
    """A classic CAN frame with its time on the log's own time axis, which runs forward."""

    t_s: float
    identifier: int
    data: bytes
    extended: bool
    remote: bool
    channel: str
    line: int
    """Line of the log; of a binary log the number of the frame."""


ERROR_FRAME = "error frame"
CAN_FD = "CAN FD frame"

Parsed: TypeAlias = LoggedFrame | str | None
"""A frame; the name of something that is left out; None for a line that says nothing."""


class LineReader(Protocol):
    """Reads a text log line by line, in order; ``ValueError`` and the like on a wrong line."""

    NAME: ClassVar[str]
    EXPECTED: ClassVar[str]
    """A line as it should be, for error messages."""
    timed: bool
    """False where the log has no times: ``t_s`` is 0 then."""
    deltas: bool
    """True where each time is counted from the frame before."""

    def parse(self, text: str, line: int) -> Parsed:
        """Read one line."""
