"""Plain pytest fixtures, one a box, each switching its box off in its own teardown."""

import sys
from collections.abc import Iterator

import pytest
from raw_bench import Contactors, Load, Pack, happen


@pytest.fixture
def contactors() -> Iterator[Contactors]:
    """Close the contactors."""
    box = Contactors()
    box.on()
    yield box
    box.off()


@pytest.fixture
def pack() -> Iterator[Pack]:
    """Switch the pack on."""
    box = Pack()
    box.on()
    yield box
    box.off()


@pytest.fixture
def load() -> Iterator[Load]:
    """Switch the load on."""
    box = Load()
    box.on()
    yield box
    box.off()


def test_energised(contactors: Contactors, pack: Pack, load: Load) -> None:
    """Let happen what shall happen."""
    happen([contactors, pack, load])


if __name__ == "__main__":
    sys.exit(pytest.main([__file__, "-q", "-p", "no:cacheprovider"]))
