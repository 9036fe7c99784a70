"""Which exchange a fault strikes: by number, window of time, chance, and as often as it may."""

import pytest
from pydantic import ValidationError

from rig.virtual.wires import Duplicate, FaultFile, Truncate, When, stream_service


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


def test_faults_follow_one_another_in_one_exchange(connect, port, ask, faults):
    faults.add(Duplicate(), Truncate(keep=9))
    assert ask(connect(port)) == b"hello\nhel"


def test_faults_can_be_taken_away(connect, port, ask, faults):
    faults.add(Duplicate())
    client = connect(port)
    assert ask(client, b"ECHO? x") == b"x\nx\n"
    faults.clear()
    assert ask(client, b"ECHO? x") == b"x\n"


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
