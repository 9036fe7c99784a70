"""How EA supplies talk SCPI: alarms noted before the error queue acknowledges them.

Facts: facts/instruments.md section A1.5. The 10000 series keeps no path between the units of a
message, takes at most five of them, and says nothing at all where a reply would be longer than
256 bytes; so every unit starts from the root and a message asks for little.
"""

from __future__ import annotations

from instruments.capabilities import Identity
from instruments.links.api import ScpiLink
from instruments.scpi import Expected, Scpi, parse_number

__all__ = ["EaConversation"]

_QUESTIONABLE = {
    0: "OVP",
    1: "OCP",
    2: "OPP",
    3: "OT",
    4: "OVD",
    5: "UVD",
    6: "OCD",
    7: "UCD",
    8: "OPD",
    13: "PF",
    14: "MSP",
}
"""Alarms in ``STAT:QUES``; its other bits say Local, Remote, output on and function running."""
_TIMED_OUT = 1 << 7
"""``STAT:OPER``: CTO, remote control was left because the interface fell silent."""


class EaConversation:
    """Settings and questions to one supply; alarms stay noted until they are forgotten."""

    def __init__(self, link: ScpiLink) -> None:
        self._link, self._scpi = link, Scpi(link)
        self._noted: frozenset[str] = frozenset()
        self._listening = False

    def identify(self) -> Identity:
        """Return who the box says it is; its user text is kept with the firmware."""
        return self._scpi.identify()

    def apply(self, doing: str, command: str, *expected: Expected) -> None:
        """Send one command, then read alarms, at most two settings and the error queue."""
        with self._link.transaction():
            self._link.write(command)
            *replies, error = self._ask_noting(doing, *(e.query for e in expected), "SYST:ERR?")
            self._scpi.check_error(doing, error)
            self._scpi.verify(doing, expected, replies)

    def take_remote(self, doing: str) -> str:
        """Ask for remote control with an emptied error queue, return who has it then.

        The request is a message of its own: what comes behind it in one message is denied.
        """
        with self._link.transaction():
            self._ask_noting(doing)
            self._link.write("*CLS")
            self._link.write("SYST:LOCK ON")
            owner, error = self._ask_noting(doing, "SYST:LOCK:OWN?", "SYST:ERR?")
            self._scpi.check_error(doing, error)
            return owner

    def read_owner(self, doing: str) -> str:
        """Return who has remote control, in words."""
        owner = self._scpi.ask(doing, "SYST:LOCK:OWN?")[0]
        return f"{owner} (after a communication time-out)" if self.read_timed_out(doing) else owner

    def read_timed_out(self, doing: str) -> bool:
        """Say whether the interface monitoring has run out (CTO)."""
        return bool(self._bits(doing, self._link.query("STAT:OPER:COND?")) & _TIMED_OUT)

    def read_numbers(self, doing: str, query: str, units: str) -> list[float]:
        """Return the numbers of one reply such as ``12.5V, 33.3A, 420W``, a unit a letter."""
        reply = self._link.query(query)
        try:
            parts = reply.split(",")
            return [parse_number(part, unit) for part, unit in zip(parts, units, strict=True)]
        except ValueError as error:
            raise self._scpi.misread(doing, f"numbers in {', '.join(units)}", reply) from error

    def read_boolean(self, doing: str, query: str) -> bool:
        """Return the truth a query answers."""
        return self._scpi.ask_boolean(doing, query)

    def read_alarms(self, doing: str) -> frozenset[str]:
        """Return what is pending, and what was before the error queue acknowledged it."""
        self._ask_noting(doing)
        return self._noted

    def acknowledge(self, doing: str) -> None:
        """Acknowledge alarms whose cause is gone; what persists is noted anew."""
        with self._link.transaction():
            self._ask_noting(doing, "SYST:ERR:ALL?")
            self._noted = frozenset()

    def _ask_noting(self, doing: str, *queries: str) -> list[str]:
        """Ask for events and condition ahead of the queries, note the alarms among them.

        Events of before the first question are none of ours.
        """
        events, condition, *replies = self._scpi.ask(
            doing, "STAT:QUES?", "STAT:QUES:COND?", *queries
        )
        bits = self._bits(doing, condition)
        if self._listening:
            bits |= self._bits(doing, events)
        self._listening = True
        self._noted |= {name for bit, name in _QUESTIONABLE.items() if bits >> bit & 1}
        return replies

    def _bits(self, doing: str, reply: str) -> int:
        try:
            return int(reply)
        except ValueError as error:
            raise self._scpi.misread(doing, "the bits of a register", reply) from error
