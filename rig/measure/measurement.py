"""What was measured: a value with its budget, its evidence and what speaks against it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from rig.measure.quantity import Budget, Component, Quantity
from rig.measure.signal_check import SignalCheck
from rig.measure.stimulus import StimulusProof

__all__ = ["Evidence", "Measurement", "NoTripSeen"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a result comes from."""

    capture: str = ""
    instruments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measurement:
    """One result; any entry in ``problems`` keeps it from being judged.

    ``level`` is how far the uncertainty of the stimulus' level moves the result: it widens the
    verdict, not the result itself.
    """

    quantity_name: str
    value: float
    unit: str
    budget: Budget
    evidence: Evidence = Evidence()
    problems: tuple[str, ...] = ()
    stimulus: StimulusProof | None = None
    level: Component | None = None
    notes: tuple[str, ...] = ()
    onset_s: float | None = None
    """Where the event began and ended, s after the trigger, for a time between two edges."""
    end_s: float | None = None
    signal: SignalCheck | None = None
    """The band that the value is the distance from, to be drawn."""

    @classmethod
    def of(
        cls,
        quantity_name: str,
        quantity: Quantity,
        *,
        evidence: Evidence = Evidence(),
        problems: tuple[str, ...] = (),
        stimulus: StimulusProof | None = None,
    ) -> Measurement:
        """Make a measurement of a quantity whose uncertainty is stated as a whole.

        An infinite one means that no certificate covers the value.
        """
        if math.isinf(quantity.u):
            by = f"{', '.join(evidence.instruments)}: " if evidence.instruments else ""
            problems = (*problems, f"{by}no certificate covers this value")
            quantity = replace(quantity, u=0.0)
        stated = Component("stated as a whole", "B", "normal", quantity.u)
        budget = Budget(quantity.unit, (stated,) if quantity.u else ())
        return cls(
            quantity_name, quantity.value, quantity.unit, budget, evidence, problems, stimulus
        )

    @property
    def quantity(self) -> Quantity:
        """The value with its standard uncertainty, the stimulus' level not included."""
        return Quantity(self.value, self.unit, self.budget.u)

    @property
    def verdict_budget(self) -> Budget:
        """The budget a verdict uses: the level of the stimulus included."""
        return self.budget if self.level is None else self.budget.plus(self.level)

    def expanded(self, k: float | None = None) -> float:
        """Return the expanded uncertainty of the value itself."""
        return self.budget.expanded(k)

    def with_stimulus(self, stimulus: StimulusProof) -> Measurement:
        """Return the measurement with the proof of its stimulus."""
        return replace(self, stimulus=stimulus)

    def renamed(self, quantity_name: str) -> Measurement:
        """Return the measurement under the name that a requirement gives the quantity."""
        return replace(self, quantity_name=quantity_name)


@dataclass(frozen=True, slots=True)
class NoTripSeen:
    """The result that the current flowed on until the end of the record, ``watched_s`` long."""

    quantity_name: str
    watched_s: float
    evidence: Evidence = Evidence()
    problems: tuple[str, ...] = ()
    stimulus: StimulusProof | None = None
    u_s: float = 0.0
    unit: str = "s"
    """That of the quantity which was not seen: of a trip time s, of a trip current A."""

    def with_stimulus(self, stimulus: StimulusProof) -> NoTripSeen:
        """Return the result with the proof of its stimulus."""
        return replace(self, stimulus=stimulus)

    def __str__(self) -> str:
        return f"no trip seen within {self.watched_s:.6g} s"
