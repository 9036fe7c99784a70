"""A simulated SCPI box: the wire grammar that stands in front of a front panel.

A box declares its commands near its own code and reads like its programming manual::

    class Load(CommonCommands, ErrorQueries):
        def __init__(self, panel: Panel) -> None:
            super().__init__(Dialect(), identity="Maker,Model,0,1.0", turnaround_s=0.02)
            self.bind("[LOAD:]CURRent", panel, "current_a", Number(0, 45, unit="A"), nr2(3))

        @query("MEASure|FETCh:CURRent")
        def measured_current(self) -> str: ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from rig.virtual.scpi.errors import STANDARD_TEXTS, ErrorQueue, ScpiError, event_bit
from rig.virtual.scpi.fields import Field, Limit
from rig.virtual.scpi.header import Command, HeaderTree, Reply
from rig.virtual.scpi.lexer import Token, read_unit, split_units
from rig.virtual.scpi.parameters import Number, Parameter
from rig.virtual.scpi.status import StandardStatus
from rig.virtual.wires.message import Response

__all__ = ["Dialect", "ScpiDevice", "command", "query"]

# Handlers differ in their parameters, which the declared kinds check when a message arrives.
Method = TypeVar("Method", bound=Callable[..., Any])
Value = TypeVar("Value")

_DECLARED = "_scpi_declarations"
_QUEUE, _AVAILABLE, _EVENT = 0x04, 0x10, 0x20
_CACHED_MESSAGES = 1024
_LONGEST_CACHED = 512


@dataclass(frozen=True, slots=True)
class Dialect:
    """In what a box deviates from the standard (E6)."""

    path_memory: bool = True
    discard_after_command_error: bool = False
    """Whether a command error throws the rest of the program message away."""
    queue_depth: int = 16
    mark_overflow: bool = True
    """Whether a full error queue ends in -350; otherwise newcomers are dropped."""
    no_error: str = '0,"No error"'
    error_format: str = '{code},"{text}"'
    texts: Mapping[int, str] = field(default_factory=dict)
    positive_codes: bool = False
    queue_in_status_byte: bool = True
    power_on_event: bool = True


@dataclass(frozen=True, slots=True)
class _Declaration:
    pattern: str
    query: bool
    parameters: tuple[Parameter[object], ...]
    optional: int


def command(
    pattern: str, *parameters: Parameter[object], optional: int = 0
) -> Callable[[Method], Method]:
    """Declare a method to be the command with this header."""
    return _declare(_Declaration(pattern, False, parameters, optional))


def query(
    pattern: str, *parameters: Parameter[object], optional: int = 0
) -> Callable[[Method], Method]:
    """Declare a method to be the query with this header (written without the question mark)."""
    return _declare(_Declaration(pattern, True, parameters, optional))


def _declare(declaration: _Declaration) -> Callable[[Method], Method]:
    def mark(method: Method) -> Method:
        setattr(method, _DECLARED, [*getattr(method, _DECLARED, []), declaration])
        return method

    return mark


@dataclass(frozen=True, slots=True)
class _Step:
    """One unit, ready to run; or the error that reading it gave."""

    command: Command | None
    suffixes: tuple[int, ...] = ()
    tokens: tuple[Token, ...] = ()
    error: ScpiError | None = None


class ScpiDevice:
    """Reads program messages, carries them out, keeps the error queue and the status byte."""

    def __init__(self, dialect: Dialect, *, identity: str, turnaround_s: float) -> None:
        self.dialect = dialect
        self.identity = identity
        self.turnaround_s = turnaround_s
        self.errors = ErrorQueue(dialect.queue_depth, mark_overflow=dialect.mark_overflow)
        self.status = StandardStatus(power_on_event=dialect.power_on_event)
        self._tree = HeaderTree()
        self._programs: dict[bytes, tuple[_Step, ...]] = {}
        self._commands: list[Command] = []
        self._replies: list[bytes] = []
        self._extra_s = 0.0
        self._collect()

    # -- what a box overrides ----------------------------------------------------------------

    def refresh(self) -> None:
        """Bring the front panel up to the present instant; called before each message."""

    def reset(self) -> None:
        """Return the front panel to its start-up state (``*RST``)."""

    def clear_events(self) -> None:
        """Clear the box's own event registers (``*CLS``)."""

    def summary_bits(self) -> int:
        """Return the bits of the status byte that the box's own registers set."""
        return 0

    def decorate(self, command: Command, suffixes: tuple[int, ...], reply: Reply) -> Reply:
        """Change a reply on its way out; boxes that send response headers do."""
        return reply

    def trigger(self) -> None:
        """Take a group execute trigger; a box without a use for it ignores it."""
        self.report(-211)

    # -- the message device ------------------------------------------------------------------

    def execute(self, message: bytes) -> Response:
        """Carry out one program message without terminator; never raises for what it says."""
        steps = self._programs.get(message)
        if steps is None:
            steps = self._compile(message)
        self._extra_s = 0.0
        self._replies = replies = []
        self.refresh()
        for step in steps:
            if step is not steps[0]:
                self._note_service()
            try:
                reply = self._run(step)
            except ScpiError as error:
                self.report(error.code, error.detail)
                if self.dialect.discard_after_command_error and -200 < error.code <= -100:
                    break
                continue
            if reply is not None:
                replies.append(reply if isinstance(reply, bytes) else reply.encode("ascii"))
        self._replies = []
        self._note_service()
        return Response(b";".join(replies), self.turnaround_s + self._extra_s)

    def status_byte(self) -> int:
        """Answer a serial poll."""
        self.refresh()
        return self.status.poll(self._summary())

    def clear(self) -> None:
        """Take a device clear: no message is pending in here, settings and status stay."""
        self._replies = []

    def interrupted(self) -> None:
        """Take note that a new message came while a reply was unread; the reply is gone."""
        self.report(-410)

    def unterminated(self) -> None:
        """Take note that a reply was asked for where there is none."""
        self.report(-420)

    # -- for the box's own methods -----------------------------------------------------------

    def report(self, code: int, detail: str = "") -> None:
        """Enter an error into the queue and into the standard event register."""
        self.errors.push(code, detail)
        self.status.event |= 1 << event_bit(code)

    def charge(self, seconds: float) -> None:
        """Add to what the present message costs in the box's own time."""
        self._extra_s += seconds

    def bind(
        self,
        pattern: str,
        panel: object,
        name: str,
        kind: Parameter[Value],
        reply: Callable[[Value], str],
        *,
        after: Callable[[], object] | None = None,
    ) -> None:
        """Make a command and a query of one attribute of the front panel.

        ``after`` runs when the attribute was set. A numeric query takes MIN, MAX and DEF.
        """
        entry: Field[Value] = Field((panel,), name, reply, after)
        self._bind(pattern, kind, entry.write, entry.read)

    def bind_each(
        self,
        pattern: str,
        panels: Sequence[object],
        name: str,
        kind: Parameter[Value],
        reply: Callable[[Value], str],
        *,
        after: Callable[[], object] | None = None,
    ) -> None:
        """Do as ``bind`` for a pattern with one numeric suffix, which chooses the panel from 1."""
        entry: Field[Value] = Field(panels, name, reply, after)
        self._bind(pattern, kind, entry.write_one, entry.read_one)

    def add(self, entry: Command) -> None:
        """Enter a command that is not declared by decorator."""
        self._commands.append(entry)
        self._tree.add(entry)

    def add_query(self, pattern: str, handler: Callable[[], str | bytes]) -> None:
        """Enter a query without parameters that is not declared by decorator."""
        self.add(Command(pattern, True, (), 0, handler))

    @property
    def headers(self) -> list[str]:
        """All headers that the box takes, in the manual's notation."""
        return sorted({c.pattern + ("?" if c.query else "") for c in self._commands})

    def status_summary(self) -> int:
        """Return the status byte with the master summary in bit 6."""
        return self.status.with_master(self._summary())

    def next_error(self) -> str:
        """Take the oldest error out of the queue, in the box's own spelling."""
        entry = self.errors.pop()
        if entry is None:
            return self.dialect.no_error
        code, detail = entry
        text = self.dialect.texts.get(code) or STANDARD_TEXTS.get(code, "Device-specific error")
        text = f"{text};{detail}" if detail else text
        return self.dialect.error_format.format(
            code=abs(code) if self.dialect.positive_codes else code, text=text.replace('"', "'")
        )

    # -- inside ------------------------------------------------------------------------------

    def _summary(self) -> int:
        byte = self.summary_bits()
        if self.dialect.queue_in_status_byte and self.errors:
            byte |= _QUEUE
        if self._replies:
            byte |= _AVAILABLE
        if self.status.event_summary:
            byte |= _EVENT
        return byte

    def _bind(
        self,
        pattern: str,
        kind: Parameter[Value],
        write: Callable[..., None],
        read: Callable[..., str],
    ) -> None:
        limits = (Limit(kind),) if isinstance(kind, Number) else ()
        self.add(Command(pattern, False, (kind,), 0, write))
        self.add(Command(pattern, True, limits, len(limits), read))

    def _note_service(self) -> None:
        """Take note of new reasons for service; an answer under way is the wire's matter."""
        self.status.note(self._summary() & ~_AVAILABLE)

    def _collect(self) -> None:
        for name in dir(type(self)):
            method = getattr(type(self), name, None)
            declarations: Sequence[_Declaration] = getattr(method, _DECLARED, ())
            for told in declarations:
                handler = getattr(self, name)
                self.add(Command(told.pattern, told.query, told.parameters, told.optional, handler))

    def _run(self, step: _Step) -> Reply:
        if step.command is None:
            raise step.error or ScpiError(-100)
        kinds, tokens = step.command.parameters, step.tokens
        if not tokens:
            return self.decorate(step.command, step.suffixes, step.command.handler(*step.suffixes))
        values = [kind.convert(token) for kind, token in zip(kinds, tokens, strict=False)]
        return self.decorate(
            step.command, step.suffixes, step.command.handler(*step.suffixes, *values)
        )

    def _compile(self, message: bytes) -> tuple[_Step, ...]:
        """Read a message once; the same bytes always mean the same steps."""
        steps = tuple(self._steps(message.decode("latin-1")))
        if len(message) <= _LONGEST_CACHED:
            if len(self._programs) >= _CACHED_MESSAGES:
                self._programs.clear()
            self._programs[message] = steps
        return steps

    def _steps(self, text: str) -> Iterator[_Step]:
        path = self._tree.root
        for part in split_units(text):
            try:
                unit = read_unit(part)
                found = self._tree.resolve(unit, path)
                _check_count(found.command, len(unit.parameters))
            except ScpiError as error:
                path = self._tree.root
                yield _Step(None, error=error)
                continue
            if self.dialect.path_memory:
                path = found.path
            yield _Step(found.command, found.suffixes, unit.parameters)


def _check_count(entry: Command, given: int) -> None:
    if given > len(entry.parameters):
        raise ScpiError(-108)
    if given < len(entry.parameters) - entry.optional:
        raise ScpiError(-109)
