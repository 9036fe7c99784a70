"""Serial lines over pseudo-terminals in virtual time."""

from __future__ import annotations

import sys

import pytest
import serial

from instruments.errors import UsageError
from rig.virtual.wires import stream_service


class Repeater:
    """Sends back what it hears."""

    def __init__(self, line):
        self.line = line

    def received(self, data):
        self.line.send(data)

    def closed(self):
        pass


@pytest.fixture
def path(hub, device):
    return hub.open_serial(stream_service(device))


def open_port(path):
    return serial.Serial(path, 57600, timeout=1.0)


def test_pyvisa_talks_to_a_serial_port(visa, wires, path, clock):
    wire = wires.wire(path)
    load = visa.open_resource(
        f"ASRL{path}::INSTR", read_termination="\n", write_termination="\n", baud_rate=57600
    )
    wire.sent(load.write("*IDN?"))
    assert load.read() == "ACME,Echo,0,1.0"
    wire.settle()
    assert clock.now() == 0.01


def test_every_byte_passes_unchanged_both_ways(hub, wires):
    path = hub.open_serial(Repeater)
    everything = bytes(range(256)) * 2
    with open_port(path) as port:
        port.write(everything)
        wires.wire(path).sent(len(everything))
        assert port.read(len(everything)) == everything


def test_the_line_does_not_echo(wires, path):
    with open_port(path) as port:
        port.write(b"*CLS\n")
        wires.wire(path).sent(5)
        port.timeout = 0.02
        assert port.read(10) == b""


def test_a_client_may_leave_and_another_may_come(wires, path):
    for _ in range(2):
        with open_port(path) as port:
            port.write(b"ECHO? x\n")
            wires.wire(path).sent(8)
            assert port.readline() == b"x\n"


def test_a_reply_larger_than_the_buffers_arrives_while_the_client_reads(wires, path):
    with open_port(path) as port:
        port.write(b"BIG? 50000\n")
        wires.wire(path).sent(11)
        assert len(port.read(50001)) == 50001


def test_what_nobody_reads_is_lost_and_does_not_pile_up(hub, clock):
    lines = []
    hub.open_serial(lambda line: lines.append(line) or Repeater(line))
    for _ in range(64):
        lines[0].send(b"log line" * 8192)
    assert lines[0].backlog < 1_200_000


def test_an_unplugged_line_is_an_error_to_who_has_it_open(hub, wires, path):
    with open_port(path) as port:
        hub.unplug(path)
        with pytest.raises((serial.SerialException, OSError)):
            port.write(b"*IDN?\n")
        wires.wire(path).sent(6)


def test_a_system_without_pseudo_terminals_says_so_when_asked_for_one(hub, device, monkeypatch):
    monkeypatch.setitem(sys.modules, "tty", None)
    with pytest.raises(UsageError, match="Linux or macOS"):
        hub.open_serial(stream_service(device))
