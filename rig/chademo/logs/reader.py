"""Read a log of any known kind as a stream of frames, one pass, without holding it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import TextIO

from instruments.errors import UsageError
from rig.chademo.logs.blf import BLF_MAGIC, cut_short, read_blf
from rig.chademo.logs.detect import text_reader
from rig.chademo.logs.frame import LineReader, LoggedFrame, Parsed
from rig.chademo.logs.times import CountedTime, DeltaTime, RunningTime

__all__ = ["LogReader"]

_HEAD_LINES = 200
_SHOWN = 60
_FULL = 8
_PACKED = {b"\x1f\x8b": "gzip", b"PK": "zip", b"7z": "7-Zip"}
_WIDE = (b"\xff\xfe", b"\xfe\xff")
"""How UTF-16 begins, in which the shell of Windows keeps what is sent to a file."""


class LogReader:
    """One log file: ``format`` at once, the frames by iterating (once), then ``notes``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes: list[str] = []
        self.frames = 0
        self._encoding = "utf-8-sig"
        self._left_out: Counter[str] = Counter()
        self._reader = self._detect()
        self.format = self._reader.NAME if self._reader else "Vector BLF"
        self.timed = self._reader.timed if self._reader else True

    def __iter__(self) -> Iterator[LoggedFrame]:
        """Yield the frames in the order of the log, their times running forward."""
        if self._reader is None:
            yield from self._binary()
        else:
            yield from self._text(self._reader)
        for what, count in sorted(self._left_out.items()):
            self.notes.append(f"{count} {what}{'s' if count > 1 else ''} left out")

    def _detect(self) -> LineReader | None:
        try:
            if self.path.is_fifo():
                raise UsageError(f"{self.path}: is a pipe, which cannot be read twice: save it")
            with self.path.open("rb") as file:
                begin = file.read(len(BLF_MAGIC))
            if begin == BLF_MAGIC:
                return None
            if begin[:2] in _PACKED:
                raise UsageError(f"{self.path}: is packed ({_PACKED[begin[:2]]}): unpack it first")
            if begin[:2] in _WIDE:
                self._encoding = "utf-16"
            with self._open() as text:
                return text_reader(self.path, list(islice(text, _HEAD_LINES)))
        except OSError as error:
            raise UsageError(f"{self.path}: cannot be read: {error.strerror}") from error

    def _open(self) -> TextIO:
        return self.path.open(encoding=self._encoding, errors="replace")

    def _text(self, reader: LineReader) -> Iterator[LoggedFrame]:
        parse, time = reader.parse, None
        with self._open() as file:
            for line, text in enumerate(file, 1):
                try:
                    parsed = _with_time(parse(text, line))
                except (ValueError, IndexError, KeyError, StopIteration) as error:
                    self._bad_line(reader, line, text, error)
                    continue
                if parsed is None:
                    continue
                if isinstance(parsed, str):
                    self._left_out[parsed] += 1
                    continue
                if not text.endswith("\n") and len(parsed.data) < _FULL and not parsed.remote:
                    self._note_cut(line)  # fewer bytes may be all there are, or all that are left
                    continue
                # Only now a header has said what kind of time follows.
                time = time or _time_of(reader)
                yield self._stamped(parsed, time)
        self.notes.extend(time.notes if time else [])

    def _binary(self) -> Iterator[LoggedFrame]:
        time = RunningTime()
        for read in read_blf(self.path):
            if isinstance(read, str):
                self._left_out[read] += 1
            else:
                yield self._stamped(read, time)
        self.notes.extend(time.notes)
        cut = cut_short(self.path)
        if cut and not self.frames:
            raise UsageError(f"{self.path}: expected a Vector BLF log, got no frame; {cut}")
        self.notes.extend([cut] if cut else [])

    def _stamped(
        self, frame: LoggedFrame, time: RunningTime | DeltaTime | CountedTime
    ) -> LoggedFrame:
        self.frames += 1
        t_s = time.stamp(frame.t_s, frame.identifier, frame.line)
        return frame if t_s == frame.t_s else frame._replace(t_s=t_s)

    def _note_cut(self, line: int) -> None:
        self.notes.append(f"line {line}, the last one, is cut short and left out")

    def _bad_line(self, reader: LineReader, line: int, text: str, error: Exception) -> None:
        """Refuse a line, unless it is the last and the recording was cut in the middle of it."""
        if not text.endswith("\n") and self.frames:
            self._note_cut(line)
            return
        got = text.strip()[:_SHOWN]
        raise UsageError(
            f"{self.path}:{line}: expected {reader.NAME}: {reader.EXPECTED}, got {got!r}"
        ) from error


def _with_time(parsed: Parsed) -> Parsed:
    """Refuse what Python takes for a number and is no time."""
    if isinstance(parsed, LoggedFrame) and not isfinite(parsed.t_s):
        raise ValueError(parsed.t_s)
    return parsed


def _time_of(reader: LineReader) -> RunningTime | DeltaTime | CountedTime:
    if not reader.timed:
        return CountedTime()
    return DeltaTime() if reader.deltas else RunningTime()
