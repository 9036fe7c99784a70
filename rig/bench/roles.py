"""Bind roles to drivers: from a bench file's links to open instruments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Protocol, cast

from instruments.capabilities import Instrument, Watchdog
from instruments.clock import Clock
from instruments.errors import BenchError, UsageError
from instruments.links import (
    ModbusLine,
    ModbusTcp,
    ModbusUnit,
    RtuOverTcp,
    RtuSerial,
    SerialStream,
    TranscriptSink,
    VisaLink,
    Wires,
)
from instruments.python_can_port import CanInterface
from instruments.ratings import Probe as InputProbe
from instruments.ratings import Rating, ScopeRating, SlcanDialect, TemperatureRegister
from instruments.registry import LineSettings, Model, create_driver, find_model
from rig.bench.demand import Demand
from rig.bench.envelope import Envelopes
from rig.bench.gated import GatedWires
from rig.bench.limited import limited
from rig.bench.model import BenchFile, LinkSpec, Probe, RoleSpec
from rig.controller import Controller, ServicePort
from rig.controller.absent import AbsentController
from rig.safety import Gate

__all__ = ["CONTROLLER", "Roles", "WatchdogBox", "bind_roles", "check_models"]


CONTROLLER = "controller"
"""The role of the unit under test; it is no instrument and has no model in the registry."""
_Link = VisaLink | ModbusUnit | SerialStream | CanInterface
_BAUD_RATE = 115_200
_SECOND_CONNECTION = ("modbus-rtu-tcp", "modbus-tcp")
"""Links whose box takes a SCPI connection beside them, at the same host and port."""
_LAST_PORT = 65535


class WatchdogBox(Instrument, Watchdog, Protocol):
    """A box with a watchdog of its own."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Every role's driver, the unit under test, and the lines that several of them share."""

    drivers: Mapping[str, Instrument]
    """Those that can carry power stand behind the envelope of their role."""
    controller: Controller
    lines: Mapping[str, ModbusLine]
    addresses: Mapping[str, str]
    gate: Gate
    """In front of every wire."""
    demand: Demand
    """What all of them together have been asked for."""
    watchdogs: Mapping[str, WatchdogBox] = field(default_factory=dict)
    """What arms the watchdog of a role's box: its driver, or another one on the same box."""

    def close(self) -> None:
        """Close every driver and line; all failures are collected."""
        errors: list[Exception] = []
        own = {id(each) for each in self.drivers.values()}
        others = [each for each in self.watchdogs.values() if id(each) not in own]
        closes = [each.close for each in (*others, *self.drivers.values())]
        closes += [each.close for each in self.lines.values()]
        with self.gate.lifted():
            for close in closes:
                try:
                    close()
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
    file: str = "the bench file",
) -> Roles:
    """Make a driver for every role; nothing is opened or switched.

    ``addresses`` gives the address of each role, which for simulated boxes is known only at run
    time; ``file`` is what messages about the envelope name.
    """
    gate = Gate()
    binder = _Binder(bench, clock, GatedWires(wires, gate), transcript)
    drivers = {
        role: binder.driver(role, spec, addresses[role])
        for role, spec in bench.roles.items()
        if role != CONTROLLER
    }
    watchdogs = {
        role: binder.watchdog(role, spec, addresses[role], drivers[role])
        for role, spec in bench.roles.items()
        if spec.watchdog is not None
    }
    demand = Demand(Envelopes(bench, file), clock, gate.shut_with)
    behind = limited(bench, drivers, demand, clock, gate.shut_with)
    unit = binder.unit(addresses.get(CONTROLLER))
    return Roles(behind, unit, binder.lines, addresses, gate, demand, watchdogs)


def check_models(bench: BenchFile) -> None:
    """Raise ``UsageError`` for a model that nobody knows, or that link or rating do not fit."""
    for role, spec in bench.roles.items():
        if role == CONTROLLER:
            if not spec.link.kind.startswith("modbus"):
                raise UsageError(f"roles.{role}.link.kind: expected Modbus, got {spec.link.kind!r}")
            continue
        try:
            model = find_model(spec.model)
        except UsageError as error:
            raise UsageError(f"roles.{role}.model: {error}") from None
        family = spec.link.kind.partition("-")[0]
        if model.link != family:
            raise UsageError(
                f"roles.{role}.link.kind: {spec.link.kind!r} does not fit {spec.model}, which is"
                f" reached by {model.link}"
            )
        _rating(role, spec, model, bench)


class _Binder:
    def __init__(
        self, bench: BenchFile, clock: Clock, wires: Wires, transcript: TranscriptSink | None
    ) -> None:
        self._bench = bench
        self._clock, self._wires, self._transcript = clock, wires, transcript
        self.lines: dict[str, ModbusLine] = {}

    def driver(self, role: str, spec: RoleSpec, address: str) -> Instrument:
        model = find_model(spec.model)
        rating = _rating(role, spec, model, self._bench)
        link = self._link(role, spec.link, address, model)
        return create_driver(spec.model, link, self._clock, rating)

    def unit(self, address: str | None) -> Controller:
        """Return the service port of the unit under test, or what stands in its place."""
        if address is None:
            return cast("Controller", AbsentController())
        link = self._bench.roles[CONTROLLER].link
        line = LineSettings(serial_only=True)
        return ServicePort(self.modbus(CONTROLLER, link, address, line))

    def watchdog(self, role: str, spec: RoleSpec, address: str, driver: Instrument) -> WatchdogBox:
        """Return what arms the box's watchdog; raises ``UsageError`` where nothing can."""
        assert spec.watchdog is not None
        name = spec.watchdog.model or spec.model
        model = find_model(name)
        if "watchdog" not in model.roles:
            raise UsageError(
                f"roles.{role}.watchdog: {name} has none; expected a model with a watchdog, or"
                " watchdog.model, whose driver arms it over a second connection"
            )
        if spec.watchdog.model is None:
            return cast("WatchdogBox", driver)
        if model.link != "visa" or spec.link.kind not in _SECOND_CONNECTION:
            raise UsageError(
                f"roles.{role}.watchdog.model: {name} cannot share the address of a link of kind"
                f" {spec.link.kind}; expected a SCPI model beside {' or '.join(_SECOND_CONNECTION)}"
            )
        host, _, port = address.rpartition(":")
        link = self._visa(f"{role}_watchdog", spec.link, f"TCPIP0::{host}::{port}::SOCKET", model)
        rating = _rating(role, spec, model, self._bench)
        return cast("WatchdogBox", create_driver(name, link, self._clock, rating))

    def _link(self, role: str, link: LinkSpec, address: str, model: Model) -> _Link:
        if model.link == "visa":
            return self._visa(role, link, address, model)
        if model.link == "stream":
            return self._stream(role, link, address, model)
        if model.link == "can":
            return _can_interface(role, link, address)
        return self.modbus(role, link, address, model.line)

    def _stream(self, role: str, link: LinkSpec, address: str, model: Model) -> SerialStream:
        return SerialStream(
            address,
            name=role,
            clock=self._clock,
            wires=self._wires,
            baud_rate=link.baud_rate or model.line.baud_rate or _BAUD_RATE,
            timeout_s=link.timeout_s,
            transcript=self._transcript,
        )

    def _visa(self, role: str, link: LinkSpec, address: str, model: Model) -> VisaLink:
        return VisaLink(
            address,
            name=role,
            clock=self._clock,
            wires=self._wires,
            timeout_s=link.timeout_s,
            baud_rate=link.baud_rate or model.line.baud_rate,
            min_gap_s=model.line.min_gap_s,
            device_server=model.line.serial_only,
            transcript=self._transcript,
        )

    def modbus(self, role: str, link: LinkSpec, address: str, line: LineSettings) -> ModbusUnit:
        assert link.unit is not None  # the model demands it of Modbus links
        if address not in self.lines:
            self.lines[address] = ModbusLine(
                _transport(role, link, address, line),
                name=role,
                clock=self._clock,
                wires=self._wires,
                timeout_s=link.timeout_s,
                min_gap_s=line.min_gap_s,
                transcript=self._transcript,
            )
        return self.lines[address].unit(link.unit, name=role)


def _rating(role: str, spec: RoleSpec, model: Model, bench: BenchFile) -> Rating | None:
    if isinstance(model.rating, ScopeRating):
        probes: dict[int, Probe] = getattr(bench.wiring, role, {})
        inputs = {n: InputProbe(probe.attenuation, probe.unit) for n, probe in probes.items()}
        return ScopeRating(model.rating.channels, inputs)
    if spec.rating is None or model.rating is None:
        return model.rating
    if isinstance(model.rating, SlcanDialect):
        raise UsageError(f"roles.{role}.rating: the name of the model says which dialect it speaks")
    known = {field.name for field in fields(model.rating)}
    if unknown := set(spec.rating) - known:
        raise UsageError(
            f"roles.{role}.rating: {sorted(unknown)} unknown for {spec.model};"
            f" expected {sorted(known)}"
        )
    if not isinstance(model.rating, TemperatureRegister):
        for name, value in spec.rating.items():
            if value <= 0:
                raise UsageError(f"roles.{role}.rating.{name}: expected above 0, got {value:g}")
    given: dict[str, Any] = dict(spec.rating)  # each kind of rating has fields of its own
    try:
        return replace(model.rating, **given)
    except UsageError as error:
        raise UsageError(f"roles.{role}.rating: {error}") from None


def _can_interface(role: str, link: LinkSpec, address: str) -> CanInterface:
    interface, _, named = address.partition(":")
    channel = int(named) if named.isdecimal() else named
    return CanInterface(interface, channel, role, link.options, link.stamps)


def _transport(
    role: str, link: LinkSpec, address: str, line: LineSettings
) -> RtuOverTcp | ModbusTcp | RtuSerial:
    if link.kind == "modbus-rtu-serial":
        return RtuSerial(address, baud_rate=link.baud_rate or 9600, lead=line.lead)
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or not 1 <= int(port) <= _LAST_PORT:
        raise UsageError(
            f"roles.{role}.link.address: expected host:port for {link.kind}, got {address!r}"
        )
    host = host.strip("[]")  # an IPv6 address may stand in brackets
    if link.kind == "modbus-rtu-tcp":
        return RtuOverTcp(host, int(port), device_server=line.serial_only)
    return ModbusTcp(host, int(port))
