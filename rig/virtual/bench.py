"""The virtual bench: what a bench file names, simulated, behind real wires on loopback."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import inf

from instruments.errors import UsageError
from rig.bench.model import BenchFile, RoleSpec
from rig.clock import VirtualClock
from rig.virtual.boxes.chroma_63800 import Chroma63800
from rig.virtual.boxes.delta_sm15k import DeltaSm15k
from rig.virtual.boxes.ea_psb10000 import EaIdentity, EaPsb10000, Interface
from rig.virtual.boxes.itech_it6000c import ItechIt6000c
from rig.virtual.boxes.itech_it8600 import ItechIt8600
from rig.virtual.boxes.keysight_infiniivision import KeysightInfiniiVision
from rig.virtual.boxes.keysight_rp7900 import KeysightRp7900
from rig.virtual.boxes.point_on_wave import PointOnWaveTrigger
from rig.virtual.boxes.service_port import ConsoleService
from rig.virtual.boxes.siglent_sds import SiglentSds
from rig.virtual.boxes.slcan_adapter import SlcanAdapter
from rig.virtual.boxes.slcan_bus import CanBus
from rig.virtual.boxes.temperature_transmitter import TemperatureTransmitter
from rig.virtual.boxes.waveshare_relay import WaveshareRelay
from rig.virtual.boxes.yokogawa_wt500 import YokogawaWt500
from rig.virtual.inputs import SimulatedInputs
from rig.virtual.modbus import RtuLine, Unit
from rig.virtual.network import Branch, Network, Plant, PortWiring, Truth, Wiring, rng_for
from rig.virtual.offboard import BoxParameters, OffboardBox
from rig.virtual.plugs import Plugs
from rig.virtual.supply_12v import SuppliedServicePort
from rig.virtual.unit import Parameters, SimulatedController, defect_by_id
from rig.virtual.unit.contract import SOCKETS
from rig.virtual.unit.v2h import CanNode
from rig.virtual.v2h_plug import can_node, port_inputs, port_wiring, vehicle_wiring
from rig.virtual.wires import Hub, LinkFaults, MessageDevice, VirtualWires

__all__ = ["VirtualBench"]

_ACKNOWLEDGES = {"SLCAN adapter": False, "CANable": False, "Lawicel CAN232": True}
"""Which SLCAN adapters answer each command, by model."""


class VirtualBench:
    """Every role of a bench file simulated on one circuit; ``addresses`` says where each answers.

    ``faults[role].add(Drop(when=When(nth=3)))`` and the like put faults on a role's link;
    ``inputs["door"] = False`` opens the interlock.

    ``seed`` moves noise and relay times, ``unit_seed`` the tolerances of the unit under test;
    ``defect`` names a seeded defect to give it.
    """

    def __init__(
        self,
        spec: BenchFile,
        *,
        seed: int = 0,
        unit_seed: int = 0,
        defect: str | None = None,
        clock: VirtualClock | None = None,
    ) -> None:
        real = [role for role, each in spec.roles.items() if not each.link.is_virtual]
        if real:
            raise UsageError(
                f"bench {spec.name!r}: a virtual bench simulates every role, but"
                f" {', '.join(real)} have real addresses"
            )
        self.clock = clock or VirtualClock()
        self._spec, self._seed = spec, seed
        self._on_board: SimulatedController | None = None
        if spec.unit.profile == "v2h-box":
            self.network = self._with_box(defect, unit_seed)
        else:
            self.network = self._with_controller(defect, unit_seed)
        self.inputs = SimulatedInputs(spec.interlock.inputs if spec.interlock else {})
        self.hub = Hub(self.clock)
        self.wires = VirtualWires(self.hub, self.clock)
        self.can_bus = CanBus(self.clock)
        self._can_node: CanNode | None = None
        self._plugs = Plugs(self.hub, self.clock, seed)
        self.faults: Mapping[str, LinkFaults] = self._plugs.faults
        try:
            self.addresses: Mapping[str, str] = self._plug_in()
            self._plug_in_unit()
            self.console = self._open_console()
        except BaseException:
            self.hub.close()
            raise

    def _with_controller(self, defect: str | None, unit_seed: int) -> Network:
        spec, seed = self._spec, self._seed
        parameters = defect_by_id(defect).apply(Parameters()) if defect else Parameters()
        self._on_board = controller = SimulatedController(
            parameters, unit_seed=unit_seed, seed=seed, epoch_utc=self.clock.utc()
        )
        network = Network(
            self.clock,
            seed=seed,
            unit_seed=unit_seed,
            firmware=controller,
            wiring=_wiring(spec, port_wiring(spec, controller.parameters.v2h)),
            plant=_plant(seed, unit_seed, controller.parameters),
        )
        controller.bind(network.advance, self.clock.now)
        return network

    def _with_box(self, defect: str | None, unit_seed: int) -> Network:
        healthy = BoxParameters()
        box = defect_by_id(defect).apply_to_box(healthy) if defect else healthy
        self._box = OffboardBox(box)
        return Network(
            self.clock,
            seed=self._seed,
            unit_seed=unit_seed,
            firmware=self._box,
            wiring=Wiring(port=vehicle_wiring(self._spec), relays_per_board=8),
            plant=Plant(vehicle_overhead_w=0.0),
        )

    @property
    def controller(self) -> SimulatedController:
        """The on-board unit under test."""
        if self._on_board is None:
            raise UsageError(f"the unit of bench {self._spec.name!r} is an off-board box")
        return self._on_board

    @property
    def truth(self) -> Truth:
        """What really happened in the circuit, for tests of what was measured."""
        return self.network.truth

    def unplug(self, role: str) -> None:
        """Take the box of a role off its wire, as if its cable were pulled."""
        self.hub.unplug(_hub_address(self.addresses[role]))

    def close(self) -> None:
        """Close every wire."""
        self.hub.close()
        if self._can_node is not None:
            self._can_node.leave()

    def _plug_in_unit(self) -> None:
        """Put the unit on the lines and the bus of its CHAdeMO port, where the bench has one."""
        wired, network = self._spec.wiring.v2h, self.network
        if wired is None:
            return
        address = self.addresses[wired.can]
        self._can_node = can_node(self._spec, address, self.can_bus, self.clock)
        if network.home_pins is not None:
            self._box.plug_in(network.home_pins, self._can_node)
        elif network.pins is not None:
            self.controller.plug_in(network.pins, self._can_node)

    def _open_console(self) -> str:
        """Return the second serial line of the unit; empty: it has none."""
        unit = self._on_board
        return "" if unit is None else self.hub.open_serial(ConsoleService(unit))

    def _plug_in(self) -> dict[str, str]:
        addresses: dict[str, str] = {}
        lines: dict[str, dict[int, Unit]] = {}
        members: dict[str, list[str]] = {}
        for role, spec in self._spec.roles.items():
            if spec.model.startswith("EA PSB"):
                addresses[role] = self._ea_supply(role, spec)
            elif spec.link.kind == "modbus-rtu-serial":
                name = spec.link.virtual_line or role
                assert spec.link.unit is not None  # the model demands it of Modbus links
                lines.setdefault(name, {})[spec.link.unit] = self._unit(role, spec)
                members.setdefault(name, []).append(role)
            elif spec.link.kind == "stream-serial":
                addresses[role] = self._can_adapter(role, spec)
            elif spec.link.kind == "can-python":
                addresses[role] = self._plugs.can_channel(role, spec.link)
            else:
                addresses[role] = self._message_box(role, spec)
        for name, units in lines.items():
            link = self._spec.roles[members[name][0]].link
            line = RtuLine(units, self.clock, baud=link.baud_rate or 9600)
            path = self._plugs.serial_line(members[name], line, link)
            addresses.update(dict.fromkeys(members[name], path))
        return {role: addresses[role] for role in self._spec.roles}

    def _unit(self, role: str, spec: RoleSpec) -> Unit:
        unit = spec.link.unit or 0
        if spec.model == "Reference outlet controller":
            return SuppliedServicePort(self.controller)
        if spec.model == "Point-on-wave trigger":
            rng = rng_for(self._seed, role)
            branches = len(self.network.wiring.branches)
            port = self.network.point_on_wave()
            return PointOnWaveTrigger(port, self.clock, rng, branches=branches)
        if spec.model == "Waveshare Modbus RTU Relay 8":
            return WaveshareRelay(self.network.relays(unit), self.clock, address=unit)
        if spec.model == "Waveshare Modbus RTU IO 8 (D)":
            return WaveshareRelay(
                self.network.relays(unit), self.clock, address=unit, inputs=self._inputs(role)
            )
        if spec.model == "Register thermometer":
            rng = rng_for(self._seed, role)
            return TemperatureTransmitter(lambda: self.network.plant.ambient_c, rng)
        raise UsageError(f"roles.{role}: no simulation of {spec.model!r} on a serial Modbus line")

    def _inputs(self, role: str) -> Callable[[], tuple[bool, ...]]:
        interlock = self._spec.interlock
        wired = interlock is not None and role == interlock.board
        inputs = self.inputs.states if wired else SimulatedInputs({}).states
        return port_inputs(self._spec, self.network, role, inputs)

    def _can_adapter(self, role: str, spec: RoleSpec) -> str:
        """Plug in an SLCAN adapter on the bench's CAN bus, in the manner of its model."""
        if spec.model not in _ACKNOWLEDGES:
            raise UsageError(f"roles.{role}: no simulation of {spec.model!r} on a serial stream")
        adapter = SlcanAdapter(self.clock, self.can_bus, acknowledges=_ACKNOWLEDGES[spec.model])
        return self._plugs.serial_line([role], adapter.service(), spec.link)

    def _message_box(self, role: str, spec: RoleSpec) -> str:
        if spec.model == "Delta SM15K":
            return self._delta(role, spec)
        makers: dict[str, Callable[[str], MessageDevice]] = {
            "Chroma 63802": self._chroma,
            "Chroma 63803": self._chroma,
            "Chroma 63804": self._chroma,
            "ITECH IT6000C": self._itech_supply,
            "ITECH IT8600": self._itech,
            "Keysight InfiniiVision": self._scope,
            "Keysight RP7900": self._keysight_supply,
            "Siglent SDS HD": self._siglent,
            "Yokogawa WT500": self._analyser,
        }
        if spec.model not in makers:
            raise UsageError(f"roles.{role}: no simulation of {spec.model!r}")
        return self._plugs.message_box(role, makers[spec.model](role), spec.link)

    def _ea_supply(self, role: str, spec: RoleSpec) -> str:
        """Plug in a supply that speaks SCPI and Modbus alike, at the interface the link names."""
        port, rng, kind = self.network.supply(role), rng_for(self._seed, role), spec.link.kind
        older = spec.model.startswith("EA PSB 9000")
        identity = EaIdentity.psb_9000() if older else EaIdentity()
        box = EaPsb10000(port, self.clock, rng, identity=identity)
        if kind == "modbus-tcp":
            return self._plugs.tcp_box(role, box.modbus_tcp_service(), spec.link)
        if kind.endswith("serial"):
            path = self._plugs.serial_line([role], box.service(Interface.USB), spec.link)
            return f"ASRL{path}::INSTR" if kind == "visa-serial" else path
        address = self._plugs.tcp_box(role, box.service(), spec.link)
        return _visa_socket(address) if kind == "visa-socket" else address

    def _delta(self, role: str, spec: RoleSpec) -> str:
        box = DeltaSm15k(self.clock, self.network.supply(role), rng_for(self._seed, role))
        return _visa_socket(self._plugs.tcp_box(role, box.service(), spec.link))

    def _chroma(self, role: str) -> MessageDevice:
        model = self._spec.roles[role].model.partition(" ")[2]
        return Chroma63800(
            self.clock, self.network.load(role), rng_for(self._seed, role), model=model
        )

    def _itech(self, role: str) -> MessageDevice:
        return ItechIt8600(self.clock, self.network.load(role), rng_for(self._seed, role))

    def _itech_supply(self, role: str) -> MessageDevice:
        return ItechIt6000c(self.clock, self.network.supply(role), rng_for(self._seed, role))

    def _keysight_supply(self, role: str) -> MessageDevice:
        return KeysightRp7900(self.clock, self.network.supply(role), rng_for(self._seed, role))

    def _siglent(self, role: str) -> MessageDevice:
        return SiglentSds(self.clock, self.network.scope(role), rng_for(self._seed, role))

    def _scope(self, role: str) -> MessageDevice:
        port = self.network.scope(role)
        return KeysightInfiniiVision(self.clock, port, rng_for(self._seed, role))

    def _analyser(self, role: str) -> MessageDevice:
        elements = range(1, len(SOCKETS) + 1) if role == "analyser_ac" else (1, 2)
        ports = [self.network.analyser(role, element) for element in elements]
        return YokogawaWt500(self.clock, ports, rng_for(self._seed, role))


def _visa_socket(address: str) -> str:
    return f"TCPIP0::{address.replace(':', '::')}::SOCKET"


def _hub_address(address: str) -> str:
    """Return the hub's name of an address: ``host:port`` or the serial path."""
    if address.startswith("ASRL"):
        return address.removeprefix("ASRL").removesuffix("::INSTR")
    if address.startswith("TCPIP0::"):
        digits = [part for part in address.replace(",", "::").split("::") if part.isdigit()]
        return f"127.0.0.1:{digits[0]}"
    return address


def _wiring(spec: BenchFile, port: PortWiring | None) -> Wiring:
    sockets = [spec.wiring.sockets[name] for name in SOCKETS]
    branches: dict[int, Branch] = {}
    for name, socket in zip(SOCKETS, sockets, strict=True):
        for bit in socket.step_branches:
            branches[bit] = Branch(name, spec.wiring.step_resistance_ohm, "step")
        branches[socket.short_branch] = Branch(name, spec.wiring.short_resistance_ohm, "short")
        if socket.residual_branch is not None:
            branches[socket.residual_branch] = Branch(name, inf, "residual")
    if sorted(branches) != list(range(len(branches))):
        raise UsageError(
            "wiring.sockets: expected the branches of the point-on-wave trigger to be numbered"
            f" 0 to {len(branches) - 1} without gap, got {sorted(branches)}"
        )
    a, b, c = sockets
    return Wiring(
        loads=(a.load, b.load, c.load),
        branches=tuple(branches[bit] for bit in range(len(branches))),
        mux_board=spec.roles[spec.wiring.mux_board or ""].link.unit or 0,
        mux_relays=(a.mux_relay, b.mux_relay, c.mux_relay),
        networks={
            (spec.roles[each.board].link.unit or 0, each.relay): name
            for name, each in spec.wiring.fault_networks.items()
        },
        triggering=frozenset(
            name for name, each in spec.wiring.fault_networks.items() if each.triggers
        ),
        earthing=spec.unit.earthing,
        contactors=_contactors(spec),
        port=port,
    )


def _contactors(spec: BenchFile) -> tuple[int, int] | None:
    contact = spec.wiring.contactors
    return None if contact is None else (spec.roles[contact.board].link.unit or 0, contact.relay)


def _plant(seed: int, unit_seed: int, parameters: Parameters) -> Plant:
    drawn, inverter = Plant.drawn(seed, unit_seed), parameters.inverter
    nominal = type(inverter)()
    distortion = inverter.thd_percent / nominal.thd_percent
    return replace(
        drawn,
        open_voltage_v=drawn.open_voltage_v * inverter.voltage_v / nominal.voltage_v,
        output_ohm=drawn.output_ohm + inverter.output_resistance_ohm,
        third_harmonic=drawn.third_harmonic * distortion,
        fifth_harmonic=drawn.fifth_harmonic * distortion,
        dc_offset_v=inverter.dc_offset_v,
        dip_per_rated=inverter.dip_per_rated,
        dip_tau_s=inverter.dip_tau_s,
        limit_a=inverter.current_limit_a,
        frequency_hz=inverter.frequency_hz,
        ramp_s=inverter.ramp_s,
    )
