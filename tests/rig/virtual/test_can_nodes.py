"""The simulated unit's place on the bus of the plug: the bench's own bus, or python-can's."""

from itertools import pairwise
from pathlib import Path

import pytest

from instruments.can_frame import CanFrame
from instruments.python_can_port import CanInterface, PythonCanPort
from rig.bench.model import BenchFile
from rig.clock import VirtualClock
from rig.virtual.bench import VirtualBench
from rig.virtual.boxes.slcan_bus import CanBus
from rig.virtual.can_nodes import BusNode, PythonCanNode
from rig.virtual.chademo import BusPort
from rig.yaml_lines import read_yaml

BENCHES = Path(__file__).parents[3] / "benches"
BIT_RATE = 500_000


class Bus:
    """A unit's node and a bench's port on one bus of either kind."""

    def __init__(self, kind):
        self.clock = VirtualClock()
        if kind == "python-can":
            self.node = PythonCanNode("test of nodes", self.clock)
            interface = CanInterface("virtual", "test of nodes", "can", {}, "interface")
            self.port = PythonCanPort(interface, self.clock)
        else:
            bus = CanBus(self.clock)
            self.node, self.port = BusNode(bus), BusPort(bus)
        self.port.join(BIT_RATE)

    def close(self):
        self.node.leave()
        self.port.close()


@pytest.fixture(params=["python-can", "own bus"])
def bus(request):
    made = Bus(request.param)
    yield made
    made.close()


def test_frames_reach_the_bench_stamped_by_the_clock(bus):
    bus.node.join()
    bus.clock.sleep_until(1.5)
    bus.node.send(0x102, b"\x01\x02", 1.5)
    (frame,) = bus.port.receive()
    assert (frame.identifier, frame.data) == (0x102, b"\x01\x02")
    assert frame.t_s == pytest.approx(1.5, abs=1e-6)


def test_the_unit_hears_plain_data_frames_in_their_order(bus):
    bus.node.join()
    for frame in (
        CanFrame(0x108, b"\x01"),
        CanFrame(0x109, b"\x02", extended=True),
        CanFrame(0x109, b"", remote=True, remote_length=8),
        CanFrame(0x109, b"\x03"),
    ):
        bus.port.send(frame)
    assert [(f.identifier, f.data) for f in bus.node.take()] == [(0x108, b"\x01"), (0x109, b"\x03")]
    assert bus.node.take() == []


def test_a_node_that_has_not_joined_hears_nothing(bus):
    bus.node.join()
    bus.node.leave()
    bus.node.leave()
    bus.port.send(CanFrame(0x108, b"\x01"))
    assert bus.node.take() == []


def first_session(unit_seed=0):
    """Plug in, press d1, and return the frames of two seconds as a plan's port receives them."""
    spec = read_yaml(BENCHES / "virtual.yaml").model(BenchFile)
    bench = VirtualBench(spec, seed=5, unit_seed=unit_seed)
    channel = bench.addresses["can"].partition(":")[2]
    port = PythonCanPort(CanInterface("virtual", channel, "can", {}, "interface"), bench.clock)
    try:
        port.join(BIT_RATE)
        wired = spec.wiring.v2h
        board = bench.network.relays(spec.roles[wired.d1.board].link.unit)
        bench.controller.write_holding(6, [3])
        board.drive(wired.proximity.relay, True)
        bench.clock.sleep_until(1.0)
        board.drive(wired.d1.relay, True)
        bench.clock.sleep_until(3.0)
        return [(round(f.t_s, 4), f.identifier, f.data) for f in port.receive()]
    finally:
        port.close()
        bench.close()


def test_on_the_bench_of_the_file_the_unit_wakes_with_d1_and_keeps_its_cycle():
    frames = first_session()
    times = [t for t, identifier, _ in frames if identifier == 0x102]
    assert 1.0 < frames[0][0] < 1.2
    assert {round(b - a, 4) for a, b in pairwise(times)} == {0.1}
    assert first_session() == frames, "the same seeds, the same frames at the same instants"
