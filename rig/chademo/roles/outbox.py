"""What a role sends: each frame at its place, through what was injected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from instruments.can_frame import CanFrame
from instruments.capabilities import CanPort
from instruments.clock import Clock
from rig.chademo.frames import CATALOGUE, Message
from rig.chademo.roles.injection import (
    Extended,
    Frozen,
    Injection,
    Injections,
    Late,
    Missing,
    Swapped,
    WrongLength,
    WrongValue,
)

__all__ = ["Outbox", "frame_of"]


@lru_cache(maxsize=8192)
def frame_of(kind: type[Message], **values: int) -> CanFrame:
    """Make a frame of a kind; contents come again and again, and frames are frozen."""
    return CanFrame(kind.IDENTIFIER, kind(**values).encode())


class Outbox:
    """Sends what ``content`` makes of an identifier."""

    def __init__(
        self,
        clock: Clock,
        port: CanPort,
        injections: Injections,
        content: Callable[[int], CanFrame],
    ) -> None:
        self._clock, self._port, self._injections = clock, port, injections
        self._content = content
        self._frozen: dict[int, CanFrame] = {}

    def send(self, place: int) -> None:
        """Send the frame whose place this is."""
        now_s = self._clock.now()
        active = self._injections.active(now_s)
        if not active:
            self._frozen.clear()
            self._port.send(self._content(place))
        elif not self._injections.off_bus(now_s):
            self._send_spoilt(place, active, now_s)

    def _send_spoilt(self, place: int, active: list[Injection], now_s: float) -> None:
        for each in active:
            if isinstance(each, Swapped) and place in {each.first, each.second}:
                place = each.first + each.second - place
        mine = [each for each in active if getattr(each, "identifier", place) in {place, None}]
        if any(isinstance(each, Missing) for each in mine):
            return
        frame, by_s = self._content(place), 0.0
        for each in mine:
            if isinstance(each, Late):
                by_s += each.by_s
            else:
                frame = self._spoilt(frame, each)
        if by_s:
            self._clock.call_at(now_s + by_s, lambda: self._port.send(frame))
        else:
            self._port.send(frame)

    def _spoilt(self, frame: CanFrame, injection: Injection) -> CanFrame:
        if isinstance(injection, WrongValue):
            values: dict[str, Any] = dict(injection.values)  # Any: int or, for a flag, bool
            message = replace(CATALOGUE[frame.identifier].decode(frame.data), **values)
            return replace(frame, data=message.encode())
        if isinstance(injection, Frozen):
            return self._frozen.setdefault(frame.identifier, frame)
        if isinstance(injection, WrongLength):
            return replace(frame, data=frame.data[: injection.length])
        if isinstance(injection, Extended):
            return replace(frame, extended=True)
        return frame
