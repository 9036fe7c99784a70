"""What is on, what it was told to draw, and what that adds up to: power, energy, slew."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from instruments.clock import Clock, ScheduledCall
from instruments.errors import UsageError
from rig.bench.envelope import WHOLE_BENCH, Envelopes, OutsideEnvelope

__all__ = ["Demand"]

_WINDOW_S = 1.0
"""Slew counts what changes within a second."""
_OVER = "the bench is made safe"


@dataclass(slots=True)
class _Role:
    on: bool = False
    power_w: float = 0.0
    used_wh: float = 0.0
    since_s: float = 0.0
    changes: deque[tuple[float, float]] = field(default_factory=deque)


class Demand:
    """One ledger for a bench; ``allow`` before a byte leaves, ``note`` when it has been decided.

    Energy runs on by itself: where it comes to its limit, ``overrun`` is called at that instant.
    """

    def __init__(
        self, envelopes: Envelopes, clock: Clock, overrun: Callable[[OutsideEnvelope], None]
    ) -> None:
        self.envelopes = envelopes
        self._clock, self._overrun = clock, overrun
        self._roles: dict[str, _Role] = {}
        self._burst_w, self._burst_over_s = 0.0, float("-inf")
        self._burst_wh = 0.0
        self._next: ScheduledCall | None = None
        self._lock = threading.RLock()
        self.beside_loads = False
        """Whether something else takes power from the pack, or gives it: the CHAdeMO port."""
        self.powered = False
        """Whether the bench is energised."""

    @property
    def draws_power(self) -> bool:
        """Say whether any load is on, a branch may be closed, or anything else moves power."""
        now = self._clock.now()
        with self._lock:
            drawing = any(each.on and each.power_w for each in self._roles.values())
            return drawing or now <= self._burst_over_s or self.beside_loads

    def begin(self) -> None:
        """Count energy and slew anew: the bench is about to be energised."""
        with self._lock:
            self.powered = True
            self._roles.clear()
            self.beside_loads = False
            self._burst_wh, self._burst_over_s = 0.0, float("-inf")
            self._cancel()

    def end(self) -> None:
        """Let nothing feed from now on: the bench is being made safe."""
        self.powered = False

    def allow_feeding(self, role: str) -> None:
        """Refuse voltage outside of ``energised``: nothing watches the bench, nothing ends it."""
        if not self.powered:
            raise UsageError(
                f"{role}: gives voltage inside `with bench.energised():` only; nothing was sent"
            )

    def allow(self, role: str, *, power_w: float = 0.0, moved: float = 0.0, slew: str = "") -> None:
        """Refuse what would leave the envelope of the role, or of the bench; note nothing.

        ``moved`` counts against the limit called ``slew``.
        """
        check = self.envelopes.check
        with self._lock:
            now = self._clock.now()
            on = frozenset(name for name, each in self._roles.items() if each.on)
            self.envelopes.check_together(role, on)
            it = self._role(role)
            others_w = self._power_w(now) - it.on * it.power_w
            check(WHOLE_BENCH, power_w=others_w + power_w)
            check(role, energy_wh=self._used_wh(role, now))
            check(WHOLE_BENCH, energy_wh=self._total_wh(now))
            if moved > 0:
                check(role, **{slew: moved + self._moved(role, now)})

    def allow_burst(self, role: str, power_w: float, hold_s: float) -> None:
        """Refuse a power for a time that would leave the bench's envelope; it replaces the last."""
        with self._lock:
            now = self._clock.now()
            last_w = self._burst_w if now <= self._burst_over_s else 0.0
            self.allow(role, power_w=power_w - last_w)
            total_wh = self._total_wh(now) + power_w * hold_s / 3600
            self.envelopes.check(WHOLE_BENCH, energy_wh=total_wh)

    def note(self, role: str, *, on: bool, power_w: float = 0.0, moved: float = 0.0) -> None:
        """Take note of what a role does from now on."""
        with self._lock:
            now, it = self._clock.now(), self._role(role)
            if moved <= 0 and (it.on, it.power_w) == (on, power_w):
                return
            it.used_wh, it.since_s = self._used_wh(role, now), now
            if moved > 0:
                it.changes.append((now, moved))
            it.on, it.power_w = on, power_w
            self._watch_energy(now)

    def note_burst(self, power_w: float, hold_s: float, over_s: float) -> None:
        """Take note of a power for a time that ends by itself, at the latest at ``over_s``."""
        with self._lock:
            now = self._clock.now()
            self._burst_w, self._burst_over_s = power_w, over_s
            self._burst_wh += power_w * hold_s / 3600
            self._watch_energy(now)

    def end_burst(self) -> None:
        """Take note that every branch is open."""
        with self._lock:
            self._burst_over_s = float("-inf")

    def _role(self, role: str) -> _Role:
        return self._roles.setdefault(role, _Role())

    def _power_w(self, now: float) -> float:
        loads = sum(each.power_w for each in self._roles.values() if each.on)
        return loads + (self._burst_w if now <= self._burst_over_s else 0.0)

    def _used_wh(self, role: str, now: float) -> float:
        it = self._role(role)
        return it.used_wh + it.on * it.power_w * (now - it.since_s) / 3600

    def _total_wh(self, now: float) -> float:
        return self._burst_wh + sum(self._used_wh(role, now) for role in list(self._roles))

    def _moved(self, role: str, now: float) -> float:
        """Return how much a role has moved within the last second."""
        changes = self._role(role).changes
        while changes and changes[0][0] <= now - _WINDOW_S:
            changes.popleft()
        return sum(moved for _, moved in changes)

    def _watch_energy(self, now: float) -> None:
        """Have the first limit that energy comes to called out at its instant."""
        self._cancel()
        runs_out = [
            (self._left_s(role, self._used_wh(role, now), it.power_w), role)
            for role, it in self._roles.items()
            if it.on and it.power_w
        ]
        total_w = sum(each.power_w for each in self._roles.values() if each.on)
        runs_out.append((self._left_s(WHOLE_BENCH, self._total_wh(now), total_w), WHOLE_BENCH))
        left_s, role = min(runs_out)
        if left_s < float("inf"):
            at = now + max(left_s, 0.0)
            self._next = self._clock.call_at(at, lambda: self._call_out(role))

    def _left_s(self, role: str, used_wh: float, power_w: float) -> float:
        if not power_w:
            return float("inf")
        return (self.envelopes.limit(role, "energy_wh") - used_wh) / power_w * 3600

    def _call_out(self, role: str) -> None:
        now = self._clock.now()
        with self._lock:
            used = self._total_wh(now) if role == WHOLE_BENCH else self._used_wh(role, now)
        self._overrun(self.envelopes.refusal(role, "energy_wh", used, _OVER))

    def _cancel(self) -> None:
        if self._next is not None:
            self._next.cancel()
            self._next = None
