"""Our links and drivers beside the bare libraries, on the same server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import pyvisa
from pymodbus import FramerType
from pymodbus.client import AsyncModbusSerialClient, ModbusSerialClient, ModbusTcpClient
from pyvisa.resources import MessageBasedResource

from benchmarks.boxes.answering import registers_answer, scpi_answer, serving, serving_serial
from benchmarks.paired import Pair
from instruments.clock import WallClock
from instruments.keysight_rp7900 import KeysightRp7900
from instruments.links import ModbusLine, RealWires, RtuOverTcp, RtuSerial, Transcript, VisaLink
from instruments.ratings import SupplyRating

__all__ = [
    "block",
    "eight_boxes_links",
    "modbus_block",
    "query",
    "reading",
    "serial_rtu",
    "setting",
]

_CLOCK = WallClock()
_WIRES = RealWires(_CLOCK)
_QUESTION = "MEAS:VOLT?;:FETC:CURR?"
_RATING = SupplyRating(voltage_v=500.0, current_a=40.0, power_w=10_000.0)


class _WithoutSilences(RealWires):
    """Wires on which no request waits for the silence that tells RTU frames apart.

    The peers keep none, and it would be all that is timed: 1.75 ms.
    """

    concurrent = False


@contextmanager
def query() -> Iterator[Pair]:
    """Ask one question by our link (which keeps a transcript) and by bare PyVISA."""
    with _scpi() as (link, bare):
        yield Pair(partial(link.query, _QUESTION), partial(bare.query, _QUESTION))


@contextmanager
def reading() -> Iterator[Pair]:
    """Measure by a driver, to numbers in a reading, beside the bare text of the same answer."""
    with _scpi() as (link, bare):
        driver = KeysightRp7900(link, _CLOCK, _RATING)
        yield Pair(driver.measure, partial(bare.query, _QUESTION))


@contextmanager
def setting() -> Iterator[Pair]:
    """Set, read back and read the error queue by a driver, beside one compound line."""
    with _scpi() as (link, bare):
        driver = KeysightRp7900(link, _CLOCK, _RATING)
        line = "VOLT 12;:VOLT?;:SYST:ERR?"
        yield Pair(lambda: driver.source.set_voltage(12.0), lambda: bare.query(line))


@contextmanager
def block() -> Iterator[Pair]:
    """Fetch a binary block of 16 MB by our link and by bare PyVISA."""
    with _scpi() as (link, bare):
        fetch = partial(
            bare.query_binary_values, "BLOCK?", datatype="B", container=bytes, chunk_size=1 << 20
        )
        yield Pair(partial(link.query_block, "BLOCK?"), fetch)


@contextmanager
def modbus_block() -> Iterator[Pair]:
    """Read 40 holding registers over TCP by our link and by bare pymodbus."""
    with serving(registers_answer) as (port,):
        line = _line(RtuOverTcp("127.0.0.1", port))
        client: Any = ModbusTcpClient("127.0.0.1", port=port, framer=FramerType.RTU, retries=0)
        client.connect()
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with _closing(line.close, client.close):
            bare = partial(client.read_holding_registers, 0, count=40, device_id=1)
            yield Pair(partial(line.unit(1).read_holding, 0, 40), bare)


@contextmanager
def serial_rtu(*, peer: str) -> Iterator[Pair]:
    """Read 40 holding registers over a serial line by our link and by a client of pymodbus.

    ``peer``: its ``async`` or its ``sync`` client.
    """
    with serving_serial(registers_answer) as path, serving_serial(registers_answer) as other:
        line = _line(RtuSerial(path, baud_rate=115_200))
        bare, close = (_async_serial if peer == "async" else _sync_serial)(other)
        with _closing(line.close, close):
            yield Pair(partial(line.unit(1).read_holding, 0, 40), bare)


@contextmanager
def eight_boxes_links(turnaround_s: float) -> Iterator[dict[str, VisaLink]]:
    """Have links to eight boxes which each take so long over an answer."""
    with serving(scpi_answer, boxes=8, turnaround_s=turnaround_s) as ports:
        links = {f"box {n}": _link(port) for n, port in enumerate(ports)}
        with _closing(*(link.close for link in links.values())):
            yield links


@contextmanager
def _scpi() -> Iterator[tuple[VisaLink, MessageBasedResource]]:
    with serving(scpi_answer) as (port,):
        link, bare = _link(port), _bare_visa(port)
        with _closing(link.close, bare.close):
            yield link, bare


def _link(port: int) -> VisaLink:
    resource = f"TCPIP::127.0.0.1::{port}::SOCKET"
    return VisaLink(resource, name="box", clock=_CLOCK, wires=_WIRES, transcript=Transcript())


def _line(transport: RtuOverTcp | RtuSerial) -> ModbusLine:
    wires = _WithoutSilences(_CLOCK)
    return ModbusLine(transport, name="bus", clock=_CLOCK, wires=wires, transcript=Transcript())


def _bare_visa(port: int) -> MessageBasedResource:
    resource = pyvisa.ResourceManager("@py").open_resource(
        f"TCPIP::127.0.0.1::{port}::SOCKET", read_termination="\n", write_termination="\n"
    )
    assert isinstance(resource, MessageBasedResource)
    resource.timeout = 10_000
    library: Any = resource.visalib  # Any: PyVISA-py's own, whose sessions PyVISA does not know
    session = library.sessions[resource.session]
    session.interface.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return resource


def _async_serial(path: str) -> tuple[Callable[[], object], Callable[[], None]]:
    loop = asyncio.new_event_loop()

    async def connected() -> AsyncModbusSerialClient:
        client = AsyncModbusSerialClient(path, baudrate=115_200, retries=0)
        await client.connect()
        return client

    client: Any = loop.run_until_complete(connected())

    def close() -> None:
        client.close()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    def read() -> object:
        return loop.run_until_complete(client.read_holding_registers(0, count=40, device_id=1))

    return read, close


def _sync_serial(path: str) -> tuple[Callable[[], object], Callable[[], None]]:
    client: Any = ModbusSerialClient(path, baudrate=115_200, retries=0)
    client.connect()
    return partial(client.read_holding_registers, 0, count=40, device_id=1), client.close


@contextmanager
def _closing(*closes: Callable[[], None]) -> Iterator[None]:
    with ExitStack() as stack:
        for close in closes:
            stack.callback(close)
        yield
