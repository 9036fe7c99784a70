"""The simulated controller's service port and console as serial lines (controller.md 1 and 2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from instruments.clock import Clock
from rig.virtual.modbus import Refusal, RtuLine, Unit
from rig.virtual.ports import ServicePort, ServiceRefusal
from rig.virtual.wires.contract import Line

__all__ = ["ConsoleService", "ServicePortUnit", "service_port_line"]

UNIT = 17
BAUD = 115200


class ServicePortUnit(Unit):
    """The controller as a Modbus unit: functions 03, 04, 06 and 16, all others refused with 01.

    Registers, ranges and states are the controller's own; its refusals become exception codes.
    """

    obeys_broadcast = False

    def __init__(self, port: ServicePort, *, delay_s: float = 0.001) -> None:
        self._port = port
        self.delay_s = delay_s

    def read_holding(self, address: int, count: int) -> Sequence[int]:
        """Answer function 03."""
        with _refusals():
            return self._port.read_holding(address, count)

    def read_input(self, address: int, count: int) -> Sequence[int]:
        """Answer function 04."""
        with _refusals():
            return self._port.read_input(address, count)

    def write_register(self, address: int, value: int) -> None:
        """Obey function 06."""
        self.write_registers(address, [value])

    def write_registers(self, address: int, values: Sequence[int]) -> None:
        """Obey function 16 as one request: all values or none."""
        with _refusals():
            self._port.write_holding(address, list(values))


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except ServiceRefusal as refusal:
        raise Refusal(refusal.code) from refusal


def service_port_line(
    port: ServicePort, clock: Clock, *, delay_s: float = 0.001, baud: int = BAUD
) -> RtuLine:
    """Return the service of the controller's serial line: unit 17 alone.

    ``delay_s`` is what the firmware takes to answer; one protection tick unless told otherwise.
    """
    return RtuLine({UNIT: ServicePortUnit(port, delay_s=delay_s)}, clock, baud=baud)


class ConsoleService:
    """The console's serial line: each log line goes out as it is written, nothing is read.

    What was logged while nobody was connected is gone, as on a serial port.
    """

    def __init__(self, port: ServicePort) -> None:
        self._lines: list[Line] = []
        port.on_console_line(self._write)

    def __call__(self, line: Line) -> _ConsoleSession:
        """Connect a listener."""
        self._lines.append(line)
        return _ConsoleSession(self._lines, line)

    def _write(self, text: str) -> None:
        for line in self._lines:
            line.send(text.encode("utf-8") + b"\n")


class _ConsoleSession:
    def __init__(self, lines: list[Line], line: Line) -> None:
        self._lines, self._line = lines, line

    def received(self, data: bytes) -> None:
        """Ignore what is typed: the console only writes."""

    def closed(self) -> None:
        if self._line in self._lines:
            self._lines.remove(self._line)
