"""Exchanges with several boxes side by side."""

import threading
import time

import pytest

from instruments.clock import WallClock
from instruments.errors import LinkTimeout
from instruments.links import RealWires, Together, VisaLink
from rig.clock import VirtualClock
from rig.virtual.wires import Hub, Response, VirtualWires, stream_service

pytestmark = pytest.mark.wall_clock

DELAY_S = 0.05


@pytest.fixture
def real():
    clock = WallClock()
    with Together(RealWires(clock)) as together:
        yield together
    clock.close()


def refused():
    raise LinkTimeout("asking", box="b", address="x", expected="a reply", got="nothing")


def test_results_come_in_the_order_of_the_calls(real):
    calls = {name: (lambda name=name: name.upper()) for name in "dacb"}
    assert list(real.run(calls).items()) == [("d", "D"), ("a", "A"), ("c", "C"), ("b", "B")]
    assert real.run({}) == {}


def test_in_wall_time_a_set_takes_as_long_as_its_slowest(real):
    def exchange_with_a_slow_box():
        time.sleep(DELAY_S)  # stands for a box that takes its time while this thread waits
        return threading.get_ident()

    start = time.monotonic()
    threads = real.run(dict.fromkeys(range(8), exchange_with_a_slow_box))
    assert DELAY_S <= time.monotonic() - start < 4 * DELAY_S
    assert len(set(threads.values())) == 8


def test_all_calls_are_made_and_all_failures_told_together(real):
    made = []
    with pytest.raises(ExceptionGroup, match="exchanges with b, d") as caught:
        real.run({"a": lambda: made.append("a"), "b": refused, "c": lambda: made.append("c"),
                  "d": refused})  # fmt: skip
    assert sorted(made) == ["a", "c"]
    assert [type(each) for each in caught.value.exceptions] == [LinkTimeout, LinkTimeout]


@pytest.mark.parametrize("virtual", [True, False])
def test_an_order_to_stop_is_raised_as_itself(virtual):
    class Stop(BaseException):
        pass

    def stop():
        raise Stop

    clock = VirtualClock()
    with Hub(clock) as hub:
        wires = VirtualWires(hub, clock) if virtual else RealWires(clock)
        with Together(wires) as together, pytest.raises(Stop):
            together.run({"a": refused, "b": stop})


class Slow:
    """Answers with its name after a turnaround of its own."""

    def __init__(self, name, turnaround_s):
        self.name, self.turnaround_s = name, turnaround_s

    def execute(self, message):
        return Response(self.name, self.turnaround_s)


def test_in_virtual_time_a_set_is_read_in_order_at_one_instant_and_costs_the_largest():
    clock, heard = VirtualClock(), []
    with Hub(clock) as hub:
        wires = VirtualWires(hub, clock)
        links = {}
        for name, turnaround_s in (("slow", 0.2), ("quick", 0.01), ("middling", 0.05)):
            port = hub.listen_tcp(stream_service(Slow(name.encode(), turnaround_s)))
            links[name] = VisaLink(
                f"TCPIP::127.0.0.1::{port}::SOCKET", name=name, clock=clock, wires=wires,
                transcript=heard.append,
            )  # fmt: skip
        with Together(wires) as together:
            read = together.run({n: (lambda link=link: link.query("N?"))
                                 for n, link in links.items()})  # fmt: skip
        for link in links.values():
            link.close()
    assert read == {"slow": "slow", "quick": "quick", "middling": "middling"}
    assert [(each.box, each.t_s) for each in heard] == [("slow", 0), ("quick", 0), ("middling", 0)]
    assert clock.now() == pytest.approx(0.2)


def test_eight_boxes_that_each_take_10_ms_are_read_within_15_ms():
    clock = WallClock()
    stop = []
    wires = RealWires(clock)
    with Hub(VirtualClock()) as hub:
        ports = [hub.listen_tcp(stream_service(Slow(b"%d" % n, 0.01))) for n in range(8)]
        server = threading.Thread(target=hub.serve_until, args=(lambda: bool(stop),))
        server.start()
        links = [
            VisaLink(f"TCPIP::127.0.0.1::{port}::SOCKET", name="box", clock=clock, wires=wires)
            for port in ports
        ]
        took = []
        try:
            with Together(wires) as together:
                for _ in range(20):
                    start = time.monotonic()
                    read = together.run({n: (lambda link=link: link.query("N?"))
                                         for n, link in enumerate(links)})  # fmt: skip
                    took.append(time.monotonic() - start)
                    assert read == {n: str(n) for n in range(8)}
        finally:
            for link in links:
                link.close()
            stop.append(True)
            hub.wake()
            server.join(5.0)
            clock.close()
    assert min(took) >= 0.01
    assert sorted(took)[0] < 0.015
