"""Time one exchange over each kind of wire of the virtual bench, as drivers do it.

Run ``python -m benchmarks.wires [COUNT]``; pin it to two cores for comparable figures.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median, quantiles
from time import perf_counter

from instruments.links import ModbusLine, RtuOverTcp, RtuSerial, VisaLink
from rig.clock import VirtualClock
from rig.virtual.modbus import RtuLine, Unit
from rig.virtual.wires import Hub, Response, VirtualWires, stream_service

REPLY = b"ACME Inc.,Echo 28,12345,1.00"
BLOCK = b"#8" + b"16000000" + bytes(16_000_000)
TARGET_US = {"TCP socket": 120, "serial pty": 250, "RTU over TCP": 350, "RTU serial": 350}
REGISTERS = 40


class Box:
    """Answers every question with 28 bytes, or with a block of 16 MB."""

    def execute(self, message: bytes) -> Response:
        """Answer at a charge of 10 ms."""
        return Response(BLOCK if message == b"BLOCK?" else REPLY, 0.01)

    def status_byte(self) -> int:
        """Have nothing to report."""
        return 0

    def clear(self) -> None:
        """Have nothing to forget."""

    def trigger(self) -> None:
        """Have nothing to start."""


class Registers(Unit):
    """Answers with a ramp of input registers."""

    def read_input(self, address: int, count: int) -> Sequence[int]:
        """Return each register's own address."""
        return range(address, address + count)


def main() -> None:
    """Print the median and the 99th percentile of each kind of wire in microseconds."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    clock = VirtualClock()
    with Hub(clock) as hub:
        wires = VirtualWires(hub, clock)
        for kind, resource in resources(hub).items():
            link = VisaLink(resource, name=kind, clock=clock, wires=wires)
            report(kind, [timed(partial(link.query, "*IDN?")) for _ in range(count)])
            if kind != "serial pty":
                block_s = median(timed(partial(link.query_block, "BLOCK?")) for _ in range(5))
                print(f"{'':12} 16 MB block {block_s * 1e3:7.1f} ms")
            link.close()
        report_registers(hub, wires, clock, count)


def report_registers(hub: Hub, wires: VirtualWires, clock: VirtualClock, count: int) -> None:
    """Time a block of 40 input registers over both kinds of Modbus wire."""
    service = RtuLine({1: Registers()}, clock, baud=115200)
    transports: dict[str, RtuOverTcp | RtuSerial] = {
        "RTU over TCP": RtuOverTcp("127.0.0.1", hub.listen_tcp(service)),
        "RTU serial": RtuSerial(hub.open_serial(service), baud_rate=115200),
    }
    for kind, transport in transports.items():
        line = ModbusLine(transport, name=kind, clock=clock, wires=wires)
        read = partial(line.unit(1).read_input, 0, REGISTERS)
        report(kind, [timed(read) for _ in range(count)])
        line.close()


def resources(hub: Hub) -> dict[str, str]:
    """Plug one box into each kind of wire; return the resource strings."""
    box = Box()
    return {
        "TCP socket": f"TCPIP::127.0.0.1::{hub.listen_tcp(stream_service(box))}::SOCKET",
        "serial pty": f"ASRL{hub.open_serial(stream_service(box))}::INSTR",
        "VXI-11": f"TCPIP0::127.0.0.1,{hub.listen_vxi11(box)}::inst0::INSTR",
        "HiSLIP": f"TCPIP0::127.0.0.1::hislip0,{hub.listen_hislip(box)}::INSTR",
    }


def timed(call: Callable[[], object]) -> float:
    """Return how long a call took in seconds of wall time."""
    start = perf_counter()
    call()
    return perf_counter() - start


def report(kind: str, times_s: list[float]) -> None:
    """Print one line, with the target where there is one."""
    middle, high = median(times_s) * 1e6, quantiles(times_s, n=100)[98] * 1e6
    target = f"  (target {TARGET_US[kind]})" if kind in TARGET_US else ""
    print(f"{kind:12} median {middle:6.0f} us  p99 {high:6.0f} us{target}")


if __name__ == "__main__":
    main()
