"""Find the sessions in a stream of frames of one bus."""

from __future__ import annotations

from rig.chademo.check.limits import Limits
from rig.chademo.check.one_sided import as_one_sided
from rig.chademo.check.report import SessionReport
from rig.chademo.check.session import SessionChecker
from rig.chademo.frames import CATALOGUE, CORE, Side
from rig.chademo.logs import LoggedFrame

__all__ = ["SessionFinder"]

_FEWEST_FRAMES = 5


class SessionFinder:
    """Cuts the stream where both sides are silent, or where the vehicle starts anew.

    What has fewer than five frames, or the status of neither side, is no session.
    """

    def __init__(self, limits: Limits, *, timed: bool) -> None:
        self._limits, self._timed = limits, timed
        self._checker: SessionChecker | None = None
        self._first = self._last = LoggedFrame(0.0, 0, b"", False, False, "", 0)
        self._core_s = 0.0
        self._heard: set[Side] = set()
        self.sessions: list[SessionReport] = []
        self.other_frames = 0
        self.namesakes = 0
        """Of these, frames with 29-bit identifiers of the numbers of CHAdeMO's."""

    def feed(self, frame: LoggedFrame) -> None:
        """Take the next frame of the bus."""
        identifier = frame.identifier
        kind = CATALOGUE.get(identifier)
        if kind is None or frame.extended:
            self.other_frames += 1
            self.namesakes += kind is not None
            return
        checker = self._checker
        if identifier in CORE:
            if checker is not None and self._is_new(checker, kind.SENDER, frame.t_s):
                self._close(checker, fell_silent=True)
                checker = None
            if checker is None:
                checker = self._checker = SessionChecker(self._limits, timed=self._timed)
                self._first = frame
            self._core_s = frame.t_s
            self._heard.add(kind.SENDER)
        elif checker is None or frame.t_s - self._core_s > self._limits.session_gap_s:
            # A vehicle's gateway may send 0x700 for minutes without a session.
            self.other_frames += 1
            return
        self._last = frame
        checker.feed(frame)

    def finish(self) -> None:
        """Close the last session; the stream has ended."""
        if self._checker is not None:
            self._close(self._checker, fell_silent=False)
            self._checker = None
        if len(self._heard) == 1:
            (side,) = self._heard
            self.sessions = [as_one_sided(each, side) for each in self.sessions]

    def _is_new(self, checker: SessionChecker, side: Side, t_s: float) -> bool:
        if t_s - self._core_s > self._limits.session_gap_s:
            return True
        # A charger may go on talking between two sessions; the vehicle never does.
        quiet_s = checker.silent_for_s(Side.VEHICLE, t_s)
        return side is Side.VEHICLE and quiet_s > self._limits.can_loss_s and not checker.live

    def _close(self, checker: SessionChecker, *, fell_silent: bool) -> None:
        report = checker.finish(
            channel=self._first.channel,
            first_line=self._first.line,
            last_line=self._last.line,
            fell_silent=fell_silent,
        )
        if report.frames >= _FEWEST_FRAMES and (report.vehicle or report.charger):
            self.sessions.append(report)
        else:
            self.other_frames += report.frames
