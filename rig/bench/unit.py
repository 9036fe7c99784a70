"""Bring the unit under test into a known state, start it, and keep its vehicle data alive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

from instruments.clock import Clock, ScheduledCall
from instruments.errors import BenchError, Refused
from rig.bench.model import BenchFile
from rig.bench.roles import CONTROLLER
from rig.bench.steps import Journal
from rig.controller import (
    Controller,
    Earthing,
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
_SOC_FLOOR_PERCENT = 10
_MEMORY_EMPTY_S = 900.0
"""The slowest overload timer (250 s) leaks at a quarter of the rate at which it fills: 1000 s."""
_START_S = 15.0
_LOOK_S = 0.25
"""Sockets follow each other a second apart; each look costs the unit and the wire time."""
_BOOT_S = 0.5
_CAUSE_GONE_S = 10.0
_LATCHED = (SocketState.TRIPPED, SocketState.INHIBITED)
_NOT_NOW = 4
"""Modbus exception of the service port: not allowed in this state."""


class UnitUnderTest:
    """The controller under test, prepared and started as every test needs it."""

    def __init__(
        self,
        controller: Controller,
        bench: BenchFile,
        clock: Clock,
        journal: Journal,
        *,
        failed: Callable[[BenchError], None],
    ) -> None:
        self.controller = controller
        self._failed = failed
        self._bench, self._clock, self._journal = bench, clock, journal
        # Never where a run that was killed a moment ago has stopped: that would be no sign of life.
        self._alive = int(clock.utc().timestamp()) % 0x10000
        self._alive_counts = True
        self._vehicle = VehicleData(_SOC_PERCENT)
        self._heartbeat: ScheduledCall | None = None

    def start_heartbeat(self) -> None:
        """Say the vehicle's data now and every second from now on, in the vehicle's place.

        A unit that does not take them later is told to ``failed``: clock events raise nothing.
        """
        self._alive_counts = True
        self.say_vehicle_data()
        self._heartbeat = self._clock.call_every(_HEARTBEAT_S, self._go_on_saying)

    def stop_heartbeat(self) -> None:
        """Fall silent."""
        if self._heartbeat is not None:
            self._heartbeat.cancel()
            self._heartbeat = None

    def say_vehicle_data(self) -> None:
        """Say the vehicle's data once more, now."""
        self._alive = (self._alive + self._alive_counts) % 0x10000
        self.controller.write_vehicle_data(replace(self._vehicle, alive=self._alive))

    def say_soc(self, percent: float) -> None:
        """Say another state of charge, to a tenth of a percent, now and from now on."""
        self._vehicle = replace(self._vehicle, soc_percent=percent)
        self.say_vehicle_data()

    def say_discharge_limit(self, power_w: float) -> None:
        """Say another limit of what the pack may give, W, now and from now on."""
        self._vehicle = replace(self._vehicle, discharge_limit_w=power_w)
        self.say_vehicle_data()

    def say_gear(self, gear: int) -> None:
        """Say another gear, 0 = park, now and from now on."""
        self._vehicle = replace(self._vehicle, gear=gear)
        self.say_vehicle_data()

    def freeze_alive_counter(self) -> None:
        """Go on saying the vehicle's data, but with a counter that stands still."""
        self._alive_counts = False

    def prepare(self, power_limit_w: int) -> None:
        """Stop the unit, clear trips, lock-outs and restart counters, wait for empty timers.

        Floor, priority and what is said of the pack are those of every test.
        """
        controller = self.controller
        self._vehicle = VehicleData(_SOC_PERCENT)
        self.say_vehicle_data()
        if controller.read_status().state is UnitState.OFF:
            self._fail("preparing the unit", "it to be in standby", "it is off")
        controller.stop()
        self._acknowledge()
        self._clear_lockout()
        self._wait_for_empty_timers()
        self._declare_earthing()
        controller.set_power_limit(power_limit_w)
        controller.set_priority(cast("tuple[SocketName, ...]", self._bench.unit.priority))
        controller.set_soc_floor(_SOC_FLOOR_PERCENT)
        self._set_utc()

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
            self._pause(_LOOK_S)

    def tripped(self, socket: SocketName) -> bool:
        """Say whether a socket, or the whole inverter with it, has tripped."""
        return self.controller.read_socket(socket).state is not SocketState.ON

    def wait_for_trip(self, socket: SocketName, within_s: float, poll_s: float = 0.2) -> TripCode:
        """Return why a socket went off, as soon as it is; ``NONE`` when it is still on then.

        For knowing when to go on, never for timing.
        """
        deadline = self._clock.now() + within_s
        while not self.tripped(socket) and self._clock.now() < deadline:
            self._pause(min(poll_s, max(deadline - self._clock.now(), 0.01)))
        status = self.controller.read_socket(socket)
        code = status.trip
        if code is TripCode.NONE and status.state is not SocketState.ON:
            code = self.controller.read_status().last_trip
        self._journal.reading(
            CONTROLLER,
            f"socket {socket}",
            {"state": status.state.name.lower(), "trip": code.name.lower()},
        )
        return code

    def wait_until_up(self) -> None:
        """Return when the unit answers and has left its self-test."""
        deadline = self._clock.now() + _START_S
        self._pause(_BOOT_S)
        while self.controller.read_status().state is UnitState.OFF:
            if self._clock.now() >= deadline:
                self._fail("waiting for the unit", f"it up in {_START_S:g} s", "it is off")
            self._pause(0.1)

    def stop(self) -> None:
        """Stop the unit and fall silent: the orderly end of a test."""
        self.controller.stop()
        self.stop_heartbeat()

    def _declare_earthing(self) -> None:
        """Let the unit have the earthing that the bench file declares."""
        wanted = Earthing[self._bench.unit.earthing.upper()]
        if self.controller.read_settings().earthing is wanted:
            return
        self.controller.set_earthing(wanted)
        kept = self.controller.read_settings().earthing
        if kept is not wanted:
            self._fail("declaring the earthing", wanted.name.lower(), kept.name.lower())

    def _set_utc(self) -> None:
        """Set the unit's clock, which takes whole seconds, on a whole second."""
        fraction = self._clock.utc().microsecond / 1e6
        self._pause(1.0 - fraction)
        self.controller.set_utc(self._clock.utc())

    def _acknowledge(self) -> None:
        """Acknowledge trips; the unit declines for as long as it still sees a cause."""
        deadline = self._clock.now() + _CAUSE_GONE_S
        while self._any_tripped():
            try:
                self.controller.acknowledge()
            except Refused as refused:
                if refused.code != _NOT_NOW or self._clock.now() >= deadline:
                    raise
                self._pause(0.5)

    def _any_tripped(self) -> bool:
        if self.controller.read_status().state is UnitState.TRIPPED:
            return True
        sockets = self.controller.read_sockets().values()
        return any(socket.state in _LATCHED for socket in sockets)

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

    def _go_on_saying(self) -> None:
        if self._heartbeat is None:
            return
        try:
            self.say_vehicle_data()
        except BenchError as error:
            self.stop_heartbeat()
            self._failed(error)

    def _pause(self, seconds: float) -> None:
        self._clock.sleep_until(self._clock.now() + seconds)

    def _fail(self, doing: str, expected: str, got: str) -> None:
        address = self._bench.roles[CONTROLLER].link.address
        raise BenchError(doing, box=CONTROLLER, address=address, expected=expected, got=got)


def _fullest(memory: OverloadMemory) -> int:
    return max(memory.inverter_percent, *memory.socket_percent.values())
