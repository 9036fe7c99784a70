"""SLCAN adapter: literal lines in both manners (D3)."""

import pytest
from box_client import BoxClient
from hypothesis import given
from hypothesis import strategies as st

from rig.virtual.boxes.slcan_adapter import SlcanAdapter
from rig.virtual.boxes.slcan_bus import BusFrame, CanBus
from rig.virtual.boxes.slcan_lines import read_frame, show_frame

OK, BEL = "\r", "\a"


class Bench(BoxClient):
    """An adapter on a bus with a vehicle, and its client."""

    def __init__(self, clock, **options):
        self.clock, self.bus, self.seen = clock, CanBus(clock), []
        super().__init__(SlcanAdapter(clock, self.bus, **options).service())
        self.vehicle = self.bus.attach(self.seen.append, bit_rate=500_000)

    def say(self, text):
        """Send text as it is, ends of lines and all, and return what came back."""
        return self.raw(text.encode("latin-1")).decode("ascii")

    def unasked(self):
        """Return what came by itself since the last look or question, its answer included."""
        came, self.line.sent = self.line.sent.decode("ascii"), b""
        return came


@pytest.fixture
def bench(clock):
    return Bench(clock)


@pytest.fixture
def joined(bench):
    assert bench.say("S6\rO\r") == OK + OK
    return bench


def test_closed_it_takes_settings_and_refuses_traffic(bench):
    for command in ("S6", "s031C", "Z1", "X1", "M00000000", "mFFFFFFFF"):
        assert bench.say(command + "\r") == OK
    for command in ("t1230", "T000001230", "r1230", "F", "P", "A", "C"):
        assert bench.say(command + "\r") == BEL
    assert bench.say("V\rN\r\r") == "V1013\rNA123\r\r"


def test_open_it_takes_traffic_and_refuses_settings(joined):
    for command in ("S6", "s031C", "Z1", "X0", "M00000000", "O", "L"):
        assert joined.say(command + "\r") == BEL
    assert joined.say("t1022AABB\r") == "z" + OK
    assert joined.say("T000001021FF\r") == "Z" + OK
    assert joined.say("C\rC\r") == OK + BEL


def test_it_does_not_open_without_a_bit_rate(bench):
    assert bench.say("O\r") == BEL


def test_python_cans_opening_sequence_leaves_it_open(bench):
    assert bench.say("C\rS6\r\rO\rO\r") == BEL + OK + OK + OK + BEL
    assert bench.say("t1020\r") == "z\r"


def test_frames_reach_the_bus_as_they_were_spelled(joined):
    joined.clock.sleep_until(1.5)
    joined.say("t1028000102030405FF07\rT1FFFFFFF0\rr7FF4\r")
    assert joined.seen == [
        BusFrame(0x102, bytes([0, 1, 2, 3, 4, 5, 0xFF, 7]), length=8, t_s=1.5),
        BusFrame(0x1FFFFFFF, extended=True, t_s=1.5),
        BusFrame(0x7FF, remote=True, length=4, t_s=1.5),
    ]


def test_received_frames_come_by_themselves(joined):
    joined.unasked()
    joined.vehicle.send(BusFrame(0x108, b"\x01\x2c", length=2))
    joined.vehicle.send(BusFrame(0x12345, remote=True, extended=True, length=1))
    assert joined.unasked() == "t1082012C\rR000123451\r"


def test_timestamps_count_ms_and_wrap_after_a_minute(bench):
    bench.say("S6\rZ1\rO\r")
    stamps = []
    for instant in (0.0, 0.001, 1.2345, 59.999, 60.0, 3661.5):
        bench.clock.sleep_until(instant)
        bench.unasked()
        bench.vehicle.send(BusFrame(0x100))
        stamps.append(bench.unasked())
    assert [line[5:] for line in stamps] == [
        "0000\r", "0001\r", "04D2\r", "EA5F\r", "0000\r", "05DC\r"]  # fmt: skip


def test_without_auto_poll_frames_wait_to_be_asked_for(clock):
    bench = Bench(clock, auto_poll=False)
    bench.say("S6\rO\r")
    for identifier in (0x100, 0x101, 0x102):
        bench.vehicle.send(BusFrame(identifier))
    assert bench.say("P\r") == "t1000\r"
    assert bench.say("A\r") == "t1010\rt1020\rA\r"
    assert bench.say("P\r") == "\r"
    assert bench.say("t1110\r") == "\r"


def test_a_full_queue_shows_in_the_flags_which_reading_clears(clock):
    bench = Bench(clock, auto_poll=False)
    bench.say("S6\rO\r")
    for _ in range(33):
        bench.vehicle.send(BusFrame(0x100))
    assert bench.say("F\rF\r") == "F09\rF00\r"


def test_a_frame_that_nobody_acknowledges_is_a_bus_error(joined):
    joined.vehicle.bit_rate = 250_000
    joined.say("t1020\r")
    assert joined.seen == []
    assert joined.say("F\rF\r") == "FA4\rF00\r"


def test_listening_it_hears_but_sends_nothing(bench):
    bench.say("S6\rL\r")
    assert bench.say("t1020\r") == BEL
    bench.unasked()
    assert not bench.vehicle.send(BusFrame(0x100))
    other = bench.bus.attach(lambda frame: None, bit_rate=500_000)
    assert bench.vehicle.send(BusFrame(0x100))
    assert bench.unasked() == "t1000\r"
    assert other.bit_rate == 500_000


@pytest.mark.parametrize(
    "line", ["t10", "t1239", "t12320", "t123200112", "T1232", "t8000", "T200000000", "r12320000",
             "tXYZ0", "q", "S9", "S", "Z2", "M1", "s12", "VV", "t1022aabb0"],
)  # fmt: skip
def test_nonsense_is_answered_with_bel(joined, line):
    assert joined.say(line + "\r") == BEL
    assert joined.say("V\r") == "V1013\r"


def test_any_split_and_any_length_is_read(joined):
    assert joined.say("t10") == ""
    assert joined.say("2") == ""
    assert joined.say("0\r\n") == "z\r"
    assert joined.say("t" * 1_000_000) == ""
    assert joined.say("\rV\r") == BEL + "V1013\r"


def test_canables_manner_answers_nothing_but_the_version(clock):
    bench = Bench(clock, acknowledges=False)
    assert bench.say("C\rS6\rM0\rA0\rZ1\rO\rt1020\rF\rN\rrubbish\r") == ""
    assert bench.say("V\r") == "V1013\r"
    assert len(bench.seen) == 1
    bench.say("M1\r")
    bench.say("t1020\r")
    assert len(bench.seen) == 1
    bench.vehicle.send(BusFrame(0x100))


def test_a_line_that_is_gone_hears_no_more(joined):
    joined.session.closed()
    joined.unasked()
    joined.vehicle.send(BusFrame(0x100))
    assert joined.unasked() == ""


def test_the_serial_line_takes_its_time(joined):
    before = joined.line.charged_s
    joined.say("t1028000102030405FF07\r")
    assert joined.line.charged_s - before == pytest.approx((22 + 2) * 10 / 115200)


@given(
    st.builds(
        lambda extended, bits, data: BusFrame(
            bits & (0x1FFFFFFF if extended else 0x7FF), data, extended, length=len(data)
        ),
        st.booleans(),
        st.integers(0, 0x1FFFFFFF),
        st.binary(max_size=8),
    )
)
def test_every_frame_survives_its_line(frame):
    assert read_frame(show_frame(frame, stamped=False)) == frame
