"""What a role may be asked for at most, checked before a byte leaves."""

from __future__ import annotations

from instruments.errors import UsageError
from rig.bench.model import BenchFile

__all__ = ["Envelopes"]


class Envelopes:
    """The envelope of every role of one bench file."""

    def __init__(self, bench: BenchFile, file: str) -> None:
        self._limits = {
            role: limits.model_dump(exclude_none=True) for role, limits in bench.envelope.items()
        }
        self._file = file

    def check(self, role: str, **wanted: float) -> None:
        """Refuse values above the role's envelope; names are those of the bench file's keys.

        Raises ``UsageError`` naming role, value, limit and file.
        """
        limits = self._limits.get(role, {})
        for name, value in wanted.items():
            limit = limits.get(name)
            if limit is not None and not abs(value) <= limit:
                raise UsageError(
                    f"{role}: {name} = {value:g} is outside the envelope of this bench, at most"
                    f" {limit:g} ({self._file}: envelope.{role}.{name}); nothing was sent"
                )
