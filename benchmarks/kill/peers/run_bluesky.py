"""bluesky: a plan in its run engine; a finalizing plan switches off."""

from collections.abc import Iterator
from typing import Any

import bluesky.plan_stubs as bps
import bluesky.preprocessors as bpp
from bluesky import RunEngine
from raw_bench import EVENT, Contactors, Load, Pack, happen

BOXES = [Contactors(), Pack(), Load()]


def energised() -> Iterator[Any]:
    """Switch on, then let happen what shall happen."""
    yield from bps.null()
    for box in BOXES:
        box.on()
    if EVENT != "wait":
        happen(BOXES)
        return
    # Sleeping is the engine's business, so that it can interrupt it.
    marked = False
    for _ in range(100):
        if not marked:
            happen([], sleep=lambda _: None)
            marked = True
        for box in BOXES:
            box.use()
        yield from bps.sleep(0.1)


def switched_off() -> Iterator[Any]:
    """Switch off."""
    yield from bps.null()
    for box in reversed(BOXES):
        box.off()


if __name__ == "__main__":
    RunEngine()(bpp.finalize_wrapper(energised(), switched_off))
