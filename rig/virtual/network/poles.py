"""The two poles of each socket's relay, and what bridges them from outside.

The line and the neutral pole move as one contact; a weld is simulated by a bypass of either. With
the output's neutral earthed, the line pole alone leaves the socket's voltage against earth (and
between its terminals as long as nothing hangs there), but no current; the neutral pole alone
leaves nothing that can be measured.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from rig.virtual.unit.contract import SOCKETS

__all__ = ["Flags", "bridged", "conducting", "line_alone"]

Flags = tuple[bool, bool, bool]
"""By socket A, B, C."""


def bridged(inserted: AbstractSet[str], pole: str) -> Flags:
    """Return where a pole (``line`` or ``neutral``) is bridged, whatever the relay does."""
    a, b, c = (f"weld_{pole}_{socket.lower()}" in inserted for socket in SOCKETS)
    return a, b, c


def conducting(contacts: Flags, inserted: AbstractSet[str]) -> Flags:
    """Return where both poles conduct."""
    if not inserted:
        return contacts
    welds = zip(bridged(inserted, "line"), bridged(inserted, "neutral"), strict=True)
    a, b, c = (on or all(weld) for on, weld in zip(contacts, welds, strict=True))
    return a, b, c


def line_alone(contacts: Flags, inserted: AbstractSet[str]) -> Flags:
    """Return where the line pole conducts and the neutral pole does not."""
    if not inserted:
        return False, False, False
    both = conducting(contacts, inserted)
    a, b, c = (one and not all_ for one, all_ in zip(bridged(inserted, "line"), both, strict=True))
    return a, b, c
