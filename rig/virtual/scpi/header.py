"""The tree of headers: short and long spelling, optional nodes, numeric suffixes, path memory."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from rig.virtual.scpi.errors import ScpiError
from rig.virtual.scpi.lexer import Unit
from rig.virtual.scpi.parameters import Parameter

__all__ = ["Command", "HeaderTree", "Path", "Resolved"]

Reply = str | bytes | None

_ELEMENT = re.compile(r"(\[?):?([A-Za-z|]\w*(?:\|[A-Za-z]\w*)*)(?:<(\d+):(\d+)>)?:?(\]?)", re.ASCII)
_SUFFIXED = re.compile(r"([A-Z_]\w*?)(\d+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Command:
    """A header's pattern, its parameters and what carries it out (suffixes first, then values)."""

    pattern: str
    query: bool
    parameters: tuple[Parameter[object], ...]
    optional: int
    """How many of the last parameters may be left out."""
    handler: Callable[..., Reply]

    def canonical(self, suffixes: tuple[int, ...], *, long: bool) -> str:
        """Return the full header, optional nodes included, as response headers spell it."""
        numbers = iter(suffixes)
        words = []
        for element in _parse(self.pattern):
            word = element.keywords[0]
            spelled = word.upper() if long else _short(word)
            words.append(spelled + (str(next(numbers)) if element.suffix else ""))
        return ":" + ":".join(words)


@dataclass(frozen=True, slots=True)
class _Element:
    keywords: tuple[str, ...]
    suffix: tuple[int, int] | None
    optional: bool


@dataclass(slots=True)
class _Node:
    suffix: tuple[int, int] | None = None
    children: dict[str, _Node] = field(default_factory=dict)
    command: Command | None = None
    query: Command | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """Where the next relative header starts, and the numeric suffixes on the way there."""

    node: _Node
    suffixes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a header means, and the path it leaves for the next one."""

    command: Command
    suffixes: tuple[int, ...]
    path: Path


class HeaderTree:
    """All headers of one box.

    Patterns are written as manuals write them: capitals are the short form, square brackets make
    a node optional, ``<1:4>`` after a keyword allows a numeric suffix, ``A|B`` are two nodes.
    """

    def __init__(self) -> None:
        self._root = _Node()
        self._common: dict[tuple[str, bool], Command] = {}

    @property
    def root(self) -> Path:
        """The path at the start of a program message."""
        return Path(self._root)

    def add(self, command: Command) -> None:
        """Enter a command under all spellings of its pattern."""
        if command.pattern.startswith("*"):
            self._common[command.pattern.upper(), command.query] = command
            return
        for keywords in _variants(_parse(command.pattern)):
            node = self._root
            for keyword, suffix in keywords:
                node = _child(node, keyword, suffix)
            if command.query:
                node.query = command
            else:
                node.command = command

    def resolve(self, unit: Unit, path: Path) -> Resolved:
        """Find a unit's command; raises ``ScpiError`` -113 or -114."""
        if unit.common:
            command = self._common.get((unit.keywords[0], unit.query))
            if command is None:
                raise ScpiError(-113)
            return Resolved(command, (), path)
        here = self.root if unit.rooted else path
        parent, node, suffixes = here, here.node, here.suffixes
        for keyword in unit.keywords:
            parent = Path(node, suffixes)
            node, suffixes = _step(node, keyword, suffixes)
        command = node.query if unit.query else node.command
        if command is None:
            raise ScpiError(-113)
        return Resolved(command, suffixes, parent)


def _step(node: _Node, keyword: str, suffixes: tuple[int, ...]) -> tuple[_Node, tuple[int, ...]]:
    child = node.children.get(keyword)
    if child is not None:
        return child, suffixes if child.suffix is None else (*suffixes, 1)
    match = _SUFFIXED.fullmatch(keyword)
    child = node.children.get(match.group(1)) if match else None
    if match is None or child is None or child.suffix is None:
        raise ScpiError(-113)
    low, high = child.suffix
    number = match.group(2)
    if len(number) > len("99999") or not low <= int(number) <= high:
        raise ScpiError(-114)
    return child, (*suffixes, int(number))


def _child(node: _Node, keyword: str, suffix: tuple[int, int] | None) -> _Node:
    child = node.children.get(keyword.upper())
    if child is None:
        child = node.children.get(_short(keyword)) or _Node(suffix)
        node.children[keyword.upper()] = node.children[_short(keyword)] = child
    if child.suffix != suffix:
        raise ValueError(f"{keyword}: declared with two ranges of suffixes")
    return child


def _short(keyword: str) -> str:
    return "".join(char for char in keyword if not char.islower())


def _parse(pattern: str) -> list[_Element]:
    elements: list[_Element] = []
    at = 0
    while at < len(pattern):
        match = _ELEMENT.match(pattern, at)
        if match is None or bool(match.group(1)) != bool(match.group(5)) or "::" in pattern:
            raise ValueError(f"cannot read the header pattern {pattern!r} at {at}")
        opened, keywords, low, high, _ = match.groups()
        suffix = (int(low), int(high)) if low else None
        elements.append(_Element(tuple(keywords.split("|")), suffix, bool(opened)))
        at = match.end()
    return elements


def _variants(elements: list[_Element]) -> Iterator[list[tuple[str, tuple[int, int] | None]]]:
    choices: list[list[tuple[str, tuple[int, int] | None] | None]] = [
        [*((keyword, element.suffix) for keyword in element.keywords)]
        + ([None] if element.optional else [])
        for element in elements
    ]
    for variant in itertools.product(*choices):
        yield [step for step in variant if step is not None]
