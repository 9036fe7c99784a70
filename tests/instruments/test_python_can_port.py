import importlib.util
import sys
from types import SimpleNamespace

import pytest

from instruments.capabilities import CanFrame
from instruments.errors import BenchError, CannotDo, LinkClosed, UsageError
from instruments.python_can_port import CanInterface, PythonCanPort

WITH_LIBRARY = pytest.mark.skipif(
    importlib.util.find_spec("can") is None, reason="python-can (extra 'can') is not installed"
)


class CanError(Exception):
    """Stand in for the library's own."""


def message(identifier, data=b"", **flags):
    plain = {
        "is_error_frame": False,
        "is_fd": False,
        "is_extended_id": False,
        "is_remote_frame": False,
        "dlc": len(data),
        "timestamp": 0.0,
    }
    return SimpleNamespace(arbitration_id=identifier, data=bytearray(data), **(plain | flags))


class FakeBus:
    def __init__(self, **settings):
        self.settings, self.sent, self.waiting, self.down = settings, [], [], False
        self.state = SimpleNamespace(name="ACTIVE")
        if settings["channel"] == "absent":
            raise CanError("no such channel")

    def send(self, sent, timeout):
        if self.down:
            raise CanError("transmit buffer full")
        self.sent.append((sent, timeout))

    def recv(self, timeout):
        assert timeout == 0
        if self.down:
            raise OSError("device gone")
        return self.waiting.pop(0) if self.waiting else None

    def shutdown(self):
        self.down = True


@pytest.fixture
def library(monkeypatch):
    buses = []

    def make_bus(**settings):
        buses.append(FakeBus(**settings))
        return buses[-1]

    module = SimpleNamespace(Bus=make_bus, CanError=CanError, Message=SimpleNamespace)
    monkeypatch.setitem(sys.modules, "can", module)
    return buses


@pytest.fixture
def port(library, clock):
    return PythonCanPort(CanInterface("pcan", "PCAN_USBBUS1", options={"fd": False}), clock)


def test_any_interface_is_joined_by_name_with_its_options(port, library):
    port.join(500_000)
    assert library[0].settings == {
        "interface": "pcan",
        "channel": "PCAN_USBBUS1",
        "bitrate": 500_000,
        "fd": False,
    }
    port.join(250_000)
    assert library[0].down
    assert not library[1].down
    port.close()
    assert library[1].down


def test_frames_are_handed_over_with_all_they_have(port, library):
    port.join(500_000)
    port.send(CanFrame(0x102, b"\x01\x02"))
    port.send(CanFrame(0x1FFF_FFFF, extended=True, remote=True, remote_length=4))
    (plain, timeout), (remote, _) = library[0].sent
    assert timeout == 0.5
    assert (plain.arbitration_id, plain.data, plain.dlc) == (0x102, b"\x01\x02", 2)
    assert (plain.is_extended_id, plain.is_remote_frame) == (False, False)
    assert (remote.dlc, remote.is_extended_id, remote.is_remote_frame) == (4, True, True)


def test_frames_are_received_in_order_and_stamped_by_the_clock(port, library, clock):
    port.join(500_000)
    clock.sleep_until(3.0)
    library[0].waiting = [
        message(0x100, b"\xaa", timestamp=1e9),
        message(0x200, is_remote_frame=True, is_extended_id=True, dlc=3),
    ]
    frames = port.receive()
    assert frames == (
        CanFrame(0x100, b"\xaa"),
        CanFrame(0x200, extended=True, remote=True, remote_length=3),
    )
    assert {frame.t_s for frame in frames} == {3.0}
    assert port.receive() == ()


def test_stamps_of_the_interface_are_put_on_the_clock(library, clock):
    port = PythonCanPort(CanInterface("pcan", 0, stamps="interface"), clock)
    port.join(500_000)
    clock.sleep_until(3.0)
    library[0].waiting = [message(1, timestamp=clock.utc().timestamp() - 0.25)]
    assert port.receive()[0].t_s == pytest.approx(2.75, abs=1e-5)


def test_error_frames_are_status_and_no_frames(port, library):
    port.join(500_000)
    library[0].waiting = [message(0, is_error_frame=True), message(1)]
    assert port.receive() == (CanFrame(1),)
    library[0].state = SimpleNamespace(name="PASSIVE")
    assert port.read_status() == {"BUS_ERROR", "ERROR_PASSIVE"}
    library[0].state = SimpleNamespace(name="ERROR")
    assert port.read_status() == {"BUS_OFF"}
    library[0].state = SimpleNamespace(name="ACTIVE")
    assert port.read_status() == set()


def test_a_can_fd_frame_is_a_bench_error(port, library):
    port.join(500_000)
    library[0].waiting = [message(1, is_fd=True)]
    with pytest.raises(BenchError, match="classic frames, got a CAN FD frame"):
        port.receive()


def test_a_bus_that_takes_no_frame_is_a_bench_error_and_one_that_is_gone_is_left(port, library):
    port.join(500_000)
    library[0].down = True
    with pytest.raises(BenchError, match="transmit buffer full"):
        port.send(CanFrame(1))
    with pytest.raises(LinkClosed, match=r"device gone; the bus was left"):
        port.receive()
    with pytest.raises(UsageError, match="must have joined"):
        port.receive()


def test_a_channel_that_is_not_there_cannot_be_joined(library, clock):
    port = PythonCanPort(CanInterface("pcan", "absent"), clock)
    with pytest.raises(LinkClosed, match=r"on can at pcan:absent: expected a CAN bus, got no such"):
        port.join(500_000)


def test_a_channel_that_is_not_there_does_not_answer(library, clock):
    port = PythonCanPort(CanInterface("pcan", "absent"), clock)
    with pytest.raises(LinkClosed, match="expected a CAN bus, got no such"):
        port.identify()


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda p: p.join(500_000, listen_only=True), CannotDo),
        (lambda p: p.send(CanFrame(1)), UsageError),
        (lambda p: p.receive(), UsageError),
        (lambda p: p.read_status(), UsageError),
    ],
)
def test_what_it_cannot_do_opens_nothing(port, library, call, kind):
    with pytest.raises(kind):
        call(port)
    assert library == []


def test_without_the_library_the_extra_is_named(monkeypatch, clock):
    monkeypatch.setitem(sys.modules, "can", None)
    with pytest.raises(UsageError, match=r"pip install outlet-rig\[can\]"):
        PythonCanPort(CanInterface("virtual", "a"), clock).join(500_000)


def test_safe_is_off_the_bus_also_when_never_on_it(port, library):
    port.make_safe()
    port.join(500_000)
    port.make_safe()
    assert library[0].down
    assert port.identify().model == "pcan"


@WITH_LIBRARY
def test_two_ports_meet_on_the_librarys_own_virtual_bus(clock):
    ours, theirs = (PythonCanPort(CanInterface("virtual", "bench"), clock) for _ in range(2))
    ours.join(500_000)
    theirs.join(500_000)
    frames = (
        CanFrame(0x102, bytes(range(8))),
        CanFrame(0x1ABC_DEF0, b"", extended=True),
        CanFrame(0x7FF, remote=True, remote_length=8),
    )
    for frame in frames:
        ours.send(frame)
    assert theirs.receive() == frames
    assert ours.receive() == ()
    assert ours.read_status() == set()
    ours.close()
    theirs.close()
