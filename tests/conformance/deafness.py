"""A box that answers every question and, when it is deaf, obeys no setting and says nothing."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from rig.virtual import plugs
from rig.virtual.modbus import seal
from rig.virtual.wires import Response


class Deafness:
    """Whether the box is deaf now, and how many settings it has not heard."""

    def __init__(self) -> None:
        self.on, self.missed = False, 0

    def hears(self, message: bytes) -> bool:
        """Say whether a text message gets through: questions always do."""
        if not self.on or b"?" in message or message.strip() in (b"V", b"N", b"F"):
            return True
        self.missed += 1
        return False


class DeafDevice:
    """In front of a message-based instrument."""

    def __init__(self, device: Any, deaf: Deafness) -> None:
        self._device, self._deaf = device, deaf

    def execute(self, message: bytes) -> Any:
        if self._deaf.hears(message):
            return self._device.execute(message)
        return Response(b"")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._device, name)


class DeafSession:
    """In front of a box with a protocol of its own: text, or Modbus RTU in whole frames."""

    def __init__(self, session: Any, line: Any, deaf: Deafness) -> None:
        self._session, self._line, self._deaf = session, line, deaf

    def received(self, data: bytes) -> None:
        echo = _echo(data)
        if echo and self._deaf.on:
            self._deaf.missed += 1
            self._line.send(echo)
        elif echo or data[1:2] <= b"\x10":
            self._session.received(data)
        else:
            heard = [line for line in data.splitlines(keepends=True) if self._deaf.hears(line)]
            self._session.received(b"".join(heard))

    def resumed(self) -> None:
        resumed = getattr(self._session, "resumed", None)
        if resumed is not None:
            resumed()

    def closed(self) -> None:
        self._session.closed()


def _echo(data: bytes) -> bytes:
    """Return the answer to a Modbus request that writes; nothing for any other."""
    if len(data) >= 12 and data[2:4] == bytes(2) and data[7] in (5, 6):  # behind an MBAP header
        return data
    if len(data) >= 8 and data[1] in (5, 6):
        return data
    return seal(data[:6]) if len(data) >= 9 and data[1] in (15, 16) else b""


def put_before_boxes(patch: Any, deaf_of: Callable[[str], Deafness | None]) -> None:
    """Let every box of the benches to come be one that can be deaf."""

    def guarded(service: Any, role: str) -> Any:
        deaf = deaf_of(role)
        if deaf is None:
            return service
        return lambda line: DeafSession(service(line), line, deaf)

    message_box, tcp_box, serial_line = (
        getattr(plugs.Plugs, name) for name in ("message_box", "tcp_box", "serial_line")
    )

    @functools.wraps(message_box)
    def deaf_message_box(self: Any, role: str, device: Any, link: Any) -> str:
        deaf = deaf_of(role)
        return message_box(self, role, DeafDevice(device, deaf) if deaf else device, link)

    @functools.wraps(tcp_box)
    def deaf_tcp_box(self: Any, role: str, service: Any, link: Any) -> str:
        return tcp_box(self, role, guarded(service, role), link)

    @functools.wraps(serial_line)
    def deaf_serial_line(self: Any, roles: Any, service: Any, link: Any) -> str:
        return serial_line(self, roles, guarded(service, roles[0]), link)

    patch.setattr(plugs.Plugs, "message_box", deaf_message_box)
    patch.setattr(plugs.Plugs, "tcp_box", deaf_tcp_box)
    patch.setattr(plugs.Plugs, "serial_line", deaf_serial_line)
