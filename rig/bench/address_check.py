"""Hold the addresses of a real bench against each other: one box each, one speed a line."""

from __future__ import annotations

import os
from collections.abc import Iterator

from instruments.errors import UsageError
from instruments.links.visa_address import parse_resource
from rig.bench.file_problem import Problem, Use, Where, used_twice
from rig.bench.model import BenchFile, LinkSpec

__all__ = ["address_problems"]

_VISA = {
    "visa-socket": "socket",
    "visa-serial": "serial",
    "visa-hislip": "hislip",
    "visa-vxi11": "vxi11",
}
_LINES = ("visa-serial", "modbus-rtu-serial", "stream-serial")


def address_problems(bench: BenchFile) -> Iterator[Problem]:
    """Yield addresses that cannot be, or lead to one box; simulated ones are made to differ."""
    simulated = {role: spec.link.is_virtual for role, spec in bench.roles.items()}
    if all(simulated.values()):
        return
    for role in (role for role, is_simulated in simulated.items() if is_simulated):
        yield Problem(_where(role), "a real address, as other roles have; a bench is not mixed")
    if bench.clock == "virtual":
        yield Problem(("clock",), "wall: the boxes have real addresses, and no other time")
    real = {role: spec.link for role, spec in bench.roles.items() if not simulated[role]}
    for role, link in real.items():
        if (wrong := _malformed(link)) is not None:
            yield Problem(_where(role), wrong)
            return
    yield from used_twice(_boxes(real, bench))
    yield from _speeds(real)


def _where(role: str) -> Where:
    return "roles", role, "link", "address"


def _malformed(link: LinkSpec) -> str | None:
    if link.kind not in _VISA:
        return None  # Modbus and CAN addresses are read when they are bound
    try:
        kind = parse_resource(link.address).kind
    except UsageError as error:
        return str(error)
    if kind in ("other", _VISA[link.kind]):
        return None
    return f"a VISA resource of link kind {link.kind}, not one of kind visa-{kind}"


def _boxes(real: dict[str, LinkSpec], bench: BenchFile) -> Iterator[Use]:
    for role, link in real.items():
        yield Use(_where(role), "a box", (_wire(link), link.unit))
    console = bench.unit.console
    lines = {_wire(link): role for role, link in real.items() if link.kind in _LINES}
    if console is not None and _device(console.address) in lines:
        yield Use(_where(lines[_device(console.address)]), "a line", "console")
        yield Use(("unit", "console", "address"), "a line", "console")


def _speeds(real: dict[str, LinkSpec]) -> Iterator[Problem]:
    """Yield lines that are to be run at two speeds, or spoken to in two ways."""
    first: dict[str, tuple[str, LinkSpec]] = {}
    for role, link in real.items():
        if link.kind not in _LINES:
            continue
        name, other = first.setdefault(_wire(link), (role, link))
        if link.kind != other.kind:
            yield Problem(_where(role), f"a line of its own; {name} has it as {other.kind}")
        elif link.baud_rate != other.baud_rate:
            yield Problem(
                ("roles", role, "link", "baud_rate"), f"{other.baud_rate} as {name} on that line"
            )


def _wire(link: LinkSpec) -> str:
    """Return one name for what two links would share."""
    if link.kind in _VISA:
        parsed = parse_resource(link.address)
        wire = parsed.wire if parsed.kind in ("socket", "serial") else link.address.lower()
        return _device(wire) if parsed.kind == "serial" else wire.lower()
    return _device(link.address) if link.kind in _LINES else link.address.lower()


def _device(path: str) -> str:
    return os.path.realpath(path) if path.startswith("/") else path.lower()
