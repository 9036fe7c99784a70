"""The front panel of a Siglent SDS HD: the shared acquisition under this box's time base (C3)."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, fields

import numpy as np

from instruments.clock import Clock
from rig.virtual.boxes.scope_acquisition import ChannelState, RecordLayout
from rig.virtual.boxes.scope_panel import CHANNELS, ScopePanel, ScopeState, ladder
from rig.virtual.ports import ScopePort

__all__ = ["DIVISIONS", "TIME_BASES_S", "SdsChannel", "SdsPanel", "SdsState"]

DIVISIONS = 10
FASTEST_HZ = 2e9
MOST_POINTS = 200_000_000
_CODES_PER_DIVISION = 30
TIME_BASES_S = tuple(float(f"{step}e{decade}") for decade in range(-10, 4) for step in (1, 2, 5))[
    1:-2
]
"""Seconds per division in the guide's table: 200 ps to 1000 s."""


@dataclass(slots=True)
class SdsChannel(ChannelState):
    """One channel; ``offset`` is the value in the middle of the screen, minus what is set."""

    scale: float = 1.0
    probe: float = 1.0
    bandwidth: str = "FULL"
    skew_s: float = 0.0
    visible: bool = True
    label_shown: bool = False

    @property
    def byte_step(self) -> float:
        """What one BYTE code is worth."""
        return self.scale / _CODES_PER_DIVISION


@dataclass(slots=True)
class SdsState(ScopeState):
    """The start-up state; an HD oscilloscope has twelve bits in every kind of acquisition."""

    acquire_type: str = "HRES"
    division_s: float = 1e-3
    delay_s: float = 0.0
    memory_mode: str = "AUTO"
    memory_points: int = 10_000_000
    fixed_rate_hz: float = 1e6
    kind: str = "NORM"
    interpolation: bool = True
    run_mode: str = "AUTO"
    edge_impedance: str = "ONEM"

    @property
    def rate_hz(self) -> float:
        """Samples a second: as many as the memory takes, or the fixed rate if it fits."""
        span_s = DIVISIONS * self.division_s
        if self.memory_mode == "FSR":
            return min(self.fixed_rate_hz, ladder(MOST_POINTS / span_s))
        return ladder(min(FASTEST_HZ, self.memory_points / span_s))

    def layout(self) -> RecordLayout:
        """Return where the samples lie; a positive delay shows more of what was before."""
        span_s = DIVISIONS * self.division_s
        points = max(math.floor(span_s * self.rate_hz * (1.0 + 1e-12)), 1)
        return RecordLayout(-self.delay_s - span_s / 2.0, self.rate_hz, points)


class SdsPanel(ScopePanel):
    """Settings and the present acquisition of one SDS."""

    state: SdsState

    def __init__(
        self,
        clock: Clock,
        port: ScopePort,
        rng: np.random.Generator,
        *,
        gain_error: float,
        pace_error: float,
    ) -> None:
        super().__init__(clock, port, rng, gain_error=gain_error, pace_error=pace_error)
        self.state = SdsState(trigger_source="CHAN1")
        self.inputs = {n: _start_up(n) for n in range(1, CHANNELS + 1)}
        self.channels = dict(self.inputs)

    def reset(self) -> None:
        """Return to the start-up state; an acquisition under way is given up."""
        self._drop()
        _restore(self.state, SdsState())
        self.state.levels = {}
        for n, channel in self.inputs.items():
            _restore(channel, _start_up(n))

    @property
    def status(self) -> str:
        """Return what the trigger is doing, in the box's words."""
        if not self.running:
            return "Stop"
        shot, now = self.shot, self.clock.now()
        if shot is None or not shot.armed(now):
            return "Arm"
        if shot.waiting(now):
            return "Auto" if shot.trigger.auto_s is not None else "Ready"
        return "Trig'd"

    def start(self, mode: str) -> None:
        """Begin to acquire: once (SING), a forced frame (FTRIG), or again and again."""
        if mode == "FTRIG":
            if self.waiting:
                self.force()
                return
            self.state.sweep = "AUTO"
            self.single()
            return
        self.state.run_mode = mode
        self.state.sweep = "AUTO" if mode == "AUTO" else "NORM"
        if mode == "SING":
            self.single()
        else:
            self.run()


def _start_up(number: int) -> SdsChannel:
    return SdsChannel(display=number == 1)


def _restore(target: object, fresh: SdsState | SdsChannel) -> None:
    for each in fields(fresh):
        setattr(target, each.name, copy.copy(getattr(fresh, each.name)))
