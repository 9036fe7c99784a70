"""VISA SOCKET: late, wrong and missing replies and lost connections are clean errors."""

import threading
import time
from functools import partial

import pytest

from instruments.errors import BenchError, LinkClosed, LinkTimeout
from instruments.links import VisaLink

TIMEOUT_S = 0.1


@pytest.fixture
def link_to(link_to):
    return partial(link_to, timeout_s=TIMEOUT_S)


def test_a_late_reply_never_answers_the_next_query(serve, link_to, lines_of):
    given_up = threading.Event()

    def talk(connection, number):
        for line in lines_of(connection):
            if number == 1:
                given_up.wait(2)
            connection.sendall(f"{line}!\n".encode())

    server = serve(talk)
    link = link_to(server)
    with pytest.raises(LinkTimeout) as caught:
        link.query("SLOW?")
    assert "query 'SLOW?' on box at TCPIP::127.0.0.1" in str(caught.value)
    assert "within 0.1 s" in str(caught.value)
    given_up.set()
    server.wait_for_end(1)
    assert link.query("NEXT?") == "NEXT?!"
    assert len(server.connections) == 2


def test_half_a_reply_is_a_time_out_that_shows_the_half(serve, link_to):
    link = link_to(serve(answers={"A?": b"12.", "B?": b"ok\n"}))
    with pytest.raises(LinkTimeout, match=r"got 3 bytes '12\.'"):
        link.query("A?")
    assert link.query("B?") == "ok"


def test_bytes_without_end_do_not_hold_the_query_for_ever(serve, link_to, lines_of):
    def talk(connection, _):
        next(lines_of(connection))
        for _ in range(200):
            connection.sendall(b"x")
            time.sleep(0.01)  # often enough that no wait for the next byte ends

    link = link_to(serve(talk))
    start = time.monotonic()
    with pytest.raises(LinkTimeout):
        link.query("A?")
    assert time.monotonic() - start < 5 * TIMEOUT_S


def test_a_second_reply_is_refused_with_the_first(serve, link_to):
    link = link_to(serve(answers={"A?": b"1\n2\n", "B?": b"3\n"}))
    with pytest.raises(BenchError, match="more than one answer"):
        link.query("A?")
    assert link.query("B?") == "3"


def test_bytes_nobody_asked_for_are_not_taken_for_the_next_reply(serve, link_to, transcript):
    server = serve(answers={"A?": b"1\n", "B?": b"2\n"})
    link = link_to(server)
    link.query("A?")
    server.connections[0].sendall(b"stray\n")
    time.sleep(0.02)  # until they are there
    assert link.query("B?") == "2"
    assert "nobody asked for" in transcript.text()


def test_bytes_that_are_no_text_are_an_error_and_not_a_reply(serve, link_to):
    link = link_to(serve(answers={"A?": b"\xff\xfe\n", "B?": b"2\n"}))
    with pytest.raises(BenchError, match="no text"):
        link.query("A?")
    assert link.query("B?") == "2"


def test_a_peer_that_closes_is_noticed_at_once_and_without_spinning(serve, link_to):
    link = link_to(serve(lambda connection, _: connection.recv(100)), timeout_s=5.0)
    start, cpu = time.monotonic(), time.process_time()
    with pytest.raises(LinkClosed, match="closed the connection"):
        link.query("A?")
    assert time.monotonic() - start < 0.5
    assert time.process_time() - cpu < 0.2


def test_a_reset_is_a_closed_link(serve, link_to, reset):
    def talk(connection, number):
        connection.recv(100)
        if number == 1:
            reset(connection)
        else:
            connection.sendall(b"back\n")

    link = link_to(serve(talk))
    with pytest.raises(LinkClosed):
        link.query("A?")
    assert link.query("A?") == "back"


def test_a_connection_the_box_closed_while_idle_is_opened_anew_before_sending(serve, link_to):
    heard = []

    def talk(connection, number):
        heard.append((number, connection.recv(100)))
        connection.sendall(b"ok\n")  # and closes, as a box does after its idle time

    server = serve(talk)
    link = link_to(server)
    assert link.query("A?") == "ok"
    server.wait_for_end(1)
    assert link.query("B?") == "ok"
    assert heard == [(1, b"A?\n"), (2, b"B?\n")]


def test_a_message_that_nothing_confirmed_is_not_lost_in_silence(serve, link_to):
    def talk(connection, number):
        connection.recv(100)
        if number > 1:
            connection.sendall(b"ok\n")

    server = serve(talk)
    link = link_to(server)
    link.write("SET 1")
    server.wait_for_end(1)
    with pytest.raises(LinkClosed, match="until the message before was confirmed"):
        link.query("A?")
    assert link.query("A?") == "ok"


def test_a_refused_port_is_a_closed_link_at_once(serve, link_to):
    server = serve(answers={})
    server.stop_listening()
    link = link_to(server, timeout_s=2.0)
    start = time.monotonic()
    with pytest.raises(LinkClosed, match="refused"):
        link.query("A?")
    with pytest.raises(LinkClosed, match="opening the connection"):
        link.open()
    assert time.monotonic() - start < 0.5


def test_a_name_that_cannot_be_found_is_a_closed_link(clock, wires):
    link = VisaLink("TCPIP::no-such-box.invalid::5025::SOCKET", name="b", clock=clock, wires=wires)
    with pytest.raises(LinkClosed):
        link.query("A?")


def test_a_box_that_reads_nothing_does_not_hold_a_long_write_for_ever(serve, link_to):
    stop = threading.Event()
    link = link_to(serve(lambda _connection, _: stop.wait(2)))
    try:
        with pytest.raises(LinkTimeout) as caught:
            link.write("DATA " + "1" * 20_000_000)
    finally:
        stop.set()
    assert len(str(caught.value)) < 400  # the command is shown, not printed whole


def test_an_interrupt_between_question_and_reply_closes_the_connection(
    serve, link_to, lines_of, fake_wires
):
    asked_again = threading.Event()

    def talk(connection, _):
        for line in lines_of(connection):
            asked_again.wait(2)
            connection.sendall(f"{line}!\n".encode())

    server = serve(talk)
    link = link_to(server, wires=fake_wires)
    fake_wires.one.interrupt()
    with pytest.raises(KeyboardInterrupt):
        link.query("A?")
    fake_wires.one.on_sent = asked_again.set
    assert link.query("B?") == "B?!"
    assert len(server.connections) == 2


def test_transcripts_show_both_sides_and_what_went_wrong(serve, link_to, transcript):
    link = link_to(serve(answers={"A?": b"1\n"}))
    link.write("OUTP ON")
    link.query("A?")
    with pytest.raises(LinkTimeout):
        link.query("B?")
    seen = [(e.box, e.sent, e.received, e.error) for e in transcript.exchanges]
    assert seen == [
        ("box", b"OUTP ON\n", b"", None),
        ("box", b"A?\n", b"1\n", None),
        ("box", b"B?\n", b"", "LinkTimeout: timed out"),
    ]
