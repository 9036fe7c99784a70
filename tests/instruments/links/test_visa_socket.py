"""VISA SOCKET: an answer answers its own question, and every failure is a clean one."""

import socket
import threading
import time

import pytest

from instruments.errors import BenchError, LinkClosed, LinkTimeout, UsageError
from instruments.links import VisaLink

TIMEOUT_S = 0.1


@pytest.fixture
def link_to(stack, clock, wires, transcript):
    def make(server, **options):
        options = {"timeout_s": TIMEOUT_S, "wires": wires} | options
        resource = f"TCPIP::127.0.0.1::{server.port}::SOCKET"
        link = VisaLink(resource, name="box", clock=clock, transcript=transcript, **options)
        stack.callback(link.close)
        return link

    return make


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


def test_small_messages_leave_at_once(serve, link_to):
    link = link_to(serve(answers={"C?": b"1\n"}), timeout_s=1.0)
    link.query("C?")
    start = time.monotonic()
    for _ in range(5):
        link.write("A")
        link.write("B")
        link.query("C?")
    assert time.monotonic() - start < 0.1  # Nagle with delayed ACK costs 40 ms a time


def test_a_late_reply_never_answers_the_next_query(serve, link_to, lines_of):
    def talk(connection, number):
        for line in lines_of(connection):
            if number == 1:
                time.sleep(1.5 * TIMEOUT_S)
            connection.sendall(f"{line}!\n".encode())

    server = serve(talk)
    link = link_to(server)
    with pytest.raises(LinkTimeout) as caught:
        link.query("SLOW?")
    assert "query 'SLOW?' on box at TCPIP::127.0.0.1" in str(caught.value)
    assert "within 0.1 s" in str(caught.value)
    time.sleep(TIMEOUT_S)
    assert link.query("NEXT?") == "NEXT?!"
    assert len(server.connections) == 2


def test_half_a_reply_is_a_time_out_that_shows_the_half(serve, link_to):
    link = link_to(serve(answers={"A?": b"12.", "B?": b"ok\n"}))
    with pytest.raises(LinkTimeout, match=r"got 3 bytes '12\.'"):
        link.query("A?")
    assert link.query("B?") == "ok"


def test_a_reply_in_two_pieces_is_one_reply(serve, link_to, lines_of):
    def talk(connection, _):
        for _line in lines_of(connection):
            connection.sendall(b"12")
            time.sleep(0.02)
            connection.sendall(b".5\n")

    assert link_to(serve(talk)).query("A?") == "12.5"


def test_bytes_without_end_do_not_hold_the_query_for_ever(serve, link_to, lines_of):
    def talk(connection, _):
        for _line in lines_of(connection):
            while True:
                connection.sendall(b"x")
                time.sleep(0.01)

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
    time.sleep(0.02)
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

    link = link_to(serve(talk))
    assert link.query("A?") == "ok"
    time.sleep(0.02)
    assert link.query("B?") == "ok"
    assert heard == [(1, b"A?\n"), (2, b"B?\n")]


def test_a_message_that_nothing_confirmed_is_not_lost_in_silence(serve, link_to):
    def talk(connection, number):
        connection.recv(100)
        if number > 1:
            connection.sendall(b"ok\n")

    link = link_to(serve(talk))
    link.write("SET 1")
    time.sleep(0.02)
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


def test_a_box_that_reads_nothing_does_not_hold_a_long_write_for_ever(serve, link_to):
    stop = threading.Event()
    link = link_to(serve(lambda _connection, _: stop.wait(2)))
    try:
        with pytest.raises(LinkTimeout) as caught:
            link.write("DATA " + "1" * 20_000_000)
    finally:
        stop.set()
    assert len(str(caught.value)) < 400  # the command is shown, not printed whole


def test_a_name_that_cannot_be_found_is_a_closed_link(clock, wires):
    link = VisaLink("TCPIP::no-such-box.invalid::5025::SOCKET", name="b", clock=clock, wires=wires)
    with pytest.raises(LinkClosed):
        link.query("A?")


@pytest.mark.parametrize("command", ["A?\n", "A\nB?", "U 5 \u03a9"])
def test_a_message_that_is_not_one_line_of_ascii_is_the_authors_mistake(serve, link_to, command):
    server = serve(answers={})
    with pytest.raises(UsageError, match="one line of ASCII"):
        link_to(server).query(command)
    assert server.connections == []


def test_a_resource_string_that_is_none_is_the_authors_mistake(clock, wires):
    with pytest.raises(UsageError, match="192"):
        VisaLink("192.168.0.5:5025", name="box", clock=clock, wires=wires)


def test_two_threads_each_get_their_own_replies(serve, link_to, lines_of):
    link = link_to(serve(lambda connection, _: counting(connection, lines_of)), timeout_s=2.0)
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

    link = link_to(serve(talk), timeout_s=2.0)
    inside = threading.Event()

    def intrude():
        inside.wait(2)
        link.query("THEIRS?")

    thread = threading.Thread(target=intrude)
    thread.start()
    with link.transaction():
        link.query("OURS1?")
        inside.set()
        time.sleep(0.05)
        with link.transaction():
            link.query("OURS2?")
    thread.join(2)
    assert heard == ["OURS1?", "OURS2?", "THEIRS?"]


def test_an_interrupt_between_question_and_reply_closes_the_connection(serve, link_to, fake_wires):
    server = serve(answers={"A?": b"1\n", "B?": b"2\n"})
    link = link_to(server, wires=fake_wires)
    link.open()
    original = fake_wires.one.sent

    def interrupted(count):
        fake_wires.one.sent = original
        raise KeyboardInterrupt

    fake_wires.one.sent = interrupted
    with pytest.raises(KeyboardInterrupt):
        link.query("A?")
    assert link.query("B?") == "2"
    assert len(server.connections) == 2


def test_reopening_many_times_leaves_no_session_behind(serve, link_to):
    from pyvisa import ResourceManager

    link = link_to(serve(answers={"A?": b"1\n"}))
    link.query("A?")
    before = len(ResourceManager("@py").visalib.sessions)
    for _ in range(5):
        link.close()
        link.query("A?")
    assert len(ResourceManager("@py").visalib.sessions) == before


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


def test_a_time_out_of_nothing_is_the_authors_mistake(clock, wires):
    with pytest.raises(UsageError, match="above 0 s"):
        VisaLink("TCPIP::h::1::SOCKET", name="b", clock=clock, wires=wires, timeout_s=0.0)


def test_the_sockets_of_the_session_send_small_packets_at_once(serve, link_to):
    from pyvisa import ResourceManager

    link = link_to(serve(answers={"A?": b"1\n"}))
    link.query("A?")
    low = list(ResourceManager("@py").visalib.sessions.values())[-1]
    assert low.interface.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


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


def test_a_box_that_needs_a_gap_gets_each_message_by_itself(serve, link_to):
    heard = []

    def talk(connection, _):
        while data := connection.recv(1000):
            heard.append((time.monotonic(), data))
            if data.endswith(b"?\n"):
                connection.sendall(b"12\n")

    link = link_to(serve(talk), min_gap_s=0.03)
    assert link.query("VOLT?", after=["VOLT 12"]) == "12"
    assert [data for _, data in heard] == [b"VOLT 12\n", b"VOLT?\n"]
    assert heard[1][0] - heard[0][0] >= 0.025
