"""From the bench file's certificates to the uncertainties that measurements use."""

from __future__ import annotations

from rig.bench.model import Calibration, RoleSpec
from rig.measure import Calibration as CalibrationState
from rig.measure import Quantity

__all__ = ["reading_quantity", "state_of", "uncertainty_of"]

_COVERAGE = 2.0
"""The certificates of a bench file state expanded uncertainties with k = 2."""


def state_of(role: str, spec: RoleSpec) -> CalibrationState:
    """Return what is to be known of a role's calibration when a verdict is made."""
    calibration = spec.calibration
    if calibration is None:
        return CalibrationState(role, None)
    return CalibrationState(role, calibration.due, calibration.certificate)


def uncertainty_of(
    calibration: Calibration | None, quantity: str, magnitude: float
) -> tuple[float, float] | None:
    """Return relative gain and absolute zero uncertainty (standard) in the smallest fitting range.

    None when the certificate does not cover the magnitude.
    """
    ranges = calibration.uncertainty if calibration else ()
    fitting = [r for r in ranges if r.quantity == quantity and abs(magnitude) <= r.up_to]
    if not fitting:
        return None
    chosen = min(fitting, key=lambda each: each.up_to)
    gain = chosen.of_reading_percent / 100 / _COVERAGE
    return gain, chosen.of_range_percent / 100 * chosen.up_to / _COVERAGE


def reading_quantity(
    calibration: Calibration | None, quantity: str, value: float, unit: str
) -> Quantity | None:
    """Give a meter's reading its standard uncertainty; None when no certificate covers it."""
    known = uncertainty_of(calibration, quantity, value)
    if known is None:
        return None
    gain, zero = known
    return Quantity(value, unit, ((gain * value) ** 2 + zero**2) ** 0.5)
