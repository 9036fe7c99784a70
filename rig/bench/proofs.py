"""Proofs of stimuli that a few readings tell, beside those that a capture tells."""

from __future__ import annotations

from rig.measure import Measurement, Quantity, StimulusProof
from rig.measure.measurement import Evidence

__all__ = ["count_of", "decisive", "prove_level"]


def prove_level(
    level: float, unit: str, wanted: float, tolerance_percent: float, *, held_s: float
) -> StimulusProof:
    """Prove a level that stood for ``held_s`` by a reading of it; the tolerance is relative."""
    width = abs(wanted) * tolerance_percent / 100
    return StimulusProof(level, unit, wanted - width, wanted + width, held_s, held_s, level, level)


def decisive(*proofs: StimulusProof) -> StimulusProof:
    """Return the first proof that fell short, or else the first: all must hold."""
    return next((proof for proof in proofs if not proof.proven), proofs[0])


def count_of(
    name: str,
    count: int,
    *,
    instruments: tuple[str, ...],
    problems: tuple[str, ...] = (),
    stimulus: StimulusProof | None = None,
    capture: str = "",
) -> Measurement:
    """Return a number of events, which has no uncertainty; an unproven stimulus is a problem."""
    if stimulus is not None and not stimulus.proven:
        problems = (*problems, stimulus.reason)
        stimulus = None
    return Measurement.of(
        name,
        Quantity(float(count), "1", 0.0),
        evidence=Evidence(capture, instruments),
        problems=problems,
        stimulus=stimulus,
    )
