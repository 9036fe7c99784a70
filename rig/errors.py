"""Errors of the orchestration beyond those of the instruments."""

from __future__ import annotations

__all__ = ["Inconclusive", "VerdictFailed"]


class VerdictFailed(AssertionError):
    """Say that the unit under test broke a limit."""


class Inconclusive(Exception):
    """Say that the evidence allows no verdict; the message gives the reason."""
