"""Hardware-triggered captures: arm, let the plan act, read, keep as evidence."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TypedDict

from instruments.capabilities import RelayBank, Scope, ScopeSetup
from instruments.clock import Clock
from instruments.errors import UsageError
from rig.bench.calibration import state_of, uncertainty_of
from rig.bench.model import BenchFile, Probe
from rig.bench.steps import Journal
from rig.bench.wave import Wave
from rig.measure import Capture, Trigger, Waveform, waveform_of

__all__ = ["CaptureOptions", "CaptureStation"]

ScopeRole = Literal["scope_ac", "scope_dc"]
_MUX_SETTLED_S = 0.05
"""Relays of the multiplexer operate within 12 ms; the rest is for the probes."""
_RECORD_POINTS = 500_000
_FASTEST_HZ = 100_000.0
_SLOWEST_HZ = 1_000.0
_EXTERNAL_LEVEL_V = 1.5
_HEADROOM = 1.3
"""Range of the current channel over the expected peak."""
_U_PER_US = 1e-6 / math.sqrt(3.0)
"""Standard uncertainty of what may be anything up to a microsecond either way (rectangular)."""

TriggerSource = Literal["external", "current", "voltage", "port_current", "line_k"]
_SOURCES: Mapping[TriggerSource, str] = {
    "current": "socket_current",
    "voltage": "socket_voltage",
    "port_current": "port_current",
    "line_k": "line_k",
}
Slope = Literal["rising", "falling", "either"]


@dataclass(frozen=True, slots=True)
class _Plan:
    setup: ScopeSetup
    trigger: Trigger
    channels: Mapping[str, int]


class CaptureOptions(TypedDict, total=False):
    """What ``CaptureStation.capture`` takes by name."""

    trigger: TriggerSource
    level: float | None
    slope: Slope
    peak_a: float | None
    residual_peak_a: float | None
    pre_s: float
    sample_rate_hz: float | None
    channels: tuple[str, ...]


class CaptureStation:
    """One scope; that of the sockets with the relays that choose the socket, ``mux``."""

    def __init__(
        self,
        scope: Scope,
        mux: RelayBank | None,
        bench: BenchFile,
        clock: Clock,
        journal: Journal,
        role: ScopeRole = "scope_ac",
    ) -> None:
        self._scope, self._mux, self._bench, self._clock = scope, mux, bench, clock
        self._journal, self._role = journal, role
        self._prefix = {"scope_ac": "capture", "scope_dc": "capture-dc"}[role]
        self._count = 0

    @contextmanager
    def capture(
        self,
        socket: str,
        duration_s: float,
        *,
        trigger: TriggerSource = "external",
        level: float | None = None,
        slope: Slope = "rising",
        peak_a: float | None = None,
        residual_peak_a: float | None = None,
        pre_s: float = 0.1,
        sample_rate_hz: float | None = None,
        channels: tuple[str, ...] = ("socket_voltage", "socket_current"),
    ) -> Iterator[Wave]:
        """Capture a socket for ``duration_s`` after a trigger that comes within the block.

        On the scope of the DC side ``socket`` is but a name. ``external`` triggers on the
        point-on-wave trigger's line; every other on the quantity of its name, the socket's unless
        it is the port's, passing ``level`` (A or V) with ``slope``. ``peak_a`` and
        ``residual_peak_a`` are the largest currents expected (default: what the probe passes);
        the scope's ranges are chosen by them. On leaving the block the record is waited for and
        read; a capture that did not trigger, or is not whole, says so in its problems.
        """
        scales = {n: p.full_scale for n, p in self._probes.items()}
        current = "socket_current" if self._role == "scope_ac" else "port_current"
        for name, largest_a in ((current, peak_a), ("residual_current", residual_peak_a)):
            if largest_a is not None:
                scales[self._number(name)] = largest_a * _HEADROOM
        edge = trigger, level, slope
        plan = self._plan(edge, pre_s, duration_s, sample_rate_hz, channels, scales)
        if self._mux is not None:
            self._select(socket, self._mux)
        self._scope.arm(plan.setup)
        self._count += 1
        wave = Wave(f"{self._prefix}-{self._count:03d}-{socket}", socket)
        try:
            yield wave
        except BaseException:
            self._scope.stop()
            raise
        wave.attach(self._finish(wave.capture_id, socket, plan))

    def _plan(
        self,
        edge: tuple[TriggerSource, float | None, Slope],
        pre_s: float,
        duration_s: float,
        sample_rate_hz: float | None,
        channels: tuple[str, ...],
        scales: Mapping[int, float],
    ) -> _Plan:
        trigger, level, slope = edge
        numbers = {name: self._number(name) for name in channels}
        record_s = pre_s + duration_s
        setup = ScopeSetup(
            channels=tuple(sorted(numbers.values())),
            sample_rate_hz=sample_rate_hz or _sample_rate(record_s),
            pre_trigger_s=pre_s,
            duration_s=record_s,
            trigger="external" if trigger == "external" else self._number(_SOURCES[trigger]),
            level=_EXTERNAL_LEVEL_V if level is None else level,
            slope=slope,
            full_scale={n: scales[n] for n in numbers.values()},
        )
        meaning: Literal["stimulus", "level"] = "stimulus" if trigger == "external" else "level"
        return _Plan(setup, Trigger(meaning), numbers)

    @property
    def _probes(self) -> Mapping[int, Probe]:
        wiring = self._bench.wiring
        return wiring.scope_ac if self._role == "scope_ac" else wiring.scope_dc

    def _number(self, sees: str) -> int:
        return next(n for n, probe in self._probes.items() if probe.sees == sees)

    def _select(self, socket: str, mux: RelayBank) -> None:
        if socket not in self._bench.wiring.sockets:
            known = ", ".join(self._bench.wiring.sockets)
            raise UsageError(f"capture: expected a socket of {known}, got {socket!r}")
        wanted = self._bench.wiring.sockets[socket].mux_relay
        states = mux.read_relays()
        others = [w.mux_relay for w in self._bench.wiring.sockets.values()]
        if all(states[relay] == (relay == wanted) for relay in others):
            return
        for relay in others:
            if states[relay] and relay != wanted:
                mux.set_relay(relay, False)
        mux.set_relay(wanted, True)
        self._clock.sleep_until(self._clock.now() + _MUX_SETTLED_S)

    def _finish(self, capture_id: str, socket: str, plan: _Plan) -> Capture | None:
        setup = plan.setup
        after_s = setup.duration_s - setup.pre_trigger_s
        deadline = self._clock.now() + after_s + 0.5
        while not self._scope.complete() and self._clock.now() < deadline:
            left_s = deadline - self._clock.now()
            self._clock.sleep_until(self._clock.now() + min(left_s, max(0.02, after_s / 20)))
        triggered = self._scope.triggered()
        problems = () if triggered else (f"{self._role}: not triggered",)
        if triggered and not self._scope.complete():
            problems = (f"{self._role}: record not complete",)
        self._scope.stop()
        capture = self._read(capture_id, plan, problems) if triggered else None
        self._keep(capture_id, socket, plan, capture, problems)
        return capture

    def _read(self, capture_id: str, plan: _Plan, problems: tuple[str, ...]) -> Capture:
        scales = plan.setup.full_scale or {}
        waves = tuple(self._waveform(name, n, scales[n]) for name, n in plan.channels.items())
        calibration = self._bench.roles[self._role].calibration
        time_base = uncertainty_of(calibration, "time", plan.setup.duration_s)
        return Capture(
            capture_id,
            waves,
            plan.trigger,
            taken_on=self._clock.utc().date(),
            calibrations=(state_of(self._role, self._bench.roles[self._role]),),
            reported=problems
            if time_base
            else (*problems, f"{self._role}: time base not calibrated"),
            u_time_base=time_base[0] if time_base else 0.0,
            u_skew_s=max(self._probes[n].skew_us for n in plan.channels.values()) * _U_PER_US,
            nominal_hz=self._bench.unit.nominal_frequency_hz,
        )

    def _waveform(self, name: str, number: int, full_scale: float) -> Waveform:
        probe = self._probes[number]
        trace = self._scope.read_trace(number)
        quantity = {"V": "voltage", "A": "current"}[probe.unit]
        known = uncertainty_of(self._bench.roles[self._role].calibration, quantity, full_scale)
        gain, zero = known or (0.0, 0.0)
        return waveform_of(
            trace,
            name=name,
            unit=probe.unit,
            u_gain=gain,
            u_offset=zero,
            covered=known is not None,
        )

    def _keep(
        self,
        capture_id: str,
        socket: str,
        plan: _Plan,
        capture: Capture | None,
        problems: tuple[str, ...],
    ) -> None:
        waves = capture.waveforms if capture else ()
        ref = self._journal.recorder.samples(
            capture_id,
            {w.name: w.values for w in waves},
            {w.name: w.resolution for w in waves},
        )
        self._journal.recorder.event(
            "capture",
            {
                "id": capture_id,
                "scope": self._role,
                "socket": socket,
                "file": ref.file,
                "sha256": ref.sha256,
                "trigger": plan.trigger.meaning,
                "triggered": capture is not None,
                "problems": list(problems),
                "channels": [
                    {
                        "name": w.name,
                        "unit": w.unit,
                        "t0_s": w.t0_s,
                        "dt_s": w.dt_s,
                        "n": int(w.values.size),
                        "key": w.name,
                    }
                    for w in waves
                ],
            },
        )


def _sample_rate(record_s: float) -> float:
    """Return the 1-2-5 rate that fills the record's points, between 1 and 100 kS/s."""
    wanted = min(max(_RECORD_POINTS / record_s, _SLOWEST_HZ), _FASTEST_HZ)
    decade = 10.0 ** math.floor(math.log10(wanted))
    return max(step * decade for step in (1.0, 2.0, 5.0) if step * decade <= wanted * 1.0001)
