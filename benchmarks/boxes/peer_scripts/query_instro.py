"""instro's query."""

from __future__ import annotations

from collections.abc import Callable

from instro.lib.transports.visa import TerminatorConfig, VisaConfig, VisaDriver

from benchmarks.boxes.peer_scripts.bare import QUESTION, main


def open_peer(resource: str) -> Callable[[], object]:
    """Return what asks the question once."""
    ends = TerminatorConfig(read="\n", write="\n")
    box = VisaDriver(VisaConfig(resource, visa_backend="@py", terminator=ends))
    box.open()
    return lambda: box.query(QUESTION)


main(open_peer)
