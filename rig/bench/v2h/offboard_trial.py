"""What tests of an off-board box do again and again, the rig being the vehicle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from rig.bench.v2h.meter import Instant, SessionMeter
from rig.bench.v2h.scope import PORT_CURRENT, PortWave
from rig.bench.v2h.vehicle_session import VehicleSession
from rig.chademo.frames import ChargerStatus, DischargeCapability, VehicleStatus
from rig.chademo.roles import Injection, Line, VehicleParameters, VehicleState
from rig.measure import Evidence, Measurement, Quantity, Requirement

if TYPE_CHECKING:
    from rig.bench.offboard_bench import OffboardBench

__all__ = ["OffboardTrial"]

_LOW_A = 5.0
_NEAR_A = 2.5
_SETTLED_S = 2.5
"""Request and limit rise by 2 A a cycle, the box follows, and a measurement is made."""


class OffboardTrial:
    """Sessions of one test; ``problems`` says why none of them can be judged."""

    def __init__(self, bench: OffboardBench, requirement: Requirement) -> None:
        self._bench, self._requirement = bench, requirement
        self._number = requirement.number
        self.problems: tuple[str, ...] = ()

    @contextmanager
    def session(
        self,
        *,
        discharge: bool,
        parameters: VehicleParameters | None = None,
        injections: Sequence[Injection] = (),
    ) -> Iterator[VehicleSession]:
        """Run a session in which the vehicle allows what the requirement says."""
        used = parameters or VehicleParameters()
        if "allowed_a" in self._requirement.stimulus:
            allowed_a = int(self._number("allowed_a"))
            used = replace(used, charge_a=allowed_a, discharge_a=allowed_a)
        with self._bench.v2h.session(
            discharge=discharge, parameters=used, injections=injections
        ) as session:
            yield session

    def run(self, session: VehicleSession, amps: float | None = None) -> None:
        """Wait for the transfer, then for a current, positive into the vehicle.

        A transfer or a current that does not come is a problem of every measurement.
        """
        if not session.await_state(VehicleState.RUN):
            ending = session.ending
            self._doubt(f"no transfer: {ending.reason if ending else session.state}")
            return
        session.sleep(_SETTLED_S)
        measured_a = session.power.measure().amps
        if amps is not None and abs(measured_a - amps) > _NEAR_A:
            self._doubt(f"{amps:g} A were not reached: {measured_a:.1f} A at the pack")

    def watch(self, session: VehicleSession) -> None:
        """Let the requirement's time of observation pass."""
        session.sleep(self._number("watch_s"))

    def capture(self, *, discharge: bool) -> AbstractContextManager[PortWave]:
        """Capture the port when its current falls to 5 A."""
        return self._bench.v2h.capture(
            1.0,
            trigger="port_current",
            level=-_LOW_A if discharge else _LOW_A,
            slope="rising" if discharge else "falling",
            pre_s=0.5,
        )

    def meter(self, session: VehicleSession) -> SessionMeter:
        """Return what measures the session."""
        return self._bench.v2h.meter(session, self._requirement)

    def judged(self, measured: Measurement) -> Measurement:
        """Return a measurement with what speaks against the whole test."""
        return replace(measured, problems=(*measured.problems, *self.problems))

    def low_current(
        self, session: VehicleSession, start: Instant | None, wave: PortWave
    ) -> Measurement:
        """Return the time from an instant to a current that stays at 5 A or below."""
        low = wave.clock(wave.stays_below(PORT_CURRENT, _LOW_A))
        return self.judged(self.meter(session).elapsed("low_current", start, low))

    def withdrawn(self, session: VehicleSession, after_s: float) -> Instant | None:
        """Return when the vehicle first withdrew its permission, by k or in 102."""
        meter = self.meter(session)
        after = meter.at(after_s)
        told = meter.frame(VehicleStatus, lambda each: not each.enabled, after)
        found = [each for each in (told, meter.line(Line.K, on=False, after=after)) if each]
        return min(found, key=lambda each: each.value) if found else None

    def driven(self, session: VehicleSession, name: str) -> Measurement:
        """Return the size of the current that the pack's supply measures now."""
        amps = abs(session.power.measure().amps)
        return self.judged(self._bench.v2h.pack_current(name, amps))

    def misreported(self, session: VehicleSession, name: str) -> Measurement:
        """Return by how much the box's latest report is off what the supply measures."""
        status = [each for _, each in session.traffic.of(ChargerStatus)]
        intake = [each for _, each in session.traffic.of(DischargeCapability)]
        told = (status[-1].current_a if status else 0) - (
            intake[-1].discharge_current_a if intake else 0
        )
        off = self._bench.v2h.pack_current(name, session.power.measure().amps)
        moved = replace(off, value=told - off.value, evidence=Evidence("", ("can", "pack")))
        return self.judged(moved)

    def volts(self, session: VehicleSession, name: str, volts: float) -> Measurement:
        """Return volts that frames tell: whole ones, as they are."""
        evidence = Evidence("", ("can",))
        measured = Measurement.of(name, Quantity(volts, "V", 0.3), evidence=evidence)
        return self.judged(measured)

    def _doubt(self, problem: str) -> None:
        self.problems = (*self.problems, problem)
