"""The SCPI grammar of an EA 10000: no path memory, five units a message, buffers of 256 bytes.

Its grammar is narrower than IEEE 488.2 (instruments.md A1.5), so it is read here in a few lines:
every unit starts at the root, with or without a colon, and an unknown header is -100.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from rig.virtual.boxes.ea_remote import Interface
from rig.virtual.boxes.ea_settings import EaRefusal, Kind
from rig.virtual.boxes.ea_supply import EaSupply
from rig.virtual.scpi.errors import ScpiError

__all__ = ["BUFFER", "Command", "number", "run_message", "spellings"]

BUFFER = 256
"""Bytes of a message and characters of a reply (instruments.md A1.5)."""

_MOST_UNITS = 5
_UNIT = re.compile(r":?([A-Z*][A-Z:*]*)(\??)(?:\s+(.*))?", re.ASCII | re.IGNORECASE | re.DOTALL)
_ELEMENT = re.compile(r"(\[)?:?([A-Za-z*]+):?(\])?")
_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:E[+-]?\d{1,3})?)\s*(K?)(V|A|W|OHM)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Command:
    """What a header does when it is queried and when it is written."""

    query: Callable[[], str] | None = None
    write: Callable[[str, Interface], None] | None = None
    remote: bool = True
    """Whether writing needs remote control."""
    argument: bool = True
    """Whether writing takes a parameter."""


def spellings(pattern: str) -> Iterator[str]:
    """Yield every accepted spelling: each keyword short or full, each bracketed one left out.

    >>> sorted(spellings("[SOURce:]VOLTage"))
    ['SOUR:VOLT', 'SOUR:VOLTAGE', 'SOURCE:VOLT', 'SOURCE:VOLTAGE', 'VOLT', 'VOLTAGE']
    """
    choices: list[set[str]] = []
    for optional, keyword, _ in _ELEMENT.findall(pattern):
        short = "".join(char for char in keyword if not char.islower())
        choices.append({short, keyword.upper()} | ({""} if optional else set()))
    for words in itertools.product(*choices):
        yield ":".join(word for word in words if word)


def number(text: str, kind: Kind) -> float:
    """Read a number with an optional ``k`` and the unit of its kind; anything else is -220."""
    match = _NUMBER.fullmatch(text.strip().upper())
    if match is None or match.group(3) not in (None, kind):
        raise ScpiError(-220)
    return float(match.group(1)) * (1000.0 if match.group(2) else 1.0)


def run_message(
    text: str,
    commands: Mapping[str, Command],
    supply: EaSupply,
    interface: Interface,
    report: Callable[[int], None],
) -> str:
    """Carry out a message and return its reply, "" when there is none.

    A unit that fails is reported and the next one goes on. More than five units, or a message
    longer than the buffer, do nothing at all (-223). A reply longer than the buffer is not sent
    (-225).
    """
    units = _units(text)
    if len(units) > _MOST_UNITS or len(text) > BUFFER:
        report(-223)
        return ""
    replies: list[str] = []
    for unit in units:
        try:
            reply = _run(unit, commands, supply, interface)
        except ScpiError as error:
            report(error.code)
        except EaRefusal as refusal:
            report(refusal.scpi)
        else:
            replies += [] if reply is None else [reply]
    joined = ";".join(replies)
    if len(joined) > BUFFER:
        report(-225)
        return ""
    return joined


def _units(text: str) -> list[str]:
    """Split at semicolons outside of quotes."""
    if not text.strip():
        return []
    return re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', text)


def _run(
    unit: str, commands: Mapping[str, Command], supply: EaSupply, interface: Interface
) -> str | None:
    match = _UNIT.fullmatch(unit.strip())
    if match is None:
        raise ScpiError(-102)
    header, query, argument = match.group(1).upper(), match.group(2), match.group(3) or ""
    command = commands.get(header)
    if command is None:
        raise ScpiError(-100)
    if query:
        return _ask(command, argument)
    _write(command, argument, supply, interface)
    return None


def _ask(command: Command, argument: str) -> str:
    if command.query is None:
        raise ScpiError(-100)
    if argument:
        raise ScpiError(-108)
    return command.query()


def _write(command: Command, argument: str, supply: EaSupply, interface: Interface) -> None:
    if command.write is None:
        raise ScpiError(-100)
    if argument and not command.argument:
        raise ScpiError(-108)
    if command.argument and not argument:
        raise ScpiError(-220)
    if "," in argument and not argument.startswith('"'):
        raise ScpiError(-223)
    if command.remote:
        supply.remote.require(interface)
    command.write(argument, interface)
