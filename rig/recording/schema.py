"""The tables of a run's database and the canonical form its digest is taken over."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from instruments.errors import UsageError

__all__ = ["DATABASE", "INLINE_BYTES", "canonical", "digest_of", "new_database"]

DATABASE = "record.sqlite"
INLINE_BYTES = 4096
"""Longer messages (waveform blocks) are kept as their beginning, length and SHA-256."""

_TABLES = """
create table if not exists events (
    seq integer primary key, t_s real not null, kind text not null, data text not null,
    hashed integer not null
);
create table if not exists exchanges (
    seq integer primary key, after_event integer not null, t_s real not null, box text not null,
    address text not null, sent blob not null, received blob not null,
    received_bytes integer not null, received_sha256 text, error text
);
create table if not exists wall (seq integer primary key, utc text not null);
"""


def new_database(folder: Path) -> sqlite3.Connection:
    """Return the empty database of a new record; raises ``UsageError`` where it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError(f"run folder {folder}: expected a new or empty folder, it holds files")
        db = sqlite3.connect(folder / DATABASE, isolation_level=None, check_same_thread=False)
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = normal")
        db.executescript(_TABLES)
    except (sqlite3.Error, OSError) as error:
        raise UsageError(
            f"run folder {folder}: expected a folder that can be made and written to: {error}"
        ) from error
    return db


def canonical(data: Mapping[str, Any]) -> str:
    """Write a JSON object in the one way the digest is taken over.

    >>> canonical({"b": 1.0, "a": None})
    '{"a":null,"b":1.0}'
    """
    return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest_of(db: sqlite3.Connection) -> str:
    """Return the SHA-256 over every hashed event: instant (ns), kind, canonical data, in order."""
    digest = hashlib.sha256()
    rows = db.execute("select t_s, kind, data from events where hashed = 1 order by seq")
    for t_s, kind, data in rows:
        digest.update(f"{round(t_s * 1e9)}|{kind}|{data}\n".encode())
    return digest.hexdigest()
