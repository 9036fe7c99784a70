"""Distortion of the output voltage: from a capture, with the analyser's own value beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rig.bench.proofs import decisive, prove_level
from rig.bench.readout import measured
from rig.bench.wave import CURRENT, VOLTAGE, Wave
from rig.controller import SocketName
from rig.measure import Measurement, Requirement, StimulusProof, peak, rms, thd

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["DistortionTest"]

_RECORD_S = 0.25
"""Ten cycles of the slowest output, and a little more."""
_PROVEN_S = 0.2
_HEADROOM = 1.2


class DistortionTest:
    """THD at one socket under a load that the plan has applied and let settle."""

    def __init__(self, bench: Bench, socket: SocketName, requirement: Requirement) -> None:
        self._bench, self._socket, self._requirement = bench, socket, requirement

    def linear(self, percent: float) -> Measurement:
        """Measure under a linear load of all sockets together, in percent of the rating."""
        socket_a = self._bench.output.read()[self._socket].current_a
        wave = self._capture(2**0.5 * socket_a)
        level = self._bench.output.total_va() / self._bench.rated_va * 100
        tolerance = self._requirement.number("load_tolerance_percent")
        proof = prove_level(level, "%", percent, tolerance, held_s=_PROVEN_S)
        return self._thd(wave, "thd_linear", proof)

    def rectifier(self) -> Measurement:
        """Measure under the socket's own rectifier load; proven are current, PF and crest factor.

        The current is that of the load's VA at nominal voltage: a unit that lets the voltage sag
        is no excuse for less of it.
        """
        data = self._requirement.number
        nominal_a = data("rectifier_va") / self._bench.spec.unit.nominal_voltage_v
        current_a = self._bench.output.read()[self._socket].current_a
        wave = self._capture(data("rectifier_crest_factor") * current_a)
        reading = self._bench.output.read()[self._socket]
        tolerance = data("rectifier_tolerance_percent")
        wanted = {
            "A": (reading.current_a, nominal_a, data("load_tolerance_percent")),
            "PF": (reading.power_factor, data("rectifier_power_factor"), tolerance),
            "CF": (self._crest_factor(wave), data("rectifier_crest_factor"), tolerance),
        }
        proofs = [
            prove_level(level, unit, target, percent, held_s=_PROVEN_S)
            for unit, (level, target, percent) in wanted.items()
        ]
        return self._thd(wave, "thd_rectifier", decisive(*proofs))

    def _capture(self, peak_a: float) -> Wave:
        """Capture the steady state from a rising zero of the voltage on."""
        with self._bench.capture(
            self._socket,
            _RECORD_S,
            trigger="voltage",
            level=0.0,
            peak_a=_HEADROOM * max(peak_a, 1.0),
            pre_s=0.01,
        ) as wave:
            pass
        return wave

    def _thd(self, wave: Wave, name: str, proof: StimulusProof) -> Measurement:
        order = int(self._requirement.number("highest_order"))
        result = measured(
            wave, name, "%", lambda c: thd(c, VOLTAGE, start_s=0.0, highest_order=order)
        )
        seen = self._bench.output.read()[self._socket].voltage_thd_percent
        allowed = self._requirement.number("analyser_agreement_percent")
        note = f"analyser_ac shows {seen:.2f} %"
        problems = result.problems
        if not abs(seen - result.value) <= allowed:
            problems = (*problems, f"{note}, more than {allowed:g} % from the capture")
        return replace(result, problems=problems, notes=(*result.notes, note), stimulus=proof)

    @staticmethod
    def _crest_factor(wave: Wave) -> float:
        if wave.capture is None:
            return float("nan")
        effective = rms(wave.capture, CURRENT, start_s=0.0, end_s=_PROVEN_S).value
        return peak(wave.capture, CURRENT).value / effective
