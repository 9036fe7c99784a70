"""The fault networks a bench can have, by the name its bench file gives their contacts."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["FAULT_NETWORKS"]

FAULT_NETWORKS: Mapping[str, str] = {
    "cut_12v": "cuts the unit's 12 V supply",
}
"""What each does while its contact is closed (controller.md section 4)."""
