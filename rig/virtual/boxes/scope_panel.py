"""The front panel of an InfiniiVision oscilloscope: settings, run control, event registers.

Channels, time base and trigger as in the 3000T/4000 X-Series Programmer's Guides: the reference
LEFT is one division from the edge, digitizer mode needs the reference in the centre, a single
acquisition uses the whole memory. Start-up state: stopped, channel 1 on.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np

from instruments.clock import Clock, ScheduledCall
from rig.virtual.boxes.scope_acquisition import (
    MARGIN_S,
    Acquisition,
    ChannelState,
    FrontEnd,
    NoisePool,
    RecordLayout,
    Slope,
    TriggerState,
)
from rig.virtual.ports import ScopePort

__all__ = ["CHANNELS", "FASTEST_HZ", "MEMORY_POINTS", "ScopePanel", "ScopeState", "ladder"]

CHANNELS = 4
MEMORY_POINTS = 4_000_000
FASTEST_HZ = 5e9
_AUTO_TRIGGER_S = 0.040
"""Not documented; stands in for the box's own."""
_REFERENCE = {"LEFT": 0.1, "CENT": 0.5, "RIGH": 0.9}
_SLOPES: dict[str, Slope] = {"POS": "rising", "NEG": "falling", "EITH": "either", "ALT": "either"}
_TRIM_S = 10.0
_NEWEST_S = 0.1
"""How far back the newest record of a running acquisition is looked for."""


@dataclass(slots=True)
class ScopeState:
    """The start-up state apart from the channels."""

    range_s: float = 1e-3
    position_s: float = 0.0
    reference: str = "CENT"
    location: float = 0.5
    mode: str = "MAIN"
    acquire_type: str = "NORM"
    acquire_mode: str = "RTIM"
    acquire_count: int = 8
    complete_percent: int = 100
    digitizer: bool = False
    digitizer_rate_hz: float = 1e6
    digitizer_points: int = 100_000
    trigger_mode: str = "EDGE"
    trigger_source: str = "CHAN1"
    trigger_slope: str = "POS"
    trigger_coupling: str = "DC"
    sweep: str = "AUTO"
    holdoff_s: float = 40e-9
    noise_reject: bool = False
    hf_reject: bool = False
    external_probe: float = 1.0
    external_units: str = "VOLT"
    levels: dict[str, float] = field(default_factory=dict)

    @property
    def scale_s(self) -> float:
        """Seconds per division."""
        return self.range_s / 10.0

    @scale_s.setter
    def scale_s(self, value: float) -> None:
        self.range_s = value * 10.0

    @property
    def digitizing(self) -> bool:
        """Whether rate and depth are the user's; only with the reference in the centre."""
        return self.digitizer and self.reference == "CENT"

    def layout(self) -> RecordLayout:
        """Return where the samples of an acquisition begun now will lie."""
        if self.digitizing:
            rate, points = self.digitizer_rate_hz, self.digitizer_points
            return RecordLayout(self.position_s - points / rate / 2.0, rate, points)
        left = self.location if self.reference == "CUST" else _REFERENCE[self.reference]
        rate = ladder(min(FASTEST_HZ, MEMORY_POINTS / self.range_s))
        points = max(math.floor(self.range_s * rate * (1.0 + 1e-12)), 1)
        return RecordLayout(self.position_s - left * self.range_s, rate, points)


def ladder(rate_hz: float) -> float:
    """Return the largest rate of 1, 2, 5 times a power of ten that is not above this one.

    >>> ladder(8e6)
    5000000.0
    """
    decade = 10.0 ** math.floor(math.log10(rate_hz) + 1e-12)
    return max(step * decade for step in (1.0, 2.0, 5.0) if step * decade <= rate_hz * (1 + 1e-9))


class ScopePanel:
    """Settings and the present acquisition of one oscilloscope."""

    def __init__(
        self,
        clock: Clock,
        port: ScopePort,
        rng: np.random.Generator,
        *,
        gain_error: float,
        pace_error: float,
    ) -> None:
        self.clock, self.port, self._rng = clock, port, rng
        self.state = ScopeState()
        self.channels = {n: ChannelState(display=n == 1) for n in range(1, CHANNELS + 1)}
        self.shot: Acquisition | None = None
        self.armed_event = self.trigger_event = False
        self._announced: Acquisition | None = None
        self._trimming: ScheduledCall | None = None
        self.pool = NoisePool(rng)
        self._fronts = {
            n: FrontEnd(
                gain=1.0 + rng.uniform(-gain_error, gain_error),
                offset_divisions=rng.uniform(-0.05, 0.05),
                noise=0.003,
            )
            for n in self.channels
        }
        self.pace = 1.0 + pace_error * float(np.clip(rng.standard_normal(), -2.5, 2.5))

    def front(self, channel: int) -> FrontEnd:
        """Return a channel's errors; high resolution averages some of the noise away."""
        front = self._fronts[channel]
        if self.shot is not None and self.shot.bits > 8:
            return FrontEnd(front.gain, front.offset_divisions, front.noise / 4.0)
        return front

    def reset(self) -> None:
        """Return to the start-up state; an acquisition under way is given up."""
        self._drop()
        fresh = ScopeState()
        for name in fresh.__dataclass_fields__:
            setattr(self.state, name, getattr(fresh, name))
        for n, channel in self.channels.items():
            start_up = ChannelState(display=n == 1)
            for name in start_up.__dataclass_fields__:
                setattr(channel, name, getattr(start_up, name))

    def refresh(self) -> None:
        """Follow the acquisition up to now; note arming and triggering as events."""
        shot = self.shot
        if shot is None or shot.stopped_s is not None:
            return
        now = self.clock.now()
        before = shot.trigger_s
        shot.follow(self.port, now)
        if shot.armed(now) and self._announced is not shot:
            self._announced, self.armed_event = shot, True
        if shot.trigger_s is not None and before is None:
            self.trigger_event = True

    def single(self, channels: Collection[int] | None = None) -> None:
        """Begin one acquisition, of these channels instead of those displayed."""
        self._begin(repeating=False, only=channels)

    def run(self) -> None:
        """Acquire again and again; the newest record counts."""
        self._begin(repeating=True)

    def stop(self) -> None:
        """End the acquisition as it is."""
        self.refresh()
        shot, now = self.shot, self.clock.now()
        if shot is None or shot.stopped_s is not None:
            return
        if shot.repeating:
            self._settle_on_newest(shot, now)
        self._stop_trimming()
        shot.stopped_s = now
        if not shot.available(now):
            self.port.keep_from(None)

    def force(self) -> None:
        """Trigger now."""
        if self.shot is not None and self.shot.waiting(self.clock.now()):
            self.shot.force(self.clock.now())
            self.trigger_event = True

    @property
    def running(self) -> bool:
        """Whether an acquisition is under way."""
        return self.shot is not None and self.shot.running(self.clock.now())

    @property
    def waiting(self) -> bool:
        """Whether the trigger is live and has not come."""
        return self.shot is not None and self.shot.waiting(self.clock.now())

    def level(self, source: str) -> float:
        """Return the trigger level of a source in its unit."""
        return self.state.levels.get(source, 0.0)

    def _begin(self, *, repeating: bool, only: Collection[int] | None = None) -> None:
        self._drop()
        taken = only or [n for n, channel in self.channels.items() if channel.display]
        now = self.clock.now()
        self.port.keep_from(max(now - MARGIN_S, 0.0))
        self.shot = Acquisition(
            start_s=now,
            layout=self.state.layout(),
            trigger=self._trigger(),
            channels={n: copy.copy(self.channels[n]) for n in taken},
            bits=8 if self.state.acquire_type in {"NORM", "PEAK"} else 12,
            noise_start=int(self._rng.integers(1 << 20)),
            pace=self.pace,
            repeating=repeating,
        )
        self.armed_event = self.trigger_event = False
        self._trimming = self.clock.call_every(max(_TRIM_S, 2.0 * self._record_s()), self._trim)
        self.refresh()

    def _drop(self) -> None:
        self._stop_trimming()
        if self.shot is not None:
            self.port.keep_from(None)
        self.shot = None

    def _trigger(self) -> TriggerState:
        source = self.state.trigger_source
        return TriggerState(
            source=(
                int(source[-1])
                if source.startswith("CHAN")
                else "line"
                if source == "LINE"
                else "external"
            ),
            level=self.level(source),
            slope=_SLOPES[self.state.trigger_slope],
            auto_s=_AUTO_TRIGGER_S if self.state.sweep == "AUTO" else None,
        )

    def _record_s(self) -> float:
        layout = self.state.layout()
        return layout.points / layout.rate_hz

    def _trim(self) -> None:
        """Let the circuit forget what no record will show; a trigger may be waited for all day."""
        self.refresh()
        shot, now = self.shot, self.clock.now()
        if shot is None:
            return
        if shot.repeating:
            shot.forget_before(now - self._record_s() - _NEWEST_S)
        self.port.keep_from(shot.needed_from_s(now))
        if not shot.running(now):
            self._stop_trimming()

    def _stop_trimming(self) -> None:
        if self._trimming is not None:
            self._trimming.cancel()
            self._trimming = None

    def _settle_on_newest(self, shot: Acquisition, now: float) -> None:
        """Choose the newest complete record of a repeating acquisition, where there is one."""
        latest = now - shot.layout.end_s * shot.pace
        newest = copy.copy(shot)
        newest.restart_search(latest - _NEWEST_S)
        newest.follow(self.port, latest)
        if newest.trigger_s is not None:
            shot.trigger_s = newest.trigger_s
