"""What a link costs over the bare library, on the same server, paired and interleaved in one run.

Run with ``python -m benchmarks.links [rounds]``. Each round times both sides, in alternating
order, over a handful of exchanges; the ratio is that of the medians, with a bootstrap interval
over rounds.
"""

from __future__ import annotations

import multiprocessing
import os
import selectors
import socket
import statistics
import struct
import sys
import threading
import tty
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from time import perf_counter

import pyvisa
from pymodbus import FramerType
from pymodbus.client import ModbusTcpClient
from pyvisa.resources import MessageBasedResource

from instruments.clock import WallClock
from instruments.links import ModbusLine, RealWires, RtuOverTcp, Transcript, VisaLink

_EXCHANGES = 10
_REPLY = b"+2.300000E+02,+1.500000E+01\n"
_BLOCK = 16 << 20


@dataclass(frozen=True)
class Pair:
    """Two ways of doing the same thing."""

    name: str
    ours: Callable[[], object]
    bare: Callable[[], object]
    target: float


def main(rounds: int) -> None:
    """Print one line per pair."""
    clock = WallClock()
    wires = RealWires(clock)
    scpi, modbus = _serve(_scpi_answer), _serve(_modbus_answer)
    link = VisaLink(
        f"TCPIP::127.0.0.1::{scpi}::SOCKET", name="box", clock=clock, wires=wires,
        transcript=Transcript(),
    )  # fmt: skip
    bare_link = _bare_visa(scpi)
    unit = ModbusLine(
        RtuOverTcp("127.0.0.1", modbus), name="bus", clock=clock, wires=wires,
        transcript=Transcript(),
    ).unit(1)  # fmt: skip
    bare_unit = _bare_modbus(modbus)
    print(f"{rounds} rounds of {_EXCHANGES} exchanges a side; a transcript is kept on ours")
    print(f"{'exchange':34} {'ours':>8} {'bare':>8}  ratio  95 % interval   target")
    for pair in (
        Pair(
            "SOCKET query, 28-byte reply",
            lambda: link.query("MEAS?"),
            lambda: bare_link.query("MEAS?"),
            1.06,
        ),
        Pair(
            "RTU over TCP, block of 40",
            lambda: unit.read_holding(0, 40),
            lambda: bare_unit.read_holding_registers(0, count=40, device_id=1),
            1.05,
        ),
    ):
        _report(pair, rounds)
    _report_alone("serial query over a pty", _serial_query(clock, wires), "250 us")
    _report_alone("SOCKET block of 16 MB", lambda: link.query_block("BLOCK?"), "")


def _report(pair: Pair, rounds: int) -> None:
    for side in (pair.ours, pair.bare):
        _time(side, 200)
    ours: list[float] = []
    bare: list[float] = []
    for number in range(rounds):
        sides = [(pair.ours, ours), (pair.bare, bare)]
        for side, times in sides if number % 2 else reversed(sides):
            times.append(_time(side, _EXCHANGES))
    ratio = statistics.median(ours) / statistics.median(bare)
    low, high = _interval(ours, bare)
    ours_us, bare_us = statistics.median(ours) * 1e6, statistics.median(bare) * 1e6
    print(
        f"{pair.name:34} {ours_us:5.0f} us {bare_us:5.0f} us  {ratio:.3f}  {low:.3f} to {high:.3f}  <= {pair.target:.2f}"
    )


def _report_alone(name: str, call: Callable[[], object], target: str) -> None:
    call()
    times = [_time(call, 1) for _ in range(20 if "block" in name else 1000)]
    print(f"{name:34} {statistics.median(times) * 1e6:5.0f} us{'':32}{target and '<= ' + target}")


def _time(call: Callable[[], object], count: int) -> float:
    start = perf_counter()
    for _ in range(count):
        call()
    return (perf_counter() - start) / count


def _interval(ours: list[float], bare: list[float], draws: int = 1000) -> tuple[float, float]:
    """Return the 2.5th and 97.5th percentile of the ratio over rounds drawn anew."""
    generator, count = Random(1), len(ours)
    ratios = []
    for _ in range(draws):
        drawn = [generator.randrange(count) for _ in range(count)]
        ratios.append(
            statistics.median(ours[i] for i in drawn) / statistics.median(bare[i] for i in drawn)
        )
    ratios.sort()
    return ratios[int(0.025 * draws)], ratios[int(0.975 * draws)]


def _bare_visa(port: int) -> MessageBasedResource:
    resource = pyvisa.ResourceManager("@py").open_resource(
        f"TCPIP::127.0.0.1::{port}::SOCKET", read_termination="\n", write_termination="\n"
    )
    assert isinstance(resource, MessageBasedResource)
    session = resource.visalib.sessions[resource.session]  # type: ignore[attr-defined]  # pyvisa-py's own
    session.interface.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return resource


def _bare_modbus(port: int) -> ModbusTcpClient:
    client = ModbusTcpClient("127.0.0.1", port=port, framer=FramerType.RTU, retries=0)
    client.connect()  # type: ignore[no-untyped-call]  # pymodbus leaves it so
    assert client.socket is not None
    client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def _serial_query(clock: WallClock, wires: RealWires) -> Callable[[], object]:
    far, near = os.openpty()
    tty.setraw(near)

    def serve() -> None:
        while os.read(far, 100):
            os.write(far, _REPLY)

    threading.Thread(target=serve, daemon=True).start()
    link = VisaLink(f"ASRL{os.ttyname(near)}::INSTR", name="load", clock=clock, wires=wires)
    return lambda: link.query("MEAS?")


def _serve(answer: Callable[[bytes], bytes]) -> int:
    """Answer all connections to a port from a process of its own, as a box is one."""
    listener = socket.create_server(("127.0.0.1", 0))
    process = multiprocessing.get_context("fork").Process(
        target=_run, args=(listener, answer), daemon=True
    )
    process.start()
    port = int(listener.getsockname()[1])
    listener.close()
    return port


def _run(listener: socket.socket, answer: Callable[[bytes], bytes]) -> None:
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                connection, _ = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(connection, selectors.EVENT_READ, connection)
            elif request := key.data.recv(4096):
                key.data.sendall(answer(request))
            else:
                selector.unregister(key.data)


def _scpi_answer(request: bytes) -> bytes:
    return _REPLY if request != b"BLOCK?\n" else b"#8%d" % _BLOCK + bytes(_BLOCK) + b"\n"


def _modbus_answer(request: bytes) -> bytes:
    return _REGISTERS


def _crc(data: bytes) -> bytes:
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return struct.pack("<H", value)


_ANSWER = b"\x01\x03\x50" + bytes(range(80))
_REGISTERS = _ANSWER + _crc(_ANSWER)

if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
