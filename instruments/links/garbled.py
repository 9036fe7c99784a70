"""The fault of a sound connection that carries nonsense."""

from __future__ import annotations

__all__ = ["GarbledError"]


class GarbledError(ValueError):
    """Say that bytes came which are no answer to what was asked."""
