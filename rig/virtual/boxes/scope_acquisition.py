"""One acquisition of a storage oscilloscope: when it is armed, triggered, complete; its samples.

Everything is worked out when somebody asks. The record is laid on the trigger's own instant, so
its sample times are as exact as the box's clock; the trigger is live once the part before it has
been filled.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rig.virtual.ports import ScopePort

__all__ = [
    "MARGIN_S",
    "Acquisition",
    "ChannelState",
    "FrontEnd",
    "NoisePool",
    "RecordLayout",
    "TriggerState",
    "digitise",
]

DIVISIONS = 8
_CODES_PER_SCREEN = 199
"""BYTE codes over the eight divisions; inferred from one public preamble, not from the Guide."""
_TRIGGER_REACH = 6.0
"""A level more divisions than this from the middle of the screen cannot trigger."""
MARGIN_S = 1e-6
"""History is asked for this much earlier than needed, for rounding."""
_CHUNK = 1 << 17
_POOL = 262_139
"""Prime, so that no regular decimation of a record meets the same noise again soon."""

Slope = Literal["rising", "falling", "either"]


@dataclass(slots=True)
class ChannelState:
    """The start-up state of one channel."""

    display: bool = False
    scale: float = 5.0
    """Unit per division, probe included."""
    offset: float = 0.0
    """Value in the middle of the screen."""
    probe: float = 10.0
    units: str = "VOLT"
    coupling: str = "DC"
    impedance: str = "ONEM"
    bandwidth_limit: bool = False
    invert: bool = False
    vernier: bool = False
    label: str = ""

    @property
    def full_scale(self) -> float:
        """What the eight divisions span."""
        return DIVISIONS * self.scale

    @property
    def byte_step(self) -> float:
        """What one BYTE code is worth."""
        return self.full_scale / _CODES_PER_SCREEN


@dataclass(frozen=True, slots=True)
class TriggerState:
    """What starts the record."""

    source: int | Literal["external", "line"]
    level: float
    slope: Slope
    auto_s: float | None
    """How long after getting live the box triggers by itself; None = never."""


@dataclass(frozen=True, slots=True)
class RecordLayout:
    """Where the samples lie, in seconds after the trigger."""

    origin_s: float
    rate_hz: float
    points: int

    @property
    def pre_trigger_s(self) -> float:
        """How much of the record must be filled before the trigger is live."""
        return max(0.0, -self.origin_s)

    @property
    def end_s(self) -> float:
        """When the last sample has been taken."""
        return self.origin_s + (self.points - 1) / self.rate_hz


class NoisePool:
    """Noise by sample number: the same for one acquisition however its samples are read."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._values = rng.standard_normal(_POOL, dtype=np.float32)

    def at(self, start: int, index: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return unit noise for sample numbers of an acquisition whose noise begins at start."""
        return self._values.take((index + start) % _POOL)


@dataclass(slots=True)
class Acquisition:
    """One shot, begun at ``start_s``."""

    start_s: float
    layout: RecordLayout
    trigger: TriggerState
    channels: dict[int, ChannelState]
    """Copies of the channels that were on."""
    bits: int
    noise_start: int
    pace: float = 1.0
    """True seconds in a second of the box."""
    repeating: bool = False
    trigger_s: float | None = None
    stopped_s: float | None = None
    _searched_s: float = field(init=False)
    _not_before_s: float = field(init=False)

    def __post_init__(self) -> None:
        self._searched_s = self._not_before_s = self.live_s

    @property
    def live_s(self) -> float:
        """From when on the trigger is accepted."""
        return self.start_s + self.layout.pre_trigger_s * self.pace

    @property
    def longest_s(self) -> float:
        """How long it takes when the box triggers by itself; never mind a trigger it waits for."""
        return (
            self.live_s
            - self.start_s
            + (self.trigger.auto_s or 0.0)
            + self.layout.end_s * self.pace
        )

    def armed(self, now: float) -> bool:
        """Whether the trigger has been live at some time."""
        return now >= self.live_s and (self.stopped_s is None or self.stopped_s >= self.live_s)

    def waiting(self, now: float) -> bool:
        """Whether the trigger is live and has not come."""
        return self.armed(now) and self.trigger_s is None and self.stopped_s is None

    def running(self, now: float) -> bool:
        """Whether it is under way."""
        if self.stopped_s is not None:
            return False
        return (
            self.repeating
            or self.trigger_s is None
            or now < self.trigger_s + self.layout.end_s * self.pace
        )

    def follow(self, port: ScopePort, now: float) -> None:
        """Find out whether the trigger has come up to now."""
        if self.trigger_s is not None or self.stopped_s is not None or now < self._searched_s:
            return
        # A jump at the very instant of a look shows only beside what was before it.
        start_s = max(self._searched_s - MARGIN_S, self._not_before_s)
        self.trigger_s = self._first_edge(port, start_s, now)
        auto = self.trigger.auto_s
        if auto is not None and now >= self.live_s + auto:
            by_itself = self.live_s + auto
            if self.trigger_s is None or self.trigger_s > by_itself:
                self.trigger_s = by_itself
        self._searched_s = now

    def restart_search(self, at_s: float) -> None:
        """Look for a trigger anew from an instant on."""
        self.trigger_s = None
        self._searched_s = self._not_before_s = max(at_s, self.live_s)

    def forget_before(self, at_s: float) -> None:
        """Let a repeating acquisition begin later, its trigger looked for anew."""
        self.start_s = max(self.start_s, at_s)
        self.restart_search(self.start_s)

    def needed_from_s(self, now: float) -> float:
        """Return from when on the history may still be asked for."""
        if self.repeating:
            return self.start_s
        first = now if self.trigger_s is None else self.trigger_s
        return max(self.start_s, min(first + self.layout.origin_s * self.pace, now)) - MARGIN_S

    def force(self, now: float) -> None:
        """Trigger now, if live."""
        if self.waiting(now):
            self.trigger_s = now

    def available(self, now: float) -> int:
        """Return how many samples of the record are in memory."""
        if self.trigger_s is None:
            return 0
        until = now if self.stopped_s is None else min(now, self.stopped_s)
        shown = (until - self.trigger_s) / self.pace
        taken = math.floor((shown - self.layout.origin_s) * self.layout.rate_hz + 1e-6)
        return min(max(taken + 1, 0), self.layout.points)

    def _first_edge(self, port: ScopePort, start_s: float, end_s: float) -> float | None:
        source, level = self.trigger.source, self.trigger.level
        if source == "line":
            return start_s
        if source == "external":
            return port.external_trigger(start_s, end_s)
        channel = self.channels.get(source)
        if channel is not None:
            reach = _TRIGGER_REACH * channel.scale
            if abs(level - channel.offset) > reach:
                return None
            if channel.invert:
                flipped: dict[Slope, Slope] = {"rising": "falling", "falling": "rising"}
                slope = flipped.get(self.trigger.slope, "either")
                return port.crossing(source, -level, slope, start_s, end_s)
        return port.crossing(source, level, self.trigger.slope, start_s, end_s)


@dataclass(frozen=True, slots=True)
class FrontEnd:
    """The errors of one channel's amplifier and converter."""

    gain: float
    offset_divisions: float
    noise: float
    """Standard deviation by full scale."""


def digitise(
    port: ScopePort,
    shot: Acquisition,
    channel: int,
    front: FrontEnd,
    pool: NoisePool,
    *,
    first: int,
    step: int,
    count: int,
    until_s: float,
) -> NDArray[np.uint16]:
    """Return the WORD codes of some samples of a record, 32768 in the middle of the screen."""
    codes = np.empty(count, dtype=np.uint16)
    assert shot.trigger_s is not None
    for begin in range(0, count, _CHUNK):
        end = min(begin + _CHUNK, count)
        index = np.arange(first + begin * step, first + end * step, step, dtype=np.int64)
        shown = shot.layout.origin_s + index / shot.layout.rate_hz
        t_s = shot.trigger_s + shot.pace * shown
        if t_s[-1] > until_s:
            np.minimum(t_s, until_s, out=t_s)  # rounding only: the record ends at this instant
        true = port.samples(channel, t_s)
        noise = pool.at(shot.noise_start + channel * 7919, index)
        codes[begin:end] = _quantise(true, noise, shot.channels[channel], front, shot.bits)
    return codes


def _quantise(
    true: NDArray[np.float64],
    noise: NDArray[np.float32],
    state: ChannelState,
    front: FrontEnd,
    bits: int,
) -> NDArray[np.uint16]:
    """Return codes in steps of the converter; the lowest code stays free, it means a hole."""
    fine = 1 << (bits - 8)
    lsb = state.byte_step / fine
    gain = -front.gain if state.invert else front.gain
    constant = front.offset_divisions * state.scale - state.offset
    volts = true * (gain / lsb)
    volts += noise * np.float32(front.noise * state.full_scale / lsb)
    volts += constant / lsb + (1 << (bits - 1))
    np.rint(volts, out=volts)
    np.clip(volts, 1.0, float((1 << bits) - 1), out=volts)
    codes: NDArray[np.uint16] = volts.astype(np.uint16)
    codes <<= np.uint16(16 - bits)
    return codes
