"""RTU answers carry no number: one that is late must answer nothing, on whatever wire it comes."""

import contextlib
import threading
import time

import pytest
from rtu_frames import rtu

from instruments.errors import BenchError, LinkClosed, LinkTimeout
from instruments.links import ModbusTcp, RtuOverTcp, RtuSerial

TIMEOUT_S = 0.2


@pytest.fixture
def unit_over(line_over):
    return lambda transport: line_over(transport, timeout_s=TIMEOUT_S).unit(1)


@pytest.fixture
def device_server(serve, unit_over):
    """Return a unit behind a serial line that gives what it hears to whoever is connected."""

    def make(delays):
        newest, waits, heard = [], iter(delays), []

        def answer(frame, wait_s):
            time.sleep(wait_s)  # a slow box: its answer comes after the time-out
            with contextlib.suppress(OSError):
                newest[-1].sendall(frame)

        def talk(connection, _):
            newest.append(connection)
            while request := connection.recv(300):
                heard.append(request)
                frame = request if request[1] == 6 else rtu(f"01 03 02 {request[2:4].hex()}")
                threading.Thread(target=answer, args=(frame, next(waits, 0.0)), daemon=True).start()

        return unit_over(RtuOverTcp("127.0.0.1", serve(talk).port, device_server=True)), heard

    return make


def test_behind_a_device_server_a_late_answer_never_answers_the_next_read(device_server):
    unit, _ = device_server([1.3 * TIMEOUT_S, 0.5 * TIMEOUT_S])
    with pytest.raises(LinkTimeout):
        unit.read_holding(22)
    assert unit.read_holding(33) == [33]
    assert unit.read_holding(44) == [44]


def test_behind_a_device_server_a_write_after_a_failure_is_sent_without_waiting(device_server):
    unit, _ = device_server([10 * TIMEOUT_S])
    with pytest.raises(LinkTimeout):
        unit.read_holding(22)
    start = time.monotonic()
    unit.write_register(5, 0)
    assert time.monotonic() - start < TIMEOUT_S / 2


def test_a_connection_that_ended_while_idle_owes_nothing_and_is_not_listened_to(serve, unit_over):
    def talk(connection, _):
        connection.recv(300)
        connection.sendall(rtu("01 03 02 0007"))

    server = serve(talk)
    unit = unit_over(RtuOverTcp("127.0.0.1", server.port, device_server=True))
    assert unit.read_holding(0) == [7]
    server.wait_for_end(1)
    start = time.monotonic()
    assert unit.read_holding(0) == [7]
    assert time.monotonic() - start < TIMEOUT_S / 2


def test_a_port_that_vanishes_while_late_answers_are_awaited_is_a_closed_link(open_pty, unit_over):
    pty = open_pty(lambda far: far.read(300))
    unit = unit_over(RtuSerial(pty.path))
    with pytest.raises(LinkTimeout):
        unit.read_holding(0)
    threading.Timer(TIMEOUT_S / 2, pty.vanish).start()
    with pytest.raises(LinkClosed, match="read holding registers 0 on bus at /dev/"):
        unit.read_holding(0)


@pytest.mark.parametrize("transport", [RtuOverTcp, ModbusTcp])
@pytest.mark.parametrize(("host", "port"), [("192.168.1..20", 502), ("127.0.0.1", 70000)])
def test_an_address_that_cannot_be_is_an_error_in_words(unit_over, transport, host, port):
    with pytest.raises(BenchError, match=f"at {host}:{port} unit 1: expected a connection"):
        unit_over(transport(host, port)).read_holding(0)


@pytest.mark.parametrize("answered", [True, False])
def test_an_adapter_that_echoes_is_named_in_the_error(serve, unit_over, answered):
    def talk(connection, _):
        while request := connection.recv(300):
            connection.sendall(request + rtu("01 03 02 0007") * answered)

    unit = unit_over(RtuOverTcp("127.0.0.1", serve(talk).port))
    with pytest.raises(BenchError, match="begins with the request itself: does the adapter echo"):
        unit.read_holding(0)
