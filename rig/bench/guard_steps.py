"""The safe state of a bench file as literal bytes for the guardian, which knows no drivers.

A test holds every model's bytes against what its driver really sends when it makes its box safe.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from instruments.errors import UsageError
from instruments.links.visa_address import parse_resource
from instruments.registry import find_model
from rig.bench.guard_bytes import Exchange, Framing, framing_of, in_words, masked
from rig.bench.model import BenchFile, LinkSpec, RoleSpec

__all__ = ["guard_links", "register_safe_bytes"]

SafeBytes = Callable[[Framing], list[Exchange]]

try:
    import termios
except ImportError:  # Windows, which has no guardian
    _NAMED_SPEEDS: frozenset[int] = frozenset()
else:
    _NAMED_SPEEDS = frozenset(int(n[1:]) for n in dir(termios) if n[:1] == "B" and n[1:].isdigit())
_NO = ("0", "OFF")
_RTU_GAP_S = 0.005
"""More than 3.5 characters at 9600 Bd."""


def guard_links(spec: BenchFile, addresses: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return every wire of the safe state with its steps, in the order of the bench file.

    Raises ``UsageError`` for a box that the guardian cannot switch off.
    """
    links: dict[str, dict[str, Any]] = {}
    for step in spec.safe_state:
        role = spec.roles[step.role]
        where, wire = _wire(step.role, role, addresses[step.role])
        link = links.setdefault(where, {**wire, "steps": []})
        said = _bytes_of(step.role, role)(framing_of(role.link))
        link["steps"].append({"role": step.role, "within_s": step.within_s, "says": said})
    return list(links.values())


def register_safe_bytes(driver: str, says: SafeBytes) -> None:
    """Tell what makes the boxes of a lab's own driver (``module:Class``) safe."""
    _SAFE_BYTES[driver] = says


def _bytes_of(name: str, role: RoleSpec) -> SafeBytes:
    driver = find_model(role.model).driver
    if driver not in _SAFE_BYTES:
        raise UsageError(
            f"safe_state: the guardian has no literal bytes for {name} ({role.model}); expected"
            " one of the rig's own drivers, or rig.bench.guard_steps.register_safe_bytes"
        )
    return _SAFE_BYTES[driver]


def _wire(name: str, role: RoleSpec, address: str) -> tuple[str, dict[str, Any]]:
    """Return the wire's name and how the guardian opens it."""
    link, model = role.link, find_model(role.model)
    gap_s = model.line.min_gap_s
    if link.kind == "modbus-rtu-serial":
        wire = _serial(address, link, max(gap_s, _RTU_GAP_S))
        return address, wire | ({"lead": model.line.lead.hex()} if model.line.lead else {})
    if link.kind in ("modbus-rtu-tcp", "modbus-tcp"):
        return address, _tcp(address, gap_s)
    parsed = parse_resource(address)
    if parsed.kind == "socket":
        return parsed.wire, _tcp(parsed.wire, gap_s)
    if parsed.kind == "serial":
        baud = link.baud_rate or model.line.baud_rate
        # Ends what a dead holder left half said, so that our first command stands alone.
        return parsed.wire, {**_serial(parsed.wire, link, gap_s, baud), "lead": b"\n".hex()}
    raise UsageError(
        f"safe_state: the guardian cannot reach {name} at {address}; a box that carries power"
        " needs a link of kind visa-socket, visa-serial or modbus"
    )


def _tcp(wire: str, gap_s: float) -> dict[str, Any]:
    host, _, port = wire.rpartition(":")
    return {"kind": "tcp", "host": host.strip("[]"), "port": int(port), "gap_s": gap_s}


def _serial(path: str, link: LinkSpec, gap_s: float, baud: int | None = None) -> dict[str, Any]:
    baud = baud or link.baud_rate or 9600
    if _NAMED_SPEEDS and baud not in _NAMED_SPEEDS:
        raise UsageError(
            f"safe_state: the guardian cannot run {path} at {baud} Bd; expected a speed that the"
            " system has a name for, such as 9600 or 115200"
        )
    return {"kind": "serial", "path": path, "baud": baud, "gap_s": gap_s}


def _messages(*said: tuple[str, Sequence[str]]) -> SafeBytes:
    """Return program messages, each with the answers that are right."""
    return lambda _: [in_words(message, answers) for message, answers in said]


def _relays(framing: Framing) -> list[Exchange]:
    """All eight coils off at once, then read them."""
    return [
        framing.exchange("0f 0000 0008 01 00", "0f 0000 0008"),
        framing.exchange("01 0000 0008", "01 01 00"),
    ]


def _point_on_wave(framing: Framing) -> list[Exchange]:
    """Disarm; then state 0 (idle) or 3 (done), whatever fired at whatever angle."""
    states = [masked(f"04 06 0000 0000 {state:04x}", "ff ff 0000 0000 ffff") for state in (0, 3)]
    return [framing.exchange("06 0002 0000", "06 0002 0000"), framing.ask("04 0000 0003", states)]


def _ea_modbus(framing: Framing) -> list[Exchange]:
    """Take remote control (the holder may have lost it), output off, then status bit 7 clear."""
    off = masked("03 04 0000 0000", "ff ff 0000 0080")
    return [
        framing.exchange("05 0192 ff00", "05 0192 ff00"),
        framing.exchange("05 0195 0000", "05 0195 0000"),
        framing.ask("03 01f9 0002", [off]),
    ]


_SAFE_BYTES: dict[str, SafeBytes] = {
    "instruments.waveshare_relay:WaveshareRelay": _relays,
    "instruments.waveshare_relay:WaveshareIo": _relays,
    "instruments.point_on_wave:PointOnWaveTrigger": _point_on_wave,
    "instruments.ea_psb10000:EaPsb10000": _ea_modbus,
    "instruments.ea_psb_scpi:EaPsbScpi": _messages(
        ("SYST:LOCK ON", ()), ("OUTP OFF", ()), ("OUTP?", _NO)
    ),
    "instruments.delta_sm15k:DeltaSm15k": _messages(("OUTP OFF", ()), ("OUTP?", _NO)),
    "instruments.keysight_rp7900:KeysightRp7900": _messages(
        ("OUTP 0", ()), ("*OPC?", ("1", "+1")), ("OUTP?", _NO)
    ),
    "instruments.itech_it6000c:ItechIt6000c": _messages(
        ("SYST:REM", ()), ("OUTP OFF", ()), ("OUTP?", _NO)
    ),
    "instruments.chroma_63800:Chroma63800": _messages(("LOAD OFF", ()), ("LOAD?", _NO)),
    "instruments.itech_it8600:ItechIt8600": _messages(("SYST:REM;:INP 0", ()), ("INP?", _NO)),
}
