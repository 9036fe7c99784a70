"""What a role may be asked for at most, checked before a byte leaves."""

from __future__ import annotations

from collections.abc import Callable

from instruments.errors import UsageError
from rig.bench.model import BenchFile

__all__ = ["WHOLE_BENCH", "Envelopes", "OutsideEnvelope"]

WHOLE_BENCH = "bench"
"""In messages: what all roles do together."""


class OutsideEnvelope(UsageError):
    """Say that a plan has asked for more than the bench file allows."""


class Envelopes:
    """The limits of every role of one bench file, and of the bench as a whole.

    ``refused`` is told of every refusal, also where a plan swallows its error.
    """

    def __init__(
        self, bench: BenchFile, file: str, refused: Callable[[OutsideEnvelope], None] | None = None
    ) -> None:
        self._refused = refused
        self._limits = {
            role: limits.model_dump(exclude_none=True) for role, limits in bench.envelope.items()
        }
        whole = bench.bench_envelope
        self._limits[WHOLE_BENCH] = whole.model_dump(exclude_none=True, exclude={"never_together"})
        self.never_together = whole.never_together
        self._file = file

    def limit(self, role: str, name: str) -> float:
        """Return a limit; infinite where the file has none."""
        return float(self._limits.get(role, {}).get(name, float("inf")))

    def check(self, role: str, **wanted: float) -> None:
        """Refuse values above the role's envelope; names are those of the bench file's keys.

        Raises ``OutsideEnvelope`` naming role, value, limit and file; so do values that are no
        numbers.
        """
        for name, value in wanted.items():
            if not abs(value) <= self.limit(role, name):
                raise self.refusal(role, name, value)

    def refusal(
        self, role: str, name: str, value: float, did: str = "nothing was sent"
    ) -> OutsideEnvelope:
        """Return the error that says what is outside."""
        where = "bench_envelope" if role == WHOLE_BENCH else f"envelope.{role}"
        return self._told(
            f"{role}: {name} = {value:g} is outside the envelope of this bench, at most"
            f" {self.limit(role, name):g} ({self._file}: {where}.{name}); {did}"
        )

    def check_together(self, role: str, on: frozenset[str]) -> None:
        """Refuse to switch a role on beside one with which it may not be."""
        for pair in self.never_together:
            if role in pair and (others := on & set(pair) - {role}):
                raise self._told(
                    f"{role}: may not be on while {min(others)} is"
                    f" ({self._file}: bench_envelope.never_together); nothing was sent"
                )

    def _told(self, text: str) -> OutsideEnvelope:
        error = OutsideEnvelope(text)
        if self._refused is not None:
            self._refused(error)
        return error
