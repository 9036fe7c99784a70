"""Judge a whole log file in one pass."""

from __future__ import annotations

from pathlib import Path

from rig.chademo.check.finder import SessionFinder
from rig.chademo.check.limits import Limits
from rig.chademo.check.report import LogReport
from rig.chademo.logs import LogReader

__all__ = ["check_log"]


def check_log(path: Path, limits: Limits | None = None) -> LogReport:
    """Find and judge the sessions of a log, each channel for itself; a bad file is ``UsageError``.

    The file is read once, frame by frame, and never held.
    """
    log = LogReader(path)
    used = limits or Limits()
    finders: dict[str, SessionFinder] = {}
    for frame in log:
        finder = finders.get(frame.channel)
        if finder is None:
            finder = finders[frame.channel] = SessionFinder(used, timed=log.timed)
        finder.feed(frame)
    for finder in finders.values():
        finder.finish()
    notes, namesakes = list(log.notes), sum(each.namesakes for each in finders.values())
    if namesakes:
        notes.append(f"{namesakes} frames bear numbers of CHAdeMO's, but as 29-bit identifiers")
    sessions = [each for finder in finders.values() for each in finder.sessions]
    return LogReport(
        log=str(path),
        format=log.format,
        frames=log.frames,
        other_frames=sum(each.other_frames for each in finders.values()),
        notes=tuple(notes),
        sessions=tuple(sorted(sessions, key=lambda each: each.start_s)),
    )
