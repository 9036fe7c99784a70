"""One session under judgement: what every rule sees and writes to."""

from __future__ import annotations

from rig.chademo.check.bus import Bus
from rig.chademo.check.finding import Findings, Severity
from rig.chademo.check.happening import STOPS, Happening
from rig.chademo.check.limits import Limits
from rig.chademo.check.timers import Lasting, Timers
from rig.chademo.frames import V1, Message, Side

__all__ = ["Case", "Rule"]


class Case:
    """The bus, the findings, the timers, and when which step was taken."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.bus = Bus()
        self.findings = Findings()
        self.timers = Timers()
        self.at: dict[Happening, float] = {}
        """When each step was taken; a step is absent until then."""

    def done(self, what: Happening) -> bool:
        """Say whether a step was taken."""
        return what in self.at

    @property
    def stopping(self) -> bool:
        """Whether anything has begun to end the session."""
        return not STOPS.isdisjoint(self.at)

    @property
    def closed(self) -> bool:
        """Whether the vehicle's contactor is closed, as far as the frames tell."""
        return Happening.CLOSED in self.at and Happening.OPENED not in self.at

    @property
    def knows_contactor(self) -> bool:
        """Whether 102.5.3 means something: both sides are 1.0 or later."""
        return (self.bus.version or 0) >= V1

    @property
    def live(self) -> bool:
        """Whether the session is on: falling silent now would be a fault."""
        bus = self.bus
        on = bus.vehicle.enabled or bus.charger.energizing or bus.charger.charging
        return on and Happening.UNLOCKED not in self.at

    def error(
        self, rule: str, side: Side | str, message: str, source: str, *, t_s: float | None = None
    ) -> None:
        """Note that a rule was broken, now or at ``t_s``."""
        self._add(rule, Severity.ERROR, side, message, source, t_s, 0.0)

    def note(
        self,
        rule: str,
        side: Side | str,
        message: str,
        source: str,
        *,
        t_s: float | None = None,
        size: float = 0.0,
    ) -> None:
        """Note a deviation known from sound sessions."""
        self._add(rule, Severity.NOTE, side, message, source, t_s, size)

    def lasting_error(
        self, rule: str, side: Side, after_s: float, message: str, source: str
    ) -> Lasting:
        """Make an error of a condition that holds for longer than ``after_s``."""

        def broken(t_s: float) -> None:
            self.error(rule, side, message, source, t_s=t_s)

        return Lasting(self.timers, rule + side, after_s, broken)

    def lasting_note(
        self, rule: str, side: Side, after_s: float, message: str, source: str
    ) -> Lasting:
        """Make a note of a condition that holds for longer than ``after_s``."""

        def deviates(t_s: float) -> None:
            self.note(rule, side, message, source, t_s=t_s)

        return Lasting(self.timers, rule + side, after_s, deviates)

    def _add(
        self,
        rule: str,
        severity: Severity,
        side: Side | str,
        message: str,
        source: str,
        t_s: float | None,
        size: float,
    ) -> None:
        at = self.bus.t_s if t_s is None else t_s
        self.findings.add(rule, severity, str(side), at, message, source=source, size=size)


class Rule:
    """Something that judges a session; told of new content and of steps, both after the fact."""

    def __init__(self, case: Case) -> None:
        self.case = case

    def changed(self, new: Message, old: Message | None) -> None:
        """Judge a frame whose content is new; ``old`` is None for the first of its kind."""

    def happened(self, what: Happening) -> None:
        """Judge a step that was taken just now."""

    def finished(self) -> None:
        """Judge what can be judged at the end only."""
