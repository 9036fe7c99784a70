"""bluesky: a plan in its run engine; a finalizing plan switches off."""

from collections.abc import Iterator
from typing import Any

import bluesky.plan_stubs as bps
import bluesky.preprocessors as bpp
from bluesky import RunEngine
from raw_bench import Contactors, Load, Pack, turns

from benchmarks.kill.happening import energised

BOXES = [Contactors(), Pack(), Load()]


def switched_on() -> Iterator[Any]:
    """Switch on, then let happen what shall happen."""
    yield from bps.null()
    for box in BOXES:
        box.on()
    energised()
    for pause_s in turns(BOXES):
        yield from bps.sleep(pause_s)  # the engine's business, so that it can interrupt it


def switched_off() -> Iterator[Any]:
    """Switch off."""
    yield from bps.null()
    for box in reversed(BOXES):
        box.off()


if __name__ == "__main__":
    RunEngine()(bpp.finalize_wrapper(switched_on(), switched_off))
