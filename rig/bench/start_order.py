"""The order in which outlets come on, on the voltages of two sockets in one record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from instruments.errors import BenchError
from rig.bench.outlets import live_outlets
from rig.bench.proofs import count_of
from rig.bench.readout import measured
from rig.bench.roles import CONTROLLER
from rig.bench.wave import VOLTAGE
from rig.controller import SocketName, UnitState
from rig.measure import Budget, Capture, Component, Evidence, Measurement, Requirement, Waveform

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["Restart"]

_NEIGHBOUR = "neighbour_voltage"
_PRESENT_V = 50.0
"""Instantaneous; reached 0.5 ms after a zero of 230 V at the latest."""
_PRESENT_LATE_S = 0.5e-3
_STAYS = 5
"""Samples in a row above it, so that noise does not count."""
_RATE_HZ = 10_000.0
_POLL_S = 0.02


class Restart:
    """Stop the unit and start it again, and record how two of its sockets come on."""

    def __init__(self, bench: Bench, requirement: Requirement, order: Sequence[SocketName]) -> None:
        self._bench, self._order = bench, list(order)
        self._all_on_s = requirement.number("all_on_within_s")

    def run(self, socket: SocketName) -> list[Measurement]:
        """Return the spacing of a socket and its neighbour, and whether a pre-check was missing."""
        bench = self._bench
        bench.controller.set_priority(self._order)
        bench.controller.stop()
        bench.sleep(1.0)
        if live := live_outlets(bench):
            raise self._not_dead(live)
        with bench.capture(
            socket,
            self._all_on_s,
            trigger="voltage",
            level=_PRESENT_V,
            pre_s=self._all_on_s,
            sample_rate_hz=_RATE_HZ,
            channels=(VOLTAGE, _NEIGHBOUR),
        ) as wave:
            bench.controller.start()
            started_s = bench.clock.now()
            pre_checked = self._saw_pre_check()
            bench.clock.sleep_until(started_s + self._all_on_s)
        first, second = self._pair(socket)
        channels = {
            socket: VOLTAGE,
            bench.spec.wiring.sockets[socket].neighbour: _NEIGHBOUR,
        }
        spacing = measured(
            wave, "spacing", "s", lambda c: _spacing(c, channels[first], channels[second])
        )
        missing = count_of("pre_checks_missing", int(not pre_checked), instruments=(CONTROLLER,))
        return [spacing, missing]

    def _pair(self, socket: SocketName) -> tuple[SocketName, SocketName]:
        """Return a socket and its neighbour, the more important first."""
        neighbour = cast("SocketName", self._bench.spec.wiring.sockets[socket].neighbour)
        if self._order.index(socket) < self._order.index(neighbour):
            return socket, neighbour
        return neighbour, socket

    def _saw_pre_check(self) -> bool:
        """Follow the unit's state until its output runs; say whether it began with a pre-check."""
        seen = False
        deadline = self._bench.clock.now() + self._all_on_s
        while self._bench.clock.now() < deadline:
            state = self._bench.controller.read_status().state
            seen = seen or state is UnitState.PRE_CHECK
            if state is UnitState.RUNNING:
                break
            self._bench.sleep(_POLL_S)
        return seen

    def _not_dead(self, live: frozenset[SocketName]) -> BenchError:
        return BenchError(
            "stopping the unit before its restart is recorded",
            box=CONTROLLER,
            address=self._bench.spec.roles[CONTROLLER].link.address,
            expected="no socket with voltage within 1 s",
            got=f"voltage at {', '.join(sorted(live))}",
        )


def _spacing(capture: Capture, first: str, second: str) -> Measurement:
    """Measure from the first voltage of one channel to that of another; negative in reverse."""
    on_s = [_comes_on_s(capture.waveform(name)) for name in (first, second)]
    budget = Budget(
        "s",
        (
            Component.within("first voltage", _PRESENT_LATE_S / 2.0),
            Component.within("first voltage", _PRESENT_LATE_S / 2.0),
            Component.within("sampling", capture.waveform(first).dt_s),
            Component("time base", "B", "normal", capture.u_time_base, on_s[1] - on_s[0]),
        ),
    )
    evidence = Evidence(capture.capture_id, capture.instruments)
    problems = capture.problems_of(first, second)
    return Measurement("spacing", on_s[1] - on_s[0], "s", budget, evidence, problems)


def _comes_on_s(wave: Waveform) -> float:
    """Return when a voltage is first there, s after the trigger; infinite when it never is."""
    above = (np.abs(wave.values) > _PRESENT_V).astype(np.int64)
    runs = np.convolve(above, np.ones(_STAYS, dtype=np.int64), mode="valid")
    first = np.flatnonzero(runs == _STAYS)
    return wave.t0_s + wave.dt_s * float(first[0]) if first.size else float("inf")
