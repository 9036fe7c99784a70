"""The protocol numbers of 102.0 and 109.0 (facts: chademo.md section 5.1)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from rig.chademo.frames.codec import Message, layout_of

__all__ = ["V0_9", "V1", "V2", "as_version", "effective_version", "version_name"]

V0_9 = 1
V1 = 2
"""All of 1.x: one number for 1.0, 1.1 and 1.2."""
V2 = 3

_NAMES = {0: "before 0.9", V0_9: "0.9", V1: "1.x", V2: "2.0"}
_Kind = TypeVar("_Kind", bound=Message)


def version_name(protocol: int) -> str:
    """Name a protocol number.

    >>> version_name(2), version_name(9)
    ('1.x', 'unknown (9)')
    """
    return _NAMES.get(protocol, f"unknown ({protocol})")


def effective_version(vehicle: int, charger: int) -> int:
    """Return the protocol number both sides keep to: the lower one."""
    return min(vehicle, charger)


def as_version(message: _Kind, protocol: int) -> _Kind:
    """Return the message with the fields that a version does not know yet at rest."""
    later = [each.name for each in layout_of(type(message)) if each.since > protocol]
    at_rest: dict[str, Any] = dict.fromkeys(later, 0)  # Any: int or, for a flag, bool
    return replace(message, **at_rest) if later else message
