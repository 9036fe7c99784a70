"""The links over the virtual bench's wires: one thread, real protocols, time by charges only."""

import pytest

from instruments.errors import LinkClosed
from instruments.links import VisaLink
from rig.clock import VirtualClock
from rig.virtual.wires import Hub, Response, VirtualWires, stream_service

BIG = bytes(range(256)) * 1600


class Box:
    """Answers each query after 50 ms of its own time, BIG? with 400 kB."""

    def execute(self, message):
        if message == b"BIG?":
            return Response(b"#7%07d" % len(BIG) + BIG, 0.05)
        answer = b"<" + message[:20] + b">" if message.endswith(b"?") else b""
        return Response(answer, 0.05)

    def status_byte(self):
        return 0

    def clear(self):
        pass

    def trigger(self):
        pass


@pytest.fixture
def virtual_clock():
    return VirtualClock()


@pytest.fixture
def hub(virtual_clock, stack):
    hub = Hub(virtual_clock)
    stack.callback(hub.close)
    return hub


@pytest.fixture(params=["socket", "serial", "hislip", "vxi11"])
def link(request, hub, virtual_clock, stack):
    box = Box()
    open_ = {
        "socket": lambda: f"TCPIP::127.0.0.1::{hub.listen_tcp(stream_service(box))}::SOCKET",
        "serial": lambda: f"ASRL{hub.open_serial(stream_service(box))}::INSTR",
        "hislip": lambda: f"TCPIP::127.0.0.1::hislip0,{hub.listen_hislip(box)}::INSTR",
        "vxi11": lambda: f"TCPIP::127.0.0.1,{hub.listen_vxi11(box)}::inst0::INSTR",
    }
    wires = VirtualWires(hub, virtual_clock)
    link = VisaLink(open_[request.param](), name="box", clock=virtual_clock, wires=wires)
    stack.callback(link.close)
    return link


def test_queries_cost_the_boxs_time_and_nothing_else(link, virtual_clock):
    for n in range(20):
        assert link.query(f"Q{n}?") == f"<Q{n}?>"
    assert virtual_clock.now() == pytest.approx(20 * 0.05)


def test_time_stands_still_inside_a_transaction(link, virtual_clock):
    with link.transaction():
        link.write("A")
        link.query("B?")
        assert virtual_clock.now() == 0.0
    assert virtual_clock.now() == pytest.approx(0.1)


def test_a_block_larger_than_any_buffer_comes_whole(link):
    assert link.query_block("BIG?") == BIG
    assert link.query("A?") == "<A?>"


def test_a_message_larger_than_a_terminals_buffer_goes_through(link):
    assert link.query("X" * 10_000 + "?") == "<" + "X" * 20 + ">"


def test_a_box_that_is_unplugged_is_a_closed_link(link, hub):
    link.query("A?")
    hub.unplug(link._parsed.wire)
    with pytest.raises(LinkClosed):
        link.query("A?")


def test_a_clock_event_may_talk_to_the_box_while_an_exchange_is_charged(link, virtual_clock):
    seen = []
    virtual_clock.call_at(0.02, lambda: seen.append((virtual_clock.now(), link.query("EVENT?"))))
    assert link.query("A?") == "<A?>"
    assert seen == [(0.02, "<EVENT?>")]
