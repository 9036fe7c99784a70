import pytest
from box_client import BoxClient

from rig.clock import VirtualClock
from rig.virtual.boxes.service_port import ConsoleService, service_port_line
from rig.virtual.ports import ServiceRefusal


class Controller:
    """Registers of a controller, with one of each refusal."""

    def __init__(self):
        self.holding = {0: 0, 5: 6000, 16: 500}
        self.writes = []
        self.listeners = []

    def read_input(self, address, count):
        if address >= 1000:
            raise ServiceRefusal(2)
        return [address + index for index in range(count)]

    def read_holding(self, address, count):
        return [self.holding.get(address + index, 0) for index in range(count)]

    def write_holding(self, address, values):
        if address == 5 and values[0] > 15000:
            raise ServiceRefusal(3)
        if address == 0 and values[0] == 1:
            raise ServiceRefusal(4)
        self.writes.append((address, values))

    def on_console_line(self, listener):
        self.listeners.append(listener)


@pytest.fixture
def controller():
    return Controller()


def client(controller, **options):
    return BoxClient(service_port_line(controller, VirtualClock(), **options))


@pytest.mark.parametrize(
    ("request_body", "reply_body"),
    [
        ("11 04 0002 0002", "11 04 04 00 02 00 03"),
        ("11 03 0005 0001", "11 03 02 17 70"),
        ("11 06 0005 1F40", "11 06 00 05 1F 40"),
        ("11 10 0010 0002 04 01F4 04B0", "11 10 00 10 00 02"),
        ("11 04 03E8 0001", "11 84 02"),
        ("11 06 0005 FFFF", "11 86 03"),
        ("11 06 0000 0001", "11 86 04"),
        ("11 01 0000 0001", "11 81 01"),
        ("11 05 0000 FF00", "11 85 01"),
        ("11 0F 0000 0001 01 01", "11 8F 01"),
    ],
)
def test_requests_reach_the_controller_and_refusals_come_back(controller, request_body, reply_body):
    assert client(controller).request(request_body) == reply_body


def test_several_registers_are_one_request(controller):
    client(controller).request("11 10 0010 0003 06 0001 0002 0003")
    assert controller.writes == [(16, [1, 2, 3])]


def test_other_units_and_broadcasts_are_not_for_the_controller(controller):
    assert client(controller).request("01 04 0000 0001") == ""
    assert client(controller).request("00 06 0005 1F40") == ""
    assert controller.writes == []


def test_the_bytes_cost_their_time_at_115200_baud(controller):
    unit = client(controller, delay_s=0.002)
    unit.request("11 04 0002 0002")
    assert unit.line.charged_s == pytest.approx((8 + 9) * 10 / 115200 + 0.002)


def test_console_lines_go_out_as_they_are_written(controller):
    service = ConsoleService(controller)
    controller.listeners[0]("lost: nobody listens")
    console = BoxClient(service)
    controller.listeners[0]("2026-01-01T00:00:00.120Z trip 2 A")
    console.session.received(b"help\n")
    controller.listeners[0]("second")
    assert console.line.sent == b"2026-01-01T00:00:00.120Z trip 2 A\nsecond\n"


def test_a_closed_console_gets_no_more_lines_and_another_may_come(controller):
    service = ConsoleService(controller)
    first = BoxClient(service)
    first.session.closed()
    second = BoxClient(service)
    controller.listeners[0]("hello")
    assert (first.line.sent, second.line.sent) == (b"", b"hello\n")
    assert len(controller.listeners) == 1
