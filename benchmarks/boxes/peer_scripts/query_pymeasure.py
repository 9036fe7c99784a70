"""PyMeasure's query."""

from __future__ import annotations

from collections.abc import Callable

from pymeasure.adapters import VISAAdapter
from pymeasure.instruments import Instrument

from benchmarks.boxes.peer_scripts.bare import QUESTION, main


def open_peer(resource: str) -> Callable[[], object]:
    """Return what asks the question once."""
    ends = {"read_termination": "\n", "write_termination": "\n"}
    box = Instrument(VISAAdapter(resource, visa_library="@py", **ends), "box", includeSCPI=False)
    return lambda: box.ask(QUESTION)


main(open_peer)
