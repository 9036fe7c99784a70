"""Boxes whose answers prove what was asked, and links to them through a fault layer."""

from __future__ import annotations

import threading
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import numpy as np
import pytest

from instruments.clock import Clock, WallClock
from instruments.links import (
    ModbusLine,
    ModbusTcp,
    RealWires,
    RtuOverTcp,
    RtuSerial,
    VisaLink,
    Wires,
)
from rig.clock import VirtualClock
from rig.virtual.modbus import RtuLine, Unit, mbap_service
from rig.virtual.wires import Guard, Hub, LinkFaults, Response, VirtualWires, stream_service

UNIT = 7


class CountingDevice:
    """Answers with the number it was asked for and a checksum; remembers what it did."""

    def __init__(self) -> None:
        self.done: Counter[int] = Counter()

    def execute(self, message: bytes) -> Response:
        if message == b"*IDN?":
            return Response(b"ACME,Counter,0,1.0", 1e-4)
        if message == b"*STB?":
            return Response(b"0", 1e-4)
        word, _, rest = message.partition(b" ")
        body, _, _seal = rest.rpartition(b",")
        if word not in (b"ECHO?", b"BLOCK?", b"SET") or rest != sealed(body):
            return Response(b"")  # as a box that has found a syntax error
        number, _, size = body.partition(b":")
        self.done[int(number)] += 1
        if word == b"SET":
            return Response(b"")
        if word == b"ECHO?":
            return Response(sealed(number), 1e-4)
        data = sealed(number) + bytes(n & 255 for n in range(int(size)))
        return Response(b"#6%06d" % len(data) + data, 1e-4)

    def status_byte(self) -> int:
        return 0

    def clear(self) -> None:
        pass

    def trigger(self) -> None:
        pass


class CountingUnit(Unit):
    """Holds in each register a number that only this register holds; remembers what was written."""

    def __init__(self) -> None:
        self.written: Counter[tuple[int, ...]] = Counter()

    def read_holding(self, address: int, count: int) -> list[int]:
        return holding(address, count)

    def read_input(self, address: int, count: int) -> list[int]:
        return [word ^ 0xFFFF for word in holding(address, count)]

    def read_coils(self, address: int, count: int) -> list[bool]:
        return coils(address, count)

    def write_coil(self, address: int, on: bool) -> None:
        self.written[(address, int(on))] += 1

    def write_register(self, address: int, value: int) -> None:
        self.written[(address, value)] += 1

    def write_registers(self, address: int, values: list[int]) -> None:
        self.written[(address, *values)] += 1


def sealed(number: bytes) -> bytes:
    return b"%s,%08x" % (number, zlib.crc32(b"seal" + number))


def holding(address: int, count: int) -> list[int]:
    return [(each * 40503 + 12345) & 0xFFFF for each in range(address, address + count)]


def coils(address: int, count: int) -> list[bool]:
    bits = zlib.crc32(b"%d" % address) | zlib.crc32(b"x%d" % address) << 32
    return [bool(bits >> n & 1) for n in range(count)]


@dataclass
class Box:
    """One simulated box, the link to it, and the faults in between."""

    kind: str
    link: VisaLink | ModbusLine
    faults: LinkFaults
    timeout_s: float
    device: CountingDevice = field(default_factory=CountingDevice)
    unit: CountingUnit = field(default_factory=CountingUnit)


MakeBox = Callable[..., Box]


@pytest.fixture
def make_box() -> Iterator[MakeBox]:
    """Return a function that plugs in a box and a link of a kind, in virtual or wall time."""
    with ExitStack() as stack:

        def make(kind: str, *, seed: int, timeout_s: float, virtual: bool) -> Box:
            clock = VirtualClock()
            hub = stack.enter_context(Hub(clock))
            faults = LinkFaults(
                clock,
                np.random.default_rng(seed),
                box="box",
                timeout_s=timeout_s,
                serial=kind.endswith("serial"),
                in_wall_time=lambda: hub.in_wall_time,
            )
            device, unit = CountingDevice(), CountingUnit()
            if kind == "modbus-tcp":
                place: int | str = hub.listen_tcp(faults.guard(mbap_service({UNIT: unit})))
            else:
                line = RtuLine({UNIT: unit}, clock, baud=115200, silence_s=0.3 * timeout_s)
                place = _plug_in(kind, hub, faults.guard, device, line)
            if virtual:
                client: Clock = clock
                wires: Wires = VirtualWires(hub, clock)
            else:
                client = WallClock()
                wires = RealWires(client)
            link = _link(kind, place, client, wires, timeout_s)
            if not virtual:
                stack.enter_context(_served(hub))
            stack.callback(link.close)
            return Box(kind, link, faults, timeout_s, device, unit)

        yield make


def _plug_in(kind: str, hub: Hub, guard: Guard, device: CountingDevice, line: RtuLine) -> int | str:
    if kind == "visa-socket":
        return hub.listen_tcp(guard(stream_service(device)))
    if kind == "visa-serial":
        return hub.open_serial(guard(stream_service(device)))
    if kind == "visa-hislip":
        return hub.listen_hislip(device, guard=guard)
    if kind == "visa-vxi11":
        return hub.listen_vxi11(device, guard=guard)
    if kind == "modbus-rtu-tcp":
        return hub.listen_tcp(guard(line))
    return hub.open_serial(guard(line))


def _link(
    kind: str, place: int | str, clock: Clock, wires: Wires, timeout_s: float
) -> VisaLink | ModbusLine:
    resources = {
        "visa-socket": f"TCPIP0::127.0.0.1::{place}::SOCKET",
        "visa-serial": f"ASRL{place}::INSTR",
        "visa-hislip": f"TCPIP0::127.0.0.1::hislip0,{place}::INSTR",
        "visa-vxi11": f"TCPIP0::127.0.0.1,{place}::inst0::INSTR",
    }
    if kind in resources:
        return VisaLink(resources[kind], name="box", clock=clock, wires=wires, timeout_s=timeout_s)
    if isinstance(place, str):
        transport: RtuSerial | RtuOverTcp | ModbusTcp = RtuSerial(place, baud_rate=115200)
    elif kind == "modbus-tcp":
        transport = ModbusTcp("127.0.0.1", place)
    else:
        transport = RtuOverTcp("127.0.0.1", place)
    return ModbusLine(transport, name="box", clock=clock, wires=wires, timeout_s=timeout_s)


@contextmanager
def _served(hub: Hub) -> Iterator[None]:
    stopped: list[bool] = []
    thread = threading.Thread(target=hub.serve_until, args=(lambda: bool(stopped),))
    thread.start()
    try:
        yield
    finally:
        stopped.append(True)
        hub.wake()
        thread.join(5.0)
        assert not thread.is_alive()


@pytest.fixture(scope="session")
def proofs() -> tuple[Callable[..., object], ...]:
    """Return the functions that say what an honest answer is: sealed, holding, coils."""
    return sealed, holding, coils
