"""The Ah and Wh instruments of a Delta SM15K (facts/instruments.md A4): sampled every 100 ms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from instruments.clock import Clock, ScheduledCall
from rig.virtual.scpi import ScpiError

__all__ = ["Counter", "Direction"]

Direction = Literal["POS", "NEG"]
_SAMPLE_S = 0.1
_HOUR_S = 3600.0


@dataclass(slots=True)
class _Side:
    """One direction: what was counted, and the smallest and largest sample in it."""

    total: float = 0.0
    least: float = 0.0
    most: float = 0.0
    samples: int = 0

    def take(self, value: float) -> None:
        self.total += value * _SAMPLE_S / _HOUR_S
        nearest, farthest = sorted((self.least, self.most, value), key=abs)[::2]
        self.least, self.most = (value, value) if not self.samples else (nearest, farthest)
        self.samples += 1


class Counter:
    """One instrument: amps or watts by direction, off at power-on; OFF forgets what was counted."""

    def __init__(self, clock: Clock, quantity: Callable[[], float]) -> None:
        self._clock, self._quantity = clock, quantity
        self._sampling: ScheduledCall | None = None
        self._sides: dict[Direction, _Side] = {}
        self._ticks = 0
        self.state = "OFF"
        self._clear()

    def command(self, word: str) -> None:
        """Take ON (starts anew), OFF, SUSPEND or RESUME."""
        if word == "ON":
            self._clear()
            self._start()
        elif word == "RESUME" and self.state == "SUSPEND":
            self._start()
        elif word == "SUSPEND" and self.state == "ON":
            self._stop()
            self.state = "SUSPEND"
        elif word == "OFF":
            self._stop()
            self._clear()
            self.state = "OFF"
        elif word in {"RESUME", "SUSPEND"}:
            raise ScpiError(-221)
        else:
            raise ScpiError(-224)

    @property
    def seconds(self) -> float:
        """How long it has counted."""
        return self._ticks * _SAMPLE_S

    def total(self, direction: Direction) -> float:
        """Return Ah or Wh, below 0 for what flowed in."""
        return self._sides[direction].total

    def least(self, direction: Direction) -> float:
        """Return the sample nearest to 0."""
        return self._sides[direction].least

    def most(self, direction: Direction) -> float:
        """Return the sample farthest from 0."""
        return self._sides[direction].most

    def _start(self) -> None:
        self._stop()
        self.state = "ON"
        self._sampling = self._clock.call_every(_SAMPLE_S, self._sample)

    def _stop(self) -> None:
        if self._sampling is not None:
            self._sampling.cancel()
            self._sampling = None

    def _clear(self) -> None:
        self._sides = {"POS": _Side(), "NEG": _Side()}
        self._ticks = 0

    def _sample(self) -> None:
        value = self._quantity()
        self._ticks += 1
        self._sides["NEG" if value < 0.0 else "POS"].take(value)
