"""Exchanges that were recorded once and must be made again, byte for byte and in their order."""

from __future__ import annotations

from collections.abc import Iterable

from instruments.errors import UsageError
from instruments.links.notes import LOST_WITH_IT, NOT_OPENED, READ_AWAY
from instruments.links.transcript import escaped
from instruments.links.wire import Exchange

__all__ = ["ReplayMismatchError", "Script", "abbreviated"]

_SHOWN = 120


class ReplayMismatchError(UsageError):
    """Say that a driver did not say what the record says, or said less or more."""


class Script:
    """What one box was told and said, with a place in it."""

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._exchanges = [each for each in exchanges if _is_of_the_wire(each)]
        if not self._exchanges:
            raise UsageError("replay: expected at least one exchange with the box, got none")
        self._at = 0
        self.first = next((each for each in self._exchanges if each.sent), self._exchanges[0])

    def opening(self) -> str | None:
        """Return why the connection cannot be opened now; None when it can."""
        note = self._note(NOT_OPENED)
        return None if note is None else note.removeprefix(NOT_OPENED)

    def lost(self) -> bool:
        """Tell whether the connection is found ended now, with what was said last."""
        return self._note(LOST_WITH_IT) is not None

    @property
    def last(self) -> Exchange:
        """The exchange that was made last."""
        return self._exchanges[self._at - 1]

    def hear(self, sent: bytes, *, ignoring: int = 0) -> Exchange:
        """Return the exchange that begins with ``sent``; raises unless that is the next one.

        The first ``ignoring`` bytes may differ.
        """
        if self._at < len(self._exchanges) and self._is_foreign(self._exchanges[self._at], sent):
            self._at += 1
        if not ignoring:
            sent = self._past_what_was_told(sent)
        if self._at == len(self._exchanges):
            raise ReplayMismatchError(f"{self._place()}: the record ends, but {_shown(sent)} came")
        expected = self._exchanges[self._at]
        if expected.sent[ignoring:] != sent[ignoring:]:
            raise ReplayMismatchError(
                f"{self._place()}: expected {_shown(expected.sent)}, got {_shown(sent)};"
                f" they differ from byte {_first_difference(expected.sent, sent)} on"
            )
        self._at += 1
        return expected

    def finish(self) -> None:
        """Raise when exchanges are left that were not made again."""
        if self._at < len(self._exchanges):
            raise ReplayMismatchError(
                f"{self._place()}: expected {_shown(self._exchanges[self._at].sent)} next, but"
                f" nothing more came ({len(self._exchanges) - self._at} exchanges are left)"
            )

    def _note(self, beginning: str) -> str | None:
        """Return the note of the link that comes next, and go past it, if it begins so."""
        if self._at == len(self._exchanges) or self._exchanges[self._at].sent:
            return None
        note = self._exchanges[self._at].error or ""
        if not note.startswith(beginning):
            return None
        self._at += 1
        return note

    def _past_what_was_told(self, sent: bytes) -> bytes:
        """Go past messages without answer that stand by themselves in the record; return the rest.

        A link keeps a gap between messages for some boxes, and none in a replay.
        """
        while self._at < len(self._exchanges):
            told = self._exchanges[self._at]
            alone = told.sent and not told.received and told.error is None
            if not alone or sent == told.sent or not sent.startswith(told.sent):
                break
            self._at += 1
            sent = sent[len(told.sent) :]
        return sent

    def _is_foreign(self, exchange: Exchange, sent: bytes) -> bool:
        """Tell whether an exchange belongs to a failure from before the record began."""
        return (exchange.error or "").startswith(READ_AWAY) and exchange.sent != sent

    def _place(self) -> str:
        at = min(self._at, len(self._exchanges) - 1)
        return (
            f"replay of {self.first.box}, exchange {self._at + 1} of {len(self._exchanges)}"
            f" (t = {self._exchanges[at].t_s:.6f} s)"
        )


def abbreviated(exchange: Exchange) -> UsageError:
    """Return the error of an exchange whose answer is not there as a whole."""
    return UsageError(
        f"replay of {exchange.box} (t = {exchange.t_s:.6f} s): the answer to"
        f" {_shown(exchange.sent)} ends after {len(exchange.received)} bytes in the record, though"
        " the exchange was sound: it was abbreviated there and cannot be replayed"
    )


def _is_of_the_wire(exchange: Exchange) -> bool:
    return bool(exchange.sent) or (exchange.error or "").startswith((NOT_OPENED, LOST_WITH_IT))


def _shown(data: bytes) -> str:
    return f"'{escaped(data[:_SHOWN])}'" + (f"... ({len(data)} bytes)" * (len(data) > _SHOWN))


def _first_difference(one: bytes, other: bytes) -> int:
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
