"""A programmable fault layer in front of a simulated box: it sees bytes and connections only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np

from instruments.clock import Clock
from instruments.errors import UsageError
from rig.virtual.wires.contract import Line, Service, Session
from rig.virtual.wires.fault_models import (
    Corrupt,
    Delay,
    Drop,
    Duplicate,
    Fault,
    HalfClose,
    Jitter,
    Late,
    Refuse,
    Reset,
    Stuck,
    Truncate,
)

__all__ = ["LinkFaults"]

_NOT_ON_SERIAL = (HalfClose, Reset, Refuse)


class LinkFaults:
    """The faults on the link to one box; tests add and clear them while everything runs.

    In wall time a lost reply is silence. In virtual time, where a client's time-out is only a
    guard against hanging, it is the end of the connection plus ``timeout_s`` of clock time; a
    serial line has no connection to end, so there the client waits, and is charged, itself.
    """

    def __init__(
        self,
        clock: Clock,
        rng: np.random.Generator,
        *,
        box: str,
        timeout_s: float,
        serial: bool,
        in_wall_time: Callable[[], bool],
    ) -> None:
        self.timeout_s, self.serial = timeout_s, serial
        self.in_wall_time = in_wall_time
        self.struck: Counter[str] = Counter()
        """How often each kind has struck."""
        self.rng = rng
        self._box, self._clock = box, clock
        self._armed: list[_Armed] = []

    def add(self, *faults: Fault) -> None:
        """Let faults act from now on, besides those that are there."""
        for fault in faults:
            if self.serial and isinstance(fault, _NOT_ON_SERIAL):
                raise UsageError(
                    f"fault {fault.kind!r} on the link to {self._box}: expected a link that has"
                    " connections, got a serial line; pull its plug instead (unplug)"
                )
        self._armed += [_Armed(fault) for fault in faults]

    @property
    def armed(self) -> bool:
        """Say whether there is any fault."""
        return bool(self._armed)

    def clear(self) -> None:
        """Take all faults away; a connection that is stuck stays so."""
        self._armed.clear()

    def guard(self, service: Service) -> Service:
        """Return ``service`` behind these faults."""

        def connect(line: Line) -> Session:
            if self.strike(_is_refusal):
                line.reset()
                return _Deaf()
            return _Guarded(self, line, service)

        return connect

    def strike(self, concerned: Callable[[Fault], bool]) -> list[Fault]:
        """Count one exchange for the faults concerned and return those that strike it."""
        if not self._armed:
            return []
        now, rng = self._clock.now(), self.rng
        concern = [armed for armed in self._armed if concerned(armed.fault)]
        struck = [armed.fault for armed in concern if armed.strikes(now, rng)]
        self.struck.update(fault.kind for fault in struck)
        return struck


class _Armed:
    """A fault in its place: how many exchanges it has seen, and how many it has struck."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self._seen = self._struck = 0

    def strikes(self, now: float, rng: np.random.Generator) -> bool:
        """Count one exchange and tell whether the fault strikes it."""
        when = self.fault.when
        self._seen += 1
        if when.nth not in (None, self._seen) or self._struck == when.times:
            return False
        if now < when.from_s or (when.until_s is not None and now >= when.until_s):
            return False
        if when.probability < 1.0 and rng.random() >= when.probability:
            return False
        self._struck += 1
        return True


def _is_refusal(fault: Fault) -> bool:
    return isinstance(fault, Refuse)


def _on_request(fault: Fault) -> bool:
    return isinstance(fault, Stuck) or getattr(fault, "side", "reply") == "request"


def _on_reply(fault: Fault) -> bool:
    return not _is_refusal(fault) and not _on_request(fault)


class _Deaf:
    """The session of a client that was turned away."""

    def received(self, data: bytes) -> None:
        """Ignore what still comes."""

    def closed(self) -> None:
        """Do nothing."""


class _Guarded:
    """One connection: the session the reactor sees, and the line the box sees."""

    def __init__(self, faults: LinkFaults, line: Line, service: Service) -> None:
        self._faults, self._line = faults, line
        self._reply: list[bytes] | None = None
        self._goodbye: Callable[[], None] | None = None
        self._owed_s = 0.0
        self._stuck = False
        self._session = service(self)

    def received(self, data: bytes) -> None:
        """Pass bytes to the box and its reply back, as far as the faults let them."""
        if self._stuck:
            self._keep_silent()
        elif self._faults.armed:
            self._through_faults(data)
        else:
            self._session.received(data)

    @property
    def paced(self) -> bool:
        """Say whether the box may put messages off; faults want its whole reply at once."""
        return getattr(self._line, "paced", False) and not self._faults.armed

    def resumed(self) -> None:
        """Let the box take up what it has put off."""
        resumed = getattr(self._session, "resumed", None)
        if resumed is not None and not self._stuck:
            resumed()

    def closed(self) -> None:
        """Tell the box that the client is gone."""
        self._session.closed()

    def send(self, data: bytes) -> None:
        """Take what the box says: part of a reply, or something of its own accord."""
        if self._reply is not None:
            self._reply.append(data)
        elif not self._stuck:
            self._line.send(data)

    def charge(self, turnaround_s: float) -> None:
        """Take what the exchange costs in the box's own time."""
        if self._reply is not None:
            self._owed_s += turnaround_s
        else:
            self._line.charge(turnaround_s)

    def close(self) -> None:
        """Let the box hang up."""
        self._part(self._line.close)

    def reset(self) -> None:
        """Let the box break off."""
        self._part(self._line.reset)

    def end_output(self) -> None:
        """Let the box end its output."""
        self._part(self._line.end_output)

    def _part(self, goodbye: Callable[[], None]) -> None:
        """Part now, or once the reply that is being made is on its way."""
        if self._reply is None:
            goodbye()
        else:
            self._goodbye = goodbye

    def _through_faults(self, data: bytes) -> None:
        request, missing = data, False
        for fault in self._faults.strike(_on_request):
            if isinstance(fault, Stuck):
                self._stuck = not self._faults.serial
                self._keep_silent()
                return
            request, cut = self._changed(request, fault)
            missing = missing or cut
        reply = self._ask(request)
        if reply:
            self._answer(reply)
        else:
            self._line.charge(self._owed_s)
            if missing:
                self._keep_silent()
        if self._goodbye is not None:
            self._goodbye()

    def _ask(self, request: bytes) -> bytes:
        self._reply, self._owed_s = [], 0.0
        try:
            if request:
                self._session.received(request)
            return b"".join(self._reply)
        finally:
            self._reply = None

    def _answer(self, reply: bytes) -> None:
        late_s, missing, ends = 0.0, False, False
        for fault in self._faults.strike(_on_reply):
            if isinstance(fault, Reset):
                self._line.reset()
                return
            late_s += self._lateness(fault)
            reply, cut = self._changed(reply, fault)
            missing = missing or cut
            ends = ends or isinstance(fault, HalfClose)
        if late_s >= self._faults.timeout_s and not self._faults.in_wall_time():
            reply, missing = b"", True
        elif not missing:
            self._line.charge(self._owed_s + late_s)
        self._line.send(reply)
        if ends:
            self._line.end_output()
        if missing:
            self._keep_silent()

    def _lateness(self, fault: Fault) -> float:
        if isinstance(fault, Delay):
            return fault.by_s
        if isinstance(fault, Jitter):
            return float(self._faults.rng.uniform(0.0, fault.up_to_s))
        return self._faults.timeout_s + fault.by_s if isinstance(fault, Late) else 0.0

    def _changed(self, data: bytes, fault: Fault) -> tuple[bytes, bool]:
        """Return what a fault leaves of some bytes, and whether some of them are missing."""
        rng = self._faults.rng
        if isinstance(fault, Drop):
            return b"", True
        if isinstance(fault, Duplicate):
            return data * 2, False
        if isinstance(fault, Corrupt) and data:
            return _corrupted(data, fault.count, rng), False
        if isinstance(fault, Truncate):
            keep = int(rng.integers(len(data))) if fault.keep is None and data else fault.keep or 0
            return data[:keep], keep < len(data)
        return data, False

    def _keep_silent(self) -> None:
        """Leave the client waiting: on the wall by itself, in virtual time by what it costs."""
        if not self._faults.in_wall_time() and not self._faults.serial:
            self._line.charge(self._faults.timeout_s)
            self._line.close()


def _corrupted(data: bytes, count: int, rng: np.random.Generator) -> bytes:
    changed = bytearray(data)
    for position in rng.integers(len(data), size=count):
        changed[position] ^= int(rng.integers(1, 256))
    return bytes(changed)
