"""The unit's console log: read as it comes, into the record, never judged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from instruments.clock import Clock
from instruments.errors import BenchError
from instruments.links.byte_stream import ByteLink
from rig.recording import RecordLost, RecordSink

__all__ = ["Console"]

_EVERY_S = 5.0
"""A trip is a line or two; a serial port keeps some fifty until it is read."""
_LONGEST_LINE = 4096
"""A line that never ends is cut here, so that garbage cannot grow without bound."""


class Console:
    """Takes lines down; each carries the unit's own time, the record adds when it was read."""

    def __init__(self, link: ByteLink, recorder: RecordSink, clock: Clock) -> None:
        self._link, self._recorder, self._clock = link, recorder, clock
        self._rest = b""
        self._lost = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Read every few seconds until the block ends, and once more then."""
        self.read()
        call = self._clock.call_every(_EVERY_S, self.read)
        try:
            yield
        finally:
            call.cancel()
            self.read()
            self._link.close()

    def read(self) -> None:
        """Take down the lines that have come; a console that fails is noted, and given up.

        So is a record that fails: the plan's own next event tells of it.
        """
        if self._lost:
            return
        try:
            self._take(self._link.read())
        except RecordLost:
            self._lost = True
        except BenchError as error:
            self._lost = True
            with suppress(RecordLost):
                self._recorder.event("note", {"text": f"the console log ends here: {error}"})

    def _take(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _LONGEST_LINE:
            lines.append(self._rest)
            self._rest = b""
        for line in lines:
            text = line.rstrip(b"\r").decode("utf-8", "backslashreplace")
            self._recorder.event("console", {"line": text})
