"""SCPI as drivers use it: parsed replies, settings and error queue verified in one lock."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Sequence
from dataclasses import dataclass

from instruments.capabilities import Identity
from instruments.errors import BenchError, Refused
from instruments.links.api import ScpiLink

__all__ = [
    "Expected",
    "Scpi",
    "parse_boolean",
    "parse_error",
    "parse_identity",
    "parse_number",
    "show",
]

_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-z%]*)\s*\Z")
_ERROR = re.compile(r"\s*([+-]?\d+)\s*(?:,\s*(.*))?\Z", re.DOTALL)
_NO_NUMBER = 9.9e37
"""SCPI's infinity; 9.91E37 is its NaN (facts/instruments.md section E4)."""
_QUEUE_DEPTH = 32
"""More entries than any queue of facts/instruments.md section E6 holds."""


def show(value: float) -> str:
    """Return a number as it goes into a command, seven digits."""
    return f"{value:.7g}"


def parse_number(reply: str, unit: str = "") -> float:
    """Return the number of a reply such as ``43.50V`` or ``+1.2E-03``.

    Raises ``ValueError`` when it is none, by SCPI's own words for that too, or carries another
    unit than ``unit``.

    >>> parse_number("24.0 V", "V")
    24.0
    """
    match = _NUMBER.match(reply)
    value = float(match[1]) if match else math.inf
    if match is None or match[2].upper() not in {"", unit.upper()} or abs(value) >= _NO_NUMBER:
        raise ValueError(f"{reply!r} is not a number" + (f" in {unit}" if unit else ""))
    return value


def parse_boolean(reply: str) -> bool:
    """Return the truth of ``1``, ``0``, ``ON`` or ``OFF``; raises ``ValueError`` on all else."""
    try:
        return {"1": True, "+1": True, "ON": True, "0": False, "+0": False, "OFF": False}[
            reply.strip().upper()
        ]
    except KeyError:
        raise ValueError(f"{reply!r} is neither on nor off") from None


def parse_error(reply: str) -> tuple[int, str]:
    """Return number and text of one entry of an error queue; number 0 = the queue is empty."""
    match = _ERROR.match(reply)
    if match is None:
        raise ValueError(f"{reply!r} is not an entry of an error queue")
    return int(match[1]), (match[2] or "").strip().strip('"')


def parse_identity(reply: str) -> Identity:
    """Return maker, model, serial number and firmware of a reply to ``*IDN?``.

    What makers add behind the fourth comma belongs to the firmware (facts/instruments.md E1).
    """
    fields = [field.strip().strip('"') for field in reply.split(",", 3)]
    if len(fields) < 4:
        raise ValueError(f"{reply!r} has not the four fields of an identity")
    return Identity(*fields)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a query must answer after a setting; a number within ``tolerance``."""

    query: str
    value: float | str | bool
    tolerance: float = 0.0
    unit: str = ""
    """What a number may carry behind it."""

    def met_by(self, reply: str) -> bool:
        """Say whether the reply is what was set; raises ``ValueError`` when it cannot be read."""
        if isinstance(self.value, bool):
            return parse_boolean(reply) is self.value
        if isinstance(self.value, str):
            return reply.strip().strip('"').upper() == self.value.upper()
        return abs(parse_number(reply, self.unit) - self.value) <= self.tolerance


class Scpi:
    """Settings and questions over one link.

    Commands and queries are given from the root, without a leading colon. They are joined into
    one message where the box takes ``compound`` ones, else each is a message of its own. A box
    without an error queue (``error_query`` None) is checked by reading back only.
    """

    def __init__(
        self, link: ScpiLink, *, error_query: str | None = "SYST:ERR?", compound: bool = True
    ) -> None:
        self.link, self._error_query, self._compound = link, error_query, compound

    def identify(self) -> Identity:
        """Return who the box says it is."""
        reply = self.link.query("*IDN?")
        try:
            return parse_identity(reply)
        except ValueError as error:
            raise self.misread(
                "reading the identity", "maker,model,serial,firmware", reply
            ) from error

    def send(self, doing: str, *commands: str) -> None:
        """Send commands as one message, raise ``Refused`` with the box's own error."""
        self.apply(doing, commands, ())

    def apply(self, doing: str, commands: Sequence[str], expected: Sequence[Expected]) -> None:
        """Send commands as one message, then read the settings and the error queue as one more.

        The readings come in a message of their own: a box may drop what follows a refused command.
        Raises ``Refused`` with the box's own error, ``BenchError`` where a setting is not kept.
        """
        queries = [each.query for each in expected]
        messages = [";:".join(commands)] if self._compound else list(commands)
        if self._error_query is not None:
            queries.append(self._error_query)
        with self.link.transaction():
            replies = self.ask(doing, *queries, after=messages)
            if self._error_query is not None:
                self.check_error(doing, replies.pop())
            self.verify(doing, expected, replies)

    def ask(self, doing: str, *queries: str, after: Sequence[str] = ()) -> list[str]:
        """Return the replies to queries, asked as one message where the box takes that.

        The messages ``after`` which they are asked have no reply.
        """
        if not self._compound or not queries:
            return self._ask_each(queries, after)
        reply = self.link.query(";:".join(queries), after=after)
        replies = reply.split(";", len(queries) - 1)
        if len(replies) != len(queries):
            raise self.misread(doing, f"{len(queries)} replies to {';:'.join(queries)}", reply)
        return [part.strip() for part in replies]

    def _ask_each(self, queries: Sequence[str], after: Sequence[str]) -> list[str]:
        with self.link.transaction():
            if not queries:
                for message in after:
                    self.link.write(message)
                return []
            first, *others = queries
            return [self.link.query(first, after=after), *map(self.link.query, others)]

    def ask_numbers(
        self,
        doing: str,
        message: str,
        count: int,
        separator: str = ";",
        *,
        unless: Container[int] = (),
    ) -> list[float]:
        """Send one message as it stands, return exactly ``count`` numbers of its reply.

        At the places ``unless`` the box may have none to tell: NaN.
        """
        reply = self.link.query(message)
        parts = reply.split(separator)
        expected = f"{count} numbers" if count > 1 else "a number"
        if len(parts) != count:
            raise self.misread(doing, expected, reply)
        try:
            return [
                _number_or_nan(p) if n in unless else parse_number(p) for n, p in enumerate(parts)
            ]
        except ValueError as error:
            raise self.misread(doing, expected, reply) from error

    def ask_number(self, doing: str, query: str) -> float:
        """Return the number a query answers."""
        return self.ask_numbers(doing, query, 1)[0]

    def ask_boolean(self, doing: str, query: str) -> bool:
        """Return the truth a query answers."""
        reply = self.link.query(query)
        try:
            return parse_boolean(reply)
        except ValueError as error:
            raise self.misread(doing, "ON, OFF, 1 or 0", reply) from error

    def misread(self, doing: str, expected: str, got: str) -> BenchError:
        """Return the error that a reply is not what was expected."""
        return BenchError(
            doing, box=self.link.name, address=self.link.address, expected=expected, got=repr(got)
        )

    def verify(self, doing: str, expected: Sequence[Expected], replies: Sequence[str]) -> None:
        """Raise ``BenchError`` for the first reply that is not what was expected."""
        for wanted, reply in zip(expected, replies, strict=True):
            words = f"{wanted.query} to answer {wanted.value}"
            try:
                met = wanted.met_by(reply)
            except ValueError as error:
                raise self.misread(doing, words, reply) from error
            if not met:
                raise self.misread(doing, words, reply)

    def check_error(self, doing: str, entry: str) -> None:
        """Raise ``Refused`` with an entry of the error queue, after emptying the queue."""
        try:
            code, text = parse_error(entry)
        except ValueError as error:
            raise self.misread(doing, "an entry of the error queue", entry) from error
        if code == 0:
            return
        emptied = self._empty_queue()
        raise Refused(
            doing,
            box=self.link.name,
            address=self.link.address,
            expected="no error",
            got=f"{code} {text}",
            code=code,
            did=f"the error queue {'was' if emptied else 'could not be'} emptied",
        )

    def _empty_queue(self) -> bool:
        """Read the queue empty, so that the next command is not blamed for this one; say if so."""
        if self._error_query is None:
            return False
        for _ in range(_QUEUE_DEPTH):
            try:
                if parse_error(self.link.query(self._error_query))[0] == 0:
                    return True
            except ValueError:
                return False
        return False


def _number_or_nan(reply: str) -> float:
    try:
        return parse_number(reply)
    except ValueError:
        return math.nan
