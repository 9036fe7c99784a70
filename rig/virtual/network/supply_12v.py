"""The unit's 12 V supply and its reset line, as the contacts of the bench leave them."""

from __future__ import annotations

from collections.abc import Set

__all__ = ["PROBE", "in_reset", "supply_12v"]

PROBE = "probe_12v"
"""Puts the probe of line k on the supply."""

_USUAL_V = 12.6
_DIP_V = 6.0


def supply_12v(inserted: Set[str]) -> float:
    """Return the volts of the supply: usual, dipped or cut."""
    if "cut_12v" in inserted:
        return 0.0
    return _DIP_V if "dip_12v" in inserted else _USUAL_V


def in_reset(inserted: Set[str]) -> bool:
    """Say whether the reset line is held."""
    return "reset_line" in inserted
