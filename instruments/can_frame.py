"""One classic CAN frame, checked when it is made."""

from __future__ import annotations

from dataclasses import dataclass, field

from instruments.errors import UsageError

__all__ = ["CanFrame"]

_LAST_STANDARD, _LAST_EXTENDED, _MOST_DATA = 0x7FF, 0x1FFF_FFFF, 8


@dataclass(frozen=True, slots=True)
class CanFrame:
    """One classic CAN frame."""

    identifier: int
    """11 bits, or 29 in an extended frame."""
    data: bytes = b""
    """At most 8 bytes; none in a remote frame."""
    extended: bool = False
    remote: bool = False
    remote_length: int = 0
    """How many bytes a remote frame asks for."""
    t_s: float | None = field(default=None, compare=False)
    """Clock time at which it was on the bus; None in a frame to be sent."""

    def __post_init__(self) -> None:
        last = _LAST_EXTENDED if self.extended else _LAST_STANDARD
        if not 0 <= self.identifier <= last:
            raise UsageError(f"identifier must be 0 to {last:#x}, got {self.identifier:#x}")
        if len(self.data) > _MOST_DATA:
            raise UsageError(f"data must be at most 8 bytes, got {len(self.data)}")
        if not 0 <= self.remote_length <= _MOST_DATA:
            raise UsageError(f"remote_length must be 0 to 8, got {self.remote_length}")
        if self.data and self.remote:
            raise UsageError("a remote frame carries no data, only remote_length")
        if self.remote_length and not self.remote:
            raise UsageError("remote_length is for remote frames")

    @property
    def length(self) -> int:
        """The frame's length code (DLC)."""
        return self.remote_length if self.remote else len(self.data)
