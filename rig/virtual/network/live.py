"""The world, brought up to the clock's now: what every port asks for first."""

from __future__ import annotations

from instruments.clock import Clock
from rig.virtual.network.engine import Engine
from rig.virtual.network.world import World

__all__ = ["Live"]

SPAN_S = 2.0


class Live:
    """Hand out the world at the present instant, and keep as much of its past as is asked for."""

    def __init__(self, clock: Clock, engine: Engine, span_s: float = SPAN_S) -> None:
        self._clock, self._engine, self._span_s = clock, engine, span_s
        self._kept: dict[str, float] = {}

    def world(self) -> World:
        """Return the world as it is now."""
        world = self._engine.world
        now = self._clock.now()
        if now > world.t_s or world.next_change_s() <= now:
            self._engine.advance(now)
            world.forget_before(min((world.t_s - self._span_s, *self._kept.values())))
        return world

    def wake_at(self, t_s: float) -> None:
        """Bring the world up to ``t_s`` when that instant comes, whether anybody looks or not."""
        self._clock.call_at(t_s, self._wake)

    def keep_from(self, who: str, start_s: float | None) -> None:
        """Keep the history from ``start_s`` on for one asker; None = no longer."""
        if start_s is None:
            self._kept.pop(who, None)
        else:
            self._kept[who] = start_s

    def _wake(self) -> None:
        self.world()
