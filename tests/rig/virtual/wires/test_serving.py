"""The same wires in wall time, as a server process runs them."""

from __future__ import annotations

import logging
import shutil
import signal
import subprocess
import sys
import time

import pytest
import serial
from pyvisa.constants import StatusCode
from pyvisa.errors import VisaIOError

from instruments.errors import UsageError
from rig.virtual.wires import stream_service

GRAIN_S = 0.0011
"""A box in wall time lives from millisecond to millisecond."""


@pytest.fixture
def port(hub, device):
    return hub.listen_tcp(stream_service(device))


def ask(client, message):
    client.sendall(message + b"\n")
    return client.recv(100)


def test_a_reply_is_as_late_as_its_turnaround(connect, port, serving):
    with serving():
        client = connect(port)
        started = time.monotonic()
        assert ask(client, b"SLOW? 0.1") == b"done\n"
        assert 0.1 <= time.monotonic() - started < 0.5


def test_a_box_hears_the_next_message_when_it_is_done_with_the_last(connect, port, serving, device):
    with serving():
        client = connect(port)
        client.sendall(b"SLOW? 0.15\n")
        time_until(lambda: device.heard)
        client.sendall(b"NEXT\n")
        assert client.recv(100) == b"done\n"
        time_until(lambda: len(device.heard) == 2)
    assert device.heard == [b"SLOW? 0.15", b"NEXT"]


def test_messages_that_come_in_one_go_are_done_one_after_another(
    connect, port, serving, device, clock
):
    begun = []
    execute = device.execute
    device.execute = lambda message: begun.append(clock.now()) or execute(message)
    with serving():
        client = connect(port)
        client.sendall(b"SLOW? 0.1\nSLOW? 0.05\nECHO? me\n")
        started, said = time.monotonic(), b""
        while not said.endswith(b"me\n"):
            said += client.recv(100)
        assert said == b"done\ndone\nme\n"
        assert 0.15 <= time.monotonic() - started + 0.005 < 0.6
    assert begun[1] - begun[0] >= 0.1 - GRAIN_S
    assert begun[2] - begun[1] >= 0.05 - GRAIN_S


def test_what_waits_when_serving_ends_is_done_then(connect, port, serving, device, clock):
    with serving():
        client = connect(port)
        client.sendall(b"SLOW? 5\nNEXT\nLAST\n")
        time_until(lambda: device.heard)
    assert device.heard == [b"SLOW? 5", b"NEXT", b"LAST"]
    assert clock.now() < 2.0


def test_nobody_waits_for_the_turnaround_of_another(connect, port, serving):
    with serving():
        slow, quick = connect(port), connect(port)
        slow.sendall(b"SLOW? 0.3\n")
        started = time.monotonic()
        assert ask(quick, b"ECHO? me") == b"me\n"
        assert time.monotonic() - started < 0.25
        assert slow.recv(100) == b"done\n"


def test_the_clock_follows_the_wall_and_makes_its_calls(connect, port, serving, clock):
    clock.sleep_until(1000.0)
    made = []
    clock.call_every(0.02, lambda: made.append(clock.now()))
    with serving():
        client = connect(port)
        ask(client, b"SLOW? 0.1")
    assert 1000.1 <= clock.now() < 1001.0
    assert made[:4] == pytest.approx([1000.02, 1000.04, 1000.06, 1000.08])


def test_a_broken_box_is_logged_in_one_line_and_the_rest_goes_on(connect, port, serving, caplog):
    with caplog.at_level(logging.ERROR), serving():
        bad, good = connect(port), connect(port)
        bad.sendall(b"BREAK\n")
        with pytest.raises(ConnectionResetError):
            bad.recv(1)
        assert ask(good, b"ECHO? on") == b"on\n"
    assert [record.getMessage() for record in caplog.records] == [
        f"box at 127.0.0.1:{port}: RuntimeError: the box broke"
    ]


def test_a_broken_box_on_a_serial_line_stays_on_the_line(hub, device, serving, caplog):
    path = hub.open_serial(stream_service(device))
    with serving(), serial.Serial(path, timeout=1.0) as client:
        client.write(b"BREAK\n")
        time_until(lambda: caplog.records)
        client.write(b"ECHO? on\n")
        assert client.readline() == b"on\n"


def test_a_broken_call_of_the_clock_ends_the_server(serving, clock):
    def fall_over():
        raise ZeroDivisionError

    clock.call_at(0.0, fall_over)
    with pytest.raises(ZeroDivisionError), serving():
        pass


def test_a_flood_and_a_silent_reader_harm_nobody_else(connect, port, serving):
    with serving():
        flooder, silent, polite = connect(port), connect(port), connect(port)
        silent.sendall(b"BIG? 16000000\n" * 3)
        with pytest.raises(OSError, match=r"reset|pipe|timed out"):
            for _ in range(10_000):
                flooder.sendall(b"\0" * 65536)
        assert ask(polite, b"ECHO? fine") == b"fine\n"


def test_a_serial_port_is_served(hub, device, serving):
    path = hub.open_serial(stream_service(device))
    with serving(), serial.Serial(path, timeout=1.0) as client:
        client.write(b"*IDN?\n")
        assert client.readline() == b"ACME,Echo,0,1.0\n"


def test_message_protocols_are_served(hub, device, visa, serving):
    resources = (
        f"TCPIP0::127.0.0.1,{hub.listen_vxi11(device)}::inst0::INSTR",
        f"TCPIP0::127.0.0.1::hislip0,{hub.listen_hislip(device)}::INSTR",
    )
    with serving():
        for resource in resources:
            with visa.open_resource(resource, read_termination="\n") as box:
                assert box.query("*IDN?") == "ACME,Echo,0,1.0"


def test_reading_vxi11_without_a_question_takes_the_client_s_time_out(hub, device, visa, serving):
    port = hub.listen_vxi11(device)
    with serving(), visa.open_resource(f"TCPIP0::127.0.0.1,{port}::inst0::INSTR") as box:
        box.timeout = 150
        started = time.monotonic()
        with pytest.raises(VisaIOError) as caught:
            box.read()
        assert caught.value.error_code == StatusCode.error_timeout
        assert 0.15 <= time.monotonic() - started < 0.8


def test_after_serving_in_wall_time_the_hub_can_be_pumped_again(
    connect, wires, port, serving, clock
):
    with serving():
        client = connect(port)
        ask(client, b"*IDN?")
    wire, now = wires.wire(f"127.0.0.1:{port}"), clock.now()
    with wire.blocking():
        assert ask(client, b"*IDN?") == b"ACME,Echo,0,1.0\n"
    client.sendall(b"BREAK\n")
    with pytest.raises(RuntimeError):
        wire.sent(6)
    wire.settle()
    assert clock.now() == pytest.approx(now + 0.01)


def test_a_wake_up_from_nowhere_does_not_end_a_blocking_call(hub, connect, wires, port):
    wire = wires.wire(f"127.0.0.1:{port}")
    hub.wake()
    with wire.blocking():
        assert ask(connect(port), b"ECHO? x") == b"x\n"
    hub.wake()
    client = connect(port)
    client.sendall(b"BIG? 8000000\n")
    wire.sent(13)
    got = 0
    while got < 8_000_001:
        got += len(client.recv(1 << 20))


def test_lxi_tools_read_a_raw_socket(port, serving):
    assert lxi(serving, "-r", "-p", str(port)) == "ACME,Echo,0,1.0"


def test_lxi_tools_find_vxi11_through_the_portmapper(hub, device, serving):
    core = hub.listen_vxi11(device)
    try:
        hub.listen_portmapper(core)
    except UsageError as error:
        pytest.skip(f"the portmapper's port is not to be had: {error}")
    assert lxi(serving) == "ACME,Echo,0,1.0"


def lxi(serving, *options):
    tool = shutil.which("lxi")
    if tool is None:
        pytest.skip("lxi-tools are not installed")
    command = [tool, "scpi", "-a", "127.0.0.1", *options, "*IDN?"]
    with serving():
        done = subprocess.run(command, capture_output=True, text=True, timeout=5.0, check=True)
    return done.stdout.strip()


SERVER = """
import signal
from rig.clock import VirtualClock
from rig.virtual.wires import Hub, Response, stream_service

class Box:
    def execute(self, message):
        return Response(b"alive")

stopped = []
with Hub(VirtualClock()) as hub:
    signal.signal(signal.SIGTERM, lambda *_: (stopped.append(1), hub.wake()))
    print(hub.listen_tcp(stream_service(Box())), flush=True)
    hub.serve_until(lambda: bool(stopped))
print("stopped", flush=True)
"""


def test_a_signal_stops_a_server_process_in_good_order(connect):
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as box:
        assert box.stdout is not None
        assert ask(connect(int(box.stdout.readline())), b"?") == b"alive\n"
        box.send_signal(signal.SIGTERM)
        assert box.stdout.readline() == "stopped\n"
        assert box.wait(5.0) == 0


def time_until(condition):
    deadline = time.monotonic() + 2.0
    while not condition():
        assert time.monotonic() < deadline
