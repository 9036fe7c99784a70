"""Every frame of a session with its time, whoever sent it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import TypeVar

from instruments.can_frame import CanFrame
from instruments.capabilities import CanPort, Identity
from instruments.clock import Clock
from instruments.errors import BenchError, LinkClosed
from rig.chademo.frames import CATALOGUE, FRAME_BYTES, Message

__all__ = ["ObservedPort", "Traffic"]

_Kind = TypeVar("_Kind", bound=Message)
Listener = Callable[[CanFrame], None]


class Traffic:
    """Frames in order of time, which a clock event may lengthen while somebody reads."""

    def __init__(self) -> None:
        self.frames: list[CanFrame] = []

    def add(self, frame: CanFrame) -> None:
        """Take the next frame."""
        self.frames.append(frame)

    def of(
        self, kind: type[_Kind], after_s: float = 0.0, before_s: float = float("inf")
    ) -> Iterator[tuple[float, _Kind]]:
        """Return time and meaning of each sound frame of a kind, from ``after_s`` on."""
        start = bisect_left(self.frames, after_s, key=_time)
        for frame in self.frames[start:]:
            if _time(frame) >= before_s:
                return
            if frame.identifier == kind.IDENTIFIER and _is_sound(frame):
                message = CATALOGUE[frame.identifier].decode(frame.data)
                assert isinstance(message, kind)
                yield _time(frame), message

    def first(
        self, kind: type[_Kind], where: Callable[[_Kind], bool], after_s: float = 0.0
    ) -> float | None:
        """Return when a frame of a kind was first such, at or after a time."""
        return next((t_s for t_s, each in self.of(kind, after_s) if where(each)), None)

    def times(self, identifier: int) -> list[float]:
        """Return when each frame of an identifier came."""
        return [_time(each) for each in self.frames if each.identifier == identifier]


class ObservedPort:
    """A CAN port whose frames, both ways, are told to a listener in order of their time.

    They are told when the bus is read, so that no more than the role's tick passes. A port that
    fails does so in a clock event, where nobody could hear it: ``failed`` is told. One that is
    gone is not asked again: what it would answer then is not why it is gone.
    """

    def __init__(
        self,
        port: CanPort,
        clock: Clock,
        listener: Listener,
        failed: Callable[[Exception], None],
    ) -> None:
        self._port, self._clock, self._tell, self._failed = port, clock, listener, failed
        self._untold: list[CanFrame] = []
        self._gone = False

    def send(self, frame: CanFrame) -> None:
        """Hand one frame over; its time is this instant."""
        now_s = self._clock.now()
        if self._gone:
            return
        try:
            self._port.send(frame)
        except BenchError as error:
            self._fail(error)
            return
        self._untold.append(_stamped(frame, now_s))

    def receive(self) -> tuple[CanFrame, ...]:
        """Return what has come, and tell of all frames up to now."""
        if self._gone:
            return ()
        try:
            frames = self._port.receive()
        except BenchError as error:
            self._fail(error)
            return ()
        now_s = self._clock.now()
        self._untold += [each if each.t_s is not None else _stamped(each, now_s) for each in frames]
        self.tell()
        return frames

    def tell(self) -> None:
        """Tell of what has not been told."""
        untold, self._untold = sorted(self._untold, key=_time), []
        for frame in untold:
            self._tell(frame)

    def join(self, bit_rate: int, *, listen_only: bool = False) -> None:
        """Take part in the bus."""
        self._port.join(bit_rate, listen_only=listen_only)

    def leave(self) -> None:
        """Take no more part."""
        self._port.leave()

    def read_status(self) -> frozenset[str]:
        """Return what is wrong; of a port that is gone nothing is known."""
        return frozenset() if self._gone else self._port.read_status()

    def identify(self) -> Identity:
        """Return what the box says of itself."""
        return self._port.identify()

    def make_safe(self) -> None:
        """Leave the bus."""
        self._port.make_safe()

    def close(self) -> None:
        """Close the port."""
        self._port.close()

    def _fail(self, error: BenchError) -> None:
        self._gone = isinstance(error, LinkClosed)
        self._failed(error)


def _stamped(frame: CanFrame, t_s: float) -> CanFrame:
    return CanFrame(
        frame.identifier,
        frame.data,
        extended=frame.extended,
        remote=frame.remote,
        remote_length=frame.remote_length,
        t_s=t_s,
    )


def _time(frame: CanFrame) -> float:
    assert frame.t_s is not None  # stamped on its way in
    return frame.t_s


def _is_sound(frame: CanFrame) -> bool:
    return not (frame.extended or frame.remote) and len(frame.data) == FRAME_BYTES
