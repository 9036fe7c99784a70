"""Keep estimators from records that are not whole: what such a record says is unknown."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from rig.measure.measurement import Evidence, Measurement
from rig.measure.quantity import Budget
from rig.measure.waveform import Capture

__all__ = ["of_whole_records", "unknown"]

_P = ParamSpec("_P")
_Estimator = Callable[Concatenate[Capture, str, _P], Measurement]


def unknown(capture: Capture, name: str, quantity: str, unit: str, *why: str) -> Measurement:
    """Return that a quantity of a waveform is not known, with the capture's problems and others."""
    evidence = Evidence(capture.capture_id, capture.instruments)
    problems = (*capture.problems_of(name), *why)
    return Measurement(quantity, math.nan, unit, Budget(unit), evidence, problems)


def of_whole_records(quantity: str, unit: str = "{}") -> Callable[[_Estimator[_P]], _Estimator[_P]]:
    """Let an estimator see no waveform with missing samples; their quantity is unknown.

    ``unit`` has ``{}`` for that of the waveform.
    """

    def decorate(estimate: _Estimator[_P]) -> _Estimator[_P]:
        @wraps(estimate)
        def guarded(
            capture: Capture, name: str, /, *args: _P.args, **how: _P.kwargs
        ) -> Measurement:
            wave = capture.waveform(name)
            if not wave.complete():
                return unknown(capture, name, quantity, unit.format(wave.unit))
            return estimate(capture, name, *args, **how)

        return guarded

    return decorate
