"""Servers that answer at once, or after a box's turnaround, from a process of their own."""

from __future__ import annotations

import heapq
import multiprocessing
import os
import selectors
import socket
import struct
import tty
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic

__all__ = ["BLOCK_BYTES", "registers_answer", "scpi_answer", "serving", "serving_serial"]

Answer = Callable[[bytes], bytes]
BLOCK_BYTES = 16 << 20
_BLOCK = b"#8%d" % BLOCK_BYTES + bytes(BLOCK_BYTES) + b"\n"
_READING = b"+2.300000E+02;+1.500000E+01\n"
_SET = b'1.200000E+01;+0,"No error"\n'
_ANSWERS = {
    b"BLOCK?": _BLOCK,
    b"FUNC?": b"VOLT\n",
    b"VOLT 12;:VOLT?;:SYST:ERR?": _SET,
    b"VOLT?;:SYST:ERR?": _SET,
}


def scpi_answer(request: bytes) -> bytes:
    """Answer as a box that has been set to 12 V; 28 bytes to any other question."""
    return b"".join(
        _ANSWERS.get(line, _READING) for line in request.split(b"\n") if line.endswith(b"?")
    )


def registers_answer(_request: bytes) -> bytes:
    """Answer any request with 40 holding registers of unit 1, as RTU frame."""
    return _REGISTERS


@contextmanager
def serving(answer: Answer, *, boxes: int = 1, turnaround_s: float = 0.0) -> Iterator[list[int]]:
    """Answer all connections to the ports given; each box takes its turnaround side by side."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(boxes)]
    with _process(_serve, listeners, answer, turnaround_s):
        ports = [int(each.getsockname()[1]) for each in listeners]
        for each in listeners:
            each.close()
        yield ports


@contextmanager
def serving_serial(answer: Answer) -> Iterator[str]:
    """Answer on a pseudo-terminal whose path is given."""
    far, near = os.openpty()
    tty.setraw(near)
    try:
        with _process(_serve_serial, far, answer):
            yield os.ttyname(near)
    finally:
        os.close(far)
        os.close(near)


@contextmanager
def _process(target: Callable[..., None], *arguments: object) -> Iterator[None]:
    process = multiprocessing.get_context("fork").Process(
        target=target, args=arguments, daemon=True
    )
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join()


def _serve(listeners: Sequence[socket.socket], answer: Answer, turnaround_s: float) -> None:
    selector = selectors.SelectSelector()  # to the microsecond; others wait in milliseconds
    for each in listeners:
        selector.register(each, selectors.EVENT_READ)
    owed: list[tuple[float, int, socket.socket, bytes]] = []
    while True:
        patience = max(owed[0][0] - monotonic(), 0.0) if owed else None
        for key, _ in selector.select(patience):
            connection = key.data
            if connection is None:
                listener = key.fileobj
                assert isinstance(listener, socket.socket)
                connection, _ = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(connection, selectors.EVENT_READ, connection)
            elif not (request := connection.recv(4096)):
                selector.unregister(connection)
            elif turnaround_s:
                due = monotonic() + turnaround_s
                heapq.heappush(owed, (due, connection.fileno(), connection, answer(request)))
            else:
                connection.sendall(answer(request))
        while owed and owed[0][0] <= monotonic():
            _, _, connection, data = heapq.heappop(owed)
            connection.sendall(data)


def _serve_serial(far: int, answer: Answer) -> None:
    while request := os.read(far, 256):
        os.write(far, answer(request))


def _crc(data: bytes) -> bytes:
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return struct.pack("<H", value)


_FRAME = b"\x01\x03\x50" + bytes(range(80))
_REGISTERS = _FRAME + _crc(_FRAME)
