"""A serial box behind a device server: its late replies reach the next connection, too."""

import contextlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from patience import wait_until

from instruments.errors import LinkTimeout
from instruments.links import Exchange
from instruments.links.replay import ReplayedVisa

TIMEOUT_S = 0.1
IDENTITY = b"Chroma,63804,0,1.00\n"


@pytest.fixture
def box(serve, link_to, lines_of):
    """Return a link to a box that answers in order, the first time after ``delay_s``."""

    def make(delay_s):
        newest, heard, one_at_a_time = [], [], threading.Lock()
        waits = iter([delay_s])

        def talk(connection, _):
            newest.append(connection)
            for line in lines_of(connection):
                heard.append(line)
                threading.Thread(target=answer, args=(line,), daemon=True).start()

        def answer(line):
            with one_at_a_time, contextlib.suppress(OSError):
                time.sleep(next(waits, 0.0))  # a slow box: late replies are what is tried
                if line.endswith("?"):
                    newest[-1].sendall(IDENTITY if line == "*IDN?" else f"{line}!\n".encode())

        link = link_to(serve(talk), name="load_a", timeout_s=TIMEOUT_S, device_server=True)
        return link, heard

    return make


def test_a_late_reply_never_answers_the_next_query(box):
    link, heard = box(1.5 * TIMEOUT_S)
    with pytest.raises(LinkTimeout):
        link.query("A?")
    assert [link.query("B?"), link.query("C?")] == ["B?!", "C?!"]
    assert heard == ["A?", "*IDN?", "B?", "C?"]


def test_a_command_after_a_failure_is_sent_without_asking_first(box):
    link, heard = box(10 * TIMEOUT_S)
    with pytest.raises(LinkTimeout):
        link.query("A?")
    link.write("LOAD OFF")
    wait_until(lambda: len(heard) == 2)
    assert heard == ["A?", "LOAD OFF"]


def test_what_was_recorded_there_can_be_replayed(box, transcript, clock):
    link, _ = box(1.5 * TIMEOUT_S)
    with pytest.raises(LinkTimeout):
        link.query("A?")
    assert link.query("B?") == "B?!"
    with ReplayedVisa(transcript.exchanges, clock=clock) as again:
        with pytest.raises(LinkTimeout):
            again.query("A?")
        assert again.query("B?") == "B?!"


def test_a_connection_that_ended_while_idle_owes_nothing(serve, link_to, lines_of):
    heard = []

    def talk(connection, _):
        line = next(lines_of(connection))
        heard.append(line)
        connection.sendall(b"1\n")

    server = serve(talk)
    link = link_to(server, device_server=True)
    assert link.query("A?") == "1"
    server.wait_for_end(1)
    assert link.query("B?") == "1"
    assert heard == ["A?", "B?"]


def test_a_record_of_a_box_with_a_port_of_its_own_is_replayed_without_asking(clock):
    address = "TCPIP0::10.0.0.7::5025::SOCKET"
    silence = "LinkTimeout: no sound answer in time"
    with ReplayedVisa(
        [
            Exchange(1.0, "load_c", address, b"A?\n", b"", silence),
            Exchange(2.0, "load_c", address, b"B?\n", b"1\n"),
        ],
        clock=clock,
    ) as link:
        with pytest.raises(LinkTimeout):
            link.query("A?")
        assert link.query("B?") == "1"


def test_an_interrupt_while_the_past_is_read_away_is_a_failure_of_its_own(
    serve, link_to, lines_of, fake_wires
):
    go_on, heard = threading.Event(), []
    replies = {"*IDN?": IDENTITY, "*STB?": b"0\n", "B?": b"B\n"}

    behind = ThreadPoolExecutor(1)

    def answer(line):
        if line in replies:
            go_on.wait(2)
            server.connections[-1].sendall(replies[line])

    def talk(connection, _):
        for line in lines_of(connection):
            heard.append(line)
            behind.submit(answer, line)

    server = serve(talk)
    link = link_to(server, timeout_s=TIMEOUT_S, device_server=True, wires=fake_wires)
    with pytest.raises(LinkTimeout):
        link.query("A?")

    def interrupt():
        wait_until(lambda: len(heard) == 2)
        raise KeyboardInterrupt

    fake_wires.one.on_sent = interrupt
    with pytest.raises(KeyboardInterrupt):
        link.query("B?")
    fake_wires.one.on_sent = go_on.set
    assert link.query("B?") == "B"
    assert heard == ["A?", "*IDN?", "*STB?", "B?"]
    behind.shutdown()


def test_the_gap_between_messages_is_kept_behind_the_question_that_ends_the_past(
    serve, link_to, lines_of, fake_wires
):
    def talk(connection, number):
        for line in lines_of(connection):
            if number > 1:
                connection.sendall(IDENTITY if line == "*IDN?" else b"1\n")

    link = link_to(serve(talk), timeout_s=TIMEOUT_S, device_server=True, wires=fake_wires)
    with pytest.raises(LinkTimeout):
        link.query("A?")
    fake_wires.one.calls.clear()
    assert link.query("B?") == "1"
    steps = [each for each in fake_wires.one.calls if each == "ready" or each[0] == "sent"]
    assert steps == ["ready", ("sent", 6), "ready", ("sent", 3)]
