"""From a Siglent WAVEDESC preamble and signed codes to a trace; facts section C3.

The time base index of the preamble is not used: its table begins at 100 ps a division on some
models and at 200 ps on others.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.capabilities import ScopeTrace

__all__ = ["SHORTEST_PREAMBLE", "Wavedesc", "scale_codes"]

SHORTEST_PREAMBLE = 0x148 + 4
_VERTICAL = struct.Struct("<fff")
"""At 0x9C: value per division and offset, both without the probe, and codes per division."""
_ADC_BITS = struct.Struct("<h")
_HORIZONTAL = struct.Struct("<fd")
"""At 0xB0: sampling interval and trigger delay in s."""
_PROBE = struct.Struct("<f")
_DIVISIONS = 8
_WORD = 16


@dataclass(frozen=True, slots=True)
class Wavedesc:
    """How codes become values: ``code * per_division / codes_per_division - offset``, by probe."""

    per_division: float
    offset: float
    codes_per_division: float
    adc_bits: int
    interval_s: float
    delay_s: float
    probe: float

    @classmethod
    def from_block(cls, block: bytes) -> Wavedesc:
        """Take the fields out of a little-endian descriptor; raises ``ValueError`` on nonsense."""
        if len(block) < SHORTEST_PREAMBLE:
            raise ValueError(f"a descriptor of {len(block)} bytes")
        per_division, offset, codes_per_division = _VERTICAL.unpack_from(block, 0x9C)
        (bits,) = _ADC_BITS.unpack_from(block, 0xAC)
        interval_s, delay_s = _HORIZONTAL.unpack_from(block, 0xB0)
        (probe,) = _PROBE.unpack_from(block, 0x148)
        found = cls(per_division, offset, codes_per_division, bits, interval_s, delay_s, probe)
        positive = (per_division, codes_per_division, interval_s, probe)
        finite = np.isfinite((*positive, offset, delay_s)).all()
        if not finite or min(positive) <= 0 or not 8 <= bits <= _WORD:
            raise ValueError(f"a descriptor with {found}")
        return found

    @property
    def word_bits(self) -> int:
        """Return the width of a code: the converter's own, or 16 where it is shifted left."""
        fits = _DIVISIONS * self.codes_per_division <= 2**self.adc_bits
        return self.adc_bits if fits else _WORD


def scale_codes(
    channel: int, descriptor: Wavedesc, words: NDArray[np.int16], t0_s: float
) -> ScopeTrace:
    """Return the trace of 16-bit words; ``t0_s`` is the instant of the first, 0 the trigger.

    Firmwares differ in whether they extend the sign of a code into the upper bits of its word.
    """
    bits = descriptor.word_bits
    half = 1 << (bits - 1)
    codes = (words.astype(np.int32) + half) % (1 << bits) - half
    step = 1 << (bits - descriptor.adc_bits)
    scale = descriptor.per_division * descriptor.probe / descriptor.codes_per_division
    return ScopeTrace(
        channel=channel,
        t0_s=t0_s,
        dt_s=descriptor.interval_s,
        values=codes.astype(np.float64) * scale - descriptor.offset * descriptor.probe,
        clipped=bool(codes.min() <= -half or codes.max() >= half - step),
        resolution=step * scale,
    )
