"""Faults put in front of a simulated box, one kind at a time, as a plain client sees them."""

import pytest
import serial

from instruments.errors import UsageError
from rig.virtual.wires import (
    Corrupt,
    Delay,
    Drop,
    Duplicate,
    HalfClose,
    Jitter,
    Late,
    Refuse,
    Reset,
    Stuck,
    Truncate,
    When,
    stream_service,
)

FIRST = When(nth=1)
AS_LONG_AS_THE_TIME_OUT = Delay(by_s=0.5)


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
    "fault", [Drop(), Late(by_s=0.1), AS_LONG_AS_THE_TIME_OUT, Stuck(), Drop(side="request")]
)
def test_a_lost_reply_is_a_closed_link_and_the_nominal_time_out(
    connect, port, ask, wire, clock, faults, fault
):
    faults.add(fault.model_copy(update={"when": FIRST}))
    with pytest.raises(ConnectionResetError):
        ask(connect(port), b"*IDN?")
    wire.settle()
    assert clock.now() == faults.timeout_s
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
