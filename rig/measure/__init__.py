"""From samples and readings to quantities with uncertainty, and to verdicts."""

from rig.measure.at_trip import current_at_trip
from rig.measure.energy import Interval, energy
from rig.measure.harmonics import subgroups, thd
from rig.measure.inrush import Inrush, inrush
from rig.measure.limits import Limit
from rig.measure.measurement import Evidence, Measurement, NoTripSeen
from rig.measure.power import (
    crest_factor,
    dc_component,
    frequency,
    half_cycle_extremes,
    i2t,
    peak,
    rms,
)
from rig.measure.quantity import Budget, Component, Quantity
from rig.measure.requirements import Requirement, Requirements, load_requirements
from rig.measure.residual import ResidualShape, mean_current, prove_levels, residual_levels
from rig.measure.rms import RmsTrace, half_cycle_rms, sliding_rms
from rig.measure.stimulus import StimulusProof, prove_from_readings, prove_from_samples
from rig.measure.trip_time import TripSettings, trip_time
from rig.measure.verdict import Verdict, judge, judge_no_trip
from rig.measure.waveform import Calibration, Capture, Overdue, Trigger, Waveform, waveform_of
from rig.measure.worst import judge_worst, worst_of
from rig.measure.zero import zeroed

__all__ = [
    "Budget",
    "Calibration",
    "Capture",
    "Component",
    "Evidence",
    "Inrush",
    "Interval",
    "Limit",
    "Measurement",
    "NoTripSeen",
    "Overdue",
    "Quantity",
    "Requirement",
    "Requirements",
    "ResidualShape",
    "RmsTrace",
    "StimulusProof",
    "Trigger",
    "TripSettings",
    "Verdict",
    "Waveform",
    "crest_factor",
    "current_at_trip",
    "dc_component",
    "energy",
    "frequency",
    "half_cycle_extremes",
    "half_cycle_rms",
    "i2t",
    "inrush",
    "judge",
    "judge_no_trip",
    "judge_worst",
    "load_requirements",
    "mean_current",
    "peak",
    "prove_from_readings",
    "prove_from_samples",
    "prove_levels",
    "residual_levels",
    "rms",
    "sliding_rms",
    "subgroups",
    "thd",
    "trip_time",
    "waveform_of",
    "worst_of",
    "zeroed",
]
