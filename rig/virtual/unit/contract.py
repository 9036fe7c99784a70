"""Between the circuit and the simulated controller: true inputs one way, actuators the other.

The circuit owns time. It advances in steps; for each it lets the unit's firmware run up to the
step's end, and the firmware stops at its first decision that changes an actuator, so that the
rest of the step is computed anew from there. Nothing but these sensors tells the unit of a fault.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "SOCKETS",
    "Actuators",
    "Firmware",
    "Insulation",
    "SampledInputs",
    "Sensors",
    "Socket",
    "SteadyInputs",
]

Socket = Literal["A", "B", "C"]
SOCKETS: tuple[Socket, Socket, Socket] = ("A", "B", "C")


@dataclass(frozen=True, slots=True)
class Insulation:
    """Of two conductors against earth: the resistance of each, the capacitance of both."""

    first_ohm: float = inf
    second_ohm: float = inf
    farad: float = 0.0


@dataclass(frozen=True, slots=True)
class SteadyInputs:
    """True values in the steady state that holds from now until something changes."""

    ac_voltage_v: float
    """RMS at the inverter terminals."""
    ac_current_a: float
    """RMS of the inverter's output current."""
    ac_power_w: float
    ac_frequency_hz: float
    socket_current_a: tuple[float, float, float]
    """RMS by socket A, B, C."""
    socket_power_w: tuple[float, float, float]
    socket_voltage_v: tuple[float, float, float]
    """RMS behind each socket's relay."""
    dc_voltage_v: float
    dc_current_a: float
    """Positive into the vehicle's pack (charging)."""
    heatsink_c: float
    residual_rms_a: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Residual current by socket, direct part included."""
    residual_mean_a: tuple[float, float, float] = (0.0, 0.0, 0.0)
    residual_magnitude_a: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Mean of the magnitude."""
    pack_insulation: Insulation = Insulation()
    """Of the positive and the negative rail against chassis."""
    output_insulation: Insulation = Insulation(second_ohm=0.0)
    """Of line and neutral against earth; the neutral may be bonded to it."""
    lid_open: tuple[bool, bool, bool] = (False, False, False)
    wet: tuple[bool, bool, bool] = (False, False, False)
    pe_lost: tuple[bool, bool, bool] = (False, False, False)
    supply_12v: float = 12.6
    reset: bool = False
    """The reset line is held."""


@dataclass(frozen=True, slots=True, eq=False)
class SampledInputs:
    """True waveforms at the sample instants, shape (n,) each."""

    t_s: NDArray[np.float64]
    ac_voltage_v: NDArray[np.float64]
    ac_current_a: NDArray[np.float64]
    socket_current_a: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
    residual_current_a: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]] | None
    """None while no residual branch is closed (all zero)."""


class Sensors(Protocol):
    """What the circuit offers to the unit; true values, errors are the unit's own."""

    def steady(self) -> SteadyInputs:
        """Return the steady inputs that hold now."""

    def sampled(self, start_s: float, end_s: float) -> SampledInputs:
        """Return 100 kS/s waveforms on ``[start_s, end_s)`` if nothing changes in between.

        Sample instants are whole multiples of 10 us of clock time.
        """


class Actuators(Protocol):
    """What the unit can do to the circuit; ``at_s`` is at or after the decision."""

    def start_inverter(self, at_s: float) -> None:
        """Ramp the output voltage up (15 ms) from ``at_s``."""

    def stop_inverter(self, at_s: float) -> None:
        """Switch the output off; the electronic switch ends the current within 20 us."""

    def block_gates(self, at_s: float) -> None:
        """Block the gates (short-circuit reaction); ends the current within 20 us."""

    def release_gates(self, at_s: float) -> None:
        """Ramp up again after a block (within 15 ms)."""

    def drive_relay(self, socket: Socket, closed: bool, at_s: float) -> None:
        """Drive a socket's two-pole relay: it follows in 6 to 12 ms, opens at a current zero."""


class Firmware(Protocol):
    """The simulated controller as the circuit runs it."""

    def start(self, sensors: Sensors, actuators: Actuators, now_s: float) -> None:
        """Power up at ``now_s``."""

    def next_deadline(self, now_s: float) -> float:
        """Return when the unit will next act by itself if the inputs stay steady (inf = never).

        It lies after ``now_s``, on a whole millisecond of the 1 ms protection tick. It is solved
        from the accumulators, not stepped.
        """

    def run_steady(self, start_s: float, end_s: float) -> None:
        """Live through steady inputs up to ``end_s`` (``<= next_deadline``), and act then."""

    def run_block(self, start_s: float, end_s: float) -> float:
        """Live through a sampled block; return ``end_s``, or the instant of the first decision.

        At the first decision that changes an actuator the unit commands it and stops there: its
        own state is that of the returned instant, and the circuit calls again from there.
        """

    def settled(self) -> bool:
        """Say whether every filter of the unit has settled, so that steady steps may be used."""
