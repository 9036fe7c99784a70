"""What a role has heard from the other side."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import TypeVar

from instruments.can_frame import CanFrame
from rig.chademo.frames import CATALOGUE, CORE, FRAME_BYTES, Message, Side

__all__ = ["Mailbox"]

_Kind = TypeVar("_Kind", bound=Message)


@lru_cache(maxsize=8192)
def _message(identifier: int, data: bytes) -> Message:
    return CATALOGUE[identifier].decode(data)


class Mailbox:
    """The latest of every frame of one side; other frames, lengths and identifiers are ignored."""

    def __init__(self, sender: Side) -> None:
        self._kinds = {n for n, kind in CATALOGUE.items() if kind.SENDER is sender}
        self._core = sorted(CORE & self._kinds)
        self._at_rest: dict[int, Message] = {}
        self._latest: dict[int, Message] = {}
        self._last_s: dict[int, float] = {}
        self.count = 0
        """Frames taken."""

    def take(self, frames: Collection[CanFrame], now_s: float) -> None:
        """Keep what is of this side; its time is the frame's own, at most ``now_s``."""
        for frame in frames:
            wrong = frame.extended or frame.remote or len(frame.data) != FRAME_BYTES
            if wrong or frame.identifier not in self._kinds:
                continue
            self._latest[frame.identifier] = _message(frame.identifier, frame.data)
            stamp_s = now_s if frame.t_s is None else min(frame.t_s, now_s)
            self._last_s[frame.identifier] = stamp_s
            self.count += 1

    def get(self, kind: type[_Kind]) -> _Kind:
        """Return the latest of a kind; all fields 0 where none has come."""
        message = self._latest.get(kind.IDENTIFIER)
        if message is None:
            message = self._at_rest.setdefault(kind.IDENTIFIER, kind())
        assert isinstance(message, kind)
        return message

    def has(self, kind: type[Message]) -> bool:
        """Say whether a kind has come at all."""
        return kind.IDENTIFIER in self._latest

    @property
    def complete(self) -> bool:
        """Whether every frame that each version has was heard."""
        return all(identifier in self._latest for identifier in self._core)

    def silent_s(self, now_s: float) -> float:
        """Return for how long the rarest of the frames that matter has been missing."""
        return now_s - min((self._last_s.get(each, now_s) for each in self._core), default=now_s)

    def age_s(self, kind: type[Message], now_s: float) -> float:
        """Return how old the latest of a kind is, 0 where none has come."""
        return now_s - self._last_s.get(kind.IDENTIFIER, now_s)
