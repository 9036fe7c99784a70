"""Bring the unit under test into a known state, start it, and keep its vehicle data alive."""

from __future__ import annotations

from collections.abc import Sequence

from instruments.clock import Clock, ScheduledCall
from instruments.errors import BenchError
from rig.bench.model import BenchFile
from rig.bench.roles import CONTROLLER
from rig.bench.steps import Journal
from rig.controller import (
    Controller,
    OverloadMemory,
    SocketName,
    SocketState,
    TripCode,
    UnitState,
    VehicleData,
)

__all__ = ["UnitUnderTest"]

_HEARTBEAT_S = 1.0
"""The unit takes vehicle data that stands still for 2 s for stale."""
_SOC_PERCENT = 80.0
_MEMORY_EMPTY_S = 900.0
"""The slowest overload timer (250 s) leaks at a quarter of the rate at which it fills: 1000 s."""
_START_S = 15.0


class UnitUnderTest:
    """The controller under test, prepared and started as every test needs it."""

    def __init__(
        self, controller: Controller, bench: BenchFile, clock: Clock, journal: Journal
    ) -> None:
        self.controller = controller
        self._bench, self._clock, self._journal = bench, clock, journal
        self._alive = 0
        self._heartbeat: ScheduledCall | None = None

    def start_heartbeat(self) -> None:
        """Say the vehicle's data now and every second from now on, in the vehicle's place."""
        self._say_vehicle_data()
        self._heartbeat = self._clock.call_every(_HEARTBEAT_S, self._say_vehicle_data)

    def stop_heartbeat(self) -> None:
        """Fall silent."""
        if self._heartbeat is not None:
            self._heartbeat.cancel()
            self._heartbeat = None

    def prepare(self, power_limit_w: int) -> None:
        """Stop the unit, clear trips, lock-outs and restart counters, wait for empty timers."""
        controller = self.controller
        state = controller.read_status().state
        if state is UnitState.OFF:
            self._fail("preparing the unit", "it to be in standby", "it is off")
        if state not in (UnitState.STANDBY, UnitState.LOCKED_OUT, UnitState.TRIPPED):
            controller.stop()
        if self._any_tripped():
            controller.acknowledge()
        self._clear_lockout()
        self._wait_for_empty_timers()
        controller.set_power_limit(power_limit_w)
        controller.set_utc(self._clock.utc())

    def start(self, sockets: Sequence[SocketName]) -> None:
        """Enable exactly these sockets, start, return when every one of them is on."""
        self.controller.enable_sockets(sockets)
        self.controller.start()
        deadline = self._clock.now() + _START_S
        while True:
            states = {s: r.state for s, r in self.controller.read_sockets().items()}
            if all(states[s] is SocketState.ON for s in sockets):
                return
            if self._clock.now() >= deadline:
                shown = ", ".join(f"{s} {state.name.lower()}" for s, state in states.items())
                self._fail("starting the unit", f"{'+'.join(sockets)} on in {_START_S:g} s", shown)
            self._pause(0.1)

    def wait_for_trip(self, socket: SocketName, within_s: float, poll_s: float = 0.2) -> TripCode:
        """Return the trip code of a socket as soon as there is one, ``NONE`` after ``within_s``.

        For knowing when to go on, never for timing.
        """
        deadline = self._clock.now() + within_s
        while (status := self.controller.read_socket(socket)).trip is TripCode.NONE:
            if self._clock.now() >= deadline:
                break
            self._pause(min(poll_s, deadline - self._clock.now()))
        self._journal.reading(
            CONTROLLER,
            f"socket {socket}",
            {"state": status.state.name.lower(), "trip": status.trip.name.lower()},
        )
        return status.trip

    def _any_tripped(self) -> bool:
        return any(s.trip is not TripCode.NONE for s in self.controller.read_sockets().values())

    def _clear_lockout(self) -> None:
        sockets = self.controller.read_sockets().values()
        used = any(s.restarts_in_hour or s.state is SocketState.LOCKED_OUT for s in sockets)
        if used or self.controller.read_status().state is UnitState.LOCKED_OUT:
            self.controller.clear_lockout()

    def _wait_for_empty_timers(self) -> None:
        deadline = self._clock.now() + _MEMORY_EMPTY_S
        while (memory := self.controller.read_overload_memory()) and _fullest(memory) > 0:
            if self._clock.now() >= deadline:
                got = f"{_fullest(memory)} % left"
                self._fail("waiting for the overload timers", "them to empty", got)
            self._pause(10.0)

    def _say_vehicle_data(self) -> None:
        self._alive = (self._alive + 1) % 0x10000
        self.controller.write_vehicle_data(VehicleData(_SOC_PERCENT, alive=self._alive))

    def _pause(self, seconds: float) -> None:
        self._clock.sleep_until(self._clock.now() + seconds)

    def _fail(self, doing: str, expected: str, got: str) -> None:
        address = self._bench.roles[CONTROLLER].link.address
        raise BenchError(doing, box=CONTROLLER, address=address, expected=expected, got=got)


def _fullest(memory: OverloadMemory) -> int:
    return max(memory.inverter_percent, *memory.socket_percent.values())
