"""Reading a record out of an oscilloscope: which samples, in which form, how scaled (C3)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rig.virtual.boxes.scope_acquisition import Acquisition, digitise
from rig.virtual.boxes.scope_panel import MEMORY_POINTS, ScopePanel

__all__ = ["Selection", "WaveformForm", "WaveformReader"]

_MEASUREMENT_RECORD = 62_500
_CENTRE = 0x8000


@dataclass(slots=True)
class WaveformForm:
    """The start-up state of the readout."""

    source: str = "CHAN1"
    format: str = "BYTE"
    byte_order: str = "MSBF"
    unsigned: bool = True
    view: str = "MAIN"
    points_mode: str = "NORM"
    points: int | None = 1000
    """None = as many as there are."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Every ``step``-th sample of a record from ``first`` on."""

    first: int = 0
    step: int = 1
    count: int = 0


@dataclass(frozen=True, slots=True)
class Scaling:
    """How codes and sample numbers turn into values and seconds."""

    x_increment_s: float
    x_origin_s: float
    y_increment: float
    y_origin: float
    y_reference: int


class WaveformReader:
    """Reads the panel's present acquisition as the form asks."""

    def __init__(self, panel: ScopePanel, form: WaveformForm) -> None:
        self._panel, self.form = panel, form

    @property
    def channel(self) -> int:
        """The channel to be read."""
        return int(self.form.source[-1])

    def selection(self) -> Selection:
        """Return which samples the present form asks for; none when there is no such record."""
        shot = self._panel.shot
        if shot is None or self.channel not in shot.channels:
            return Selection()
        first, last = self._visible(shot, shot.available(self._panel.clock.now()))
        held = last - first
        if held <= 0:
            return Selection()
        limit = self._limit()
        wanted = min(self.form.points or limit, limit)
        step = max(held // wanted, math.ceil(held / limit), 1)
        return Selection(first, step, math.ceil(held / step))

    def scaling(self, chosen: Selection) -> Scaling:
        """Return the scaling of a selection."""
        shot = self._panel.shot
        layout = self._panel.state.layout() if shot is None else shot.layout
        channels = self._panel.channels if shot is None else shot.channels
        channel = channels.get(self.channel, self._panel.channels[self.channel])
        word = self.form.format != "BYTE"
        centre = _CENTRE if word else _CENTRE >> 8
        return Scaling(
            x_increment_s=chosen.step / layout.rate_hz,
            x_origin_s=layout.origin_s + chosen.first / layout.rate_hz,
            y_increment=channel.byte_step / 256.0 if word else channel.byte_step,
            y_origin=channel.offset,
            y_reference=centre if self.form.unsigned or self.form.format == "ASC" else 0,
        )

    def payload(self, chosen: Selection) -> bytes:
        """Return the block's payload for a selection."""
        if not chosen.count:
            return b""
        codes = self._codes(chosen)
        if self.form.format == "ASC":
            return self._as_text(codes, self.scaling(chosen))
        if not self.form.unsigned:
            codes ^= np.uint16(_CENTRE)
        if self.form.format == "BYTE":
            return (codes >> np.uint16(8)).astype(np.uint8).tobytes()
        return codes.astype(">u2" if self.form.byte_order == "MSBF" else "<u2").tobytes()

    def _codes(self, chosen: Selection) -> NDArray[np.uint16]:
        panel, channel = self._panel, self.channel
        if panel.shot is None:
            return np.empty(0, dtype=np.uint16)
        return digitise(
            panel.port,
            panel.shot,
            channel,
            panel.front(channel),
            panel.pool,
            first=chosen.first,
            step=chosen.step,
            count=chosen.count,
            until_s=panel.clock.now(),
        )

    def _visible(self, shot: Acquisition, available: int) -> tuple[int, int]:
        """Return the part that the view shows; a digitizer's record may reach beyond the screen."""
        state = self._panel.state
        if self.form.view == "ALL" or not state.digitizing:
            return 0, available
        left = (state.position_s - state.range_s / 2.0 - shot.layout.origin_s) * shot.layout.rate_hz
        width = state.range_s * shot.layout.rate_hz
        first = max(math.ceil(left - 1e-6), 0)
        return first, min(max(math.floor(left + width + 1e-6), first), available)

    def _limit(self) -> int:
        if self.form.points_mode == "NORM" or self._panel.running:
            return _MEASUREMENT_RECORD
        return MEMORY_POINTS

    @staticmethod
    def _as_text(codes: NDArray[np.uint16], scaling: Scaling) -> bytes:
        values = (codes - float(_CENTRE)) * scaling.y_increment + scaling.y_origin
        return ",".join(f"{value:+.5E}" for value in values.tolist()).encode("ascii")
