"""What the event log is set to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = ["LogParameters"]


@dataclass(frozen=True, slots=True)
class LogParameters:
    """What the event log makes of an event, and what it keeps over a power cycle."""

    codes: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    """Written in place of another code."""
    sockets: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    """Written in place of another socket."""
    values: bool = True
    utc_offset_s: float = 0.0
    full_after: int = 10**9
    """Records after which nothing more is written."""
    kept: bool = True
    clock_kept: bool = True
