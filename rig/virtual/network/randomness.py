"""Random streams by component name, so that one more component never shifts another's numbers."""

from __future__ import annotations

import numpy as np

__all__ = ["rng_for"]


def rng_for(seed: int, name: str) -> np.random.Generator:
    """Return the generator of one named component; the same seed and name, the same numbers."""
    return np.random.default_rng(np.random.SeedSequence([seed, *name.encode()]))
