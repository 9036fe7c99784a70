"""Opening a bench from its file, and what is said when it cannot be closed."""

import pytest

from instruments.errors import UsageError
from rig.session import DEFAULT_BENCH, load_bench, open_bench


def test_what_ended_the_block_is_raised_with_boxes_that_cannot_be_closed_as_notes():
    spec = load_bench(DEFAULT_BENCH)
    with (
        pytest.raises(UsageError, match="of the block") as raised,
        open_bench(spec, DEFAULT_BENCH) as opened,
    ):
        opened.roles.drivers["pack"].identify()
        opened.virtual.unplug("pack")
        raise UsageError("of the block")
    assert "and while closing the bench: " in raised.value.__notes__[0]
    assert "pack at" in raised.value.__notes__[0]


def test_boxes_that_cannot_be_closed_are_told_together_where_all_else_went_well():
    spec = load_bench(DEFAULT_BENCH)
    with (
        pytest.raises(ExceptionGroup, match="closing the bench"),
        open_bench(spec, DEFAULT_BENCH) as opened,
    ):
        opened.roles.drivers["pack"].identify()
        opened.virtual.unplug("pack")
