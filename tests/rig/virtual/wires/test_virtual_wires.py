"""What an exchange costs in virtual time."""

from __future__ import annotations

import pytest

from rig.virtual.wires import stream_service


@pytest.fixture
def boxes(hub, wires, connect, device):
    """Three connected boxes: ask(n, message) does one exchange with one of them."""
    ports = [hub.listen_tcp(stream_service(device)) for _ in range(3)]
    clients = [connect(port) for port in ports]
    sides = [wires.wire(f"127.0.0.1:{port}") for port in ports]

    def ask(number, message, settle=True):
        clients[number].sendall(message + b"\n")
        sides[number].sent(len(message) + 1)
        reply = clients[number].recv(100)
        if settle:
            sides[number].settle()
        return reply

    return ask


def test_charges_of_one_box_add_up_until_they_are_settled(boxes, clock):
    boxes(0, b"SLOW? 0.25", settle=False)
    boxes(0, b"SLOW? 0.5", settle=False)
    assert clock.now() == 0.0
    boxes(0, b"SLOW? 0.25")
    assert clock.now() == 1.0


def test_boxes_asked_together_cost_the_slowest_box_s_sum(boxes, wires, clock):
    with wires.together():
        boxes(0, b"SLOW? 0.5")
        boxes(1, b"SLOW? 0.25")
        boxes(1, b"SLOW? 0.5")
        boxes(2, b"SLOW? 0.125")
        assert clock.now() == 0.0
    assert clock.now() == 0.75
    boxes(0, b"SLOW? 0.25")
    assert clock.now() == 1.0


def test_nested_brackets_are_settled_by_the_outermost(boxes, wires, clock):
    with wires.together():
        with wires.together():
            boxes(0, b"SLOW? 0.5")
        assert clock.now() == 0.0
    assert clock.now() == 0.5


def test_time_passes_also_when_asking_together_failed(boxes, wires, clock):
    with pytest.raises(KeyError), wires.together():
        boxes(0, b"SLOW? 0.5")
        raise KeyError
    assert clock.now() == 0.5


def test_a_call_that_falls_due_meanwhile_settles_its_own_exchange(boxes, clock):
    seen = []

    def event():
        boxes(0, b"SLOW? 0.125")
        seen.append(clock.now())

    clock.call_at(0.25, event)
    boxes(0, b"SLOW? 0.5")
    assert seen == [0.375]
    assert clock.now() == 0.5


def test_the_minimum_gap_is_owed_between_messages(hub, wires, clock, connect, device):
    port = hub.listen_tcp(stream_service(device))
    client, wire = connect(port), wires.wire(f"127.0.0.1:{port}", min_gap_s=0.125)
    for _ in range(3):
        wire.ready()
        client.sendall(b"*CLS\n")
        wire.sent(5)
        wire.settle()
    assert clock.now() == 0.25
    clock.sleep_until(1.0)
    wire.ready()
    wire.settle()
    assert clock.now() == 1.0


def test_the_minimum_gap_holds_inside_a_transaction_too(hub, wires, clock, device):
    port = hub.listen_tcp(stream_service(device))
    wire = wires.wire(f"127.0.0.1:{port}", min_gap_s=0.125)
    for _ in range(3):
        wire.ready()
    assert clock.now() == 0.0
    wire.settle()
    assert clock.now() == 0.25


def test_localhost_names_the_same_box(hub, wires, clock, connect, device):
    port = hub.listen_tcp(stream_service(device))
    client, wire = connect(port), wires.wire(f"localhost:{port}")
    client.sendall(b"*IDN?\n")
    wire.sent(6)
    wire.settle()
    assert clock.now() == 0.01


def test_an_address_where_no_box_was_ever_plugged_in_costs_nothing(wires, clock):
    wire = wires.wire("127.0.0.1:9")
    wire.sent(100)
    with wire.blocking():
        pass
    wire.settle()
    assert clock.now() == 0.0
