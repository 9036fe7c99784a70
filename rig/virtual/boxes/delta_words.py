"""Words that the SM15K takes: programming sources and terminators (A4)."""

from __future__ import annotations

from rig.virtual.scpi import ScpiError

__all__ = ["TERMINATORS", "programming_source"]

TERMINATORS = {"LF": b"\n", "CR": b"\r", "CRLF": b"\r\n"}
_SOURCES = (
    "Front", "Web", "Sequencer", "Ethernet",
    "Slot1", "Slot2", "Slot3", "Slot4", "Function1",
)  # fmt: skip
_ALIASES = {"LOCAL": "Front", "REMOTE": "Ethernet"}
_SHORTEST = 3


def programming_source(word: str) -> str:
    """Return the manual's spelling of a source; the plain ones may be cut to three letters.

    >>> programming_source("eth"), programming_source("local"), programming_source("SLOT4")
    ('Ethernet', 'Front', 'Slot4')
    """
    wanted = word.upper()
    names = {source.upper(): source for source in _SOURCES} | _ALIASES
    if wanted in names:
        return names[wanted]
    fits = {
        source
        for name, source in names.items()
        if len(wanted) >= _SHORTEST and name.startswith(wanted) and not name[-1].isdigit()
    }
    if len(fits) != 1:
        raise ScpiError(-224)
    return fits.pop()
