"""A stream over a real pseudo-terminal, in wall time, bounded."""

import os
import select
import sys

import pytest

from instruments.capabilities import CanFrame
from instruments.clock import WallClock
from instruments.errors import LinkClosed, LinkTimeout, UsageError
from instruments.links import RealWires
from instruments.links.byte_stream import SerialStream
from instruments.ratings import SlcanDialect
from instruments.slcan import Slcan

if sys.platform == "win32":
    pytest.skip("needs pseudo-terminals", allow_module_level=True)

import pty
import tty


def heard(far: int, count: int) -> bytes:
    """Return what comes out of the far end, at most `count` bytes, or less when it falls silent."""
    data = b""
    while len(data) < count and select.select([far], [], [], 0.5)[0]:
        data += os.read(far, count - len(data))
    return data


@pytest.fixture
def line():
    """Return a stream, the far end of its port, and what the transcript holds."""
    far, near = pty.openpty()
    tty.setraw(near)
    clock, exchanges = WallClock(), []
    stream = SerialStream(
        os.ttyname(near),
        name="can",
        clock=clock,
        wires=RealWires(clock),
        timeout_s=0.2,
        transcript=exchanges.append,
    )
    yield stream, far, exchanges
    stream.close()
    for fd in (far, near):
        try:
            os.close(fd)
        except OSError:
            continue
    clock.close()


def test_bytes_go_both_ways_and_stand_in_the_transcript(line):
    stream, far, exchanges = line
    stream.write(b"V\r")
    assert heard(far, 2) == b"V\r"
    assert stream.read() == b""
    os.write(far, b"V1013\r")
    assert stream.await_bytes() == b"V1013\r"
    assert [(e.sent, e.received) for e in exchanges] == [(b"V\r", b""), (b"", b"V1013\r")]


def test_silence_is_a_time_out(line):
    stream, _, _ = line
    with pytest.raises(LinkTimeout, match=r"a byte within 0.2 s, got nothing"):
        stream.await_bytes()


def test_a_port_that_is_gone_is_closed_and_opened_anew_later(line):
    stream, far, _ = line
    stream.write(b"C\r")
    os.close(far)
    with pytest.raises(LinkClosed, match="opens it anew"):
        for _ in range(3):
            stream.read()
            stream.write(b"C\r")


def test_a_port_that_is_not_there_cannot_be_opened():
    clock = WallClock()
    stream = SerialStream("/dev/no-such-port", name="can", clock=clock, wires=RealWires(clock))
    with pytest.raises(LinkClosed, match="opening the port on can at /dev/no-such-port"):
        stream.write(b"C\r")


def test_a_time_out_of_nothing_is_an_error_of_the_file():
    clock = WallClock()
    with pytest.raises(UsageError, match="expected above 0 s"):
        SerialStream("p", name="can", clock=clock, wires=RealWires(clock), timeout_s=0.0)


def test_an_adapter_without_answers_is_joined_and_heard_over_a_real_port(line):
    stream, far, _ = line
    port = Slcan(stream, WallClock(), SlcanDialect())
    port.join(500_000)
    assert heard(far, 9) == b"C\rC\rS6\rO\r"
    os.write(far, b"t10280F02640000000A00\r")
    port.send(CanFrame(0x108, b"\x01"))
    assert heard(far, 8) == b"t108101\r"
    assert port.receive() == (CanFrame(0x102, bytes.fromhex("0F02640000000A00")),)
