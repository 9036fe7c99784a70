"""Judge one session frame by frame, live or from a log."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

from instruments.errors import UsageError
from rig.chademo.check.case import Case, Rule
from rig.chademo.check.deadlines import DeadlineRule, deadlines_met
from rig.chademo.check.finding import Finding, verdict_of
from rig.chademo.check.happening import Happening
from rig.chademo.check.identity import charger_of, vehicle_of
from rig.chademo.check.limits import Limits
from rig.chademo.check.periods import Periods
from rig.chademo.check.phases import PhaseName, Phases
from rig.chademo.check.report import Energy, SessionReport
from rig.chademo.check.rules_charger import ChargerRule
from rig.chademo.check.rules_current import ChargeCurrentRule
from rig.chademo.check.rules_discharge import DischargeRule
from rig.chademo.check.rules_presence import PresenceRule
from rig.chademo.check.rules_values import ChargerValuesRule
from rig.chademo.check.rules_vehicle import VehicleRule
from rig.chademo.check.silence import Silence
from rig.chademo.check.steps import Steps
from rig.chademo.check.timeline import Timeline, outcome_of
from rig.chademo.check.traces import Traces
from rig.chademo.frames import (
    CATALOGUE,
    CORE,
    FRAME_BYTES,
    ChargerStatus,
    Message,
    Side,
    VehicleOption,
    version_name,
)

__all__ = ["BusFrame", "SessionChecker"]


@lru_cache(maxsize=4096)
def _message(identifier: int, data: bytes) -> Message:
    """Decode; values come again and again, and messages are frozen."""
    return CATALOGUE[identifier].decode(data)


class BusFrame(Protocol):
    """What the checker needs of a frame; ``instruments`` and logs have such frames."""

    @property
    def t_s(self) -> float | None:
        """Time on the bus, running forward."""

    @property
    def identifier(self) -> int:
        """11 or 29 bits."""

    @property
    def data(self) -> bytes:
        """Up to eight bytes."""

    @property
    def extended(self) -> bool:
        """Whether the identifier has 29 bits."""

    @property
    def remote(self) -> bool:
        """Whether it is a remote frame."""


class SessionChecker:
    """Takes the frames of one session as they come; ``findings`` can be asked for at any time.

    Deviations that only time can show are found once a later frame, or ``advance``, brings that
    time. Memory is bounded, whatever the length of the session.
    """

    def __init__(self, limits: Limits | None = None, *, timed: bool = True) -> None:
        self._case = Case(limits or Limits())
        self._steps = Steps(self._case)
        self._periods = Periods(self._case, timed=timed)
        self._silence = Silence(self._case)
        self._phases, self._timeline = Phases(self._case), Timeline(self._case)
        self._traces = Traces(self._case)
        case = self._case
        self._rules: tuple[Rule, ...] = (
            self._phases,
            self._timeline,
            self._traces,
            DeadlineRule(case),
            VehicleRule(case),
            ChargerRule(case),
            ChargerValuesRule(case),
            ChargeCurrentRule(case),
            DischargeRule(case),
            PresenceRule(case),
        )
        self._latest: dict[int, Message] = {}
        self._data: dict[int, bytes] = {}
        self._start_s: float | None = None
        self.frames = 0

    def feed(self, frame: BusFrame) -> None:
        """Take the next frame; frames that are not CHAdeMO's are passed over."""
        kind = CATALOGUE.get(frame.identifier)
        if kind is None or frame.extended:
            return
        t_s = frame.t_s
        if t_s is None:
            raise UsageError(
                f"a frame to be judged needs its time, 0x{frame.identifier:03X} has none"
            )
        self.advance(t_s)
        self.frames += 1
        if len(frame.data) != FRAME_BYTES or frame.remote:
            self._refuse(frame, kind.SENDER)
            return
        self._case.bus.gap_s = self._periods.take(frame.identifier, t_s)
        if frame.identifier == ChargerStatus.IDENTIFIER:
            self._case.bus.status_s = t_s
        if frame.identifier in CORE:
            silent = self._silence.take(kind.SENDER, t_s)
            if silent is not None:
                self._happened(silent)
        if self._data.get(frame.identifier) != frame.data:
            self._data[frame.identifier] = frame.data
            self._changed(_message(frame.identifier, frame.data))

    def advance(self, t_s: float) -> None:
        """Say that it is ``t_s`` now, though no frame came."""
        if self._start_s is None:
            self._start_s = t_s
        if self._case.timers.next_due_s < t_s:
            self._case.timers.run(t_s)
        self._case.bus.t_s = t_s

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What has been found so far."""
        return self._case.findings.all()

    @property
    def phase(self) -> PhaseName:
        """Where the session stands."""
        return self._phases.now

    @property
    def live(self) -> bool:
        """Whether the session is on: enabled, locked or transferring."""
        return self._case.live

    def silent_for_s(self, side: Side, t_s: float) -> float:
        """Return for how long a side has been silent at ``t_s``."""
        return self._silence.since(side, t_s)

    def finish(
        self,
        *,
        channel: str = "",
        first_line: int = 0,
        last_line: int = 0,
        fell_silent: bool = False,
    ) -> SessionReport:
        """Judge what is left and return the whole; nothing can be fed afterwards."""
        case = self._case
        self._periods.finished()
        for rule in self._rules:
            rule.finished()
        self._end(fell_silent=fell_silent)
        findings = case.findings.all()
        talks = [side for side in Side if case.bus.talks(side)]
        option = self._latest.get(VehicleOption.IDENTIFIER)
        bus, traces = case.bus, self._traces
        return SessionReport(
            start_s=self._start_s or 0.0,
            end_s=bus.t_s,
            frames=self.frames,
            channel=channel,
            first_line=first_line,
            last_line=last_line,
            vehicle=vehicle_of(bus, option if isinstance(option, VehicleOption) else None),
            charger=charger_of(bus),
            version=version_name(bus.version) if bus.version is not None else "unknown",
            discharge=bus.can_discharge,
            outcome=outcome_of(case),
            phases=self._phases.all(),
            timeline=tuple(self._timeline.entries),
            deadlines_s=deadlines_met(case),
            periods=dict(sorted(self._periods.of.items())),
            energy=Energy(
                traces.charged_wh,
                traces.discharged_wh,
                traces.most_charge_a,
                traces.most_discharge_a,
                bus.charge_percent,
            ),
            findings=findings,
            verdict=verdict_of(findings, conclusive=len(talks) == len(Side)),
            traces={name: trace.points for name, trace in traces.of.items()},
        )

    def _changed(self, new: Message) -> None:
        old = self._latest.get(new.IDENTIFIER)
        self._latest[new.IDENTIFIER] = new
        self._case.bus.take(new)
        for what in self._steps.of(new, old):
            self._happened(what)
        for rule in self._rules:
            rule.changed(new, old)

    def _happened(self, what: Happening) -> None:
        self._case.at[what] = self._case.bus.t_s
        for rule in self._rules:
            rule.happened(what)

    def _refuse(self, frame: BusFrame, side: Side) -> None:
        what = "is a remote frame" if frame.remote else f"has {len(frame.data)} bytes"
        self._case.error(
            f"length of 0x{frame.identifier:03X}",
            side,
            f"0x{frame.identifier:03X} {what}, not 8 bytes of data",
            "§1",
        )

    def _end(self, *, fell_silent: bool) -> None:
        case = self._case
        if case.done(Happening.INSIDE):
            case.note("start", "log", "the log begins inside the session", "§6")
        if not case.live:
            return
        if fell_silent:
            case.error("CAN lost", "both", "both sides fall silent inside the session", "§1")
        else:
            case.note("end", "log", f"the log ends inside the session: {self.phase}", "§8")
