"""What a role can do. Drivers implement these; plans see nothing else of a box.

Signs: positive out of a source, positive into a sink or a load. Every quantity is RMS unless its
name says otherwise; units are in the names. A box that lacks an ability raises ``CannotDo``, a
value beyond its rating ``UsageError``, both before any byte is sent; a set value that the box
refuses raises ``Refused``. Every method that talks to the box may raise ``LinkTimeout``,
``LinkClosed``, or ``BenchError`` where the box answers otherwise than it must.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from instruments.can_frame import CanFrame

__all__ = [
    "AcLoad",
    "AcReading",
    "BidirectionalSupply",
    "CanFrame",
    "CanPort",
    "DcReading",
    "DcSink",
    "DcSource",
    "DigitalInputs",
    "Identity",
    "Instrument",
    "PointOnWave",
    "PointOnWaveShot",
    "PowerAnalyser",
    "PowerReading",
    "RelayBank",
    "Scope",
    "ScopeSetup",
    "ScopeTrace",
    "Watchdog",
    "WatchdogState",
]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a box says it is."""

    maker: str
    model: str
    serial: str
    firmware: str


@runtime_checkable
class Instrument(Protocol):
    """Any box: every driver has these."""

    def identify(self) -> Identity:
        """Return what the box says of itself."""

    def make_safe(self) -> None:
        """Switch everything off that can carry power, and verify it; harmless when already off."""

    def close(self) -> None:
        """Release remote control where the box has it, close the link; outputs stay as they are."""


@dataclass(frozen=True, slots=True)
class DcReading:
    """DC quantities at one instant; the sign is that of the view that measured."""

    voltage_v: float
    current_a: float
    power_w: float


class DcSource(Protocol):
    """A box's source view: positive current and power flow out of the box."""

    def set_voltage(self, voltage_v: float) -> None:
        """Set the output voltage in V and verify it by reading back."""

    def set_current_limit(self, current_a: float) -> None:
        """Set the largest current the box sources, in A."""

    def set_power_limit(self, power_w: float) -> None:
        """Set the largest power the box sources, in W."""

    def output_on(self) -> None:
        """Switch the DC terminals on; post: the box reports them on."""

    def output_off(self) -> None:
        """Switch the DC terminals off; post: the box reports them off."""

    def measure(self) -> DcReading:
        """Measure volts, amps, watts; positive out of the box."""


class DcSink(Protocol):
    """The same box's sink view: positive current and power flow into the box."""

    def set_current_limit(self, current_a: float) -> None:
        """Set the largest current the box sinks, in A; 0 makes it source-only."""

    def set_power_limit(self, power_w: float) -> None:
        """Set the largest power the box sinks, in W."""

    def measure(self) -> DcReading:
        """Measure volts, amps, watts; positive into the box."""


class BidirectionalSupply(Instrument, Protocol):
    """One bidirectional DC supply with its two views."""

    @property
    def source(self) -> DcSource:
        """The source view."""

    @property
    def sink(self) -> DcSink:
        """The sink view."""

    def read_alarms(self) -> frozenset[str]:
        """Return the names of pending alarms (``OVP``, ``OT`` ...) without acknowledging."""

    def acknowledge_alarms(self) -> None:
        """Acknowledge alarms whose cause is gone."""


class Thermometer(Instrument, Protocol):
    """A sensor of one temperature."""

    def read_temperature(self) -> float:
        """Return the temperature in degC."""


class OverVoltageProtected(Protocol):
    """A box that switches its own terminals off above a voltage, whatever it was told."""

    def set_ovp(self, voltage_v: float) -> None:
        """Set and switch on the over-voltage protection, in V, and verify it by reading back."""


@dataclass(frozen=True, slots=True)
class AcReading:
    """What an AC load measures at its terminals.

    Power factor and frequency are NaN where the load knows none (without current or voltage).
    """

    voltage_v: float
    current_a: float
    power_w: float
    apparent_va: float
    power_factor: float
    frequency_hz: float


class AcLoad(Instrument, Protocol):
    """An electronic AC load; positive power flows into it."""

    def set_current(
        self, current_a: float, *, power_factor: float = 1.0, crest_factor: float = 1.414
    ) -> None:
        """Draw a constant RMS current in A; power factor negative = leading."""

    def set_power(
        self, power_w: float, *, power_factor: float = 1.0, crest_factor: float = 1.414
    ) -> None:
        """Draw a constant active power in W."""

    def set_resistance(self, resistance_ohm: float) -> None:
        """Behave as a resistor, in ohm."""

    def input_on(self) -> None:
        """Start loading; post: the box reports its input on."""

    def input_off(self) -> None:
        """Stop loading; post: the box reports its input off."""

    def measure(self) -> AcReading:
        """Measure at the load's terminals; power positive into the load."""

    def read_protection(self) -> frozenset[str]:
        """Return the names of active protections (``UV``, ``OCP``, ``OPP``, ``OTP`` ...)."""

    def clear_protection(self) -> None:
        """Clear protections whose cause is gone."""


@dataclass(frozen=True, slots=True)
class PowerReading:
    """What one element of a power analyser says of one update period."""

    voltage_v: float
    current_a: float
    power_w: float
    apparent_va: float
    reactive_var: float
    power_factor: float
    frequency_hz: float
    voltage_thd_percent: float
    voltage_dc_v: float
    current_dc_a: float


class PowerAnalyser(Instrument, Protocol):
    """A power analyser with numbered elements, averaging over an update period."""

    def set_update_period(self, period_s: float) -> None:
        """Set the update period in s; the box has a fixed list."""

    def measure(self, elements: Sequence[int]) -> Mapping[int, PowerReading]:
        """Wait for one complete new update, return a coherent set of readings by element."""

    def measure_following(self, elements: Sequence[int]) -> Mapping[int, PowerReading]:
        """Return the update after the one read last: call after call, none is left out.

        Updates are lost where the caller takes longer than one between two calls.
        """

    def start_integration(self) -> None:
        """Start summing up energy from 0 on every element; post: the box says it is integrating."""

    def stop_integration(self) -> None:
        """End the summing up; post: the energies stand still.

        Raises ``BenchError`` when it had ended by itself before.
        """

    def read_energy_wh(self, elements: Sequence[int]) -> Mapping[int, float]:
        """Return the energy since the start in Wh by element, signed like the element's power.

        Also during the integration; the sequence of ``measure_following`` stays without gaps.
        """


@dataclass(frozen=True, slots=True)
class ScopeSetup:
    """One single-shot acquisition."""

    channels: tuple[int, ...]
    sample_rate_hz: float
    pre_trigger_s: float
    duration_s: float
    """Whole record, pre-trigger included."""
    trigger: int | Literal["external"]
    """A channel's number, or the external trigger input."""
    level: float = 0.0
    """In the trigger channel's unit; V at the input for ``external``."""
    slope: Literal["rising", "falling", "either"] = "rising"
    full_scale: Mapping[int, float] | None = None
    """Peak value by channel that must fit on the screen, in the channel's unit."""


@dataclass(frozen=True, slots=True, eq=False)
class ScopeTrace:
    """The samples of one channel; sample 0 is at ``t0_s`` after the trigger (negative = before)."""

    channel: int
    t0_s: float
    dt_s: float
    values: NDArray[np.float64]
    """Shape (n,), in the channel's unit."""
    clipped: bool
    resolution: float
    """The value of one code, in the channel's unit."""


class Scope(Instrument, Protocol):
    """A storage oscilloscope used for single shots."""

    def arm(self, setup: ScopeSetup) -> None:
        """Start one acquisition; post: the pre-trigger is filled, the trigger is live."""

    def triggered(self) -> bool:
        """Say whether the trigger has come."""

    def complete(self) -> bool:
        """Say whether the whole record is in memory."""

    def stop(self) -> None:
        """End the acquisition as it is."""

    def read_trace(self, channel: int) -> ScopeTrace:
        """Read one channel of the last acquisition.

        Raises ``BenchError`` when there is none or it was never triggered.
        """


class RelayBank(Instrument, Protocol):
    """Relays by number from 0; a plain relay operates within 5 to 12 ms, not at a known instant."""

    @property
    def size(self) -> int:
        """How many relays the board has."""

    def set_relay(self, relay: int, closed: bool) -> None:
        """Drive one relay, verify by reading the coil back."""

    def read_relays(self) -> tuple[bool, ...]:
        """Return the coil states, relay 0 first."""

    def pulse(self, relay: int, duration_s: float) -> None:
        """Close a relay for a time that the board itself bounds (steps of 0.1 s)."""

    def all_off(self) -> None:
        """Release every relay, verify."""


class DigitalInputs(Protocol):
    """Digital inputs by number from 0."""

    def read_inputs(self) -> tuple[bool, ...]:
        """Return the input states, input 0 first."""


@dataclass(frozen=True, slots=True)
class PointOnWaveShot:
    """What the point-on-wave trigger did."""

    fired: bool
    angle_deg: float
    """Measured angle of the socket voltage at closing, 0 = positive zero crossing."""
    state: int
    """0 idle, 1 armed, 2 branches closed, 3 done."""


class PointOnWave(Instrument, Protocol):
    """The trigger that closes solid-state branches at an angle of the voltage wave."""

    def arm(self, branches: int, *, delay_s: float, hold_s: float) -> None:
        """Close the branches of the mask ``delay_s`` (s) after the next positive zero crossing.

        They open by themselves after ``hold_s`` (s).
        """

    def read_shot(self) -> PointOnWaveShot:
        """Return what has happened since the arming."""

    def disarm(self) -> None:
        """Open all branches and forget the arming."""


@dataclass(frozen=True, slots=True)
class WatchdogState:
    """What a box says of its watchdog."""

    timeout_s: float | None
    """None when it is not armed."""
    expired: bool
    """Whether it has run out, as far as the box still remembers."""


class Watchdog(Protocol):
    """A box's own watchdog: without any traffic for a time, it switches its power terminals off."""

    def arm_watchdog(self, timeout_s: float) -> None:
        """Arm it; post: the box reports it armed with ``timeout_s``.

        From now on any message to the box starts the time anew.
        """

    def disarm_watchdog(self) -> None:
        """Disarm it; post: the box reports it disarmed. Harmless when it is not armed."""

    def read_watchdog(self) -> WatchdogState:
        """Return whether it is armed, and whether it has run out; the asking counts as traffic."""


class CanPort(Instrument, Protocol):
    """One port on one CAN bus; made safe, it has left the bus and sends nothing."""

    def join(self, bit_rate: int, *, listen_only: bool = False) -> None:
        """Take part in the bus at a rate in bit/s; post: frames are being received.

        Frames received before are dropped. A listener sends nothing, not even acknowledge bits.
        """

    def leave(self) -> None:
        """Take no more part in the bus; harmless when not on it."""

    def send(self, frame: CanFrame) -> None:
        """Hand one frame over for sending; pre: joined, not as a listener."""

    def receive(self) -> tuple[CanFrame, ...]:
        """Return the frames that have come since the last call, oldest first; does not wait."""

    def read_status(self) -> frozenset[str]:
        """Return what is wrong (``ERROR_WARNING``, ``ERROR_PASSIVE``, ``BUS_ERROR`` ...).

        Reading may clear it in the box.
        """
