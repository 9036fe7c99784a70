"""The makers' own frames, byte for byte, on a real loopback socket (facts A1.2 and D1)."""

import socket
import threading

import pytest
from rtu_frames import rtu

from instruments.clock import WallClock
from instruments.ea_psb10000 import EaPsb10000
from instruments.links import ModbusLine, RealWires, RtuOverTcp
from instruments.ratings import SupplyRating
from instruments.waveshare_relay import WaveshareRelay


class FrameServer:
    """Answers each expected frame with its reply; what else comes is kept and ends the talk."""

    def __init__(self, *steps):
        self.steps = [(bytes.fromhex(a), bytes.fromhex(b)) for a, b in steps]
        self.unexpected = b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        connection, _ = self.listener.accept()
        with connection:
            connection.settimeout(2.0)
            while self.steps:
                expected, reply = self.steps[0]
                got = connection.recv(len(expected))
                while len(got) < len(expected) and expected.startswith(got):
                    got += connection.recv(len(expected) - len(got))
                if got != expected:
                    self.unexpected = got
                    return
                self.steps.pop(0)
                connection.sendall(reply)

    def finish(self):
        self.thread.join(3.0)
        self.listener.close()
        assert self.unexpected.hex(" ") == ""
        assert self.steps == []


@pytest.fixture
def on_the_wire():
    clock = WallClock()
    lines = []

    def connect(unit, *steps):
        server = FrameServer(*steps)
        transport = RtuOverTcp("127.0.0.1", server.port)
        line = ModbusLine(transport, name="box", clock=clock, wires=RealWires(clock))
        lines.append(line)
        return line.unit(unit), clock, server

    yield connect
    for line in lines:
        line.close()
    clock.close()


ECHO_ON = ("00 05 01 95 FF 00 9C 3B", "00 05 01 95 FF 00 9C 3B")
STATUS = "00 03 01 F9 00 02 14 17"


def with_crc(frame):
    return rtu(frame).hex()


def test_an_ea_supply_is_taken_over_and_switched_on_with_the_guides_frames(on_the_wire):
    link, clock, server = on_the_wire(
        0,
        (ECHO_ON[0], with_crc("008507")),
        ("00 05 01 92 FF 00 2D FA", "00 05 01 92 FF 00 2D FA"),
        (STATUS, with_crc("00030400000806")),
        ECHO_ON,
        (STATUS, with_crc("00030400000886")),
        ("00 05 01 9B FF 00 FD F8", "00 05 01 9B FF 00 FD F8"),
    )
    supply = EaPsb10000(link, clock, SupplyRating(80.0, 340.0, 10_000.0))
    supply.source.output_on()
    supply.acknowledge_alarms()
    server.finish()


def test_full_voltage_is_the_guides_frame(on_the_wire):
    link, clock, server = on_the_wire(
        0,
        (with_crc("000300790002"), with_crc("00030442A00000")),
        ("00 06 01 F4 CC CC 9D 40", "00 06 01 F4 CC CC 9D 40"),
        (with_crc("000301F40001"), with_crc("000302CCCC")),
    )
    EaPsb10000(link, clock, SupplyRating(80.0, 340.0, 10_000.0)).source.set_voltage(80.0)
    server.finish()


def test_a_full_compliance_supply_is_spoken_to_as_unit_1(on_the_wire):
    link, clock, server = on_the_wire(
        1,
        (with_crc("0103007B0002"), with_crc("01030443AA0000")),
        ("01 06 01 F5 66 66 33 8E", "01 06 01 F5 66 66 33 8E"),
        (with_crc("010301F50001"), with_crc("0103026666")),
    )
    EaPsb10000(link, clock, SupplyRating(80.0, 340.0, 10_000.0)).source.set_current_limit(170.0)
    server.finish()


def test_a_relay_board_gets_the_vendors_frames(on_the_wire):
    link, clock, server = on_the_wire(
        1,
        ("01 05 00 00 FF 00 8C 3A", "01 05 00 00 FF 00 8C 3A"),
        ("01 01 00 00 00 08 3D CC", with_crc("01010101")),
        ("01 05 02 00 00 07 8D B0", "01 05 02 00 00 07 8D B0"),
        ("01 01 00 00 00 08 3D CC", with_crc("01010101")),
    )
    board = WaveshareRelay(link, clock)
    board.set_relay(0, closed=True)
    board.pulse(0, 0.7)
    server.finish()
