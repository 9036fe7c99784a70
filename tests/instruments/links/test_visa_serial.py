"""VISA on serial lines: as on sockets, but a late answer must be read away."""

import threading
import time

import pytest
from patience import wait_until

from instruments.errors import LinkClosed, LinkTimeout

TIMEOUT_S = 0.1
IDENTITY = b"Maker,Box,1,2.0\n"


@pytest.fixture
def link_to(visa_over):
    def make(pty, **options):
        return visa_over(f"ASRL{pty.path}::INSTR", **{"timeout_s": TIMEOUT_S} | options)

    return make


def lines(far):
    waiting = b""
    while True:
        waiting += far.read(4096)
        *whole, waiting = waiting.split(b"\n")
        yield from (line.decode() for line in whole)


def echo(far):
    for line in lines(far):
        far.write(f"{line}!\n".encode())


class LateBox:
    """Answers in order, but each first answer to SLOW? only when told to."""

    def __init__(self):
        self.go = threading.Event()

    def __call__(self, far):
        for line in lines(far):
            if line == "SLOW?":
                self.go.wait(2)
                far.write(b"old\n")
            elif line == "*IDN?":
                far.write(IDENTITY)
            elif line == "*STB?":
                far.write(b"1\n")
            elif line.endswith("?"):
                far.write(b"new\n")


def test_queries_are_answered_in_order(open_pty, link_to):
    link = link_to(open_pty(echo), baud_rate=57600)
    assert [link.query(f"Q{n}?") for n in range(200)] == [f"Q{n}?!" for n in range(200)]


def test_the_baud_rate_is_set(open_pty, link_to):
    import termios

    pty = open_pty(echo)
    link_to(pty, baud_rate=57600).query("A?")
    assert termios.tcgetattr(pty.near)[4] == termios.B57600


def test_a_late_reply_never_answers_the_next_query(open_pty, link_to):
    box = LateBox()
    link = link_to(open_pty(box))
    with pytest.raises(LinkTimeout):
        link.query("SLOW?")
    threading.Timer(TIMEOUT_S / 2, box.go.set).start()
    assert link.query("A?") == "new"
    assert link.query("B?") == "new"


def test_a_late_identity_is_read_away_by_another_question(open_pty, link_to):
    heard = []
    silent = threading.Event()

    def talk(far):
        for line in lines(far):
            heard.append(line)
            if line == "*IDN?":
                silent.wait(1.5 * TIMEOUT_S)
                far.write(IDENTITY)
            else:
                far.write(b"1\n" if line == "*STB?" else b"new\n")

    link = link_to(open_pty(talk))
    with pytest.raises(LinkTimeout):
        link.query("*IDN?")
    assert link.query("A?") == "new"
    assert heard == ["*IDN?", "*STB?", "A?"]


def test_the_reply_to_an_interrupted_question_never_answers_the_next(open_pty, link_to, fake_wires):
    box = LateBox()
    link = link_to(open_pty(box), wires=fake_wires)
    fake_wires.one.interrupt()
    with pytest.raises(KeyboardInterrupt):
        link.query("SLOW?")
    fake_wires.one.on_sent = box.go.set
    assert link.query("A?") == "new"


def test_a_command_after_a_failure_is_sent_without_asking_first(open_pty, link_to):
    heard = []

    def talk(far):
        for line in lines(far):
            heard.append(line)

    link = link_to(open_pty(talk))
    with pytest.raises(LinkTimeout):
        link.query("A?")
    link.write("OUTP OFF")
    wait_until(lambda: len(heard) == 2)
    assert heard == ["A?", "OUTP OFF"]


def test_a_line_that_stays_silent_keeps_failing_until_it_speaks(open_pty, link_to):
    speak = threading.Event()

    def talk(far):
        for line in lines(far):
            if speak.is_set():
                far.write({"*IDN?": IDENTITY, "*STB?": b"0\n"}.get(line, b"back\n"))

    link = link_to(open_pty(talk))
    for _ in range(2):
        with pytest.raises(LinkTimeout):
            link.query("A?")
    speak.set()
    assert link.query("A?") == "back"


def test_what_was_read_away_is_in_the_transcript(open_pty, link_to, transcript):
    box = LateBox()
    link = link_to(open_pty(box))
    with pytest.raises(LinkTimeout):
        link.query("SLOW?")
    box.go.set()
    link.query("A?")
    away = [e for e in transcript.exchanges if e.error and "read away" in e.error]
    assert len(away) == 1
    assert away[0].sent == b"*IDN?\n"


def test_half_a_reply_is_a_time_out(open_pty, link_to):
    def talk(far):
        for line in lines(far):
            far.write(b"12." if line == "A?" else IDENTITY)

    link = link_to(open_pty(talk))
    with pytest.raises(LinkTimeout, match=r"3 bytes '12\.'"):
        link.query("A?")


def test_a_vanished_port_is_a_closed_link(open_pty, link_to):
    pty = open_pty(echo)
    link = link_to(pty)
    link.query("A?")
    pty.vanish()
    with pytest.raises(LinkClosed):
        link.query("A?")
    with pytest.raises(LinkClosed, match="expected a connection"):
        link.query("A?")


def test_a_port_that_vanishes_before_the_reply_is_a_closed_link_at_once(open_pty, link_to):
    def talk(far):
        far.read(100)
        threading.Timer(0.02, pty.vanish).start()

    pty = open_pty(talk)
    link = link_to(pty, timeout_s=2.0)
    start = time.monotonic()
    with pytest.raises(LinkClosed):
        link.query("A?")
    assert time.monotonic() - start < 1.0


def test_blocks_with_line_feeds_come_whole(open_pty, link_to):
    data = bytes(range(256)) * 40

    def talk(far):
        for _line in lines(far):
            answer = b"#5%05d" % len(data) + data + b"\n"
            while answer:
                answer = answer[far.write(answer) :]

    assert link_to(open_pty(talk), timeout_s=0.5).query_block("CURV?") == data


def test_a_message_longer_than_the_terminals_buffer_goes_in_pieces(open_pty, link_to, fake_wires):
    heard = []

    def talk(far):
        for line in lines(far):
            heard.append(line)
            far.write(b"ok\n")

    link = link_to(open_pty(talk), wires=fake_wires, timeout_s=0.5)
    command = "LIST " + ",".join("1.5" for _ in range(1000)) + ";*OPC?"
    assert link.query(command) == "ok"
    assert heard == [command]
    sent = [call[1] for call in fake_wires.one.calls if call[0] == "sent"]
    assert sum(sent) == len(command) + 1
    assert max(sent) <= 1024


def test_after_a_failure_a_command_leaves_before_anything_is_asked(open_pty, link_to):
    heard = []

    def talk(far):
        for line in lines(far):
            heard.append(line)
            if len(heard) > 1:
                far.write({"*IDN?": IDENTITY}.get(line, b"0\n" if "?" in line else b""))

    link = link_to(open_pty(talk))
    with pytest.raises(LinkTimeout):
        link.query("A?")
    assert link.query("OUTP?", after=["OUTP OFF"]) == "0"
    assert heard == ["A?", "OUTP OFF", "*IDN?", "OUTP?"]
