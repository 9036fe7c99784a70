"""What V2H tests do again and again: a session, a current, a look for what followed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from math import nan, sqrt
from typing import TYPE_CHECKING

from rig.bench.v2h.evps_session import EvpsSession
from rig.bench.v2h.meter import Instant, SessionMeter
from rig.bench.v2h.station import Direction
from rig.chademo.frames import ChargerStatus, DischargeLimits, VehicleStatus
from rig.chademo.roles import EvpsParameters, EvpsState, Excess, Injection, Line
from rig.measure import Measurement, Quantity, Requirement

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["PortTrial"]

_NEAR_A = 0.5
_RAMP_A_PER_S = 20.0
_SETTING_S = 0.05
"""From the first byte of a setting until the supply has confirmed it."""
_SETTLED_S = 0.6
"""A setting of the supply and two measurements after the ramp."""


class PortTrial:
    """Sessions of one test; ``problems`` says why none of them can be judged."""

    def __init__(self, bench: Bench, requirement: Requirement) -> None:
        self._bench, self._requirement = bench, requirement
        self._number = requirement.number
        self._log_mark = bench.controller.read_newest_sequence()
        self.problems: tuple[str, ...] = ()
        self._session: EvpsSession | None = None

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
            self._session = session
            yield session

    def violations(self) -> Measurement:
        """Count the rules that the vehicle broke in the session that is over.

        The rig's own side may have been made to break some.
        """
        assert self._session is not None  # there has been one
        return self.meter(self._session).violations(provoked=True)

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

    def exceed(self, session: EvpsSession, amps: float) -> Instant | None:
        """Drive so much more than allowed, into the vehicle; return when the supply had it.

        Watched for the requirement's time; a current that does not get there is a problem.
        """
        was_a = session.power.applied.amps
        since_s = session.inject(partial(Excess, amps))
        self.watch(session)
        beyond = (
            t_s
            for t_s, each in session.power.set_points
            if t_s >= since_s and abs(each.amps - was_a) > abs(amps) - _NEAR_A
        )
        taken_s = next(beyond, None)
        if taken_s is None:
            self._doubt(f"the supply was not brought {amps:g} A beyond the limit")
            return None
        half_s = _SETTING_S / 2
        return Quantity(taken_s - half_s, "s", half_s / sqrt(3))

    def settle(self, session: EvpsSession) -> None:
        """Let the requirement's settling time pass."""
        session.sleep(self._number("settling_s"))

    def early_stop(self, session: EvpsSession, since_s: float) -> Measurement:
        """Return 1 where the vehicle has stopped since, though it should not have, else 0."""
        meter = self.meter(session)
        stopped = self.withdrawn(session, meter.at(since_s)) is not None
        return self.judged(meter.count("early_stops", int(stopped)))

    def limit_now(self, session: EvpsSession, name: str) -> Measurement:
        """Return the discharge limit of the vehicle's latest frame."""
        told = [each.max_discharge_current_a for _, each in session.traffic.of(DischargeLimits)]
        return self._told(session, name, told)

    def request_now(self, session: EvpsSession, name: str) -> Measurement:
        """Return the request of the vehicle's latest frame."""
        told = [each.current_request_a for _, each in session.traffic.of(VehicleStatus)]
        return self._told(session, name, told)

    def only_charges(self, session: EvpsSession, fall: Callable[[], object]) -> list[Measurement]:
        """Let it fall below; return how fast and how far the limit follows, and the charge then."""
        meter = self.meter(session)
        fallen = meter.at(self._bench.clock.now())
        fall()
        self.settle(session)
        follows = meter.elapsed("limit_follows", fallen, self.forbidden(session, fallen))
        below = self.limit_now(session, "limit_below")
        session.want(self._number("charge_a"))
        self.settle(session)
        amps = session.power.measure().amps
        charge = self._bench.v2h.supply_current("charge_below", amps)
        return [self.judged(follows), below, self.judged(charge)]

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

    def _told(self, session: EvpsSession, name: str, amps: Sequence[int]) -> Measurement:
        return self.judged(self.meter(session).amps(name, float(amps[-1]) if amps else nan))

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
