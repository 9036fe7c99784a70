"""Residual currents as requirements state them: let one flow, prove it, time the trip."""

from __future__ import annotations

from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from instruments.errors import Refused
from rig.bench.faults_residual import ResidualStimulus
from rig.bench.outlets import TripWatch, live_outlets
from rig.bench.proofs import count_of
from rig.bench.wave import RESIDUAL, VOLTAGE, Wave
from rig.controller import SocketName, TripCode
from rig.measure import Measurement, NoTripSeen, Requirement, StimulusProof

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["ResidualCurrent", "TripsElsewhere"]

_AFTER_S = 0.1
"""Of the record, beyond the end of the stimulus: a trip just before it shows as one."""
_SEEN_WITHIN_S = 1.0
_BACK_WITHIN_S, _LOOK_S = 5.0, 0.5
_LONG_S, _SLOW_HZ = 1.0, 10_000.0
"""What takes seconds need not be timed to 10 us."""


class ResidualCurrent:
    """One residual current at one socket, the loads off: prepare, capture, apply, measure.

    The analyser's voltage over the network's resistor gives the level; the clamp proves that it
    flowed at this level all the time. ``level`` ends the names of limit and data of a requirement
    that has several.
    """

    def __init__(
        self,
        bench: Bench,
        socket: SocketName,
        requirement: Requirement,
        stimulus: ResidualStimulus,
        *,
        level: str = "",
    ) -> None:
        bench.need_earthing("tn")
        self._bench, self._socket, self._stimulus = bench, socket, stimulus
        self._number = requirement.number
        end = f"_{level}" if level else ""
        self._quantity = f"trip_time{end}"
        self.hold_s = requirement.number(f"hold{end}_s")
        limit = requirement.limit(self._quantity)
        self._needed_s = (
            limit.minimum if limit.kind == "no_trip" else limit.maximum
        ) or self.hold_s
        self._wanted = (
            requirement.number(f"level_low{end}_a"),
            requirement.number(f"level_high{end}_a"),
        )
        self._level_a = stimulus.level_a

    def prepare(self) -> None:
        """Choose the network, and take down the voltage that will drive the current."""
        self._bench.faults.residual.choose(*self._stimulus.networks)
        if self._stimulus.resistance_ohm is not None:
            voltage_v = self._bench.output.read()[self._socket].voltage_v
            self._level_a = voltage_v / self._stimulus.resistance_ohm

    def capture(self) -> AbstractContextManager[Wave]:
        """Capture voltage and residual current around the edge that ``apply`` makes."""
        return self._bench.capture(
            self._socket,
            self.hold_s + _AFTER_S,
            residual_peak_a=self._stimulus.peak_a,
            sample_rate_hz=_SLOW_HZ if self.hold_s > _LONG_S else None,
            channels=(VOLTAGE, RESIDUAL),
        )

    def apply(self, angle_deg: float = 0.0) -> None:
        """Let the current flow from an angle of the voltage on, for the hold time at most."""
        self._bench.faults.residual.flow(
            self._socket, self._stimulus.text, hold_s=self.hold_s, angle_deg=angle_deg
        )

    def trip_time(self, wave: Wave, angle_deg: float | None = None) -> Measurement | NoTripSeen:
        """Measure from the closing of the branch to the last pole, with the proof of the current.

        ``angle_deg`` None = the angle does not matter.
        """
        shape = self._stimulus.shape
        result = wave.trip_time(of=RESIDUAL, shape=shape, stimulus_ends_s=self.hold_s)
        proofs = [self._prove(wave, result)]
        if shape == "dc":
            proofs.append(self._prove_sign(wave, proofs[0]))
        if angle_deg is not None:
            tolerance_deg = self._number("angle_tolerance_deg")
            proofs.append(wave.prove_angle(angle_deg, tolerance_deg, proofs[0].held_s))
        named = replace(result, quantity_name=self._quantity)
        return named.with_stimulus(_weakest(proofs))

    def acknowledge(self) -> None:
        """Take the trip back and wait until the socket is on again; it may stay off."""
        bench = self._bench
        bench.sleep(self.hold_s)
        with suppress(Refused):
            bench.controller.acknowledge()
        deadline = bench.clock.now() + _BACK_WITHIN_S
        while bench.unit.tripped(self._socket) and bench.clock.now() < deadline:
            bench.sleep(_LOOK_S)
        bench.sleep(_LOOK_S)

    def wrong_codes(self, *right: TripCode) -> Measurement:
        """Count a trip code that is none of the right ones; no trip has none."""
        seen = self._bench.unit.wait_for_trip(self._socket, _SEEN_WITHIN_S)
        problems = () if seen is not TripCode.NONE else ("the socket did not trip",)
        return count_of(
            "wrong_codes", int(seen not in right), instruments=("controller",), problems=problems
        )

    def _prove_sign(self, wave: Wave, flowed: StimulusProof) -> StimulusProof:
        """Prove by its mean that a direct current flowed the way that was asked for."""
        mean_a = wave.mean_residual(0.0, flowed.held_s).value
        bounds = sorted((0.0, 2.0 * self._stimulus.sign * self._level_a))
        return replace(
            flowed,
            level=mean_a,
            wanted_low=bounds[0],
            wanted_high=bounds[1],
            lowest=mean_a,
            highest=mean_a,
        )

    def _prove(self, wave: Wave, result: Measurement | NoTripSeen) -> StimulusProof:
        """Prove the level by voltage and resistor, and by the clamp that it flowed throughout."""
        ended_s = result.end_s if isinstance(result, Measurement) else result.watched_s
        width = self._number("level_tolerance_percent") / 100 * self._level_a
        flowed = wave.prove_residual(
            self._level_a - width,
            self._level_a + width,
            end_s=ended_s or 0.0,
            wanted_s=self._needed_s,
            shape=self._stimulus.shape,
        )
        low, high = self._wanted
        by_voltage = replace(
            flowed,
            level=self._level_a,
            wanted_low=low,
            wanted_high=high,
            lowest=self._level_a,
            highest=self._level_a,
            gap="",
        )
        return _weakest([flowed, by_voltage])


def _weakest(proofs: list[StimulusProof]) -> StimulusProof:
    """Return the first proof that is out of tolerance, or else the first: all must hold."""
    return next((proof for proof in proofs if not proof.in_tolerance), proofs[0])


class TripsElsewhere:
    """What goes off besides one socket: by the outlets themselves, and by the unit's log."""

    def __init__(self, bench: Bench, socket: SocketName) -> None:
        self._bench, self._socket = bench, socket
        self._watch = TripWatch(bench)
        self._others = live_outlets(bench) - {socket}

    def count(self, stimulus: StimulusProof) -> Measurement:
        """Count other sockets that went dead since, or of which the log says they tripped.

        The current need not have flowed for longer than until its own socket opened.
        """
        dead = self._others - live_outlets(self._bench)
        logged = [
            r for r in self._watch.records() if r.trip is not None and r.socket != self._socket
        ]
        problems = () if self._others else ("no other socket was live before",)
        return count_of(
            "other_socket_trips",
            max(len(dead), len(logged)),
            instruments=("analyser_ac", "controller"),
            problems=problems,
            stimulus=replace(stimulus, wanted_s=stimulus.held_s),
        )
