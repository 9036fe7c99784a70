"""The order of what a link tells its wire, and that it settles with the lock released."""

import pytest

from instruments.clock import WallClock
from instruments.errors import LinkTimeout, Refused
from instruments.links import RealWires, RtuOverTcp, VisaLink
from instruments.links.turn import Turn

TIMEOUT_S = 0.2
CONNECT = ["blocking", "over"]


@pytest.fixture
def link(serve, link_to, fake_wires):
    server = serve(answers={"A?": b"1\n", "B?": b"2\n"})
    link = link_to(server, wires=fake_wires, timeout_s=TIMEOUT_S, min_gap_s=0.02)
    fake_wires.one.link = link
    return link


@pytest.fixture
def unit(serve, line_over, fake_wires):
    def talk(connection, _):
        while request := connection.recv(300):
            if request[1] == 6:
                connection.sendall(bytes.fromhex("01 86 02 C3 A1"))

    transport = RtuOverTcp("127.0.0.1", serve(talk).port)
    line = line_over(transport, wires=fake_wires, timeout_s=TIMEOUT_S)
    fake_wires.one.link = line
    return line.unit(1)


def test_the_wire_is_named_by_place_and_told_the_gap(link, fake_wires):
    host, port = link.address.split("::")[1:3]
    assert fake_wires.asked == [(f"{host}:{port}", 0.02)]


@pytest.mark.parametrize(
    ("resource", "place"),
    [
        ("TCPIP::10.0.0.5::5025::SOCKET", "10.0.0.5:5025"),
        ("ASRL/dev/ttyUSB0::INSTR", "/dev/ttyUSB0"),
        ("TCPIP0::10.0.0.5::hislip0,4881::INSTR", "10.0.0.5:4881"),
        ("TCPIP0::10.0.0.5::hislip0::INSTR", "10.0.0.5:4880"),
        ("TCPIP0::10.0.0.5,1024::inst0::INSTR", "10.0.0.5:1024"),
        ("TCPIP0::10.0.0.5::inst0::INSTR", "10.0.0.5:111"),
        ("USB0::0x1::0x2::SN::INSTR", "USB0::0x1::0x2::SN::INSTR"),
    ],
)
def test_every_kind_of_resource_names_its_wire(clock, fake_wires, resource, place):
    VisaLink(resource, name="box", clock=clock, wires=fake_wires)
    assert fake_wires.asked == [(place, 0.0)]


def test_one_query_is_ready_sent_settled(link, fake_wires):
    link.query("A?")
    link.query("A?")
    assert fake_wires.one.calls == [
        *("ready", *CONNECT, ("sent", 3), "settle"),
        *("ready", ("sent", 3), "settle"),
    ]


def test_a_transaction_settles_once_at_its_outer_end(link, fake_wires):
    link.open()
    fake_wires.one.calls.clear()
    with link.transaction():
        link.query("A?")
        with link.transaction():
            link.write("C")
        link.query("B?")
        assert "settle" not in fake_wires.one.calls
    assert fake_wires.one.calls == [
        *("ready", ("sent", 3)),
        *("ready", ("sent", 2)),
        *("ready", ("sent", 3)),
        "settle",
    ]


def test_a_transaction_without_a_word_settles_nothing(link, fake_wires):
    with link.transaction():
        pass
    assert fake_wires.one.calls == []


def test_a_failed_exchange_is_settled_too(link, fake_wires):
    with pytest.raises(LinkTimeout):
        link.query("SILENCE?")
    assert fake_wires.one.calls[-1] == "settle"


def test_the_lock_is_free_whenever_a_link_settles(link, fake_wires):
    link.query("A?")
    with pytest.raises(LinkTimeout), link.transaction():
        link.query("A?")
        link.query("SILENCE?")
    assert fake_wires.one.free_when_settled == [True, True]


def test_a_call_made_while_settling_may_talk_to_the_same_box(link, fake_wires):
    link.open()
    answers = []

    def during():
        fake_wires.one.on_settle = None
        answers.append(link.query("B?"))

    fake_wires.one.on_settle = during
    assert link.query("A?") == "1"
    assert answers == ["2"]


def test_modbus_tells_its_wire_the_same(unit, fake_wires):
    with pytest.raises(Refused):
        unit.write_register(0, 1)
    with unit.transaction():
        with pytest.raises(Refused):
            unit.write_register(0, 1)
        with pytest.raises(LinkTimeout):
            unit.read_holding(0)
    assert fake_wires.one.calls == [
        *("ready", *CONNECT, ("sent", 8), "settle"),
        *("ready", ("sent", 8), "ready", ("sent", 8), ("waited", TIMEOUT_S), "settle"),
    ]
    assert fake_wires.one.free_when_settled == [True, True]


def test_an_error_of_the_wire_itself_is_raised_as_it_is(unit, link, fake_wires):
    def broken(count):
        raise ZeroDivisionError

    fake_wires.one.sent = broken
    for exchange in (lambda: link.query("A?"), lambda: unit.read_holding(0)):
        with pytest.raises(ZeroDivisionError):
            exchange()


def test_a_turn_leaves_the_lock_free_when_settling_raises(fake_wires):
    turn = Turn(fake_wires.one)

    def fails():
        raise ZeroDivisionError

    fake_wires.one.on_settle = fails
    with pytest.raises(ZeroDivisionError), turn:
        turn.speak()
    assert fake_wires.one._others_can_have(type("Link", (), {"transaction": lambda _: turn})())


class SteppedClock(WallClock):
    """Time that moves when slept only."""

    def __init__(self):
        super().__init__()
        self.t = 0.0

    def now(self):
        return self.t

    def sleep_until(self, t):
        self.t = max(self.t, t)


def test_hardware_keeps_its_gap_between_messages_also_inside_a_transaction():
    clock = SteppedClock()
    wire = RealWires(clock).wire("box", min_gap_s=0.01)
    starts = []
    for _ in range(3):
        wire.ready()
        starts.append(clock.now())
        wire.sent(5)
    with wire.blocking():
        clock.t += 0.5
    wire.ready()
    starts.append(clock.now())
    clock.t += 0.2
    wire.settle()
    wire.ready()
    starts.append(clock.now())
    assert starts == pytest.approx([0.0, 0.01, 0.02, 0.53, 0.74])
