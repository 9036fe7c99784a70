"""Bind roles to drivers: from a bench file's links to open instruments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from instruments.clock import Clock
from instruments.errors import BenchError, UsageError
from instruments.links.modbus import ModbusLine, ModbusTcp, ModbusUnit, RtuOverTcp, RtuSerial
from instruments.links.visa import VisaLink
from instruments.links.wire import TranscriptSink, Wires
from instruments.registry import create_driver, model_info
from rig.bench.model import BenchFile, LinkSpec, RoleSpec

__all__ = ["Roles", "bind_roles"]


@dataclass(frozen=True, slots=True)
class Roles:
    """Every role's driver, and the lines that several of them share."""

    drivers: Mapping[str, object]
    lines: Mapping[str, ModbusLine]

    def close(self) -> None:
        """Close every driver and line; all failures are collected."""
        errors: list[Exception] = []
        for closable in (*self.drivers.values(), *self.lines.values()):
            try:
                closable.close()  # type: ignore[attr-defined]  # every driver is an Instrument
            except BenchError as error:
                errors.append(error)
        if errors:
            raise ExceptionGroup("closing the bench", errors)


def bind_roles(
    bench: BenchFile,
    addresses: Mapping[str, str],
    clock: Clock,
    wires: Wires,
    transcript: TranscriptSink | None,
) -> Roles:
    """Make a driver for every role; nothing is opened or switched.

    ``addresses`` gives the address of each role, which for simulated boxes is known only at run
    time.
    """
    binder = _Binder(clock, wires, transcript)
    drivers = {
        role: binder.driver(role, spec, addresses[role]) for role, spec in bench.roles.items()
    }
    return Roles(drivers, binder.lines)


class _Binder:
    def __init__(self, clock: Clock, wires: Wires, transcript: TranscriptSink | None) -> None:
        self._clock, self._wires, self._transcript = clock, wires, transcript
        self.lines: dict[str, ModbusLine] = {}

    def driver(self, role: str, spec: RoleSpec, address: str) -> object:
        info = model_info(spec.model)
        family = spec.link.kind.partition("-")[0]
        if info.link != family:
            raise UsageError(
                f"roles.{role}.link.kind: {spec.link.kind!r} does not fit {spec.model}, which is"
                f" reached by {info.link}"
            )
        link = (
            self._visa(role, spec, address, info.min_gap_s)
            if family == "visa"
            else self._modbus(role, spec.link, address, info.min_gap_s)
        )
        return create_driver(spec.model, link, self._clock, rating=spec.rating)

    def _visa(self, role: str, spec: RoleSpec, address: str, min_gap_s: float) -> VisaLink:
        return VisaLink(
            address,
            name=role,
            clock=self._clock,
            wires=self._wires,
            timeout_s=spec.link.timeout_s,
            baud_rate=spec.link.baud_rate,
            min_gap_s=min_gap_s,
            transcript=self._transcript,
        )

    def _modbus(self, role: str, link: LinkSpec, address: str, min_gap_s: float) -> ModbusUnit:
        assert link.unit is not None  # the model demands it of Modbus links
        if address not in self.lines:
            self.lines[address] = ModbusLine(
                _transport(role, link, address),
                name=role,
                clock=self._clock,
                wires=self._wires,
                timeout_s=link.timeout_s,
                min_gap_s=min_gap_s,
                transcript=self._transcript,
            )
        return self.lines[address].unit(link.unit, name=role)


def _transport(role: str, link: LinkSpec, address: str) -> RtuOverTcp | ModbusTcp | RtuSerial:
    if link.kind == "modbus-rtu-serial":
        return RtuSerial(address, baud_rate=link.baud_rate or 9600)
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit():
        raise UsageError(
            f"roles.{role}.link.address: expected host:port for {link.kind}, got {address!r}"
        )
    kind = RtuOverTcp if link.kind == "modbus-rtu-tcp" else ModbusTcp
    return kind(host, int(port))
