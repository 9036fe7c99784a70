"""Passive fault networks behind plain relays: put in for a bounded time, taken out in any case.

A relay operates 5 to 12 ms after its coil and is never a time reference; what an instant counts
from is measured.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from instruments.clock import Clock
from instruments.errors import UsageError
from rig.bench.limited_faults import LimitedRelays
from rig.bench.model import BenchFile
from rig.bench.model_base import NetworkContact
from rig.bench.network_names import FAULT_NETWORKS
from rig.bench.steps import Journal

__all__ = ["SETTLED_S", "FaultNetworks", "NotFitted"]

SETTLED_S = 0.02
"""From driving a coil until its contact stands, bounce included."""


class NotFitted(Exception):
    """Say that this bench has no such network, so that what needs it is NOT TESTED."""


class FaultNetworks:
    """The networks of a bench file by name; ``boards`` are its relay boards by role."""

    def __init__(
        self, boards: Mapping[str, LimitedRelays], bench: BenchFile, clock: Clock, journal: Journal
    ) -> None:
        self._boards, self._clock, self._journal = boards, clock, journal
        self._contacts = bench.wiring.fault_networks

    def need(self, *names: str) -> None:
        """Raise ``NotFitted`` unless the bench has all these networks; send nothing."""
        for name in names:
            if name not in FAULT_NETWORKS:
                known = ", ".join(FAULT_NETWORKS)
                raise UsageError(f"{name!r} is no fault network; there are {known}")
        missing = [name for name in names if name not in self._contacts]
        if missing:
            what = ", ".join(f"{name} ({FAULT_NETWORKS[name]})" for name in missing)
            raise NotFitted(f"this bench has no fault network {what}")

    def need_trigger(self, *names: str) -> None:
        """Raise ``NotFitted`` unless these networks raise the scopes' trigger as they go in."""
        self.need(*names)
        silent = [name for name in names if not self._contacts[name].triggers]
        if silent:
            raise NotFitted(f"the relay of {', '.join(silent)} is not on the trigger line")

    def close(self, *names: str, longest_s: float) -> None:
        """Close contacts one after the other; the envelope bounds how long they may stay so."""
        contacts = self._allowed(names, longest_s)
        for name, contact in contacts.items():
            self._journal.stimulus(
                contact.board,
                f"{name}: {FAULT_NETWORKS[name]}, for {longest_s:g} s at most",
                seconds=longest_s,
            )
            self._boards[contact.board].set_relay(contact.relay, True)

    def open(self, *names: str) -> None:
        """Open contacts one after the other."""
        for name in names:
            contact = self._contacts[name]
            self._boards[contact.board].set_relay(contact.relay, False)

    def closed(self, *names: str) -> bool:
        """Say whether all these relays stand closed, by their boards' own answer."""
        contacts = [self._contacts[name] for name in names]
        boards = {each.board: self._boards[each.board].read_relays() for each in contacts}
        return all(boards[each.board][each.relay] for each in contacts)

    def pulse(self, name: str, seconds: float) -> None:
        """Close a contact for a time that its board keeps; return at once."""
        contact = self._allowed((name,), seconds)[name]
        text = f"{name}: {FAULT_NETWORKS[name]}, for {seconds:g} s"
        self._journal.stimulus(contact.board, text, seconds=seconds)
        self._boards[contact.board].pulse(contact.relay, seconds)

    @contextmanager
    def inserted(self, *names: str, longest_s: float) -> Iterator[None]:
        """Close contacts for a block, which starts when they stand; open them when it ends.

        ``longest_s`` is what the block may take; the envelope of each board refuses more.
        """
        self._allowed(names, longest_s)
        try:
            self.close(*names, longest_s=longest_s)
            self._clock.sleep_until(self._clock.now() + SETTLED_S)
            yield
        finally:
            self.open(*reversed(names))

    def _allowed(self, names: tuple[str, ...], longest_s: float) -> dict[str, NetworkContact]:
        self.need(*names)
        contacts = {name: self._contacts[name] for name in names}
        for contact in contacts.values():
            self._boards[contact.board].allow(longest_s)
        return contacts
