"""Make a bench safe: the power path first, every step on its own, all failures collected."""

from __future__ import annotations

from collections.abc import Mapping

from instruments.capabilities import Instrument
from instruments.errors import BenchError
from rig.bench.model import BenchFile

__all__ = ["make_safe"]


def make_safe(bench: BenchFile, drivers: Mapping[str, object]) -> list[BenchError]:
    """Run the bench file's safe state in its order; return what could not be made safe.

    A step that fails keeps no other step from running.
    """
    failures: list[BenchError] = []
    for step in bench.safe_state:
        driver = drivers[step.role]
        assert isinstance(driver, Instrument)
        try:
            driver.make_safe()
        except BenchError as error:
            failures.append(error)
    return failures
