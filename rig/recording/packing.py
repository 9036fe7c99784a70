"""Keep samples that lie on the grid of a converter as its codes: a quarter of the size."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

__all__ = ["packed", "unpacked"]

_SCALE = ".scale"
_Arrays = dict[str, NDArray[np.generic]]


def packed(samples: Mapping[str, NDArray[np.float64]], steps: Mapping[str, float]) -> _Arrays:
    """Return codes, and ``<key>.scale`` = (step, value of code 0), where a step fits.

    Samples that the codes would not give back to single precision stay, in single precision.
    """
    kept: _Arrays = {}
    for key, values in samples.items():
        codes = _codes(values, steps.get(key, 0.0))
        kept.update({key: values.astype(np.float32)} if codes is None else _entry(key, *codes))
    return kept


def unpacked(stored: Mapping[str, NDArray[np.generic]]) -> _Arrays:
    """Return what was packed, in single precision; other arrays as they are."""
    scales = {key.removesuffix(_SCALE) for key in stored if key.endswith(_SCALE)}
    return {
        key: _samples(values, stored[key + _SCALE]) if key in scales else values
        for key, values in stored.items()
        if not key.endswith(_SCALE)
    }


def _entry(key: str, codes: NDArray[np.generic], scale: NDArray[np.generic]) -> _Arrays:
    return {key: codes, key + _SCALE: scale}


def _codes(
    values: NDArray[np.float64], step: float
) -> tuple[NDArray[np.generic], NDArray[np.generic]] | None:
    if step <= 0.0 or not values.size:
        return None
    low, high = float(values.min()), float(values.max())
    if not (high - low) / step < 65_535.5:  # a sample that is missing (NaN) fails this, too
        return None
    kind = np.uint8 if (high - low) / step < 255.5 else np.uint16
    codes = np.rint((values - low) / step).astype(kind)
    scale = np.array([step, low])
    same = np.array_equal(_samples(codes, scale), values.astype(np.float32))
    return (codes, scale) if same else None


def _samples(codes: NDArray[np.generic], scale: NDArray[np.generic]) -> NDArray[np.float32]:
    """Return the samples of codes; by a table, since there are few different ones."""
    step, low = np.asarray(scale, np.float64)
    table = (low + step * np.arange(256.0**codes.itemsize)).astype(np.float32)
    return np.asarray(table[codes.astype(np.intp)])
