"""The CHAdeMO port in the circuit: EVPS supply, its contactor, inlet, the unit's contactors, pack.

Current flows only while both sides' contactors are closed, positive into the vehicle. The voltages
on either side of them move in closed form between the instants at which anything changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rig.virtual.network.dc import OFF
from rig.virtual.network.history import Track
from rig.virtual.network.ledger import Ledger
from rig.virtual.network.port_lines import PortLines
from rig.virtual.network.port_rail import Rail
from rig.virtual.network.port_wiring import PortContact, PortPlant
from rig.virtual.ports import SupplyReading, SupplySetting

__all__ = ["Port", "PortPiece", "Switching"]

Who = Literal["evps", "vehicle"]

_SAME_V = 0.01
"""A supply this near to its set voltage regulates it."""


@dataclass(frozen=True, slots=True)
class PortPiece:
    """What holds from one change to the next."""

    inlet: Rail = field(default_factory=Rail)
    output: Rail = field(default_factory=Rail)
    """Between the supply and its contactor."""
    amps: float = 0.0
    """Into the vehicle."""
    surge_a: float = 0.0
    surge_s: float = 0.0
    """A contactor closed on a difference of voltage, at that instant."""
    surge_tau_s: float = 1.0

    def currents(self, t_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the currents at instants of the piece."""
        if not self.surge_a:
            return np.full(t_s.size, self.amps)
        surge = self.surge_a * np.exp((self.surge_s - t_s) / self.surge_tau_s)
        return np.asarray(self.amps + surge)


@dataclass(frozen=True, slots=True)
class Switching:
    """A contactor moved: at which current, and against which difference of voltage."""

    t_s: float
    who: Who
    closed: bool
    amps: float
    volts: float


class Port:
    """The port between a supply and the pack; ``meet`` settles both sides of it."""

    def __init__(self, plant: PortPlant, start_s: float, meet: Callable[[float], None]) -> None:
        self.plant, self._meet = plant, meet
        self.lines = PortLines()
        self.pieces = Track(PortPiece())
        self.ledger = Ledger(3, start_s)
        """Steady volts at the inlet, amps into the vehicle, watts."""
        self.setting = OFF
        self.closed: dict[Who, bool] = {"evps": False, "vehicle": False}
        self.bleeding = False
        self.switchings: list[Switching] = []
        self._contacts: dict[PortContact, Callable[[bool, float], None]] = {}

    @property
    def through(self) -> bool:
        """Whether current can flow."""
        return all(self.closed.values())

    def inlet_v(self, t_s: float) -> float:
        """Return the voltage at the inlet now."""
        return self.pieces.last.inlet.at(t_s)

    def reading(self, t_s: float) -> SupplyReading:
        """Return what stands at the supply's terminals now; positive out of it."""
        piece = self.pieces.last
        volts, amps = piece.output.at(t_s), piece.amps
        limited = amps and abs(volts - self.setting.voltage_v) > _SAME_V
        return SupplyReading(volts, amps, volts * amps, "CC" if limited else "CV")

    def supply(self, setting: SupplySetting, t_s: float) -> None:
        """Let the EVPS's supply stand at a new setting."""
        self.setting = setting
        self._meet(t_s)

    def move(self, who: Who, closed: bool, t_s: float, pack_v: float) -> None:
        """Close or open one side's contactors."""
        if self.closed[who] is closed:
            return
        piece = self.pieces.last
        inlet_v = piece.inlet.at(t_s)
        across_v = inlet_v - (piece.output.at(t_s) if who == "evps" else pack_v)
        self.switchings.append(Switching(t_s, who, closed, piece.amps, across_v))
        self.closed[who] = closed
        self._meet(t_s)
        if closed and self.through:
            self._surge(across_v if who == "evps" else -across_v, t_s)

    def bleed(self, on: bool, t_s: float) -> None:
        """Connect or part the unit's bleeder."""
        self.bleeding = on
        self._meet(t_s)

    def on_contact(self, name: PortContact, does: Callable[[bool, float], None]) -> None:
        """Say what a contact of the bench does at the port."""
        self._contacts[name] = does

    def contact(self, name: PortContact, closed: bool, t_s: float) -> None:
        """Let a contact of the bench move."""
        self._contacts[name](closed, t_s)

    def exchange_a(self, pack: SupplySetting, demand_w: float) -> float:
        """Return the current into a pack that holds its voltage and feeds ``demand_w`` besides."""
        setting = self.setting
        if not (self.through and setting.on and pack.on and pack.voltage_v >= 1.0):
            return 0.0
        volts, ohm = pack.voltage_v, self.plant.cable_ohm
        driven_a = (setting.voltage_v - volts) / ohm
        if driven_a < 0.0:
            by_power_a = _amps_of(setting.sink_power_w, volts, -ohm)
            return max(driven_a, -setting.sink_current_a, -by_power_a)
        given_a = min(setting.source_current_a, _amps_of(setting.source_power_w, volts, ohm))
        taken_a = demand_w / volts + min(pack.sink_current_a, pack.sink_power_w / volts)
        return min(driven_a, given_a, taken_a)

    def follow(self, pack_v: float, amps: float, t_s: float) -> None:
        """Let the voltages tend to what the contactors now join them to."""
        old = self.pieces.last
        output = self._output(old, t_s)
        inlet = self._inlet(old, output, pack_v, t_s)
        if self.through:
            output = inlet.raised(self.plant.cable_ohm * amps)
        piece = PortPiece(inlet, output, amps)
        if piece != old:
            self.pieces.put(t_s, piece)
            self.ledger.put(t_s, (inlet.target_v, amps, inlet.target_v * amps))

    def forget_before(self, t_s: float) -> None:
        """Drop the history before ``t_s``; the ledger stays."""
        self.pieces.forget_before(t_s)
        self.lines.k_volts.forget_before(t_s)

    def mean(self, start_s: float, end_s: float) -> tuple[float, float, float]:
        """Return mean volts, amps and watts at the inlet over a span of the past."""
        if start_s < self.pieces.known_from_s or end_s <= start_s:
            volts, amps, watts = self.ledger.mean(start_s, end_s).tolist()
            return volts, amps, watts
        sums = [0.0, 0.0, 0.0]
        for begin, end, piece in self.pieces.pieces(start_s, end_s):
            volts, lasts = piece.inlet.mean(begin, end), end - begin
            for n, each in enumerate((volts, piece.amps, volts * piece.amps)):
                sums[n] += each * lasts
        volts, amps, watts = (each / (end_s - start_s) for each in sums)
        return volts, amps, watts

    def _output(self, old: PortPiece, t_s: float) -> Rail:
        plant, setting, now_v = self.plant, self.setting, old.output.at(t_s)
        if not setting.on:
            return old.output.onward(t_s, 0.0, plant.bleed_tau_s)
        rises = setting.voltage_v > now_v
        if rises and not setting.source_current_a:
            return old.output.onward(t_s, now_v, plant.leak_tau_s)
        driven = rises or setting.sink_current_a > 0.0
        return old.output.onward(
            t_s, setting.voltage_v, plant.rise_tau_s if driven else plant.bleed_tau_s
        )

    def _inlet(self, old: PortPiece, output: Rail, pack_v: float, t_s: float) -> Rail:
        plant = self.plant
        if self.closed["vehicle"]:
            return old.inlet.onward(t_s, pack_v, plant.join_tau_s)
        if self.closed["evps"]:
            return output
        tau_s = plant.inlet_bleed_tau_s if self.bleeding else plant.leak_tau_s
        return old.inlet.onward(t_s, 0.0, tau_s)

    def _surge(self, across_v: float, t_s: float) -> None:
        """Add the current that equalises two voltages after a contactor closed on them."""
        last, plant = self.pieces.last, self.plant
        surge = PortPiece(
            last.inlet, last.output, last.amps,
            -across_v / plant.surge_ohm, t_s, plant.surge_tau_s,
        )  # fmt: skip
        self.pieces.put(t_s, surge)


def _amps_of(power_w: float, far_v: float, ohm: float) -> float:
    """Return the current that is ``power_w`` at this end of a cable; ``ohm`` < 0: it flows here."""
    return 2.0 * power_w / (far_v + sqrt(max(0.0, far_v * far_v + 4.0 * ohm * power_w)))
