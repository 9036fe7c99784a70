"""Messages that a client sent in one go, at boxes with a conversation of their own."""

import pytest
from box_client import RecordedLine

from rig.clock import VirtualClock
from rig.virtual.boxes.delta_session import DeltaSession
from rig.virtual.boxes.ea_session import EaSession
from rig.virtual.modbus import seal


class Line(RecordedLine):
    def __init__(self, paced):
        super().__init__()
        self.paced = paced


class Box:
    """Answers any message with its number; both boxes' conversation."""

    turnaround_s, terminator = 0.005, "LF"

    def __init__(self):
        self.heard = []

    def answer(self, message):
        self.heard.append(message)
        return str(len(self.heard))

    scpi = answer

    def modbus(self, unit, pdu):
        self.heard.append(pdu)
        return pdu

    def too_long(self):
        self.heard.append("too long")

    def idle_timeout_s(self):
        return None


def delta(line, box):
    return DeltaSession(line, box)


def ea(line, box):
    return EaSession(line, box, VirtualClock(), 0.01, lambda session: None)


@pytest.mark.parametrize("make", [delta, ea])
def test_a_paced_box_takes_up_each_message_when_the_one_before_is_over(make):
    line, box = Line(paced=True), Box()
    session = make(line, box)
    session.received(b"ONE\n\n\r\nTWO\nTHREE\nUNFINI")
    for count in (1, 2, 3, 3):
        assert box.heard == ["ONE", "TWO", "THREE"][:count]
        assert line.sent == b"1\n2\n3\n"[: 2 * count]
        session.resumed()
    session.received(b"SHED\n")
    assert box.heard[3:] == ["UNFINISHED"]


@pytest.mark.parametrize("make", [delta, ea])
def test_a_box_in_virtual_time_does_them_all_and_owes_the_time(make):
    line, box = Line(paced=False), Box()
    make(line, box).received(b"ONE\nTWO\nTHREE\n")
    assert box.heard == ["ONE", "TWO", "THREE"]
    assert line.charged_s == pytest.approx(0.015 if make is delta else 0.03)


def test_frames_and_lines_by_turns_are_paced_alike():
    line, box = Line(paced=True), Box()
    frame = seal(bytes((0, 3, 0, 0, 0, 1)))
    session = ea(line, box)
    session.received(frame + b"ONE\n" + frame)
    for count in (1, 2, 3):
        assert len(box.heard) == count
        session.resumed()


@pytest.mark.parametrize("make", [delta, ea])
def test_more_messages_than_fit_a_buffer_are_not_one_too_long(make):
    line, box = Line(paced=True), Box()
    session = make(line, box)
    session.received(b"*IDN?\n" * 2000)
    for _ in range(2000):
        session.resumed()
    assert box.heard == ["*IDN?"] * 2000
