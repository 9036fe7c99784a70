"""The bench as a plan sees it: roles and quantities, never commands, registers or addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Unpack, cast

from instruments.clock import Clock
from instruments.errors import UsageError
from rig.bench.ambient import AMBIENT, Ambient
from rig.bench.appliance import Appliance
from rig.bench.by_socket import BySocket
from rig.bench.calibration import state_of
from rig.bench.capture import CaptureOptions, CaptureStation
from rig.bench.event_log import LoggedTrip
from rig.bench.faults import Faults
from rig.bench.guard import Guard
from rig.bench.latch import Latch
from rig.bench.model import BenchFile
from rig.bench.networks import FaultNetworks, NotFitted
from rig.bench.output import OutputMeter
from rig.bench.powered_bench import PoweredBench
from rig.bench.roles import Roles
from rig.bench.steps import Journal
from rig.bench.unit import UnitUnderTest
from rig.bench.v2h import V2hStation
from rig.bench.watch import Watch, watch
from rig.bench.wave import Wave
from rig.controller import Controller, SocketName, TripCode
from rig.measure import Requirement

__all__ = ["Bench"]

_LOAD_SETTLED_S = 1.0
_LOOK_EVERY_S = 10.0
_SEEN_WITHIN_S = 0.3
"""From a trip until the rig has seen it: one look and its exchanges."""


class Bench(PoweredBench):
    """One bench whose unit has sockets; energising is a ``with`` block and nothing else."""

    def __init__(
        self,
        spec: BenchFile,
        file: str,
        roles: Roles,
        clock: Clock,
        journal: Journal,
        guard: Guard | None = None,
        *,
        latch: Latch | None = None,
    ) -> None:
        super().__init__(spec, file, roles, clock, journal, guard, latch=latch)
        drivers, raw_clock, clock = self._drivers, self._raw_clock, self.clock
        self.loads = BySocket(
            (socket, Appliance(wiring.load, drivers[wiring.load], journal))
            for socket, wiring in spec.wiring.sockets.items()
        )
        self.faults = Faults(
            drivers["point_on_wave"],
            FaultNetworks(drivers, spec, clock, journal),
            spec,
            clock,
            journal,
        )
        self.output = OutputMeter(drivers["analyser_ac"], spec, clock, journal)
        assert spec.wiring.mux_board is not None  # the model demands it of such benches
        self._station = CaptureStation(
            drivers["scope_ac"], drivers[spec.wiring.mux_board], spec, clock, journal
        )
        self.unit = UnitUnderTest(roles.controller, spec, clock, journal, failed=self.safety.fail)
        self.v2h = V2hStation(
            drivers, spec, (clock, raw_clock), journal, roles.demand, self.safety.fail, self.unit
        )

    @property
    def controller(self) -> Controller:
        """The service interface of the unit under test."""
        return self.unit.controller

    @property
    def sockets(self) -> tuple[SocketName, ...]:
        """The sockets of the unit, in the order of the bench file."""
        return cast("tuple[SocketName, ...]", tuple(self.spec.wiring.sockets))

    def need_earthing(self, earthing: str) -> None:
        """Raise ``UsageError`` where the unit is not earthed so: another suite is for it."""
        declared = self.spec.unit.earthing
        if declared != earthing:
            raise UsageError(
                f"{self.file}: unit.earthing is {declared!r}, and this test is for {earthing!r}:"
                " a plan selects its suite by the earthing that the bench declares"
            )

    def share_load(
        self, power_w: float, *, power_factor: float = 1.0, among: tuple[str, ...] = ()
    ) -> None:
        """Draw active power in equal parts from the sockets (all, unless some are named)."""
        sockets = among or self.sockets
        for socket in sockets:
            self.loads[socket].draw_power(power_w / len(sockets), power_factor=power_factor)

    @property
    def rated_va(self) -> float:
        """Rated apparent power of the inverter, VA."""
        return self.spec.unit.rated_power_va

    @property
    def ambient(self) -> Ambient:
        """The thermometer beside the unit."""
        if AMBIENT not in self._drivers:
            raise NotFitted("this bench has no thermometer beside the unit")
        return Ambient(self._drivers[AMBIENT], self.spec, self.journal)

    def hold_load(self, requirement: Requirement, ambient: Ambient) -> Watch:
        """Watch the present load of all sockets, and the air, for the requirement's hold time."""

        def level_percent() -> float:
            return self.output.total_va(following=True) / self.rated_va * 100

        return self._hold(requirement, self.sockets, level_percent, ambient)

    def hold_socket(self, socket: SocketName, requirement: Requirement) -> Watch:
        """Watch the present load of one socket for the requirement's hold time."""

        def level_percent() -> float:
            current_a = self.output.read(following=True)[socket].current_a
            return current_a / self.spec.unit.socket_current_a * 100

        return self._hold(requirement, (socket,), level_percent)

    def _hold(
        self,
        requirement: Requirement,
        sockets: tuple[SocketName, ...],
        level_percent: Callable[[], float],
        ambient: Ambient | None = None,
    ) -> Watch:
        hold_s, today = requirement.number("hold_s"), self.clock.utc().date()
        used = ("analyser_ac", AMBIENT) if ambient else ("analyser_ac",)
        states = [state_of(role, self.spec.roles[role]) for role in used]
        self.sleep(_LOAD_SETTLED_S)
        return watch(
            self.clock,
            self.controller,
            sockets,
            level_percent,
            hold_s=hold_s,
            every_s=_LOOK_EVERY_S,
            ambient=ambient,
            problems=tuple(filter(None, (state.problem(today) for state in states))),
        )

    def logged_trip(
        self,
        code: TripCode,
        socket: SocketName | None,
        *,
        after: int,
        seen: TripCode,
        value_between: tuple[float, float] | None = None,
    ) -> LoggedTrip:
        """Take down that a trip has just happened, to look for it in the unit's log."""
        now, u_s = self.clock.utc(), _SEEN_WITHIN_S / 2
        return LoggedTrip(code, socket, now, u_s, after, seen, value_between)

    def power_cycle_unit(self, off_s: float) -> None:
        """Cut the unit's 12 V supply for a time, and wait until it is up again."""
        self.unit.stop_heartbeat()
        self.faults.cut_12v(off_s)
        self.unit.wait_until_up()
        self.unit.start_heartbeat()

    def capture(
        self, socket: str, duration_s: float, **how: Unpack[CaptureOptions]
    ) -> AbstractContextManager[Wave]:
        """Capture a socket around a trigger; see ``CaptureStation.capture``."""
        return self._station.capture(socket, duration_s, **how)

    @contextmanager
    def energised(self, *sockets: SocketName, power_limit_w: int | None = None) -> Iterator[None]:
        """Power the unit from the pack and run it with these sockets on (none named: all).

        Leaving the block, for whatever reason, makes the bench safe.
        """
        wanted = sockets or self.sockets
        limit_w = power_limit_w or int(self.spec.unit.rated_power_va)
        with self.safety.powered():
            with self.step(f"energise sockets {', '.join(wanted)}"):
                for load in self.loads.values():
                    load.reset()
                self._power_from_pack()
                self.unit.start_heartbeat()
                self.unit.prepare(limit_w)
                self.unit.start(wanted)
            yield
            self._rest()

    def _rest(self) -> None:
        """End a test in order: loads off, unit stopped; the safe state follows in any case."""
        with self.step("stop loads and unit"):
            for load in self.loads.values():
                load.stop()
            self.unit.stop()

    def _let_go(self) -> None:
        """Stop what runs by itself and would keep things on; forget what was on."""
        with ExitStack() as others:  # each of them, whatever becomes of the one before
            for load in self.loads.values():
                others.callback(load.forget)
            others.callback(self.faults.residual.forget)
            others.callback(self.v2h.let_go)
            others.callback(self.unit.stop_heartbeat)
            self.power_hold.let_go()
