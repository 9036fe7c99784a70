"""The circuit between two changes: frozen, and enough to compute every waveform of the piece."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from rig.virtual.network.poles import Flags, conducting, line_alone
from rig.virtual.ports import LoadSetting
from rig.virtual.unit.contract import SOCKETS

__all__ = [
    "DIP_TIME_CONSTANTS",
    "NO_LOAD",
    "Circuit",
    "Dip",
    "Discharge",
    "Draw",
    "NetworkState",
    "Slew",
]

DIP_TIME_CONSTANTS = 15.0
"""After so many nothing is left of a dip worth computing."""

NO_LOAD = LoadSetting(on=False, mode="current", level=0.0)


@dataclass(frozen=True, slots=True)
class Draw:
    """What an electronic load takes: a conductance, or a current of given RMS and shape."""

    conductance_s: float = 0.0
    rms_a: float = 0.0
    power_factor: float = 1.0
    crest_factor: float = 1.414


@dataclass(frozen=True, slots=True)
class Circuit:
    """What is on, closed and set; its steady state depends on nothing else."""

    energised: bool = False
    """The inverter switches."""
    amplitude: float = 1.0
    """Scale of the source voltage: below 1 when the DC side is too low."""
    contacts: tuple[bool, bool, bool] = (False, False, False)
    """Socket relays that conduct, an arc included."""
    branches: int = 0
    loads: tuple[LoadSetting, LoadSetting, LoadSetting] = (NO_LOAD, NO_LOAD, NO_LOAD)
    inserted: frozenset[str] = frozenset()
    """The fault networks whose contacts are closed, by name."""

    @property
    def conducting(self) -> Flags:
        """Where both poles conduct, by the relay or by what bridges it."""
        return conducting(self.contacts, self.inserted)

    @property
    def line_alone(self) -> Flags:
        """Where only the line pole conducts."""
        return line_alone(self.contacts, self.inserted)

    def live(self, socket: int) -> bool:
        """Say whether voltage stands behind a socket's relay."""
        return self.energised and self.amplitude > 0.0 and self.conducting[socket]

    def any_live(self) -> bool:
        """Say whether voltage stands behind any socket's relay."""
        return any(self.live(k) for k in range(len(SOCKETS)))


@dataclass(frozen=True, slots=True)
class Slew:
    """A load on its way from what it drew before to its new setting."""

    socket: int
    start_s: float
    before: Draw


@dataclass(frozen=True, slots=True)
class Dip:
    """The regulator's error after a load step: a fraction of the voltage that decays."""

    start_s: float
    fraction: float


@dataclass(frozen=True, slots=True)
class Discharge:
    """The output capacitor emptying into a short circuit."""

    start_s: float
    voltage_v: float
    socket: int
    resistance_ohm: float


@dataclass(frozen=True, slots=True)
class NetworkState:
    """A circuit and the instants its transients count from."""

    circuit: Circuit
    phase_cycles: float = 0.0
    """Added to the phase of the source, so that a change of frequency makes no jump of it."""
    ramp_from_s: float = -inf
    """Start of the last ramp of the output voltage."""
    ended_s: float = -inf
    """When the gates were blocked; means nothing while the inverter switches."""
    collapsed_s: float = -inf
    """When a short circuit took the voltage; means nothing without one."""
    slews: tuple[Slew, ...] = ()
    dips: tuple[Dip, ...] = ()
    discharges: tuple[Discharge, ...] = ()
