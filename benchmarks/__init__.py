"""Figures of this project beside a peer or a raw baseline; each module prints a table."""

import rig  # noqa: F401  # before numpy, whose threads it sets
