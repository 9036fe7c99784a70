"""CAN ports of every kind that python-can knows, by the name of its interface.

python-can is imported when a bus is joined; it comes with the extra ``can``.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal

from instruments.capabilities import CanFrame, Identity
from instruments.clock import Clock
from instruments.errors import BenchError, CannotDo, LinkClosed, UsageError

__all__ = ["CanInterface", "PythonCanPort"]

_SEND_TIMEOUT_S = 0.5
_USUAL_BIT_RATE = 500_000
"""That of CHAdeMO: what a bus that is only looked at is opened with."""


@dataclass(frozen=True, slots=True)
class CanInterface:
    """Which bus of which kind, in python-can's own words."""

    interface: str
    """``virtual``, ``slcan``, ``socketcan``, ``pcan`` ..."""
    channel: str | int
    name: str = "can"
    options: Mapping[str, Any] = field(default_factory=dict)
    """What else the interface takes; any, because each has its own."""
    stamps: Literal["clock", "interface"] = "clock"
    """Whether frames bear the instant of their reading, or python-can's time of day.

    In virtual time only the first means anything.
    """

    @property
    def address(self) -> str:
        """Where the bus is, for error messages."""
        return f"{self.interface}:{self.channel}"


class PythonCanPort:
    """One port; nothing is opened before a bus is joined, and no thread is started."""

    def __init__(self, link: CanInterface, clock: Clock, rating: None = None) -> None:
        self._link, self._clock = link, clock
        self._bus: Any = None  # python-can may be absent, so its types are, too
        self._failures = 0
        self._opening = threading.RLock()

    def identify(self) -> Identity:
        """Return interface and channel, which are opened for a moment where no bus is joined.

        python-can has no common question for more; this finds an interface that is not there.
        """
        with self._opening:
            if self._bus is None:
                self.join(_USUAL_BIT_RATE)
                self.leave()
        return Identity("python-can", self._link.interface, str(self._link.channel), "")

    def join(self, bit_rate: int, *, listen_only: bool = False) -> None:
        """Open the bus at a bit rate in bit/s; the interface refuses what it has not.

        Raises ``CannotDo`` for a listener: interfaces call that differently, so it is one of the
        link's options.
        """
        if listen_only:
            raise CannotDo(
                f"{self._link.name}: give the option of {self._link.interface!r} that makes it"
                " listen only"
            )
        can = _import_can()
        with self._opening:
            self.leave()
            try:
                self._bus = can.Bus(
                    interface=self._link.interface,
                    channel=self._link.channel,
                    bitrate=bit_rate,
                    **self._link.options,
                )
            except (can.CanError, OSError, ValueError) as error:
                raise self._closed(f"joining the bus at {bit_rate} bit/s", error) from error

    def leave(self) -> None:
        """Shut the bus down; harmless when it is."""
        bus, self._bus = self._bus, None
        self._failures = 0
        if bus is not None:
            bus.shutdown()

    def send(self, frame: CanFrame) -> None:
        """Hand one frame to the interface, waiting at most 0.5 s for room."""
        bus, can = self._joined(), _import_can()
        message = can.Message(
            arbitration_id=frame.identifier,
            data=frame.data,
            dlc=frame.length,
            is_extended_id=frame.extended,
            is_remote_frame=frame.remote,
        )
        try:
            bus.send(message, timeout=_SEND_TIMEOUT_S)
        except (can.CanError, OSError) as error:
            raise self._error(
                f"sending {frame.identifier:#x}", "the frame to be taken", str(error)
            ) from error

    def receive(self) -> tuple[CanFrame, ...]:
        """Return the frames that have come since the last call, oldest first; does not wait."""
        bus, can, frames = self._joined(), _import_can(), []
        try:
            while (message := bus.recv(timeout=0)) is not None:
                if message.is_error_frame:
                    self._failures += 1
                elif message.is_fd:
                    raise self._error("receiving", "classic frames", "a CAN FD frame")
                else:
                    frames.append(self._frame(message))
        except (can.CanError, OSError) as error:
            raise self._closed("receiving", error) from error
        return tuple(frames)

    def read_status(self) -> frozenset[str]:
        """Return ``ERROR_PASSIVE``, ``BUS_OFF``, and ``BUS_ERROR`` after error frames."""
        state = self._joined().state.name
        names = {"PASSIVE": {"ERROR_PASSIVE"}, "ERROR": {"BUS_OFF"}}.get(state, set())
        errors, self._failures = self._failures, 0
        return frozenset(names | {"BUS_ERROR"} if errors else names)

    def make_safe(self) -> None:
        """Leave the bus, so that nothing more is sent."""
        self.leave()

    def close(self) -> None:
        """Leave the bus."""
        self.leave()

    def _joined(self) -> Any:  # noqa: ANN401 - python-can may be absent
        if self._bus is None:
            raise UsageError(f"{self._link.name} must have joined the bus")
        return self._bus

    def _frame(self, message: Any) -> CanFrame:  # noqa: ANN401 - python-can may be absent
        now_s = self._clock.now()
        if self._link.stamps == "interface":
            now_s += message.timestamp - self._clock.utc().timestamp()
        return CanFrame(
            message.arbitration_id,
            b"" if message.is_remote_frame else bytes(message.data),
            extended=message.is_extended_id,
            remote=message.is_remote_frame,
            remote_length=message.dlc if message.is_remote_frame else 0,
            t_s=now_s,
        )

    def _closed(self, doing: str, error: Exception) -> LinkClosed:
        self.leave()
        return LinkClosed(
            doing,
            box=self._link.name,
            address=self._link.address,
            expected="a CAN bus",
            got=str(error) or type(error).__name__,
            did="the bus was left",
        )

    def _error(self, doing: str, expected: str, got: str) -> BenchError:
        return BenchError(
            doing, box=self._link.name, address=self._link.address, expected=expected, got=got
        )


def _import_can() -> Any:  # noqa: ANN401 - python-can may be absent
    try:
        return import_module("can")
    except ModuleNotFoundError as error:
        raise UsageError(
            "CAN by python-can needs the extra 'can': pip install outlet-rig[can]"
        ) from error
