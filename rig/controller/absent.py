"""What stands in the place of the service port of a unit that has none."""

from __future__ import annotations

from typing import NoReturn

from instruments.errors import UsageError

__all__ = ["AbsentController"]


class AbsentController:
    """Refuses every question: an off-board V2H box is seen at its plug only."""

    def __getattr__(self, name: str) -> NoReturn:
        """Refuse."""
        if name.startswith("__"):
            raise AttributeError(name)
        raise UsageError(f"the unit of this bench has no service port: {name} cannot be asked")
