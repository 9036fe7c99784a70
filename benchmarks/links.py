"""What a link costs over the bare library, on the same server, paired and interleaved in one run.

Run with ``python -m benchmarks.links [repetitions]`` on Linux. A repetition opens everything
afresh and times both sides in alternating order, a handful of exchanges at a time; its ratio is
that of the medians. Shown are the median of these ratios and its bootstrap interval over the
repetitions: where the scheduler puts server and client differs from one repetition to the next,
and moves one exchange by tens of microseconds. Once with both on one core, where there is no
waking up across cores and the ratio is that of the work done; once as the scheduler likes.
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
_ROUNDS = 40
_REPLY = b"+2.300000E+02,+1.500000E+01\n"
_BLOCK = b"#8%d" % (16 << 20) + bytes(16 << 20) + b"\n"


@dataclass(frozen=True)
class Pair:
    """Two ways of doing the same thing."""

    ours: Callable[[], object]
    bare: Callable[[], object]
    close: Callable[[], None]


def main(repetitions: int) -> None:
    """Print one line per pair and arrangement."""
    clock = WallClock()
    wires = RealWires(clock)
    print(f"{repetitions} repetitions; a transcript is kept on our side")
    print(f"{'exchange':42} {'ours':>9} {'bare':>9}  ratio  95 % interval   target")
    all_cores = os.sched_getaffinity(0)
    for arrangement, cores in (("one core", {min(all_cores)}), ("as it likes", all_cores)):
        os.sched_setaffinity(0, cores)
        visa = [_compare(_visa_pair(clock, wires)) for _ in range(repetitions)]
        _report(f"SOCKET query, 28-byte reply, {arrangement}", visa, 1.06)
        modbus = [_compare(_modbus_pair(clock, wires)) for _ in range(repetitions)]
        _report(f"RTU over TCP, block of 40, {arrangement}", modbus, 1.05)
    print(f"{'serial query over a pty':42} {_serial_query_s(clock, wires) * 1e6:6.0f} us")
    print(f"{'SOCKET block of 16 MB':42} {_block_s(clock, wires) * 1e3:6.0f} ms")


def _compare(pair: Pair) -> tuple[float, float]:
    """Return the median seconds of one exchange, ours and bare."""
    for side in (pair.ours, pair.bare):
        _time(side, 100)
    ours: list[float] = []
    bare: list[float] = []
    for number in range(_ROUNDS):
        sides = [(pair.ours, ours), (pair.bare, bare)]
        for side, times in sides if number % 2 else reversed(sides):
            times.append(_time(side, _EXCHANGES))
    pair.close()
    return statistics.median(ours), statistics.median(bare)


def _report(name: str, medians: list[tuple[float, float]], target: float) -> None:
    ratios = [ours / bare for ours, bare in medians]
    low, high = _interval(ratios)
    ours_us, bare_us = (statistics.median(side) * 1e6 for side in zip(*medians, strict=True))
    print(
        f"{name:42} {ours_us:6.1f} us {bare_us:6.1f} us  {statistics.median(ratios):.3f}"
        f"  {low:.3f} to {high:.3f}  <= {target:.2f}"
    )


def _time(call: Callable[[], object], count: int) -> float:
    start = perf_counter()
    for _ in range(count):
        call()
    return (perf_counter() - start) / count


def _interval(values: list[float], draws: int = 2000) -> tuple[float, float]:
    """Return the 2.5th and 97.5th percentile of the median over values drawn anew."""
    generator = Random(1)
    medians = sorted(
        statistics.median(generator.choices(values, k=len(values))) for _ in range(draws)
    )
    return medians[int(0.025 * draws)], medians[int(0.975 * draws)]


def _visa_pair(clock: WallClock, wires: RealWires) -> Pair:
    port, stop = _serve(_scpi_answer)
    link = _link(port, clock, wires)
    bare = _bare_visa(port)

    def close() -> None:
        link.close()
        bare.close()
        stop()

    return Pair(lambda: link.query("MEAS?"), lambda: bare.query("MEAS?"), close)


def _modbus_pair(clock: WallClock, wires: RealWires) -> Pair:
    port, stop = _serve(lambda _request: _REGISTERS)
    line = ModbusLine(
        RtuOverTcp("127.0.0.1", port), name="bus", clock=clock, wires=wires, transcript=Transcript()
    )
    unit = line.unit(1)
    bare = _bare_modbus(port)

    def close() -> None:
        line.close()
        bare.close()  # type: ignore[no-untyped-call]  # pymodbus leaves it so
        stop()

    return Pair(
        lambda: unit.read_holding(0, 40),
        lambda: bare.read_holding_registers(0, count=40, device_id=1),
        close,
    )


def _link(port: int, clock: WallClock, wires: RealWires) -> VisaLink:
    resource = f"TCPIP::127.0.0.1::{port}::SOCKET"
    return VisaLink(resource, name="box", clock=clock, wires=wires, transcript=Transcript())


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


def _serial_query_s(clock: WallClock, wires: RealWires) -> float:
    """Return the seconds of a query over a pseudo-terminal served by a thread of this process."""
    far, near = os.openpty()
    tty.setraw(near)

    def serve() -> None:
        while os.read(far, 100):
            os.write(far, _REPLY)

    threading.Thread(target=serve, daemon=True).start()
    link = VisaLink(f"ASRL{os.ttyname(near)}::INSTR", name="load", clock=clock, wires=wires)
    return statistics.median(_time(lambda: link.query("MEAS?"), 1) for _ in range(2000))


def _block_s(clock: WallClock, wires: RealWires) -> float:
    port, stop = _serve(_scpi_answer)
    link = _link(port, clock, wires)
    took_s = statistics.median(_time(lambda: link.query_block("BLOCK?"), 1) for _ in range(10))
    stop()
    return took_s


def _serve(answer: Callable[[bytes], bytes]) -> tuple[int, Callable[[], None]]:
    """Answer all connections to a port from a process of its own, as a box is one."""
    listener = socket.create_server(("127.0.0.1", 0))
    process = multiprocessing.get_context("fork").Process(
        target=_run, args=(listener, answer), daemon=True
    )
    process.start()
    port = int(listener.getsockname()[1])
    listener.close()

    def stop() -> None:
        process.terminate()
        process.join()

    return port, stop


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
    return _REPLY if request != b"BLOCK?\n" else _BLOCK


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
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
