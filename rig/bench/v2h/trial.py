"""What V2H tests do again and again: a session, a current, a look for what followed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from rig.bench.v2h.meter import Instant, SessionMeter
from rig.bench.v2h.session import EvpsSession
from rig.bench.v2h.station import Direction
from rig.chademo.frames import ChargerStatus, DischargeLimits, VehicleStatus
from rig.chademo.roles import EvpsParameters, EvpsState, Injection, Line
from rig.measure import Measurement, Requirement

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["PortTrial"]

_NEAR_A = 0.5
_RAMP_A_PER_S = 20.0
_SETTLED_S = 0.6
"""A setting of the supply and two measurements after the ramp."""


class PortTrial:
    """Sessions of one test; ``problems`` says why none of them can be judged."""

    def __init__(self, bench: Bench, requirement: Requirement) -> None:
        self._bench, self._requirement = bench, requirement
        self._number = requirement.number
        self._log_mark = bench.controller.read_newest_sequence()
        self.problems: tuple[str, ...] = ()

    @contextmanager
    def session(
        self,
        direction: Direction = "both",
        *,
        unit_mode: Direction | None = None,
        parameters: EvpsParameters | None = None,
        injections: Sequence[Injection] = (),
        limit_a: int | None = None,
    ) -> Iterator[EvpsSession]:
        """Run a session with the requirement's limit; see ``V2hStation.session``."""
        with self._bench.v2h.session(
            direction,
            limit_a=int(self._number("limit_a")) if limit_a is None else limit_a,
            parameters=parameters,
            unit_mode=unit_mode,
            injections=injections,
        ) as session:
            yield session

    def drive(self, session: EvpsSession, amps: float) -> None:
        """Wait for the transfer, then for a current, positive into the vehicle.

        A transfer or a current that does not come is a problem of every measurement.
        """
        if not session.await_state(EvpsState.TRANSFER):
            ending = session.evps.ending
            self._doubt(f"no transfer: {ending.reason if ending else session.state}")
            return
        session.want(amps)
        session.sleep(2 * abs(amps) / _RAMP_A_PER_S + _SETTLED_S)
        measured_a = session.power.measure().amps
        if abs(measured_a - amps) > _NEAR_A:
            self._doubt(f"{amps:g} A were not reached: {measured_a:.1f} A at the port")

    def watch(self, session: EvpsSession) -> None:
        """Let the requirement's time of observation pass."""
        session.sleep(self._number("watch_s"))

    def meter(self, session: EvpsSession) -> SessionMeter:
        """Return what measures the session."""
        return self._bench.v2h.meter(session, self._requirement)

    def judged(self, measured: Measurement) -> Measurement:
        """Return a measurement with what speaks against the whole test."""
        return replace(measured, problems=(*measured.problems, *self.problems))

    def code_missing(self, session: EvpsSession, key: str = "code") -> Measurement:
        """Return 1 unless the unit has logged the requirement's trip code, else 0."""
        code = int(self._number(key))
        logged = {each.code for each in self._bench.controller.read_log(self._log_mark)}
        return self.judged(self.meter(session).count("codes_missing", int(code not in logged)))

    def withdrawn(self, session: EvpsSession, after: Instant | None) -> Instant | None:
        """Return when 102 first had neither request nor permission, after an instant."""
        return self.meter(session).frame(VehicleStatus, _has_withdrawn, after)

    def forbidden(self, session: EvpsSession, after: Instant | None) -> Instant | None:
        """Return when 200 first allowed no discharge, after an instant."""
        return self.meter(session).frame(DischargeLimits, _forbids, after)

    def released(self, session: EvpsSession, after: Instant | None) -> Instant | None:
        """Return when k was let go, after an instant."""
        return self.meter(session).line(Line.K, on=False, after=after)

    def cleared(self, session: EvpsSession, after: Instant | None = None) -> Instant | None:
        """Return when 109.5.0 went to 0, after an instant in transfer."""
        start = after or self.meter(session).frame(ChargerStatus, _charges)
        if start is None:
            return None
        return self.meter(session).frame(ChargerStatus, _has_cleared, start)

    def _doubt(self, problem: str) -> None:
        self.problems = (*self.problems, problem)


def _has_withdrawn(status: VehicleStatus) -> bool:
    return not status.enabled and not status.current_request_a


def _forbids(limits: DischargeLimits) -> bool:
    return not limits.max_discharge_current_a


def _charges(status: ChargerStatus) -> bool:
    return status.charging


def _has_cleared(status: ChargerStatus) -> bool:
    return not status.charging
