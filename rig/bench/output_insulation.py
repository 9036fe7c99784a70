"""Insulation of a floating output that fails: a resistance from line or neutral to earth.

What flows through it closes through the output's capacitance to earth; the clamp shows it, and so
that the path was there, but not how large the resistance is: that stands by its certificate.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from rig.bench.faults_residual import LADDER_STEP_A, ladder
from rig.bench.outlets import live_outlets
from rig.bench.proofs import count_of
from rig.bench.switch_off import Instant, time_to_off
from rig.bench.wave import CURRENT, RESIDUAL, VOLTAGE, Wave
from rig.controller import SocketName, TripCode
from rig.measure import Measurement, NoTripSeen, Requirement, StimulusProof

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["OutputInsulation"]

Conductor = Literal["line", "neutral"]

_EDGE = Instant(0.0, 1e-4)
_SPARE_S = 0.5
_SETTLED_S = 0.5
_SEEN_WITHIN_S = 1.0
_TOLERANCE = 1e-3


class OutputInsulation:
    """A fault to earth of one conductor of one socket, while its load draws a telling current."""

    def __init__(self, bench: Bench, socket: SocketName, requirement: Requirement) -> None:
        bench.need_earthing("it")
        self._bench, self._socket, self._requirement = bench, socket, requirement
        self._number = requirement.number

    def trip_time(self, conductor: Conductor, ohm: float) -> Measurement | NoTripSeen:
        """Let the fault begin on the wave; measure until the outlet is off."""
        bench, residual = self._bench, self._bench.faults.residual
        steps = round(bench.spec.unit.nominal_voltage_v / ohm / LADDER_STEP_A)
        neutral = ("residual_neutral",) if conductor == "neutral" else ()
        residual.choose(*neutral, *ladder(steps))
        load_a = self._number("load_a")
        bench.loads[self._socket].draw_current(load_a)
        bench.sleep(_SETTLED_S)
        record_s = (self._requirement.limit("trip_time").maximum or 0.0) + _SPARE_S
        with bench.capture(
            self._socket,
            record_s,
            peak_a=2**0.5 * load_a,
            residual_peak_a=self._number("clamp_peak_a"),
            channels=(VOLTAGE, CURRENT, RESIDUAL),
        ) as wave:
            text = f"{ohm:g} ohm from {conductor} to earth"
            residual.flow(self._socket, text, hold_s=record_s)
        if wave.capture is None:
            return NoTripSeen("trip_time", 0.0, problems=("scope_ac: not triggered",))
        true_ohm = bench.spec.unit.nominal_voltage_v / (steps * LADDER_STEP_A)
        return time_to_off(
            wave.capture, "trip_time", _EDGE, lambda end_s: self._proof(wave, true_ohm, end_s)
        )

    def after_trip(self) -> list[Measurement]:
        """Count outlets that are still on, and a trip code other than that of the output's."""
        bench = self._bench
        seen = bench.unit.wait_for_trip(self._socket, _SEEN_WITHIN_S)
        problems = () if seen is not TripCode.NONE else ("nothing tripped",)
        wrong = int(seen is not TripCode.INSULATION_AC)
        return [
            count_of("outlets_left_on", len(live_outlets(bench)), instruments=("analyser_ac",)),
            count_of("wrong_codes", wrong, instruments=("controller",), problems=problems),
        ]

    def _proof(self, wave: Wave, ohm: float, end_s: float) -> StimulusProof:
        """State the resistance for as long as the clamp shows that its path conducts."""
        conducts = wave.prove_residual(
            self._number("clamp_least_a"),
            self._number("clamp_peak_a"),
            end_s=end_s,
            wanted_s=end_s,
        )
        if not conducts.in_tolerance:
            return conducts
        width = _TOLERANCE * ohm
        return replace(
            conducts,
            level=ohm,
            unit="ohm",
            wanted_low=ohm - width,
            wanted_high=min(ohm + width, self._number("limit_ohm")),
            lowest=ohm,
            highest=ohm,
        )
