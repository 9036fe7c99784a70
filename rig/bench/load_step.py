"""Steps of a resistive load up and down again, and what the voltage makes of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING

from rig.bench.proofs import decisive
from rig.bench.readout import measured
from rig.bench.wave import VOLTAGE, Wave
from rig.controller import SocketName
from rig.measure import Capture, Measurement, Requirement, StimulusProof, half_cycle_extremes

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["LoadStep"]

_SETTLED_S = 0.5
_AFTER_S = 0.4
"""Record after the step down."""
_PRE_S = 0.2
_ON_TIME_S = 0.5e-3
"""A window that ends this little before an instant counts as ending at it: closing has jitter."""


class LoadStep:
    """From a base load to a top load and back, by resistors on the wave.

    The bank comes in whole resistors, so base and top lie off their levels by equal parts of what
    that leaves; both are proven by the analyser.
    """

    def __init__(self, bench: Bench, socket: SocketName, requirement: Requirement) -> None:
        self._bench, self._socket = bench, socket
        self._number = requirement.number
        self._hold_s = requirement.number("hold_s")
        self._base_proof: StimulusProof | None = None
        self._resistors = self._choose_resistors()

    def prepare(self) -> None:
        """Draw the base load; proven once it has settled."""
        bench, number = self._bench, self._number
        bank_va = sum(self._resistors.values()) * bench.faults.step_power_w
        both_va = (number("base_percent") + number("top_percent")) / 100 * bench.rated_va
        bench.share_load((both_va - bank_va) / 2)
        bench.sleep(_SETTLED_S)
        self._base_proof = self._prove("base_percent")

    def apply(self, angle_deg: float) -> tuple[Wave, StimulusProof]:
        """Step up at an angle of the wave and down again; return the record and the proof."""
        bench = self._bench
        with self._capture() as wave:
            bench.faults.step(self._resistors.items(), hold_s=self._hold_s, angle_deg=angle_deg)
            bench.faults.wait_until_fired()
            top = self._prove("top_percent")
        angle = wave.prove_angle(angle_deg, self._number("angle_tolerance_deg"), self._hold_s)
        assert self._base_proof is not None, "prepare() comes first"
        return wave, decisive(self._base_proof, top, angle)

    def extremes(self, wave: Wave, proof: StimulusProof) -> list[Measurement]:
        """Return lowest and highest half-cycle RMS later than each delay after each step."""
        off_s = self._off_s(wave)
        spans = {"up": (0.0, off_s), "down": (off_s, self._hold_s + _AFTER_S)}
        found = []
        for delay_ms in (20, 100):
            for start_s, end_s in spans.values():
                name = f"half_cycle_rms_after_{delay_ms}_ms"
                first_s = start_s + delay_ms / 1000 - _ON_TIME_S
                for side in (0, 1):
                    result = measured(wave, name, "V", _extreme(first_s, end_s, side))
                    found.append(replace(result, stimulus=proof))
        return found

    def _capture(self) -> AbstractContextManager[Wave]:
        record_s = self._hold_s + _AFTER_S
        return self._bench.capture(self._socket, record_s, pre_s=_PRE_S, channels=(VOLTAGE,))

    def _off_s(self, wave: Wave) -> float:
        """Return when the bank opened: at the first zero of its current after the hold time."""
        half_s = 0.5 / self._bench.spec.unit.nominal_frequency_hz
        angle_s = wave.angle_deg() / 180 * half_s
        if wave.capture is None:
            return self._hold_s
        return ceil((self._hold_s - _ON_TIME_S + angle_s) / half_s) * half_s - angle_s

    def _prove(self, key: str) -> StimulusProof:
        """Prove the load of all sockets in percent of the rating."""
        percent = self._bench.output.total_va() / self._bench.rated_va * 100
        wanted, tolerance = self._number(key), self._number("load_tolerance_points")
        return StimulusProof(
            percent, "%", wanted - tolerance, wanted + tolerance,
            self._hold_s, self._hold_s, percent, percent,
        )  # fmt: skip

    def _choose_resistors(self) -> dict[str, int]:
        """Return the resistors nearest to the rise, those of the socket under test first."""
        bench, number = self._bench, self._number
        rise_va = (number("top_percent") - number("base_percent")) / 100 * bench.rated_va
        left = round(rise_va / bench.faults.step_power_w)
        chosen = dict[str, int]()
        wiring = bench.spec.wiring.sockets
        for socket in (self._socket, *(each for each in wiring if each != self._socket)):
            chosen[socket] = min(left, len(wiring[socket].step_branches))
            left -= chosen[socket]
        return {socket: count for socket, count in chosen.items() if count}


def _extreme(start_s: float, end_s: float, side: int) -> Callable[[Capture], Measurement]:
    def measure(capture: Capture) -> Measurement:
        return half_cycle_extremes(capture, VOLTAGE, start_s=start_s, end_s=end_s)[side]

    return measure
