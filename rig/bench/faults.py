"""Fault insertion as a plan asks for it: steps and short circuits, bounded and on the wave."""

from __future__ import annotations

from collections.abc import Iterable

from instruments.capabilities import PointOnWaveShot
from instruments.clock import Clock
from instruments.errors import BenchError, UsageError
from rig.bench.faults_residual import ResidualNetwork
from rig.bench.limited_faults import LimitedPointOnWave
from rig.bench.model import BenchFile
from rig.bench.networks import SETTLED_S, FaultNetworks
from rig.bench.steps import Journal

__all__ = ["Faults"]

_ROLE = "point_on_wave"


class Faults:
    """The branches behind the point-on-wave trigger, which bounds each fault itself, and more."""

    def __init__(
        self,
        trigger: LimitedPointOnWave,
        networks: FaultNetworks,
        bench: BenchFile,
        clock: Clock,
        journal: Journal,
    ) -> None:
        self._trigger, self.networks = trigger, networks
        self._bench, self._clock = bench, clock
        self._journal = journal
        self.residual = ResidualNetwork(networks, bench, clock, self._fire)

    @property
    def step_power_w(self) -> float:
        """Power of one resistor of the step bank at nominal voltage, W."""
        return self._bench.unit.nominal_voltage_v**2 / self._bench.wiring.step_resistance_ohm

    def step(
        self, resistors: Iterable[tuple[str, int]], *, hold_s: float, angle_deg: float = 0.0
    ) -> None:
        """Close resistors of the step bank: pairs of socket and how many there (1 or 2).

        They open by themselves after ``hold_s``. Returns when the trigger is armed; it fires at
        the angle of the next period.
        """
        wanted = list(resistors)
        text = f"switch step resistors on: {_listed(wanted)}"
        self._fire(text, self._step_mask(wanted), angle_deg, hold_s)

    def short_circuit(
        self,
        socket: str,
        *,
        angle_deg: float,
        hold_s: float = 0.1,
        resistors: Iterable[tuple[str, int]] = (),
    ) -> None:
        """Close the short circuit of one socket at an angle of its voltage, for ``hold_s``.

        Resistors of the step bank may close and open with it.
        """
        beside = list(resistors)
        mask = 1 << self._bench.wiring.sockets[socket].short_branch | self._step_mask(beside)
        text = f"short circuit at socket {socket}"
        if beside:
            text += f", step resistors on: {_listed(beside)}"
        self._fire(text, mask, angle_deg, hold_s)

    def cut_12v(self, seconds: float) -> None:
        """Cut the 12 V supply of the unit for a time, then give it back."""
        with self.networks.inserted("cut_12v", longest_s=seconds):
            self._clock.sleep_until(self._clock.now() + seconds - SETTLED_S)

    def shot(self) -> PointOnWaveShot:
        """Return what the trigger did since it was last armed, and record it."""
        shot = self._trigger.read_shot()
        self._journal.reading(
            _ROLE,
            "point-on-wave trigger",
            {"fired": str(shot.fired), "angle_deg": shot.angle_deg, "state": float(shot.state)},
        )
        return shot

    def wait_until_fired(self, within_s: float = 0.5) -> None:
        """Return once the armed trigger has fired; ``BenchError`` when it does not."""
        deadline = self._clock.now() + within_s
        while not self._trigger.read_shot().fired:
            if self._clock.now() >= deadline:
                raise BenchError(
                    "waiting for the point-on-wave trigger",
                    box=_ROLE,
                    address=self._bench.roles[_ROLE].link.address,
                    expected=f"it to fire within {within_s} s",
                    got="no firing (no voltage at its reference?)",
                )
            self._clock.sleep_until(self._clock.now() + 0.02)

    def _step_mask(self, resistors: list[tuple[str, int]]) -> int:
        """Return the branches of so many resistors by socket."""
        mask = 0
        for socket, count in resistors:
            branches = self._bench.wiring.sockets[socket].step_branches
            if not 0 <= count <= len(branches):
                raise UsageError(
                    f"step bank at socket {socket}: expected 0 to {len(branches)} resistors,"
                    f" got {count}"
                )
            mask |= sum(1 << bit for bit in branches[:count])
        return mask

    def _fire(self, text: str, mask: int, angle_deg: float, hold_s: float) -> None:
        if not 0 <= angle_deg < 360:
            raise UsageError(f"closing angle: expected 0 to below 360 degrees, got {angle_deg}")
        self._trigger.allow(mask, hold_s)
        self._journal.stimulus(_ROLE, text, branches=mask, angle_deg=angle_deg, hold_s=hold_s)
        period_s = 1 / self._bench.unit.nominal_frequency_hz
        self._trigger.arm(mask, delay_s=angle_deg / 360 * period_s, hold_s=hold_s)


def _listed(resistors: list[tuple[str, int]]) -> str:
    return ", ".join(f"{count} at {socket}" for socket, count in resistors)
