"""Which suite a plan runs: that of the earthing which the bench file declares for the unit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from instruments.errors import UsageError
from rig.bench import BenchFile
from rig.outcomes import NOT_TESTED

__all__ = ["EarthingSuite"]

_MARKER = "earthing"


class EarthingSuite:
    """Skip tests of the other earthing; refuse a selection that has no others.

    ``bench`` reads the bench file, and is asked only when a test is marked.
    """

    def __init__(self, bench: Callable[[], BenchFile]) -> None:
        self._bench = bench

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Look at what is selected."""
        wanted = {item: _wanted(item) for item in items}
        if not any(wanted.values()):
            return
        declared = self._declared()
        others = [item for item, each in wanted.items() if each not in (None, declared)]
        text = f"for earthing {_MARKER_NAMES[declared]}, and the bench declares {declared!r}"
        if len(others) == len(items):
            raise pytest.UsageError(f"rig: every selected test is {text}: that is another suite")
        for item in others:  # skipped, not deselected: the report must list them as not tested
            item.add_marker(pytest.mark.skip(reason=f"{NOT_TESTED}: {text}"))

    def _declared(self) -> str:
        try:
            return self._bench().unit.earthing
        except UsageError as error:
            raise pytest.UsageError(f"rig: {error}") from None


_MARKER_NAMES = {"tn": "'it'", "it": "'tn'"}
"""What a test is for that is not for this bench."""


def _wanted(item: pytest.Item) -> str | None:
    """Return the earthing that a test is for; None = any."""
    marker = item.get_closest_marker(_MARKER)
    if marker is None:
        return None
    if marker.kwargs or list(marker.args) not in (["tn"], ["it"]):
        raise pytest.UsageError(
            f"rig: {item.nodeid}: marker {_MARKER}: expected 'tn' or 'it', got {marker.args}"
        )
    return str(marker.args[0])
