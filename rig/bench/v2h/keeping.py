"""What a session leaves in the record: how it went, and where its CAN log lies."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from rig.bench.steps import Journal
from rig.bench.v2h.session import PlugSession
from rig.chademo.check import SessionReport
from rig.chademo.session_log import BLF_NAME

__all__ = ["keep_session", "log_folder"]

_FOLDER = "can"


def log_folder(journal: Journal, name: str) -> Path | None:
    """Return where a session's log goes; None where nothing is kept."""
    folder = journal.recorder.folder
    return None if folder is None else folder / _FOLDER / name


def keep_session(
    journal: Journal, name: str, session: PlugSession[Any], direction: str, limit_a: int
) -> None:
    """Write the event that stands for a session that is over."""
    folder = log_folder(journal, name)
    ending = session.ending
    journal.recorder.event(
        "v2h.session",
        {
            "id": name,
            "direction": direction,
            "limit_a": limit_a,
            "began_s": session.began_s,
            "ending": str(ending.reason) if ending else "",
            "states": [[t_s, str(state)] for t_s, state in session.role.path],
            "lines": [
                [each.earliest_s, each.latest_s, str(each.line), each.on]
                for each in session.lines.changes
            ],
            **_samples(journal, name, session),
            **(_judged(session.report) if session.report else {}),
            **({} if folder is None else _file(journal, folder)),
        },
    )


def _samples(journal: Journal, name: str, session: PlugSession[Any]) -> dict[str, object]:
    """Keep volts and amperes with the record, as captures are kept; times are since the start."""
    rows = np.array(session.readings, dtype=np.float64).reshape(-1, 4)
    columns = dict(zip(("t_s", "volts", "amps", "set_amps"), rows.T, strict=True))
    columns["t_s"] = columns["t_s"] - session.began_s
    ref = journal.recorder.samples(f"v2h-{name}", columns, {})
    return {"samples": ref.file, "samples_sha256": ref.sha256}


def _judged(report: SessionReport) -> dict[str, object]:
    return {
        "frames": report.frames,
        "verdict": str(report.verdict),
        "outcome": report.outcome,
        "findings": [
            [str(each.severity), each.side, each.rule, each.t_s, each.message]
            for each in report.findings
        ],
    }


def _file(journal: Journal, folder: Path) -> dict[str, object]:
    path, root = folder / BLF_NAME, journal.recorder.folder
    assert root is not None  # the folder lies in it
    return {
        "file": path.relative_to(root).as_posix(),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
