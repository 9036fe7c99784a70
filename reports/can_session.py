"""A session at the CHAdeMO port as files to attach: what the checker found, and the CAN log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reports.evidence import Piece
from reports.sink import Kind

__all__ = ["facts_of_session", "session_pieces"]

_ATTACHED_BYTES = 1_000_000
"""An hour or two; a longer log stays with the record, where its path leads."""


def facts_of_session(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a session was, and where its CAN log is."""
    return {
        "direction": data.get("direction"),
        "limit": f"{data.get('limit_a')} A",
        "ended": data.get("ending"),
        "outcome": data.get("outcome"),
        "conformance": data.get("verdict"),
        "CAN log": data.get("file"),
        "sha256": data.get("sha256"),
    }


def session_pieces(data: Mapping[str, Any], folder: Path) -> Iterator[Piece]:
    """Yield the findings as text, and the BLF log unless it is too long to be attached."""
    findings = [_line(each, data["began_s"]) for each in data.get("findings") or ()]
    if findings:
        text = "\n".join([*findings, ""])
        yield Piece(f"conformance of {data['id']}", text.encode(), Kind.TEXT)
    path = folder / data["file"] if data.get("file") else None
    if path is not None and path.is_file() and path.stat().st_size <= _ATTACHED_BYTES:
        yield Piece(f"CAN log of {data['id']}", path.read_bytes(), Kind.BLF)


def _line(finding: tuple[str, str, str, float, str], began_s: float) -> str:
    severity, side, rule, t_s, message = finding
    return f"{severity.upper():<5} {t_s - began_s:.3f} s {side}, {rule}: {message}"
