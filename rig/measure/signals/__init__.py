"""A vocabulary for signals: what a plan can say of waveforms and interval series."""

from rig.measure.series import Series
from rig.measure.signal_check import Outside, SignalCheck
from rig.measure.signals.bands import (
    EnvelopePoint,
    is_constant,
    is_ramp,
    is_step,
    within_envelope,
)
from rig.measure.signals.judged import excess
from rig.measure.signals.order import Event, OrderCheck, Relation, in_order, relation

__all__ = [
    "EnvelopePoint",
    "Event",
    "OrderCheck",
    "Outside",
    "Relation",
    "Series",
    "SignalCheck",
    "excess",
    "in_order",
    "is_constant",
    "is_ramp",
    "is_step",
    "relation",
    "within_envelope",
]
