"""Hooks that the rig's pytest plugin offers to other plugins."""

from __future__ import annotations

import pytest

from rig.recording import Recorder

__all__ = ["pytest_rig_run_started"]


@pytest.hookspec
def pytest_rig_run_started(recorder: Recorder) -> None:
    """Take note that a run has begun; subscribe to its recorder to see every event."""
