"""VISA SOCKET: every answer answers its own question, on the bytes of the message."""

import socket
import threading
import time

import pytest

from instruments.errors import UsageError
from instruments.links import VisaLink


def counting(connection, lines_of):
    for line in lines_of(connection):
        connection.sendall(f"{line}!\n".encode())


def test_a_thousand_queries_are_answered_in_order(serve, link_to, lines_of):
    link = link_to(serve(lambda connection, _: counting(connection, lines_of)))
    assert [link.query(f"Q{n}?") for n in range(1000)] == [f"Q{n}?!" for n in range(1000)]


def test_nothing_is_opened_before_the_first_exchange(serve, link_to):
    server = serve(answers={"A?": b"1\n"})
    link = link_to(server)
    assert server.connections == []
    link.query("A?")
    assert len(server.connections) == 1


def test_the_reply_comes_without_terminator_and_surrounding_white_space(serve, link_to):
    link = link_to(serve(answers={"A?": b"  +1.5E+00 \r\n"}))
    assert link.query("A?") == "+1.5E+00"


def test_an_empty_reply_is_an_empty_text(serve, link_to):
    assert link_to(serve(answers={"A?": b"\n"})).query("A?") == ""


def test_a_reply_in_two_pieces_is_one_reply(serve, link_to, lines_of):
    def talk(connection, _):
        for _line in lines_of(connection):
            connection.sendall(b"12")
            time.sleep(0.02)  # so that they come one by one
            connection.sendall(b".5\n")

    assert link_to(serve(talk)).query("A?") == "12.5"


def test_write_sends_the_command_with_its_terminator(serve, link_to):
    heard = []
    done = threading.Event()

    def talk(connection, _):
        heard.append(connection.recv(100))
        done.set()

    link = link_to(serve(talk), write_termination="\r\n")
    link.write("OUTP ON")
    assert done.wait(1)
    assert heard == [b"OUTP ON\r\n"]


def test_a_command_goes_in_one_piece_with_the_query_after_it(serve, link_to, transcript):
    heard = []

    def talk(connection, _):
        while data := connection.recv(1000):
            heard.append(data)
            connection.sendall(b"12\n")

    link = link_to(serve(talk))
    assert link.query("VOLT?", after=["OUTP ON", "VOLT 12"]) == "12"
    assert heard == [b"OUTP ON\nVOLT 12\nVOLT?\n"]
    assert transcript.exchanges[-1].sent == b"OUTP ON\nVOLT 12\nVOLT?\n"
    with pytest.raises(UsageError, match="one line of ASCII"):
        link.query("VOLT?", after=["VOLT\n12"])
    assert len(heard) == 1


def test_a_box_that_needs_a_gap_gets_each_message_by_itself(serve, link_to, fake_wires):
    link = link_to(serve(answers={"VOLT?": b"12\n"}), wires=fake_wires, min_gap_s=0.03)
    link.open()
    fake_wires.one.calls.clear()
    assert link.query("VOLT?", after=["VOLT 12"]) == "12"
    assert fake_wires.one.calls == ["ready", ("sent", 8), "ready", ("sent", 6), "settle"]


def test_small_messages_leave_at_once(serve, link_to):
    link = link_to(serve(answers={"C?": b"1\n"}))
    link.query("C?")
    start = time.monotonic()
    for _ in range(5):
        link.write("A")
        link.write("B")
        link.query("C?")
    assert time.monotonic() - start < 0.1  # Nagle with delayed ACK costs 40 ms a time


def test_the_sockets_of_the_session_send_small_packets_at_once(serve, link_to):
    from pyvisa import ResourceManager

    link = link_to(serve(answers={"A?": b"1\n"}))
    link.query("A?")
    low = list(ResourceManager("@py").visalib.sessions.values())[-1]
    assert low.interface.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_two_threads_each_get_their_own_replies(serve, link_to, lines_of):
    link = link_to(serve(lambda connection, _: counting(connection, lines_of)))
    wrong = []

    def ask(who):
        for n in range(200):
            if link.query(f"{who}{n}?") != f"{who}{n}?!":
                wrong.append((who, n))

    threads = [threading.Thread(target=ask, args=(who,)) for who in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)
    assert wrong == []


def test_a_transaction_keeps_other_threads_out(serve, link_to, lines_of):
    heard = []

    def talk(connection, _):
        for line in lines_of(connection):
            heard.append(line)
            connection.sendall(b"1\n")

    link = link_to(serve(talk))
    inside = threading.Event()

    def intrude():
        inside.wait(2)
        link.query("THEIRS?")

    thread = threading.Thread(target=intrude)
    thread.start()
    with link.transaction():
        link.query("OURS1?")
        inside.set()
        time.sleep(0.05)  # for the other to come in, if it could
        with link.transaction():
            link.query("OURS2?")
    thread.join(2)
    assert heard == ["OURS1?", "OURS2?", "THEIRS?"]


def test_reopening_many_times_leaves_no_session_behind(serve, link_to):
    from pyvisa import ResourceManager

    link = link_to(serve(answers={"A?": b"1\n"}))
    link.query("A?")
    before = len(ResourceManager("@py").visalib.sessions)
    for _ in range(5):
        link.close()
        link.query("A?")
    assert len(ResourceManager("@py").visalib.sessions) == before


@pytest.mark.parametrize("command", ["A?\n", "A\nB?", "U 5 \u03a9"])
def test_a_message_that_is_not_one_line_of_ascii_is_the_authors_mistake(serve, link_to, command):
    server = serve(answers={})
    with pytest.raises(UsageError, match="one line of ASCII"):
        link_to(server).query(command)
    assert server.connections == []


def test_a_resource_string_that_is_none_is_the_authors_mistake(clock, wires):
    with pytest.raises(UsageError, match="192"):
        VisaLink("192.168.0.5:5025", name="box", clock=clock, wires=wires)


def test_a_time_out_of_nothing_is_the_authors_mistake(clock, wires):
    with pytest.raises(UsageError, match="above 0 s"):
        VisaLink("TCPIP::h::1::SOCKET", name="b", clock=clock, wires=wires, timeout_s=0.0)
