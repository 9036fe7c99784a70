import pytest

from instruments.capabilities import CanFrame
from instruments.errors import (
    BenchError,
    CannotDo,
    LinkClosed,
    LinkTimeout,
    Refused,
    UsageError,
)
from instruments.ratings import SlcanDialect
from instruments.slcan import Slcan

LAWICEL = SlcanDialect(acknowledges=True, timestamps=True, status_flags=True)
CANABLE = SlcanDialect(listen_only="M1")
OPEN = (
    (b"C\rC\r", b"\r\x07"),
    (b"V\r", b"V1013\r"),
    (b"S6\r", b"\r"),
    (b"Z1\r", b"\r"),
    (b"O\r", b"\r"),
)
SILENT_OPEN = ((b"C\rC\r", b""), (b"S6\r", b""), (b"O\r", b""))


class Adapter:
    """Steps are (command, what then comes back); more may come unasked."""

    name, address = "can", "somewhere"

    def __init__(self, *steps):
        self.steps, self.waiting, self.closed = list(steps), b"", False

    def write(self, data):
        assert self.steps, f"unexpected: {data!r}"
        expected, reply = self.steps.pop(0)
        assert data == expected
        if isinstance(reply, Exception):
            raise reply
        self.waiting += reply

    def read(self):
        data, self.waiting = self.waiting, b""
        return data

    def await_bytes(self):
        if not self.waiting:
            raise LinkTimeout("waiting", box="can", address="x", expected="a byte", got="nothing")
        data, self.waiting = self.waiting[:1], self.waiting[1:]
        return data

    def close(self):
        self.closed = True


@pytest.fixture
def make(clock):
    def make_port(*steps, dialect=LAWICEL):
        link = Adapter(*steps)
        return Slcan(link, clock, dialect), link

    return make_port


def test_joining_closes_sets_the_rate_stamps_and_opens(make):
    port, link = make(*OPEN)
    port.join(500_000)
    assert link.steps == []


@pytest.mark.parametrize(
    ("bit_rate", "command"),
    [(10_000, b"S0\r"), (125_000, b"S4\r"), (250_000, b"S5\r"), (1_000_000, b"S8\r")],
)
def test_every_rate_has_its_number(make, bit_rate, command):
    port, link = make(SILENT_OPEN[0], (command, b""), (b"O\r", b""), dialect=SlcanDialect())
    port.join(bit_rate)
    assert link.steps == []


def test_a_rate_it_has_not_is_refused_before_a_byte_is_sent(make):
    port, _ = make()
    with pytest.raises(CannotDo, match=r"bit_rate must be one of 10000, .* got 83300"):
        port.join(83_300)


def test_an_adapter_that_answers_nothing_is_not_waited_for(make):
    frame = (b"t1001FF\r", b"")
    port, link = make(*SILENT_OPEN, frame, (b"C\rC\r", b""), dialect=SlcanDialect())
    port.join(500_000)
    port.send(CanFrame(0x100, b"\xff"))
    assert port.receive() == ()
    port.leave()
    assert link.steps == []


def test_listening_opens_by_l_or_silences_before(make):
    port, link = make(*OPEN[:-1], (b"L\r", b"\r"))
    port.join(500_000, listen_only=True)
    assert link.steps == []
    with pytest.raises(UsageError, match="not as a listener"):
        port.send(CanFrame(1))
    steps = (SILENT_OPEN[0], SILENT_OPEN[1], (b"M1\r", b""), (b"O\r", b""))
    port, link = make(*steps, dialect=CANABLE)
    port.join(500_000, listen_only=True)
    assert link.steps == []


def test_a_canable_that_was_silenced_takes_part_again(make):
    steps = (SILENT_OPEN[0], SILENT_OPEN[1], (b"M0\r", b""), (b"O\r", b""))
    port, link = make(*steps, dialect=CANABLE)
    port.join(500_000)
    assert link.steps == []


def test_a_refused_rate_is_refused(make):
    port, _ = make(*OPEN[:2], (b"S6\r", b"\x07"))
    with pytest.raises(Refused, match="joining the bus at 500000") as caught:
        port.join(500_000)
    assert caught.value.code == 7
    with pytest.raises(UsageError, match="must have joined"):
        port.send(CanFrame(1))


def test_a_missing_acknowledgement_is_a_time_out(make):
    port, _ = make(*OPEN[:2], (b"S6\r", b""))
    with pytest.raises(LinkTimeout):
        port.join(500_000)


def test_what_a_former_talk_left_behind_is_read_away(make):
    rest = b"34\rt1231AA\r\x07zz\xff"
    port, link = make((b"C\rC\r", rest + b"\x07\r"), *OPEN[1:])
    port.join(500_000)
    assert port.receive() == ()
    assert link.steps == []


def test_a_sent_frame_is_acknowledged_and_frames_in_between_are_kept(make, clock):
    port, link = make(*OPEN, (b"T000001002BEEF\r", b"t12311100C8\rZ\r"))
    port.join(500_000)
    port.send(CanFrame(0x100, b"\xbe\xef", extended=True))
    assert port.receive() == (CanFrame(0x123, b"\x11"),)
    assert link.steps == []


def test_a_frame_the_adapter_cannot_take_is_refused(make):
    port, _ = make(*OPEN, (b"t1000\r", b"\x07"))
    port.join(500_000)
    with pytest.raises(Refused, match="sending 0x100"):
        port.send(CanFrame(0x100))


def test_frames_of_a_cycle_leave_together_and_their_acknowledgements_come_later(make):
    port, link = make(*OPEN, (b"t1000\r", b""), (b"t1010\r", b""), (b"t1020\r", b"z\rz\rz\r"))
    port.join(500_000)
    for identifier in (0x100, 0x101, 0x102):
        port.send(CanFrame(identifier))
    assert link.steps == [] and port.receive() == ()


def test_a_refusal_that_comes_later_names_its_own_frame(make):
    port, link = make(*OPEN, (b"t1000\r", b""), (b"t1010\r", b""))
    port.join(500_000)
    port.send(CanFrame(0x100))
    port.send(CanFrame(0x101))
    link.waiting = b"z\r\x07"
    with pytest.raises(Refused, match="sending 0x101"):
        port.receive()


def test_an_adapter_that_never_acknowledges_is_a_time_out_in_the_end(make):
    port, _ = make(*OPEN, *[(b"t1000\r", b"")] * 8)
    port.join(500_000)
    for _ in range(8):
        port.send(CanFrame(0x100))
    with pytest.raises(LinkTimeout):
        port.send(CanFrame(0x100))


def test_frames_come_in_order_with_the_adapters_times_across_the_minute(make, clock):
    port, link = make(*OPEN)
    port.join(500_000)
    clock.sleep_until(1.0)
    link.waiting = b"t1001AAEA4C\r"
    first = port.receive()
    clock.sleep_until(1.2)
    link.waiting = b"r10240050\rt1000"
    second = port.receive()
    link.waiting = b"00B4\r"
    third = port.receive()
    assert [f.t_s for f in (*first, *second, *third)] == pytest.approx([1.0, 1.1, 1.2])
    assert second == (CanFrame(0x102, remote=True, remote_length=4),)
    assert third == (CanFrame(0x100),)


def test_without_stamps_a_frame_bears_the_time_of_its_reading(make, clock):
    port, link = make(*SILENT_OPEN, dialect=SlcanDialect())
    port.join(500_000)
    clock.sleep_until(2.5)
    link.waiting = b"t1000\r"
    assert port.receive()[0].t_s == 2.5


def test_a_line_that_is_no_slcan_is_a_bench_error_and_loses_no_frame(make):
    port, link = make(*OPEN)
    port.join(500_000)
    link.waiting = b"t1000\rgarbage\xff\rt2000\r"
    with pytest.raises(BenchError, match=r"a line of SLCAN.*garbage"):
        port.receive()
    assert port.receive() == (CanFrame(0x100), CanFrame(0x200))


@pytest.mark.parametrize(
    ("reply", "names"),
    [
        (b"F00\r", set()),
        (b"FA4\r", {"ERROR_WARNING", "ERROR_PASSIVE", "BUS_ERROR"}),
        (b"t1000\rF4B\r", {"RX_FULL", "TX_FULL", "OVERRUN", "ARBITRATION_LOST"}),
    ],
)
def test_status_flags_are_read_by_name(make, reply, names):
    port, _ = make(*OPEN, (b"F\r", reply))
    port.join(500_000)
    assert port.read_status() == names


def test_a_status_that_is_none_is_a_bench_error(make):
    port, _ = make(*OPEN, (b"F\r", b"FXY\r"))
    port.join(500_000)
    with pytest.raises(BenchError, match="two hexadecimal digits"):
        port.read_status()


def test_an_adapter_without_flags_declines_before_a_byte_is_sent(make):
    port, _ = make(dialect=SlcanDialect())
    with pytest.raises(CannotDo, match="tells no status"):
        port.read_status()


def test_the_status_is_asked_on_the_bus_only(make):
    port, _ = make()
    with pytest.raises(UsageError, match="must have joined"):
        port.read_status()


def test_the_identity_is_version_and_serial_where_the_adapter_has_one(make):
    port, _ = make((b"V\r", b"V1013\r"), (b"N\r", b"NA123\r"))
    identity = port.identify()
    assert (identity.firmware, identity.serial) == ("1013", "A123")
    port, _ = make((b"V\r", b"\rV2\r"), dialect=SlcanDialect())
    assert port.identify().firmware == "2"


def test_an_adapter_that_refuses_to_say_who_it_is_is_refused(make):
    port, _ = make((b"V\r", b"\x07"))
    with pytest.raises(Refused, match="reading the version"):
        port.identify()


def test_safe_means_off_the_bus_and_closing_leaves_it_too(make):
    leave = (OPEN[0], OPEN[1])
    port, link = make(*OPEN, *leave, *leave)
    port.join(500_000)
    port.make_safe()
    port.make_safe()
    port.close()
    assert link.closed
    assert link.steps == []
    port, link = make(*OPEN, *leave)
    port.join(500_000)
    port.close()
    assert link.closed
    assert link.steps == []


def test_a_lost_line_means_off_the_bus(make):
    lost = LinkClosed("sending", box="can", address="x", expected="a line", got="gone")
    port, _ = make(*OPEN, (b"t1000\r", lost))
    port.join(500_000)
    with pytest.raises(LinkClosed):
        port.send(CanFrame(0x100))
    with pytest.raises(UsageError, match="must have joined"):
        port.send(CanFrame(0x100))
