"""Overloads that come again after each automatic restart, until none follows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rig.bench.on_off import comes_s, goes_s
from rig.bench.readout import measured
from rig.bench.wave import CURRENT, VOLTAGE, Wave
from rig.controller import SocketName, TripCode
from rig.measure import Budget, Capture, Component, Evidence, Measurement, Requirement

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["OverloadRounds", "Round"]

_RATE_HZ = 5_000.0
_PRESENT_V = 50.0
_EDGE = 0.3
"""Part of the overload's peak current that triggers the record, and that counts as current."""
_LATE_S = 1e-3
"""From the end of the current or the first of the voltage to the sample that shows it."""
_ALL_ON_S = 5.0
_SETTLED_S = 0.5


@dataclass(frozen=True, slots=True)
class Round:
    """One overload and what followed it."""

    pause: Measurement
    """From the last current to the first voltage; a problem when there was none."""
    restarted: bool
    code: TripCode


class OverloadRounds:
    """Overload the inverter (``target`` None) or one socket, again and again.

    The loads are stopped as soon as the trip is seen: those that lose their voltage unload
    themselves, and what comes back is to come back without load. Of the inverter's restart the
    most important socket is watched, which is the first to come on.
    """

    def __init__(self, bench: Bench, target: SocketName | None, requirement: Requirement) -> None:
        self._bench, self._target = bench, target
        number = requirement.number
        self._load_va = number("load_percent") / 100 * bench.rated_va
        self._socket_a = number("socket_percent") / 100 * bench.spec.unit.socket_current_a
        self._power_factor = number("power_factor")
        self._trip_within_s = number("trip_within_s")
        self.watched: SocketName = target or bench.controller.read_settings().priority[0]
        self._expected = TripCode.OVERLOAD_SOCKET if target else TripCode.OVERLOAD_INVERTER

    def round(self, name: str, longest_pause_s: float) -> Round:
        """Overload once and wait for a restart; ``name`` is that of the pause."""
        bench = self._bench
        for load in bench.loads.values():
            load.reset()
        self._load_the_others()
        peak_a = 2**0.5 * self._own_a
        with bench.capture(
            self.watched,
            self._trip_within_s + longest_pause_s + 1.0,
            trigger="current",
            level=_EDGE * peak_a,
            peak_a=peak_a,
            sample_rate_hz=_RATE_HZ,
        ) as wave:
            self._overload()
            code = bench.unit.wait_for_trip(self.watched, self._trip_within_s)
            for load in bench.loads.values():
                load.stop()
        pause = self._pause(wave, name, code)
        restarted = math.isfinite(pause.value)
        if restarted:
            bench.sleep(_ALL_ON_S)
        return Round(pause, restarted, code)

    def _load_the_others(self) -> None:
        if self._target is None:
            others = tuple(s for s in self._bench.sockets if s != self.watched)
            share = len(others) / len(self._bench.sockets)
            self._bench.share_load(share * self._load_va, among=others)
            self._bench.sleep(_SETTLED_S)

    @property
    def _own_a(self) -> float:
        """The current of the watched socket, by which the record is triggered."""
        if self._target is not None:
            return self._socket_a
        nominal_v = self._bench.spec.unit.nominal_voltage_v
        return self._load_va / len(self._bench.sockets) / nominal_v

    def _overload(self) -> None:
        load = self._bench.loads[self.watched]
        if self._target is not None:
            load.draw_current(self._socket_a, power_factor=self._power_factor)
        else:
            load.draw_power(self._load_va / len(self._bench.sockets))

    def _pause(self, wave: Wave, name: str, code: TripCode) -> Measurement:
        level_a = _EDGE * 2**0.5 * self._own_a
        found = measured(wave, name, "s", lambda c: _pause_in(c, level_a))
        if code is self._expected:
            return found
        return Measurement(
            name, found.value, "s", found.budget, found.evidence,
            (*found.problems, f"the trip was {code.name.lower()}"),
        )  # fmt: skip


def _pause_in(capture: Capture, level_a: float) -> Measurement:
    """Measure from the last current to the next voltage; NaN where either is missing."""
    evidence = Evidence(capture.capture_id, capture.instruments)
    problems = capture.problems_of(CURRENT, VOLTAGE)
    voltage = capture.waveform(VOLTAGE)
    off_s = goes_s(capture.waveform(CURRENT), level_a, after_s=0.0)
    on_s = comes_s(voltage, _PRESENT_V, after_s=off_s) if off_s is not None else None
    missing = "no trip" if off_s is None else "no restart"
    if off_s is None or on_s is None:
        nothing = (*problems, f"{missing} within the record")
        return Measurement("pause", math.nan, "s", Budget("s"), evidence, nothing)
    budget = Budget(
        "s",
        (
            Component.within("last current", _LATE_S),
            Component.within("first voltage", _LATE_S),
            Component.within("sampling", voltage.dt_s),
            Component("time base", "B", "normal", capture.u_time_base, on_s - off_s),
        ),
    )
    return Measurement(
        "pause", on_s - off_s, "s", budget, evidence, problems, onset_s=off_s, end_s=on_s
    )
