"""HiSLIP and VXI-11 with boxes that stop talking in the middle of what the library does itself."""

import socket
import struct
import threading
import time

import pytest

from instruments.errors import LinkClosed, LinkTimeout

TIMEOUT_S = 0.1
ENOUGH_S = 0.9
"""Less than what the library would wait by itself (5 s at opening, 1 s more in each call)."""
RESOURCES = {
    "hislip": "TCPIP0::127.0.0.1::hislip0,{}::INSTR",
    "vxi11": "TCPIP0::127.0.0.1,{}::inst0::INSTR",
}


@pytest.fixture
def link_to(visa_over):
    def make(kind, server):
        return visa_over(RESOURCES[kind].format(server.port), timeout_s=TIMEOUT_S)

    return make


@pytest.fixture(autouse=True)
def bounded():
    started = time.monotonic()
    yield
    assert time.monotonic() - started < ENOUGH_S


def hislip_header(kind, parameter, length):
    return struct.pack("!2sBBIQ", b"HS", kind, 0, parameter, length)


def open_hislip(connection, number):
    """Shake hands; return the session's synchronous connection to speak on, else None."""
    kind, _, _, length = struct.unpack("!2xBBIQ", connection.recv(16, socket.MSG_WAITALL))
    connection.recv(length)
    if kind == 0:
        connection.sendall(hislip_header(1, 1 << 24 | number, 0))
        return connection
    connection.sendall(hislip_header(18, 0, 0))
    connection.recv(24, socket.MSG_WAITALL)
    connection.sendall(hislip_header(16, 0, 8) + struct.pack("!Q", 1 << 20))
    return None


@pytest.mark.parametrize("kind", RESOURCES)
def test_a_box_that_accepts_and_says_nothing_is_not_waited_for_longer(serve, link_to, kind):
    over = threading.Event()
    server = serve(lambda _connection, _number: over.wait(2))
    with pytest.raises(LinkClosed, match="expected a connection"):
        link_to(kind, server).query("A?")
    over.set()


@pytest.mark.parametrize("kind", RESOURCES)
def test_a_box_that_accepts_and_hangs_up_is_noticed_at_once(serve, link_to, kind):
    server = serve(lambda connection, _number: connection.recv(10))
    with pytest.raises(LinkClosed, match="expected a connection"):
        link_to(kind, server).query("A?")


def test_hislip_waits_no_longer_for_the_last_step_of_its_opening(serve, link_to):
    over = threading.Event()

    def talk(connection, number):
        kind, _, _, length = struct.unpack("!2xBBIQ", connection.recv(16, socket.MSG_WAITALL))
        connection.recv(length)
        connection.sendall(hislip_header(1 if kind == 0 else 18, 1 << 24 | number, 0))
        over.wait(3)

    with pytest.raises(LinkClosed, match="expected a connection"):
        link_to("hislip", serve(talk)).query("A?")
    over.set()


def test_hislip_does_not_look_for_the_rest_of_a_foreign_answer_in_an_ended_stream(serve, link_to):
    def talk(connection, number):
        speaking = open_hislip(connection, number)
        if speaking is not None:
            speaking.recv(100)
            speaking.sendall(hislip_header(7, 0xDEAD, 1000) + b"not for you")
        else:
            connection.recv(1)

    with pytest.raises(LinkClosed, match="closed the connection"):
        link_to("hislip", serve(talk)).query("A?")


def test_a_silent_vxi11_box_is_given_its_time_out_and_no_second_more(serve, link_to):
    over = threading.Event()

    def talk(connection, _number):
        call = connection.recv(1000)
        link_made = struct.pack(">4I", 0, 9, 0, 1 << 20)
        accepted = call[4:8] + struct.pack(">5I", 1, 0, 0, 0, 0)
        reply = accepted + link_made
        connection.sendall(struct.pack(">I", 0x80000000 | len(reply)) + reply)
        over.wait(2)

    with pytest.raises(LinkTimeout):
        link_to("vxi11", serve(talk)).query("A?")
    over.set()


def test_failed_openings_leave_no_socket_behind(serve, link_to, recwarn):
    import gc

    server = serve(lambda connection, _number: connection.sendall(b"\x80\0\0\x04what"))
    for kind in RESOURCES:
        for _ in range(3):
            with pytest.raises(LinkClosed):
                link_to(kind, server).query("A?")
    gc.collect()
    assert not [warning for warning in recwarn if warning.category is ResourceWarning]
