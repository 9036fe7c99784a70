"""The name of a test function as the sentence it is."""

from __future__ import annotations

import re

__all__ = ["sentence_of"]

_UNITS = {"ma": "mA", "v": "V"}
_MEASURE = re.compile(rf"\b(\d+(?: \d+)?) ({'|'.join(_UNITS)})\b")
"""A name holds neither capitals nor a decimal point."""


def sentence_of(function: str) -> str:
    """Return a test's name as a sentence, with measures written as they are elsewhere.

    >>> sentence_of("test_2_9_ma_direct_current_does_not_trip")
    '2.9 mA direct current does not trip'
    """
    text = function.removeprefix("test_").replace("_", " ")
    return _MEASURE.sub(lambda m: f"{m[1].replace(' ', '.')} {_UNITS[m[2]]}", text)
