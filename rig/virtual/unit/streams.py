"""Random streams by component name, so that a new component never shifts another one's numbers."""

from __future__ import annotations

import hashlib

import numpy as np

__all__ = ["stream"]


def stream(name: str, seed: int) -> np.random.Generator:
    """Return the generator of the component ``name`` under ``seed``, always the same."""
    digest = hashlib.sha256(name.encode()).digest()
    words = [int.from_bytes(digest[i : i + 4], "big") for i in range(0, 16, 4)]
    return np.random.default_rng(np.random.SeedSequence([seed, *words]))
