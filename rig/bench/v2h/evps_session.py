"""A session with the rig as the home's power conditioner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from rig.bench.v2h.power import PortPower
from rig.bench.v2h.session import Clocks, PlugHardware, PlugSession
from rig.chademo.frames import DischargeLimits
from rig.chademo.roles import Evps, EvpsParameters, EvpsState, Injection
from rig.chademo.roles.role import Role

__all__ = ["EvpsSession"]


class EvpsSession(PlugSession[EvpsState]):
    """Made by ``bench.v2h.session``.

    ``want`` sets the current of range mode, positive into the vehicle; what the vehicle and the
    offer allow bounds it.
    """

    def __init__(
        self,
        hardware: PlugHardware,
        power: Callable[[Callable[[], None]], PortPower],
        clocks: Clocks,
        parameters: EvpsParameters,
        injections: Sequence[Injection],
        folder: Path | None,
    ) -> None:
        super().__init__(hardware, clocks, EvpsState.FINISHED, folder)
        self.power = power(self._power_errands.hasten)
        self.evps = Evps(clocks.frames, self._port, self.lines, self.power, parameters, injections)
        self.power.window_v = self._window_v

    @property
    def role(self) -> Role[EvpsState]:
        """The EVPS."""
        return self.evps

    def begin(self) -> None:
        """Plug in, then press the start button."""
        self._join()
        self.evps.begin()
        self.evps.start()

    def want(self, amps: float) -> None:
        """Set the current wanted from now on, positive into the vehicle."""
        self.evps.want(amps)

    def offer(self, charge_a: int, discharge_a: int) -> None:
        """Offer other currents from now on (108.3 and 208.3)."""
        self.evps.offer_current(charge_a, discharge_a)

    def stop(self) -> None:
        """Press the stop button, unless it is over, and wait for the end."""
        self.evps.stop()
        self.await_end()

    def emergency_stop(self) -> float:
        """Stop without waiting for anything; return the clock time at which it was asked for."""
        now_s = self._clock.now()
        self.evps.emergency_stop()
        return now_s

    def let_go(self) -> None:
        """Drive and measure nothing from now on."""
        self.power.let_go()
        super().let_go()

    def _visit_power(self) -> None:
        self.power.visit()
        self._note(self.power.measure(), self.power.applied.amps)

    def _window_v(self) -> tuple[float, float]:
        """Return the thresholds that both sides know: the supply keeps to them by itself."""
        low_v = self.evps.heard.get(DischargeLimits).min_discharge_voltage_v
        return float(low_v), float(self.evps.threshold_v)
