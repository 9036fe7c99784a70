"""QCoDeS' query."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from qcodes.instrument import VisaInstrument

from benchmarks.boxes.peer_scripts.bare import QUESTION, main

_NUMBERS = count()


def open_peer(resource: str) -> Callable[[], object]:
    """Return what asks the question once."""
    box = VisaInstrument(f"box_{next(_NUMBERS)}", resource, visalib="@py", terminator="\n")
    return lambda: box.ask(QUESTION)


main(open_peer)
