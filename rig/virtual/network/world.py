"""The circuit as it stands, and everything that follows when it changes."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from dataclasses import replace

from rig.virtual.network.agenda import Agenda, Change
from rig.virtual.network.arcs import Arcs
from rig.virtual.network.dc import OFF, DcPoint, operating_point
from rig.virtual.network.history import Track
from rig.virtual.network.ledger import Ledger
from rig.virtual.network.port import Port
from rig.virtual.network.state import Circuit, NetworkState
from rig.virtual.network.steady import Model, Steady
from rig.virtual.network.thermal import HeatSink
from rig.virtual.network.transitions import follow
from rig.virtual.network.truth import Truth
from rig.virtual.network.waveforms import Array, Waves
from rig.virtual.ports import AcQuantities, SupplyReading, SupplySetting
from rig.virtual.unit.contract import SOCKETS

__all__ = ["AC_COLUMNS", "World"]

AC_COLUMNS = 10
"""Mean square volts and amps, watts, vars, Hz, peak volts and amps, THD, DC volts and amps; by
socket."""
_DC_WAKES_V = 2.0


class World:
    """One circuit in time: its present state, its past, and the changes to come."""

    def __init__(self, model: Model, start_s: float) -> None:
        self.model = model
        self.t_s = start_s
        self.truth = Truth()
        self.agenda = Agenda()
        self.arcs = Arcs()
        self.heat = HeatSink(model.plant)
        self.states = Track(NetworkState(Circuit(amplitude=0.0)))
        self.pack = Track(DcPoint())
        self.selected: Track[int | None] = Track(None)
        self.triggers: list[float] = []
        self.ac_ledger = Ledger(AC_COLUMNS * len(SOCKETS), start_s)
        self.dc_ledger = Ledger(3, start_s)
        self.changes = 0
        self.woken_s = start_s
        """When something last changed that the unit must live through sample by sample."""
        wired = model.wiring.port
        self.port = None if wired is None else Port(wired.plant, start_s, self.meet_dc)
        """The CHAdeMO port, where the bench has one."""
        self._pack_setting = OFF
        """What feeds the unit: the supply's setting, or nothing while the contactors are open."""
        self._supply_setting = OFF
        self.connected = model.wiring.contactors is None
        """Whether the contactors between the pack's supply and the unit are closed."""

    @property
    def circuit(self) -> Circuit:
        """Return what is on, closed and set now."""
        return self.states.last.circuit

    @property
    def steady(self) -> Steady:
        """Return the steady state that the circuit is in or settles to."""
        return self.model.steady(self.circuit)

    def at(self, t_s: float, fn: Callable[[float], None]) -> Change:
        """Ask for a change at ``t_s``, at once when that is past."""
        return self.agenda.at(max(t_s, self.t_s), fn)

    def next_change_s(self) -> float:
        """Return when the circuit next changes by itself; inf = never."""
        return min(self.agenda.next_s(), self.arcs.next_s())

    def make_due(self) -> None:
        """Make the changes due by now, in order of time."""
        while self.next_change_s() <= self.t_s:
            if self.arcs.next_s() <= self.agenda.next_s():
                self.arcs.end_next()
            else:
                self.agenda.make_next()

    def become(self, circuit: Circuit, t_s: float, *, gentle: bool = False) -> None:
        """Let the circuit be ``circuit`` from ``t_s`` on; ``gentle`` = not worth a close look."""
        if circuit == self.circuit:
            return
        self.changes += 1
        self.states.put(t_s, follow(self.model, self.states.last, circuit, t_s))
        self.ac_ledger.put(t_s, [x for q in self.steady.sockets for x in _columns(q)])
        self.meet_dc(t_s)
        self.arcs.solve_anew(t_s)
        if not gentle:
            self.woken_s = t_s

    def close_contact(self, socket: int, closed: bool, t_s: float) -> None:
        """Let a socket's relay conduct or not."""
        contacts = list(self.circuit.contacts)
        contacts[socket] = closed
        a, b, c = contacts
        self.become(replace(self.circuit, contacts=(a, b, c)), t_s)

    def insert(self, network: str, closed: bool, t_s: float) -> None:
        """Put a fault network in, or take it out."""
        inserted = self.circuit.inserted
        inserted = inserted | {network} if closed else inserted - {network}
        self.become(replace(self.circuit, inserted=inserted), t_s)

    def trigger(self, t_s: float) -> None:
        """Raise the common trigger line of the scopes."""
        self.truth.note(t_s, "trigger")
        insort(self.triggers, t_s)

    def waves(self, t_s: Array) -> Waves:
        """Return the waveforms of the present state."""
        return self.model.waves(self.states.last, t_s)

    def supply(self, setting: SupplySetting) -> None:
        """Let the pack's supply stand at a new setting from now on."""
        self._supply_setting = setting
        self._feed(self.t_s)

    def connect(self, closed: bool, t_s: float) -> None:
        """Let the contactors between the pack's supply and the unit close or open."""
        self.connected = closed
        self._feed(t_s)

    @property
    def supply_on(self) -> bool:
        """Whether the pack's supply has its terminals on."""
        return self._supply_setting.on

    def supply_reading(self) -> SupplyReading:
        """Return what stands at the supply's own terminals, before the contactors."""
        if self.connected:
            return self.pack.last.reading()
        setting = self._supply_setting
        return DcPoint(setting.voltage_v if setting.on else 0.0).reading()

    def _feed(self, t_s: float) -> None:
        """Bring the unit's DC terminals in step with supply and contactors."""
        before = self.pack.last.voltage_v
        self._pack_setting = self._supply_setting if self.connected else OFF
        self.meet_dc(t_s)
        if abs(self.pack.last.voltage_v - before) > _DC_WAKES_V:
            self.woken_s = t_s

    def forget_before(self, t_s: float) -> None:
        """Drop the waveform history before ``t_s``; the ledgers stay."""
        self.states.forget_before(t_s)
        self.pack.forget_before(t_s)
        self.selected.forget_before(t_s)
        if self.port is not None:
            self.port.forget_before(t_s)

    def meet_dc(self, t_s: float) -> None:
        """Bring the DC side, what the output has left of it, and the losses in step."""
        setting = self._pack_setting
        demand_w = self._demand_w(setting.voltage_v)
        fed_a = self.port.exchange_a(setting, demand_w) if self.port else 0.0
        point = operating_point(setting, self._demand_w, fed_a)
        amplitude = self._amplitude(point.voltage_v)
        if amplitude != self.circuit.amplitude:
            self.become(replace(self.circuit, amplitude=amplitude), t_s)  # and meets it again
            return
        if point != self.pack.last:
            self.pack.put(t_s, point)
            self.dc_ledger.put(t_s, (point.voltage_v, point.current_a, point.power_w))
        if self.port is not None:
            self.port.follow(point.voltage_v, fed_a, t_s)
        running, ac_w = self.circuit.energised, self.steady.terminals.power_w
        self.heat.lose(t_s, self.model.plant.inverter_loss_w(ac_w) if running else 0.0)

    def _amplitude(self, dc_v: float) -> float:
        """Return what the output has of its voltage at a voltage of the DC side."""
        return min(1.0, dc_v / self.model.plant.lowest_dc_v)

    def _demand_w(self, dc_v: float) -> float:
        """Return what the circuit as it stands takes from the DC side at a voltage."""
        circuit, amplitude = self.circuit, self._amplitude(dc_v)
        if circuit.amplitude != amplitude:
            circuit = replace(circuit, amplitude=amplitude)
        ac_w = self.model.steady(circuit).terminals.power_w
        return self.model.plant.dc_power_w(ac_w, running=circuit.energised)


def _columns(q: AcQuantities) -> tuple[float, ...]:
    return (
        q.voltage_v**2,
        q.current_a**2,
        q.power_w,
        q.reactive_var,
        q.frequency_hz,
        q.voltage_peak_v,
        q.current_peak_a,
        q.voltage_thd_percent,
        q.voltage_dc_v,
        q.current_dc_a,
    )
