"""Reading a record out of a Siglent SDS HD: pieces of samples, and the WAVEDESC block (C3).

Offsets within the block are those of the programming guide's table; strings and numbers at
others than these are 0. Codes are signed, little-endian, 30 a division in BYTE and 7680 in WORD;
value = code / codes_per_division * division - offset, both taken without the probe's factor.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rig.virtual.boxes.scope_acquisition import digitise
from rig.virtual.boxes.sds_panel import TIME_BASES_S, SdsPanel

__all__ = ["SdsForm", "SdsReader"]

_DESCRIPTOR_BYTES = 346
_SIGN = 0x8000
_CODES_PER_DIVISION = {"BYTE": 30.0, "WORD": 7680.0}
_ADC_BITS = 12
_COUPLINGS = {"DC": 0, "AC": 1, "GND": 2}
_BANDWIDTHS = {"FULL": 0, "20M": 1, "200M": 2}


@dataclass(slots=True)
class SdsForm:
    """The start-up state of the readout."""

    source: int = 1
    start: int = 0
    interval: int = 1
    points: int = 0
    """0 = all there are."""
    width: str = "BYTE"


class SdsReader:
    """Reads the panel's present acquisition as the form asks."""

    def __init__(self, panel: SdsPanel, form: SdsForm, *, most_points: int) -> None:
        self._panel, self._form, self.most_points = panel, form, most_points

    @property
    def available(self) -> int:
        """How many samples the chosen channel's record has; 0 where it was off or not triggered."""
        shot = self._panel.shot
        if shot is None or self._form.source not in shot.channels:
            return 0
        return shot.available(self._panel.clock.now())

    @property
    def count(self) -> int:
        """How many samples one transfer brings."""
        form = self._form
        left = max(-(-(self.available - form.start) // form.interval), 0)
        return min(left, form.points or left, self.most_points)

    def payload(self) -> bytes:
        """Return the samples of one transfer."""
        count, form = self.count, self._form
        if not count:
            return b""
        codes = self._codes(count) ^ np.uint16(_SIGN)
        if form.width == "BYTE":
            return (codes >> np.uint16(8)).astype(np.uint8).tobytes()
        return codes.astype("<u2").tobytes()

    def descriptor(self) -> bytes:
        """Return the block that scales the samples."""
        panel, form = self._panel, self._form
        shot, channel = panel.shot, panel.inputs[form.source]
        taken = channel if shot is None else shot.channels.get(form.source, channel)
        layout = panel.state.layout() if shot is None else shot.layout
        delay_s = -layout.origin_s - layout.points / layout.rate_hz / 2.0
        width = 2 if form.width == "WORD" else 1
        data = bytearray(_DESCRIPTOR_BYTES)
        for offset, code, value in (
            (0, "16s", b"WAVEDESC"),
            (16, "16s", b"WAVEACE"),
            (32, "<h", width - 1),
            (34, "<h", 0),
            (36, "<i", _DESCRIPTOR_BYTES),
            (60, "<i", self.count * width),
            (76, "16s", b"Siglent SDS"),
            (116, "<i", self.available),
            (132, "<i", form.start),
            (136, "<i", form.interval),
            (144, "<i", 1),
            (148, "<i", 1),
            (156, "<f", taken.scale / taken.probe),
            (160, "<f", -taken.offset / taken.probe),
            (164, "<f", _CODES_PER_DIVISION[form.width]),
            (172, "<h", _ADC_BITS),
            (174, "<h", 1),
            (176, "<f", 1.0 / layout.rate_hz),
            (180, "<d", delay_s),
            (324, "<h", _time_base_index(layout.points / layout.rate_hz)),
            (326, "<h", _COUPLINGS[taken.coupling]),
            (328, "<f", taken.probe),
            (334, "<h", _BANDWIDTHS[channel.bandwidth]),
            (344, "<h", form.source - 1),
        ):
            struct.pack_into(code, data, offset, value)
        return bytes(data)

    def _codes(self, count: int) -> NDArray[np.uint16]:
        panel, form = self._panel, self._form
        assert panel.shot is not None
        return digitise(
            panel.port,
            panel.shot,
            form.source,
            panel.front(form.source),
            panel.pool,
            first=form.start,
            step=form.interval,
            count=count,
            until_s=panel.clock.now(),
        )


def _time_base_index(span_s: float) -> int:
    """Return the place of a time base in the guide's table."""
    division_s = span_s / 10.0
    nearest = min(TIME_BASES_S, key=lambda base: abs(base / division_s - 1.0))
    return TIME_BASES_S.index(nearest)
