"""A pulsed overload: pulses of the step bank over a base load that is none."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING

from instruments.errors import UsageError
from rig.bench.overload import InverterOverload
from rig.bench.wave import Wave
from rig.controller import SocketName
from rig.measure import Measurement, NoTripSeen, Requirement, StimulusProof

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["PulsedOverload"]

_EDGES_S = 0.06
"""Left out at both ends of a pulse: it begins at the next zero of the wave, within 20 ms."""


class PulsedOverload:
    """Pulses of one level, with pauses at another, until the hold time is over."""

    def __init__(self, bench: Bench, socket: SocketName, requirement: Requirement) -> None:
        self._bench, self._socket = bench, socket
        self.hold_s = requirement.number("hold_s")
        self._pulse_s = requirement.number("pulse_s")
        self._period_s = self._pulse_s + requirement.number("pause_s")
        self._level = InverterOverload(bench, socket, requirement)
        self._pause_percent = requirement.number("pause_percent")
        self._tolerance = requirement.number("load_tolerance_percent") / 100
        self._resistors = self._choose_resistors()
        self._pulses = 0

    def prepare(self) -> None:
        """Spread the base load of the pauses."""
        self._level.prepare_with(self._resistors)

    def capture(self) -> AbstractContextManager[Wave]:
        """Trigger on the first pulse."""
        return self._level.capture()

    def apply(self, angle_deg: float = 0.0) -> None:
        """Give pulses on absolute deadlines until the hold time is over or the socket is off."""
        clock, start = self._bench.clock, self._bench.clock.now()
        self._pulses = 0
        while self._pulses * self._period_s < self.hold_s - self._period_s:
            clock.sleep_until(start + self._pulses * self._period_s)
            if self._pulses and self._bench.unit.tripped(self._socket):
                return
            self._bench.faults.step(
                self._resistors.items(), hold_s=self._pulse_s, angle_deg=angle_deg
            )
            self._pulses += 1

    def trip_time(self, wave: Wave) -> Measurement | NoTripSeen:
        """Measure from the first pulse to the last current; every pulse must have had its level."""
        result = wave.trip_time()
        flowed_s = result.value if isinstance(result, Measurement) else result.watched_s
        proofs = [
            self._level.proof_between(wave, start + _EDGES_S, min(end, flowed_s))
            for start, end in self._spans()
            if flowed_s - start > 2 * _EDGES_S
        ] or [self._level.proof_between(wave, _EDGES_S, 0.0)]
        return result.with_stimulus(_worst(proofs, flowed_s, self.hold_s))

    def _spans(self) -> list[tuple[float, float]]:
        starts = [n * self._period_s for n in range(self._pulses)]
        return [(start, start + self._pulse_s - _EDGES_S) for start in starts]

    def _choose_resistors(self) -> dict[str, int]:
        """Return the resistors that lift the load from the pause's level to the pulse's."""
        bank = self._bench.faults.step_power_w
        rise = (self._level.percent - self._pause_percent) / 100 * self._bench.rated_va
        count, chosen = round(rise / bank), dict[str, int]()
        wiring = self._bench.spec.wiring.sockets
        for socket in (self._socket, *(s for s in wiring if s != self._socket)):
            chosen[socket] = min(count - sum(chosen.values()), len(wiring[socket].step_branches))
        if sum(chosen.values()) != count or abs(rise - count * bank) > 0.5 * bank:
            raise UsageError(f"the step bank cannot make pulses of {rise:.0f} W")
        return {socket: n for socket, n in chosen.items() if n}


def _worst(proofs: list[StimulusProof], held_s: float, wanted_s: float) -> StimulusProof:
    """Join the proofs of all pulses: the widest levels of all."""
    return replace(
        proofs[0],
        lowest=min(p.lowest for p in proofs),
        highest=max(p.highest for p in proofs),
        held_s=held_s,
        wanted_s=wanted_s,
        gap="; ".join(dict.fromkeys(p.gap for p in proofs if p.gap)),
    )
