"""How the boxes of a served bench are reached: a table, and one example for each kind of link."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rig.bench.model import BenchFile, LinkSpec

__all__ = ["examples", "table"]

_VISA = "pyvisa.ResourceManager('@py').open_resource('{address}', {options}).query('*IDN?')"
_LF = "read_termination='\\n', write_termination='\\n'"


def table(spec: BenchFile, addresses: Mapping[str, str]) -> str:
    """Return role, model, link and address of every box, aligned."""
    rows = [("role", "model", "link", "address")]
    rows += [
        (role, each.model, _link(each.link), addresses[role]) for role, each in spec.roles.items()
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]])
        for row in rows
    )


def examples(spec: BenchFile, addresses: Mapping[str, str]) -> Iterator[str]:
    """Yield, for the first box of each kind of link, a line that reaches it.

    Modbus boxes differ in what can be read, so there it is one for each model.
    """
    seen: set[str] = set()
    for role, each in spec.roles.items():
        kind = each.model if each.link.kind.startswith("modbus") else each.link.kind
        if kind not in seen:
            seen.add(kind)
            yield f"{role}: {_example(each.model, each.link, addresses[role])}"


def _link(link: LinkSpec) -> str:
    parts: list[str] = [link.kind]
    if link.unit is not None:
        parts.append(f"unit {link.unit}")
    if link.baud_rate is not None:
        parts.append(f"{link.baud_rate} Bd")
    return " ".join(parts)


def _example(model: str, link: LinkSpec, address: str) -> str:
    if link.kind.startswith("visa"):
        return _visa_example(link, address)
    if link.kind.startswith("modbus"):
        return _modbus_example(model, link, address)
    if link.kind == "stream-serial":
        return f"can.Bus(interface='slcan', channel='{address}', bitrate=500000)  # python-can"
    return f"python-can's bus {address.partition(':')[2]!r} inside this process, out of reach"


def _visa_example(link: LinkSpec, address: str) -> str:
    if link.kind == "visa-socket":
        port = address.split("::")[2]
        return f"lxi scpi -a 127.0.0.1 -r -p {port} '*IDN?'"
    if link.kind == "visa-serial":
        options = f"baud_rate={link.baud_rate}, {_LF}" if link.baud_rate else _LF
        return _VISA.format(address=address, options=options)
    return _VISA.format(address=address, options="read_termination='\\n'")


def _modbus_example(model: str, link: LinkSpec, address: str) -> str:
    if link.kind == "modbus-rtu-serial":
        baud = link.baud_rate or 9600
        what = "-t 0 -c 8" if model.startswith("Waveshare") else "-t 3 -c 1"
        return f"mbpoll -m rtu -a {link.unit} -b {baud} -P none -0 -r 0 {what} -1 {address}"
    framer = "RTU" if link.kind == "modbus-rtu-tcp" else "SOCKET"
    host, _, port = address.rpartition(":")
    return (
        f"pymodbus.client.ModbusTcpClient('{host}', port={port},"
        f" framer=pymodbus.FramerType.{framer}).read_holding_registers(0,"
        f" count=1, device_id={link.unit})"
    )
