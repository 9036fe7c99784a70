"""Fault insertion inside its envelope: the point-on-wave trigger's branches, relays for a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import cast

from instruments.capabilities import (
    DigitalInputs,
    Identity,
    PointOnWave,
    PointOnWaveShot,
    RelayBank,
)
from instruments.clock import Clock, ScheduledCall
from instruments.errors import UsageError
from rig.bench.demand import Demand
from rig.bench.envelope import OutsideEnvelope
from rig.bench.model import BenchFile

__all__ = ["LimitedPointOnWave", "LimitedRelays"]

_FIRES_WITHIN_S = 1.0
"""From arming to the beginning of what ``hold_s`` counts from: exchanges, a period, the wave."""
_OPENS_WITHIN_S = 0.5
"""A relay that is opened after the longest time allowed is open by then."""


class LimitedPointOnWave:
    """Stands in front of the trigger's driver; branches are the bits of the bench file's wiring."""

    def __init__(
        self, role: str, trigger: PointOnWave, demand: Demand, bench: BenchFile, clock: Clock
    ) -> None:
        self._role, self._trigger, self._demand, self._clock = role, trigger, demand, clock
        sockets = bench.wiring.sockets.values()
        self._steps = sum(1 << bit for socket in sockets for bit in socket.step_branches)
        self._shorts = sum(1 << socket.short_branch for socket in sockets)
        wired = [s.residual_branch for s in sockets if s.residual_branch is not None]
        self._residuals = sum(1 << bit for bit in wired)
        step_w = bench.unit.nominal_voltage_v**2 / bench.wiring.step_resistance_ohm
        self._step_w = step_w

    def allow(self, branches: int, hold_s: float) -> None:
        """Refuse branches and times outside the envelope; send nothing."""
        if unknown := branches & ~(self._steps | self._shorts | self._residuals):
            raise UsageError(
                f"{self._role}: branches {unknown:#x} are not wired on this bench; nothing was sent"
            )
        envelopes = self._demand.envelopes
        if branches & self._shorts:
            envelopes.check(self._role, short_hold_s=hold_s)
        if branches & self._steps:
            envelopes.check(self._role, step_hold_s=hold_s)
        if branches & self._residuals:
            envelopes.check(self._role, residual_hold_s=hold_s)
        self._demand.allow_burst(self._role, self._power_w(branches), hold_s)

    def arm(self, branches: int, *, delay_s: float, hold_s: float) -> None:
        """Close the branches of the mask ``delay_s`` after the next positive zero crossing."""
        self.allow(branches, hold_s)
        over_s = self._clock.now() + hold_s + _FIRES_WITHIN_S
        self._demand.note_burst(self._power_w(branches), hold_s, over_s)
        self._trigger.arm(branches, delay_s=delay_s, hold_s=hold_s)

    def read_shot(self) -> PointOnWaveShot:
        """Return what has happened since the arming."""
        return self._trigger.read_shot()

    def disarm(self) -> None:
        """Open all branches and forget the arming."""
        self._trigger.disarm()
        self._demand.end_burst()

    def identify(self) -> Identity:
        """Return what the box says of itself."""
        return self._trigger.identify()

    def make_safe(self) -> None:
        """Open all branches."""
        self._trigger.make_safe()
        self._demand.end_burst()

    def close(self) -> None:
        """Close the link."""
        self._trigger.close()

    def _power_w(self, branches: int) -> float:
        return (branches & self._steps).bit_count() * self._step_w


class LimitedRelays:
    """Stands in front of a board's driver; a relay that stays closed too long is called out.

    Relays of the set ``standing`` insert nothing (the probes' multiplexer) and may stay closed.
    """

    def __init__(
        self,
        role: str,
        board: RelayBank,
        demand: Demand,
        clock: Clock,
        overrun: Callable[[OutsideEnvelope], None],
        *,
        standing: frozenset[int] = frozenset(),
    ) -> None:
        self._role, self._board, self._demand = role, board, demand
        self._standing = standing
        self._clock, self._overrun = clock, overrun
        self._closed: dict[int, ScheduledCall | None] = {}
        self._paired = any(role in pair for pair in demand.envelopes.never_together)

    @property
    def size(self) -> int:
        """How many relays the board has."""
        return self._board.size

    def allow(self, hold_s: float) -> None:
        """Refuse a time outside the envelope; send nothing."""
        self._demand.envelopes.check(self._role, relay_hold_s=hold_s)
        self._demand.allow(self._role)

    def set_relay(self, relay: int, closed: bool) -> None:
        """Drive one relay, verify by reading the coil back."""
        if closed:
            self._demand.allow(self._role)
            self._note_closed(relay, self._deadline(relay))
        self._board.set_relay(relay, closed)
        if not closed:
            self._note_open(relay)

    def pulse(self, relay: int, duration_s: float) -> None:
        """Close a relay for a time that the board itself bounds."""
        self.allow(duration_s)
        if self._paired:
            at = self._clock.now() + duration_s
            self._note_closed(relay, self._clock.call_at(at, partial(self._note_open, relay)))
        self._board.pulse(relay, duration_s)

    def read_relays(self) -> tuple[bool, ...]:
        """Return the coil states, relay 0 first."""
        return self._board.read_relays()

    def read_inputs(self) -> tuple[bool, ...]:
        """Return the input states, input 0 first, of a board that has inputs."""
        return cast("DigitalInputs", self._board).read_inputs()

    def all_off(self) -> None:
        """Release every relay, verify."""
        self._board.all_off()
        self._note_all_open()

    def identify(self) -> Identity:
        """Return what the box says of itself."""
        return self._board.identify()

    def make_safe(self) -> None:
        """Release every relay."""
        self._board.make_safe()
        self._note_all_open()

    def close(self) -> None:
        """Close the link."""
        self._board.close()

    def _deadline(self, relay: int) -> ScheduledCall | None:
        hold_s = self._demand.envelopes.limit(self._role, "relay_hold_s")
        if hold_s == float("inf") or relay in self._standing:
            return None
        held_s = hold_s + _OPENS_WITHIN_S
        return self._clock.call_at(
            self._clock.now() + held_s, partial(self._call_out, relay, held_s)
        )

    def _note_closed(self, relay: int, call: ScheduledCall | None) -> None:
        self._note_open(relay)
        self._closed[relay] = call
        self._demand.note(self._role, on=True)

    def _note_open(self, relay: int) -> None:
        call = self._closed.pop(relay, None)
        if call is not None:
            call.cancel()
        if not self._closed:
            self._demand.note(self._role, on=False)

    def _note_all_open(self) -> None:
        for relay in list(self._closed):
            self._note_open(relay)

    def _call_out(self, relay: int, held_s: float) -> None:
        if relay in self._closed:
            did = f"relay {relay} is still closed; the bench is made safe"
            self._overrun(self._demand.envelopes.refusal(self._role, "relay_hold_s", held_s, did))
