"""Faults put in front of a simulated box, one kind at a time, as a plain client sees them."""

from __future__ import annotations

import time

import numpy as np
import pytest
import serial
from pydantic import ValidationError

from instruments.errors import UsageError
from rig.virtual.wires import (
    Corrupt,
    Delay,
    Drop,
    Duplicate,
    FaultFile,
    HalfClose,
    Jitter,
    Late,
    LinkFaults,
    Refuse,
    Reset,
    Stuck,
    Truncate,
    When,
    stream_service,
)

TIMEOUT_S = 0.5
FIRST = When(nth=1)


@pytest.fixture
def make_faults(hub, clock):
    def make(*, serial=False, seed=1):
        return LinkFaults(
            clock,
            np.random.default_rng(seed),
            box="load_a",
            timeout_s=TIMEOUT_S,
            serial=serial,
            in_wall_time=lambda: hub.in_wall_time,
        )

    return make


@pytest.fixture
def faults(make_faults):
    return make_faults()


@pytest.fixture
def port(hub, device, faults):
    return hub.listen_tcp(faults.guard(stream_service(device)))


@pytest.fixture
def wire(wires, port):
    return wires.wire(f"127.0.0.1:{port}")


@pytest.fixture
def ask(wire):
    def send(client, message=b"ECHO? hello"):
        client.sendall(message + b"\n")
        wire.sent(len(message) + 1)
        return client.recv(1000)

    return send


def test_without_faults_nothing_changes(connect, port, ask, wire, clock, faults):
    assert ask(connect(port), b"*IDN?") == b"ACME,Echo,0,1.0\n"
    wire.settle()
    assert clock.now() == 0.01
    assert not faults.struck


def test_a_delay_adds_to_the_box_s_own_turnaround(connect, port, ask, wire, clock, faults):
    faults.add(Delay(by_s=0.1))
    assert ask(connect(port), b"*IDN?") == b"ACME,Echo,0,1.0\n"
    wire.settle()
    assert clock.now() == pytest.approx(0.11)


def test_jitter_stays_below_its_bound_and_differs(connect, port, ask, wire, clock, faults):
    faults.add(Jitter(up_to_s=0.2))
    client, costs = connect(port), []
    for _ in range(20):
        before = clock.now()
        ask(client)
        wire.settle()
        costs.append(clock.now() - before)
    assert 0.0 <= min(costs) < 0.05
    assert 0.15 < max(costs) < 0.2


@pytest.mark.parametrize(
    "fault", [Drop(), Late(by_s=0.1), Delay(by_s=TIMEOUT_S), Stuck(), Drop(side="request")]
)
def test_a_lost_reply_is_a_closed_link_and_the_nominal_time_out(
    connect, port, ask, wire, clock, faults, fault
):
    faults.add(fault.model_copy(update={"when": FIRST}))
    with pytest.raises(ConnectionResetError):
        ask(connect(port), b"*IDN?")
    wire.settle()
    assert clock.now() == TIMEOUT_S
    assert ask(connect(port)) == b"hello\n"
    assert faults.struck == {fault.kind: 1}


def test_a_box_whose_reply_is_lost_has_done_its_work_and_a_stuck_one_has_not(
    connect, port, ask, faults, device
):
    faults.add(Drop(when=FIRST), Stuck(when=When(nth=2)))
    with pytest.raises(ConnectionResetError):
        ask(connect(port), b"ECHO? one")
    with pytest.raises(ConnectionResetError):
        ask(connect(port), b"ECHO? two")
    assert device.heard == [b"ECHO? one"]


def test_a_duplicate_comes_twice(connect, port, ask, faults):
    faults.add(Duplicate(when=FIRST))
    client = connect(port)
    assert ask(client, b"ECHO? a") == b"a\na\n"
    assert ask(client, b"ECHO? b") == b"b\n"


def test_a_duplicated_request_is_executed_twice(connect, port, ask, faults, device):
    faults.add(Duplicate(side="request"))
    assert ask(connect(port), b"ECHO? a") == b"a\na\n"
    assert device.heard == [b"ECHO? a"] * 2


def test_a_truncated_reply_is_its_beginning_and_then_the_end(connect, port, ask, faults):
    faults.add(Truncate(keep=3))
    client = connect(port)
    assert ask(client) == b"hel"
    with pytest.raises(ConnectionResetError):
        client.recv(1)


def test_a_corrupted_reply_differs_in_as_many_bytes_as_asked_for_at_most(
    connect, port, ask, faults
):
    faults.add(Corrupt(count=2))
    client, whole = connect(port), b"0123456789\n"
    counts = set()
    for _ in range(50):
        came = ask(client, b"ECHO? 0123456789")
        counts.add(sum(a != b for a, b in zip(came, whole, strict=True)))
    assert {1, 2} <= counts <= {0, 1, 2}


def test_after_a_half_close_the_box_still_listens(connect, port, ask, wire, faults, device):
    faults.add(HalfClose(when=FIRST))
    client = connect(port)
    assert ask(client) == b"hello\n"
    assert client.recv(1) == b""
    client.sendall(b"SET 1\n")
    wire.sent(6)
    assert device.heard[-1] == b"SET 1"


def test_a_reset_comes_in_place_of_the_reply(connect, port, ask, faults, device):
    faults.add(Reset())
    with pytest.raises(ConnectionResetError):
        ask(connect(port))
    assert device.heard == [b"ECHO? hello"]


def test_a_refused_connection_is_turned_away(connect, port, ask, wire, faults):
    faults.add(Refuse(when=FIRST))
    client = connect(port)
    wire.sent(0)
    with pytest.raises(ConnectionResetError):
        client.recv(1)
    assert ask(connect(port)) == b"hello\n"


def test_a_fault_of_replies_does_not_count_messages_without_one(connect, port, ask, wire, faults):
    faults.add(Duplicate(when=When(nth=2)))
    client = connect(port)
    client.sendall(b"SET 1\n")
    wire.sent(6)
    assert ask(client, b"ECHO? a") == b"a\n"
    assert ask(client, b"ECHO? b") == b"b\nb\n"
    assert ask(client, b"ECHO? c") == b"c\n"


def test_a_fault_acts_within_its_window_of_clock_time(connect, port, ask, clock, faults):
    faults.add(Duplicate(when=When(from_s=10.0, until_s=20.0)))
    client, came = connect(port), []
    for t_s in (0.0, 9.9, 10.0, 19.9, 20.0):
        clock.sleep_until(t_s)
        came.append(ask(client, b"ECHO? x").count(b"x"))
    assert came == [1, 1, 2, 2, 1]


def test_a_fault_strikes_no_more_often_than_it_may(connect, port, ask, faults):
    faults.add(Duplicate(when=When(times=2)))
    client = connect(port)
    assert [ask(client, b"ECHO? x").count(b"x") for _ in range(4)] == [2, 2, 1, 1]


def test_chance_is_seeded(connect, hub, device, make_faults, wires):
    def run(seed):
        faults = make_faults(seed=seed)
        port = hub.listen_tcp(faults.guard(stream_service(device)))
        wire, client = wires.wire(f"127.0.0.1:{port}"), connect(port)
        faults.add(Duplicate(when=When(probability=0.3)))
        came = []
        for _ in range(40):
            client.sendall(b"ECHO? x\n")
            wire.sent(8)
            came.append(client.recv(100).count(b"x"))
        return came

    first = run(1)
    assert run(1) == first
    assert run(2) != first
    assert 3 < first.count(2) < 25


def test_faults_can_be_taken_away(connect, port, ask, faults):
    faults.add(Duplicate())
    client = connect(port)
    assert ask(client, b"ECHO? x") == b"x\nx\n"
    faults.clear()
    assert ask(client, b"ECHO? x") == b"x\n"


def test_faults_follow_one_another_in_one_exchange(connect, port, ask, faults):
    faults.add(Duplicate(), Truncate(keep=9))
    assert ask(connect(port)) == b"hello\nhel"


def test_a_box_that_hangs_up_behind_faults_is_heard_to_the_end(hub, wires, connect, faults):
    class LastWord:
        def __init__(self, line):
            self.line = line

        def received(self, data):
            self.line.send(b"good")
            self.line.close()
            self.line.send(b"bye")

        def closed(self):
            pass

    port = hub.listen_tcp(faults.guard(LastWord))
    faults.add(Delay(by_s=0.1))
    client = connect(port)
    client.sendall(b"x")
    wires.wire(f"127.0.0.1:{port}").sent(1)
    assert client.recv(100) == b"goodbye"
    with pytest.raises(ConnectionResetError):
        client.recv(1)


@pytest.mark.parametrize("fault", [HalfClose(), Reset(), Refuse()])
def test_a_serial_line_has_no_connection_to_end(make_faults, fault):
    with pytest.raises(UsageError, match=rf"'{fault.kind}' on the link to load_a: .*serial line"):
        make_faults(serial=True).add(fault)


def test_a_serial_line_goes_on_after_a_lost_reply(hub, device, make_faults, wires, clock):
    faults = make_faults(serial=True)
    path = hub.open_serial(faults.guard(stream_service(device)))
    faults.add(Drop(when=FIRST), Stuck(when=When(nth=2)))
    wire = wires.wire(path)
    with serial.Serial(path, timeout=0.02) as client:
        came = []
        for _ in range(3):
            client.write(b"ECHO? x\n")
            wire.sent(8)
            came.append(client.readline())
    wire.settle()
    assert came == [b"", b"", b"x\n"]
    assert clock.now() == 0.0  # a link charges what it has waited itself
    assert len(device.heard) == 2


class TestInWallTime:
    """Where silence is silence."""

    @pytest.fixture
    def say(self):
        def send(client, message=b"ECHO? hello"):
            client.sendall(message + b"\n")
            return client.recv(1000)

        return send

    def test_a_dropped_reply_is_silence(self, connect, port, serving, faults, say):
        faults.add(Drop(when=FIRST))
        with serving():
            client = connect(port)
            client.settimeout(0.05)
            with pytest.raises(TimeoutError):
                say(client, b"ECHO? lost")
            client.settimeout(1.0)
            assert say(client) == b"hello\n"

    def test_a_late_reply_comes_after_the_nominal_time_out(
        self, connect, port, serving, faults, say
    ):
        faults.timeout_s = 0.1
        faults.add(Late(by_s=0.05))
        with serving():
            client = connect(port)
            started = time.monotonic()
            assert say(client) == b"hello\n"
            assert 0.15 <= time.monotonic() - started < 0.8

    def test_a_stuck_connection_stays_so_and_a_new_one_is_served(
        self, connect, port, serving, faults, say, device
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

    def test_a_truncated_reply_is_its_beginning_and_silence(
        self, connect, port, serving, faults, say
    ):
        faults.add(Truncate(keep=3))
        with serving():
            client = connect(port)
            assert say(client) == b"hel"
            client.settimeout(0.05)
            with pytest.raises(TimeoutError):
                client.recv(1)

    def test_a_reset_and_a_half_close_are_what_they_are(self, connect, port, serving, faults, say):
        faults.add(HalfClose(when=FIRST), Reset(when=When(nth=2)))
        with serving():
            client = connect(port)
            assert say(client) == b"hello\n"
            assert client.recv(1) == b""
            with pytest.raises(ConnectionResetError):
                say(connect(port))


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "delay"},
        {"kind": "delay", "by_s": -1},
        {"kind": "explode"},
        {"kind": "drop", "by_s": 1},
        {"kind": "drop", "when": {"probability": 0}},
        {"kind": "drop", "when": {"nth": 0}},
        {"kind": "drop", "when": {"from_s": 2, "until_s": 1}},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        FaultFile.model_validate({"schema_version": 1, "faults": {"load_a": [wrong]}})
