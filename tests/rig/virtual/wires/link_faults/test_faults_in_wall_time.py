"""Faults on a bench served in wall time, where silence is silence."""

import time

import pytest

from rig.virtual.wires import Drop, HalfClose, Late, Reset, Stuck, Truncate, When

FIRST = When(nth=1)


def say(client, message=b"ECHO? hello"):
    client.sendall(message + b"\n")
    return client.recv(1000)


def test_a_dropped_reply_is_silence(connect, port, serving, faults):
    faults.add(Drop(when=FIRST))
    with serving():
        client = connect(port)
        client.settimeout(0.05)
        with pytest.raises(TimeoutError):
            say(client, b"ECHO? lost")
        client.settimeout(1.0)
        assert say(client) == b"hello\n"


def test_a_late_reply_comes_after_the_nominal_time_out(connect, port, serving, faults):
    faults.timeout_s = 0.1
    faults.add(Late(by_s=0.05))
    with serving():
        client = connect(port)
        started = time.monotonic()
        assert say(client) == b"hello\n"
        assert 0.15 <= time.monotonic() - started < 0.8


def test_a_stuck_connection_stays_so_and_a_new_one_is_served(
    connect, port, serving, faults, device
):
    faults.add(Stuck(when=FIRST))
    with serving():
        client = connect(port)
        client.settimeout(0.05)
        for _ in range(2):
            with pytest.raises(TimeoutError):
                say(client, b"ECHO? lost")
        assert say(connect(port)) == b"hello\n"
    assert device.heard == [b"ECHO? hello"]


def test_a_truncated_reply_is_its_beginning_and_silence(connect, port, serving, faults):
    faults.add(Truncate(keep=3))
    with serving():
        client = connect(port)
        assert say(client) == b"hel"
        client.settimeout(0.05)
        with pytest.raises(TimeoutError):
            client.recv(1)


def test_a_reset_and_a_half_close_are_what_they_are(connect, port, serving, faults):
    faults.add(HalfClose(when=FIRST), Reset(when=When(nth=2)))
    with serving():
        client = connect(port)
        assert say(client) == b"hello\n"
        assert client.recv(1) == b""
        with pytest.raises(ConnectionResetError):
            say(connect(port))
