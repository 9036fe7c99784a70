"""The bench file as frozen models: roles, boxes, wiring, calibration, limits, safe state."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Literal

from pydantic import Field, model_validator

from rig.bench.model_base import (
    Contact,
    FrozenModel,
    NetworkContact,
    Positive,
    RoleName,
    SocketName,
)
from rig.bench.network_names import FAULT_NETWORKS
from rig.bench.safety_model import BenchEnvelope, Envelope, Interlock, SafeStep, Supervision
from rig.bench.v2h_model import V2hWiring
from rig.bench.watchdog_model import Contactors, InstrumentWatchdog

__all__ = [
    "BenchFile",
    "Calibration",
    "Contact",
    "LinkSpec",
    "Probe",
    "RangeUncertainty",
    "RoleSpec",
    "SocketWiring",
    "UnitSpec",
    "Wiring",
]

LinkKind = Literal[
    "visa-socket",
    "visa-serial",
    "visa-hislip",
    "visa-vxi11",
    "modbus-tcp",
    "modbus-rtu-tcp",
    "modbus-rtu-serial",
    "stream-serial",
    "can-python",
]


_VIRTUAL = "virtual"
_VIRTUAL_PORT = r"virtual(:[1-9][0-9]{0,4})?"
_VIRTUAL_LINE = r"virtual(:[A-Za-z][A-Za-z0-9_-]*)?"
_VIRTUAL_FORMS = {
    _VIRTUAL: "'virtual' alone",
    _VIRTUAL_PORT: "'virtual', or 'virtual:PORT' with a port from 1 to 65535",
    _VIRTUAL_LINE: "'virtual', or 'virtual:LINE' with a name that begins with a letter",
}
_FORM_OF_KIND = {
    "modbus-rtu-serial": _VIRTUAL_LINE,
    "visa-serial": _VIRTUAL,
    "stream-serial": _VIRTUAL,
    "can-python": _VIRTUAL_LINE,
}
"""What a simulated address may look like, where it is not on TCP."""
Branch = Annotated[int, Field(ge=0, le=15)]
_LAST_PORT = 65535
NO_RESISTOR_OHM = 1e12
"""What a bench without a step bank or short circuit has in its place."""


class LinkSpec(FrozenModel):
    """How one box is reached."""

    kind: LinkKind
    address: str = Field(
        min_length=1,
        description="VISA resource, host:port, serial device, or INTERFACE:CHANNEL in "
        "python-can's words (can-python); on the virtual bench 'virtual', 'virtual:PORT' for a "
        "fixed port of 127.0.0.1 (kinds over TCP), or 'virtual:LINE' (modbus-rtu-serial, "
        "can-python), where boxes that name one LINE share it",
    )
    unit: int | None = Field(None, ge=0, le=247, description="Modbus unit address")
    baud_rate: int | None = Field(None, ge=300, description="serial speed in Bd")
    timeout_s: Positive = Field(2.0, le=120, description="longest wait for one reply, s")
    options: dict[str, str | int | float | bool] = Field(
        {}, description="what else python-can's interface takes (can-python)"
    )
    stamps: Literal["clock", "interface"] = Field(
        "clock", description="whose time received frames bear (can-python)"
    )

    @model_validator(mode="after")
    def _unit_goes_with_modbus(self) -> LinkSpec:
        if self.kind.startswith("modbus") and self.unit is None:
            raise ValueError(f"link kind {self.kind} needs 'unit' (the Modbus unit address)")
        if not self.kind.startswith("modbus") and self.unit is not None:
            raise ValueError(f"link kind {self.kind} takes no 'unit'")
        return self

    @model_validator(mode="after")
    def _can_words_go_with_can(self) -> LinkSpec:
        given = self.model_fields_set & {"options", "stamps"}
        if given and self.kind != "can-python":
            raise ValueError(f"link kind {self.kind} takes no {sorted(given)[0]!r}")
        if self.kind == "can-python" and not self.is_virtual and not self._names_a_channel:
            raise ValueError(
                f"address {self.address!r} does not fit link kind can-python: expected"
                " INTERFACE:CHANNEL, such as 'socketcan:can0' or 'pcan:PCAN_USBBUS1'"
            )
        return self

    @model_validator(mode="after")
    def _virtual_address_fits_kind(self) -> LinkSpec:
        form = _FORM_OF_KIND.get(self.kind, _VIRTUAL_PORT)
        fits = re.fullmatch(form, self.address) and self.virtual_port <= _LAST_PORT
        if self.is_virtual and not fits:
            raise ValueError(
                f"address {self.address!r} does not fit link kind {self.kind}: expected"
                f" {_VIRTUAL_FORMS[form]}"
            )
        return self

    @property
    def is_virtual(self) -> bool:
        """Say whether the box is a simulated one."""
        return self.address.startswith(_VIRTUAL)

    @property
    def virtual_port(self) -> int:
        """Return the port a simulated box shall listen on; 0 = any that is free."""
        suffix = self.address.partition(":")[2]
        return int(suffix) if self.is_virtual and suffix.isdecimal() else 0

    @property
    def virtual_line(self) -> str | None:
        """Return the serial line that a simulated box shares with others, if it names one."""
        suffix = self.address.partition(":")[2]
        return suffix if self.is_virtual and suffix and not suffix.isdecimal() else None

    @property
    def _names_a_channel(self) -> bool:
        interface, _, channel = self.address.partition(":")
        return bool(interface and channel)


class RangeUncertainty(FrozenModel):
    """Expanded uncertainty (k = 2) of one quantity in one range, from the certificate."""

    quantity: Literal["voltage", "current", "power", "frequency", "time", "temperature"]
    unit: Literal["V", "A", "W", "Hz", "s", "degC"]
    up_to: Positive = Field(description="upper end of the range, in the unit")
    of_reading_percent: float = Field(0.0, ge=0)
    of_range_percent: float = Field(0.0, ge=0)


class Calibration(FrozenModel):
    """The calibration a box stands under."""

    certificate: str = Field(min_length=1)
    date: dt.date
    due: dt.date
    uncertainty: tuple[RangeUncertainty, ...] = ()

    @model_validator(mode="after")
    def _due_after_date(self) -> Calibration:
        if self.due <= self.date:
            raise ValueError(f"due {self.due} must be after date {self.date}")
        return self


class RoleSpec(FrozenModel):
    """One box on one role."""

    model: str = Field(min_length=1, description="a registered model, e.g. 'Chroma 63804'")
    link: LinkSpec
    serial: str | None = Field(None, description="expected serial number; unchecked when absent")
    rating: dict[str, float] | None = Field(None, description="ratings other than the model's own")
    calibration: Calibration | None = Field(
        None, description="none for boxes that measure nothing (relays)"
    )
    watchdog: InstrumentWatchdog | None = Field(
        None, description="the box's own watchdog, armed while energised; none: it has none"
    )


class Probe(FrozenModel):
    """What one scope channel sees."""

    sees: Literal[
        "socket_voltage",
        "socket_current",
        "residual_current",
        "neighbour_voltage",
        "port_voltage",
        "port_current",
        "pack_voltage",
        "line_k",
    ]
    unit: Literal["V", "A"]
    full_scale: Positive = Field(description="largest peak the probe passes, in the unit")
    attenuation: Positive = Field(description="probe factor; units per volt at the input")
    skew_us: float = Field(
        0.0,
        ge=0.0,
        description="most that this probe may lag or lead, us; goes into the uncertainty of times",
    )

    @model_validator(mode="after")
    def _has_its_unit(self) -> Probe:
        unit = "A" if self.sees.endswith("_current") else "V"
        if self.unit != unit:
            raise ValueError(f"unit: got {self.unit!r}, expected: {unit!r} of {self.sees}")
        return self


class SocketWiring(FrozenModel):
    """What hangs on one socket of the unit."""

    load: RoleName
    analyser_element: int = Field(ge=1)
    step_branches: tuple[Branch, ...] = Field(
        description="point-on-wave bits of its step resistors"
    )
    short_branch: int = Field(ge=0, le=15, description="point-on-wave bit of its short circuit")
    residual_branch: int | None = Field(
        None, ge=0, le=15, description="point-on-wave bit of its residual branch; none: it has none"
    )
    mux_relay: int = Field(ge=0, le=7, description="relay that puts this socket on scope_ac")
    neighbour: SocketName


class BackfeedWiring(FrozenModel):
    """The isolating transformer that feeds a socket from its neighbour's outlet."""

    voltage_v: Positive = Field(description="open, with the nominal voltage at its primary, V")
    series_ohm: Positive = Field(description="resistor in series that bounds its current, ohm")


class Wiring(FrozenModel):
    """Which box is connected where."""

    sockets: dict[SocketName, SocketWiring] = Field(default_factory=dict)
    mux_board: RoleName | None = Field(None, description="board that puts a socket on scope_ac")
    fault_networks: dict[str, NetworkContact] = Field(
        default_factory=dict, description="the relay that puts each fault network in, by its name"
    )
    backfeed: BackfeedWiring | None = Field(
        None, description="the transformer behind the fault networks backfeed_*"
    )
    contactors: Contactors | None = Field(
        None, description="relay for the contactors between the pack's supply and the unit"
    )
    v2h: V2hWiring | None = Field(None, description="the CHAdeMO port; none: it has none")
    scope_ac: dict[int, Probe] = Field(default_factory=dict)
    scope_dc: dict[int, Probe] = Field(default_factory=dict)
    step_resistance_ohm: Positive = NO_RESISTOR_OHM
    short_resistance_ohm: Positive = NO_RESISTOR_OHM

    @model_validator(mode="after")
    def _networks_are_known(self) -> Wiring:
        for name in self.fault_networks:
            if name not in FAULT_NETWORKS:
                raise ValueError(
                    f"fault_networks: {name!r} is no fault network; there are"
                    f" {', '.join(FAULT_NETWORKS)}"
                )
        return self

    @model_validator(mode="after")
    def _a_relay_serves_one_end(self) -> Wiring:
        taken = {(self.mux_board, s.mux_relay): "mux_relay" for s in self.sockets.values()}
        if self.contactors is not None:
            taken[self.contactors.board, self.contactors.relay] = "contactors"
        for name, contact in self.fault_networks.items():
            other = taken.setdefault((contact.board, contact.relay), name)
            if other != name:
                raise ValueError(
                    f"fault_networks.{name}: relay {contact.relay} of {contact.board} is that of"
                    f" {other} already"
                )
        return self


class ConsoleSpec(FrozenModel):
    """The serial line on which the unit writes its log."""

    address: str = Field(min_length=1, description="serial device; 'virtual' on the virtual bench")
    baud_rate: int = Field(115_200, ge=300, description="speed in Bd")


class UnitSpec(FrozenModel):
    """The unit under test."""

    profile: Literal["reference", "v2h-box"] = Field(
        description="an outlet controller with the reference service port, or an off-board V2H"
        " box, which has none"
    )
    earthing: Literal["tn", "it"]
    rated_power_va: Positive
    socket_current_a: Positive
    nominal_voltage_v: Positive
    nominal_frequency_hz: Positive
    pack_voltage_v: Positive = Field(description="DC voltage the pack emulator is set to, V")
    priority: tuple[SocketName, ...] = Field((), description="sockets, most important first")
    console: ConsoleSpec | None = Field(None, description="none: the log is not recorded")


class BenchFile(FrozenModel):
    """A whole bench."""

    schema_version: Literal[1]
    name: str = Field(min_length=1)
    clock: Literal["virtual", "wall"]
    unit: UnitSpec
    roles: dict[RoleName, RoleSpec] = Field(min_length=1)
    wiring: Wiring
    envelope: dict[RoleName, Envelope] = Field(default_factory=dict)
    bench_envelope: BenchEnvelope = BenchEnvelope()
    interlock: Interlock | None = None
    supervision: Supervision | None = None
    safe_state: tuple[SafeStep, ...] = Field(min_length=1, description="power path first")

    @model_validator(mode="after")
    def _names_exist(self) -> BenchFile:
        for where, role in self._named_roles():
            if role not in self.roles:
                raise ValueError(
                    f"{where}: {role!r} is no role of this bench (roles: {', '.join(self.roles)})"
                )
        sockets = set(self.wiring.sockets)
        if sorted(self.unit.priority) != sorted(sockets):
            raise ValueError(
                f"unit.priority {list(self.unit.priority)} must name each of {sorted(sockets)} once"
            )
        for name, wiring in self.wiring.sockets.items():
            if wiring.neighbour not in sockets:
                raise ValueError(f"wiring.sockets.{name}.neighbour: no socket {wiring.neighbour!r}")
        return self

    @model_validator(mode="after")
    def _fits_its_unit(self) -> BenchFile:
        rig = None if self.wiring.v2h is None else self.wiring.v2h.rig
        if self.unit.profile == "v2h-box" and rig != "vehicle":
            raise ValueError("unit.profile v2h-box needs wiring.v2h with rig: vehicle")
        if self.unit.profile == "reference":
            if not self.wiring.sockets or self.wiring.mux_board is None:
                raise ValueError("unit.profile reference needs wiring.sockets and wiring.mux_board")
            if "controller" not in self.roles:
                raise ValueError("unit.profile reference needs the role 'controller'")
        return self

    @model_validator(mode="after")
    def _power_path_first(self) -> BenchFile:
        tidying: str | None = None
        for step in self.safe_state:
            if tidying is not None and not step.tidy:
                raise ValueError(
                    f"safe_state: {step.role} carries power and must stand before {tidying},"
                    " which is tidied"
                )
            tidying = step.role if step.tidy else None
        return self

    @model_validator(mode="after")
    def _ports_differ(self) -> BenchFile:
        taken: dict[int, str] = {}
        for role, spec in self.roles.items():
            port = spec.link.virtual_port
            if port and taken.setdefault(port, role) != role:
                raise ValueError(
                    f"roles.{role}.link.address: port {port} is that of {taken[port]} already"
                )
        return self

    def _named_roles(self) -> list[tuple[str, str]]:
        named = [(f"wiring.sockets.{s}.load", w.load) for s, w in self.wiring.sockets.items()]
        if self.wiring.mux_board is not None:
            named.append(("wiring.mux_board", self.wiring.mux_board))
        networks = self.wiring.fault_networks.items()
        named += [(f"wiring.fault_networks.{name}", each.board) for name, each in networks]
        if self.wiring.contactors is not None:
            named.append(("wiring.contactors.board", self.wiring.contactors.board))
        if self.wiring.v2h is not None:
            named += self.wiring.v2h.named_roles()
        named += [("envelope", role) for role in self.envelope]
        named += [("safe_state", step.role) for step in self.safe_state]
        pairs = self.bench_envelope.never_together
        named += [("bench_envelope.never_together", role) for pair in pairs for role in pair]
        if self.interlock is not None:
            named.append(("interlock.board", self.interlock.board))
        return named

    @property
    def is_virtual(self) -> bool:
        """Say whether any box is simulated."""
        return any(spec.link.is_virtual for spec in self.roles.values())
