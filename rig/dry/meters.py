"""Stand-ins for what measures: nominal values for meters, a scope that nothing triggers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NoReturn

from instruments.can_frame import CanFrame
from instruments.capabilities import PowerReading, ScopeSetup
from instruments.errors import BenchError
from rig.dry.boxes import DryBox
from rig.dry.stimuli import Stimuli
from rig.dry.world import World

__all__ = ["DryAnalyser", "DryCan", "DryScope", "DryThermometer"]

_ROOM_C = 25.0


class DryAnalyser(DryBox):
    """A power analyser at the sockets, or at the pack."""

    def __init__(self, role: str, world: World, stimuli: Stimuli) -> None:
        super().__init__(role, world, stimuli)
        self._period_s = 0.5

    def set_update_period(self, period_s: float) -> None:
        """Take the update period."""
        self._period_s = period_s

    def measure(self, elements: Sequence[int]) -> Mapping[int, PowerReading]:
        """Return nominal values after two updates."""
        self._wait(2 * self._period_s)
        return {element: self._reading(element) for element in elements}

    def measure_following(self, elements: Sequence[int]) -> Mapping[int, PowerReading]:
        """Return nominal values after one update."""
        self._wait(self._period_s)
        return {element: self._reading(element) for element in elements}

    def start_integration(self) -> None:
        """Do nothing: no energy flows."""

    def stop_integration(self) -> None:
        """Do nothing."""

    def read_energy_wh(self, elements: Sequence[int]) -> Mapping[int, float]:
        """Return none."""
        return dict.fromkeys(elements, 0.0)

    def _wait(self, seconds: float) -> None:
        self._world.clock.sleep_until(self._world.clock.now() + seconds)

    def _reading(self, element: int) -> PowerReading:
        if self._role != "analyser_ac":
            return self._dc(element)
        wired = self._world.bench.wiring.sockets.items()
        socket = next((s for s, w in wired if w.analyser_element == element), "")
        volts = self._world.voltage_v(socket) if socket else 0.0
        watts, amps = self._world.load(socket) if socket else (0.0, 0.0)
        apparent = volts * amps
        return PowerReading(
            voltage_v=volts,
            current_a=amps,
            power_w=watts,
            apparent_va=apparent,
            reactive_var=max(apparent**2 - watts**2, 0.0) ** 0.5,
            power_factor=watts / apparent if apparent else 1.0,
            frequency_hz=self._world.bench.unit.nominal_frequency_hz,
            voltage_thd_percent=1.0,
            voltage_dc_v=0.0,
            current_dc_a=0.0,
        )

    def _dc(self, element: int) -> PowerReading:
        world = self._world
        volts = world.pack_v if element == 1 and world.pack_on else 0.0
        watts = world.power_w if volts else 0.0
        amps = watts / volts if volts else 0.0
        return PowerReading(volts, amps, watts, watts, 0.0, 1.0, 0.0, 0.0, volts, amps)


class DryScope(DryBox):
    """A scope that is never triggered: there is nothing to see."""

    def arm(self, setup: ScopeSetup) -> None:
        """Do nothing."""

    def triggered(self) -> bool:
        """Say no."""
        return False

    def complete(self) -> bool:
        """Say yes, so that nobody waits."""
        return True

    def stop(self) -> None:
        """Do nothing."""

    def read_trace(self, channel: int) -> NoReturn:
        """Raise that there is none."""
        raise BenchError(
            "reading a trace",
            box=self._role,
            address="dry run",
            expected="a trigger",
            got="none: this is a dry run",
        )


class DryThermometer(DryBox):
    """A thermometer in a room as most plans want it."""

    def read_temperature(self) -> float:
        """Return room temperature."""
        return _ROOM_C


class DryCan(DryBox):
    """A CAN port on a silent bus."""

    def join(self, bit_rate: int, *, listen_only: bool = False) -> None:
        """Note it."""
        self._note(f"join the bus at {bit_rate} bit/s")

    def leave(self) -> None:
        """Do nothing."""

    def send(self, frame: CanFrame) -> None:
        """Do nothing: frames carry no power."""

    def receive(self) -> tuple[CanFrame, ...]:
        """Return none."""
        return ()

    def read_status(self) -> frozenset[str]:
        """Return that nothing is wrong."""
        return frozenset()
