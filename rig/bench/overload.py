"""Overloads as requirements state them: a base load, a step on top of it, and the proof of both.

A step comes from the step bank, on the wave and with a hardware trigger, for as long as the bank
may hold it; longer ones are made by the electronic load of the socket under test.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from instruments.capabilities import PowerReading
from instruments.errors import UsageError
from rig.bench.watch import Watch, watch
from rig.bench.wave import Wave, in_percent
from rig.controller import SocketName
from rig.measure import Measurement, NoTripSeen, Requirement, StimulusProof

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["InverterOverload", "Overload", "SocketOverload"]

_ANALYSER_SETTLED_S = 0.5
_VOLTAGE_WINDOW_S = 0.1
_EDGE_S = 0.01
"""After the trigger; the level is judged by one-cycle values, and the first holds the edge."""
_BEFORE_S = 0.08
"""Of the record before the trigger: four cycles of the base load."""
_TELLING_A = 2.0
_LAST_CYCLE_S = 0.02
"""Not judged: the current may have begun that much before a trigger by its own level."""
_LAST_EDGE_S = 1e-3
"""The same where the trigger is the step bank's own edge."""
_LONGEST_RECORD_S = 480.0
_LOOK_EVERY_S = 1.0
_EDGE = 0.3
"""Part of the step's peak current at which a capture without a hardware edge triggers."""


class Overload(Protocol):
    """One overload at one socket: prepare, capture, apply, measure."""

    hold_s: float

    def prepare(self) -> None:
        """Apply the base load; nothing is overloaded yet."""

    def capture(self) -> AbstractContextManager[Wave]:
        """Capture the socket around the edge that ``apply`` makes, for the whole hold time."""

    def apply(self, angle_deg: float = 0.0) -> None:
        """Apply the step; the step bank's opens by itself after the hold time."""

    def trip_time(self, wave: Wave) -> Measurement | NoTripSeen:
        """Measure the trip time, with the proof that the overload stood at its level."""


class InverterOverload:
    """Load all sockets to a percentage of the inverter's rated apparent power.

    All loads are at power factor 1, so that currents add up as numbers.
    """

    def __init__(self, bench: Bench, socket: SocketName, requirement: Requirement) -> None:
        self._bench, self._socket = bench, socket
        self.percent = requirement.number("load_percent")
        self._tolerance = requirement.number("load_tolerance_percent") / 100
        self.hold_s = requirement.number("hold_s")
        self._rated_va = bench.spec.unit.rated_power_va
        self._wanted_va = self.percent / 100 * self._rated_va
        self._resistors = self._choose_resistors()
        self._others_a = 0.0
        self._base: PowerReading | None = None

    def prepare(self) -> None:
        """Spread the base load, and take down what the other sockets draw."""
        self.prepare_with(self._resistors)

    def prepare_with(self, resistors: Mapping[str, int]) -> None:
        """Prepare for a step by these resistors, by socket; none: by the socket's own load."""
        self._resistors = dict(resistors)
        if self._resistors:
            self._share_what_the_bank_leaves(sum(self._resistors.values()))
        else:
            others = tuple(s for s in self._bench.sockets if s != self._socket)
            self._bench.share_load(self._wanted_va - self._own_va, among=others)
        self._bench.sleep(_ANALYSER_SETTLED_S)
        readings = self._bench.output.read()
        self._others_a = sum(r.current_a for s, r in readings.items() if s != self._socket)
        self._base = readings[self._socket]

    def _share_what_the_bank_leaves(self, resistors: int) -> None:
        """Spread a base load so that base and bank together reach the level.

        Resistors take what the voltage gives them, and it falls with load: it is measured without
        load and under a first base load, and carried on to the level in a straight line.
        """
        bench, nominal_va = self._bench, resistors * self._bench.faults.step_power_w
        idle_v = bench.output.mean_voltage_v()
        first_va = self._wanted_va - nominal_va
        bench.share_load(first_va)
        bench.sleep(_ANALYSER_SETTLED_S)
        fall = (idle_v - bench.output.mean_voltage_v()) / first_va
        voltage_v = idle_v - fall * self._wanted_va
        bank_va = resistors * voltage_v**2 / bench.spec.wiring.step_resistance_ohm
        bench.share_load(self._wanted_va - bank_va)

    def capture(self) -> AbstractContextManager[Wave]:
        """Trigger on the step bank's edge, or on the current of the socket's own load."""
        if self._resistors:
            return self._bench.capture(self._socket, self.hold_s, peak_a=self.peak_a)
        own_a = self._own_va / self._bench.spec.unit.nominal_voltage_v
        return _capture_edge(self._bench, self._socket, self.hold_s, own_a)

    def apply(self, angle_deg: float = 0.0, *, hold_s: float | None = None) -> None:
        """Close the step bank at an angle of the wave, or switch the socket's load on.

        The bank opens by itself after the hold time, or after another one.
        """
        if self._resistors:
            self._bench.faults.step(
                self._resistors.items(), hold_s=hold_s or self.hold_s, angle_deg=angle_deg
            )
        else:
            self._bench.loads[self._socket].draw_power(self._own_va)

    def trip_time(self, wave: Wave) -> Measurement | NoTripSeen:
        """Measure the trip time; the level is that of all sockets together, in percent."""
        ends_s = self.hold_s if self._resistors else None
        result = wave.trip_time(stimulus_ends_s=ends_s)
        flowed_s = result.value if isinstance(result, Measurement) else result.watched_s
        last_s = _LAST_EDGE_S if self._resistors else _LAST_CYCLE_S
        proof = self.proof_between(wave, _EDGE_S, flowed_s - last_s)
        return result.with_stimulus(replace(proof, held_s=flowed_s, wanted_s=self.hold_s))

    def proof_between(self, wave: Wave, start_s: float, end_s: float) -> StimulusProof:
        """Prove the level of all sockets together over a stretch of the record, in percent."""
        gain_u, gain_i = self._scope_gains(wave)
        voltage_v = gain_u * wave.voltage_v(start_s, min(end_s, start_s + _VOLTAGE_WINDOW_S))
        if not math.isfinite(voltage_v):  # no record: the proof says so whatever the bounds are
            voltage_v = self._bench.spec.unit.nominal_voltage_v
        resistance_ohm = self._bench.spec.wiring.step_resistance_ohm
        elsewhere = sum(n for s, n in self._resistors.items() if s != self._socket)
        others_a = self._others_a + elsewhere * voltage_v / resistance_ohm
        a_per_percent = self._rated_va / 100 / voltage_v
        low, high = (self.percent * (1 + sign * self._tolerance) for sign in (-1, 1))
        bounds = tuple((each * a_per_percent - others_a) / gain_i for each in (low, high))
        proof = wave.prove_current(bounds[0], bounds[1], start_s=start_s, end_s=end_s)
        return in_percent(proof, a_per_percent / gain_i, others_a / gain_i)

    def _scope_gains(self, wave: Wave) -> tuple[float, float]:
        """Return what the analyser read under base load by what the scope saw of it.

        The scope's own gain is ten times worse than the analyser's; it need not be trusted for a
        level. A base current that is too small to tell leaves the current's gain alone.
        """
        voltage_v = wave.voltage_v(-_BEFORE_S, 0.0)
        current_a = wave.current_a(-_BEFORE_S, 0.0)
        if not math.isfinite(voltage_v) or self._base is None:
            return 1.0, 1.0
        told = self._base.current_a > _TELLING_A
        return self._base.voltage_v / voltage_v, self._base.current_a / current_a if told else 1.0

    @property
    def peak_a(self) -> float:
        """Return the peak current of the socket: its share of the base load and its resistors."""
        bank_va = self._bench.faults.step_power_w
        base_va = (self._wanted_va - sum(self._resistors.values()) * bank_va) / len(
            self._bench.sockets
        )
        own_va = base_va + self._resistors.get(self._socket, 0) * bank_va
        return 2**0.5 * own_va / self._bench.spec.unit.nominal_voltage_v

    @property
    def _own_va(self) -> float:
        return self._wanted_va / len(self._bench.sockets)

    def _choose_resistors(self) -> dict[str, int]:
        """Return as few resistors as keep the base load within the rating; none for long holds."""
        longest = self._bench.spec.envelope["point_on_wave"].step_hold_s or 0.0
        if self.hold_s > longest:
            return {}
        socket, wiring = self._socket, self._bench.spec.wiring.sockets
        own: dict[str, int] = {socket: len(wiring[socket].step_branches)}
        everywhere = {s: len(w.step_branches) for s, w in wiring.items()}
        for choice in (own, everywhere):
            base_va = self._wanted_va - sum(choice.values()) * self._bench.faults.step_power_w
            if base_va <= self._rated_va * 1.001:
                return choice
        raise UsageError(
            f"{self.percent:g} % cannot be reached: the step bank has"
            f" {sum(everywhere.values())} resistors"
        )


class SocketOverload:
    """Load one socket to a percentage of its rated current at a power factor.

    Where the hold time is longer than a scope's record, the unit is watched as well: a trip that
    comes later than the record is then known to within one look.
    """

    def __init__(
        self, bench: Bench, socket: SocketName, requirement: Requirement, power_factor: float
    ) -> None:
        self._bench, self._socket, self._power_factor = bench, socket, power_factor
        self.percent = requirement.number("socket_percent")
        tolerance = requirement.number("socket_tolerance_percent") / 100
        self._wanted = (self.percent * (1 - tolerance), self.percent * (1 + tolerance))
        self.hold_s = requirement.number("hold_s")
        self._rated_a = bench.spec.unit.socket_current_a
        self.current_a = self.percent / 100 * self._rated_a
        self._resistors = self._choose_resistors()
        self._watch: Watch | None = None

    def prepare(self) -> None:
        """Draw what the step bank's resistors leave of the current."""
        if self._resistors:
            self._bench.loads[self._socket].draw_current(self.current_a - self._bank_a)
            self._bench.sleep(_ANALYSER_SETTLED_S)

    def capture(self) -> AbstractContextManager[Wave]:
        """Trigger on the step bank's edge, or on the load's current."""
        record_s = min(self.hold_s, _LONGEST_RECORD_S)
        if self._resistors:
            peak_a = 2**0.5 * self.current_a
            return self._bench.capture(self._socket, record_s, peak_a=peak_a)
        return _capture_edge(self._bench, self._socket, record_s, self.current_a)

    def apply(self, angle_deg: float = 0.0) -> None:
        """Close the step bank at an angle of the wave, or switch the load on and watch it."""
        if self._resistors:
            self._bench.faults.step(
                [(self._socket, self._resistors)], hold_s=self.hold_s, angle_deg=angle_deg
            )
            return
        self._bench.loads[self._socket].draw_current(
            self.current_a, power_factor=self._power_factor
        )
        if self.hold_s > _LONGEST_RECORD_S:
            self._watch = watch(
                self._bench.clock,
                self._bench.controller,
                (self._socket,),
                self._level_percent,
                hold_s=self.hold_s,
                every_s=_LOOK_EVERY_S,
            )

    def trip_time(self, wave: Wave) -> Measurement | NoTripSeen:
        """Measure the trip time; the level is the socket's RMS current in percent of its rating."""
        ends_s = self.hold_s if self._resistors else None
        result = wave.trip_time(stimulus_ends_s=ends_s)
        if self._watch is not None and isinstance(result, NoTripSeen) and not result.problems:
            return self._watch.trip_time(self._watch.proof(self._wanted, self.hold_s))
        flowed_s = result.value if isinstance(result, Measurement) else result.watched_s
        a_per_percent = self._rated_a / 100
        low, high = (percent * a_per_percent for percent in self._wanted)
        proof = wave.prove_current(low, high, start_s=_EDGE_S, end_s=flowed_s - _LAST_CYCLE_S)
        proof = replace(proof, held_s=flowed_s, wanted_s=self.hold_s)
        return result.with_stimulus(in_percent(proof, a_per_percent, 0.0))

    def _level_percent(self) -> float:
        # A whole period: the one that ends next may have begun before the load was switched on.
        reading = self._bench.output.read()[self._socket]
        return reading.current_a / self._rated_a * 100

    @property
    def _bank_a(self) -> float:
        voltage_v = self._bench.spec.unit.nominal_voltage_v
        return self._resistors * self._bench.faults.step_power_w / voltage_v

    def _choose_resistors(self) -> int:
        """Return how many resistors make the step: none unless it is resistive and short."""
        longest = self._bench.spec.envelope["point_on_wave"].step_hold_s or 0.0
        if self._power_factor != 1.0 or self.hold_s > longest:
            return 0
        return len(self._bench.spec.wiring.sockets[self._socket].step_branches)


def _capture_edge(
    bench: Bench, socket: str, hold_s: float, current_a: float
) -> AbstractContextManager[Wave]:
    """Capture an edge that an electronic load makes: it triggers by its own current."""
    peak_a = 2**0.5 * current_a
    return bench.capture(socket, hold_s, trigger="current", level=_EDGE * peak_a, peak_a=peak_a)
