"""Load YAML into frozen models; an error names file, line, key, value and what was expected."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from instruments.errors import UsageError

__all__ = ["Document", "load_model", "read_yaml"]

_Model = TypeVar("_Model", bound=BaseModel)
_Key = str | int
_Path = tuple[_Key, ...]

_PLAIN = {
    "tag:yaml.org,2002:null": (r"~|null|Null|NULL|", "~nN\0"),
    "tag:yaml.org,2002:bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "tag:yaml.org,2002:int": (r"[-+]?[0-9]+|0x[0-9a-fA-F]+", "-+0123456789"),
    "tag:yaml.org,2002:float": (
        r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?"
        r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+0123456789.",
    ),
}
"""Plain scalars as YAML 1.2 reads them: ``on`` and ``12:30`` stay text, ``1e3`` is a number."""


class _Loader(yaml.SafeLoader):
    """SafeLoader with the scalars of YAML 1.2."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 (PyYAML's own shape)


for _tag, (_pattern, _first) in _PLAIN.items():
    _Loader.add_implicit_resolver(
        _tag, re.compile(f"^(?:{_pattern})$"), ["" if c == "\0" else c for c in _first]
    )


@dataclass(frozen=True, slots=True)
class Document:
    """The plain data of a file, and the line (from 1) of every key and item."""

    path: Path
    data: object
    lines: dict[_Path, int]

    def line(self, where: Sequence[_Key]) -> int:
        """Return the line of a key, or of the nearest one above it that exists."""
        return self.lines[self._known(where)]

    def error(self, where: Sequence[_Key], expected: str) -> UsageError:
        """Return an error about a key, saying what was expected of its value."""
        return UsageError(self._sentence(where, expected))

    def model(self, model: type[_Model]) -> _Model:
        """Validate the data; raise one ``UsageError`` with a line for each thing that is wrong."""
        try:
            return model.model_validate(self.data)
        except ValidationError as wrong:
            found = [self._said(each["loc"], each["type"], each["msg"]) for each in wrong.errors()]
            raise UsageError("\n".join(dict.fromkeys(found))) from None

    def _said(self, where: _Path, kind: str, message: str) -> str:
        """Put what the model says into words; of a whole it names the key first, where it can."""
        if kind == "extra_forbidden":
            return self._sentence(where, "no such key here")
        message = message.removeprefix("Value error, ")
        key, colon, rest = message.partition(": ")
        named = (*where, *(int(k) if k.isdecimal() else k for k in key.split(".")))
        if colon and named in self.lines:
            return f"{self.path}:{self.lines[named]}: {_dotted(named)}: {rest}"
        if kind == "value_error" and isinstance(self._value(self._known(where)), dict):
            place = (
                f"{self.path}:{self.line(where)}: {_dotted(self._known(where)) or '(whole file)'}"
            )
            return f"{place}: {message}"
        return self._sentence(where, message)

    def _known(self, where: Sequence[_Key]) -> _Path:
        """Drop what a validator put into a location that is no key of the file."""
        known: _Path = ()
        for key in where:
            if (*known, key) in self.lines:
                known = (*known, key)
        return known

    def _sentence(self, where: Sequence[_Key], expected: str) -> str:
        known = self._known(where)
        name = _dotted(known) or "(whole file)"
        place = f"{self.path}:{self.lines[known]}: {name}"
        if where and where[-1] not in known:
            return f"{place}: {where[-1]}: {expected}"
        return f"{place}: got {_shown(self._value(known))}, expected: {expected}"

    def _value(self, where: _Path) -> object:
        value: Any = self.data  # plain YAML data: mappings and sequences of anything
        for key in where:
            value = value[key]
        return value


def load_model(path: Path | str, model: type[_Model]) -> _Model:
    """Read a YAML file into a model; raise ``UsageError`` for anything wrong with it."""
    return read_yaml(path).model(model)


def read_yaml(path: Path | str) -> Document:
    """Read one YAML document and keep its line numbers; a key given twice is an error."""
    path = Path(path)
    try:
        data = path.read_bytes()
        root = yaml.compose(data, Loader=_Loader)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UsageError(f"{path}:{line}: not YAML: {error.problem}") from None
    except yaml.reader.ReaderError as error:
        line = data[: error.position].count(b"\n") + 1
        raise UsageError(
            f"{path}:{line}: not YAML: a character that cannot stand in it ({error.reason});"
            " expected text in UTF-8"
        ) from None
    except RecursionError:
        raise UsageError(f"{path}: not YAML that can be read: it is nested too deeply") from None
    if root is None:
        raise UsageError(f"{path}:1: the file is empty")
    reader = _Reader(path)
    return Document(path, reader.read(root, ()), reader.lines)


class _Reader:
    """Turns composed nodes into plain data and notes where each stood."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: dict[_Path, int] = {}
        self._open: set[int] = set()
        self._scalars = _Loader("")

    def read(self, node: yaml.Node, where: _Path) -> object:
        self.lines.setdefault(where, node.start_mark.line + 1)
        if id(node) in self._open:
            raise self._wrong(node, where, "an anchor that contains itself")
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, where)
            if isinstance(node, yaml.SequenceNode):
                return [self.read(item, (*where, i)) for i, item in enumerate(node.value)]
            return self._scalar(node, where)
        finally:
            self._open.discard(id(node))

    def _mapping(self, node: yaml.MappingNode, where: _Path) -> dict[_Key, object]:
        found: dict[_Key, object] = {}
        for key_node, value_node in node.value:
            key = self._scalar(key_node, where)
            if key == "<<":
                raise self._wrong(key_node, where, "keys are not merged here (<<): write them out")
            if not isinstance(key, str | int) or isinstance(key, bool):
                raise self._wrong(key_node, where, f"a key must be text, got {key!r}")
            if key in found:
                first = self.lines[(*where, key)]
                raise self._wrong(key_node, (*where, key), f"given twice, first in line {first}")
            self.lines[(*where, key)] = key_node.start_mark.line + 1
            found[key] = self.read(value_node, (*where, key))
        return found

    def _scalar(self, node: yaml.Node, where: _Path) -> object:
        if not isinstance(node, yaml.ScalarNode):
            raise self._wrong(node, where, "a key must be text")
        try:
            value: object = self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError):
            raise self._wrong(node, where, f"{node.value!r} cannot be read as {node.tag}") from None
        return value

    def _wrong(self, node: yaml.Node, where: _Path, what: str) -> UsageError:
        name = _dotted(where) or "(whole file)"
        return UsageError(f"{self.path}:{node.start_mark.line + 1}: {name}: {what}")


def _dotted(where: Sequence[_Key]) -> str:
    return ".".join(str(key) for key in where)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return f"a mapping with {', '.join(map(str, value)) or 'no key'}"
    return f"a list of {len(value)}" if isinstance(value, list) else repr(value)
