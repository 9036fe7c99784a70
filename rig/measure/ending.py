"""Find the last current before a lasting quiet."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from rig.measure.edge import Edge, locate_edge
from rig.measure.edge_models import Driver, DriverFinder, EdgeInput, Pattern
from rig.measure.onset import SHARE_OF_PEAK, Before, Frequency, Onset
from rig.measure.runs import debounce_samples, quiet_after, runs_above, sustained_peak
from rig.measure.waveform import Waveform

__all__ = ["SURGE_S", "Ending", "find_ending", "locate_ending"]

SURGE_S = 1e-4
"""A capacitor gives its charge into a short circuit within this time."""
_SUSTAINED_S = 1e-4
_OFFSET_SHARE = 0.02
"""A DC part below this share of the peak is taken for the channel's zero, not for current."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The last sustained current, the quiet that followed it, and the threshold of both."""

    last_s: float
    quiet_s: float
    threshold: float
    peak: float
    zero: float
    """What the channel shows at no current."""


def find_ending(wave: Waveform, before: Before, onset: Onset, *, quiet_s: float) -> Ending:
    """Return where the current ends for ``quiet_s``; a natural zero is shorter than that.

    Without such a quiet, the last current of the record and what is left of the record.
    """
    flow = wave.between(onset.cross_s, wave.end_s)
    zero = _zero(flow, before, onset)
    ending = _search(flow, zero, _peak(flow, zero, flow.t0_s), before, quiet_s)
    late = _peak(flow, zero, ending.last_s - 0.03)
    if late < 0.8 * ending.peak:
        ending = _search(flow, zero, late, before, quiet_s)
    return ending


def _zero(flow: Waveform, before: Before, onset: Onset) -> float:
    mean = float(before.fit.coefficients[0].real)
    limit = max(4.0 * flow.u_offset, 2.0 * flow.resolution, _OFFSET_SHARE * onset.peak)
    return mean if abs(mean) <= limit else 0.0


def _peak(flow: Waveform, zero: float, start_s: float) -> float:
    part = flow.between(max(start_s, flow.t0_s), min(max(start_s, flow.t0_s) + 0.03, flow.end_s))
    return sustained_peak(part.values - zero, max(int(_SUSTAINED_S / flow.dt_s), 1))


def _search(flow: Waveform, zero: float, peak: float, before: Before, quiet_s: float) -> Ending:
    threshold = max(before.noise_threshold, SHARE_OF_PEAK * peak, 3.0 * flow.u_offset)
    debounce = debounce_samples(flow.dt_s)
    starts, ends = runs_above(flow.values - zero, threshold, debounce)
    if ends.size == 0:
        return Ending(flow.t0_s, flow.end_s - flow.t0_s, threshold, peak, zero)
    gap = math.ceil(quiet_s / flow.dt_s - 1e-6)
    end, quiet = quiet_after(starts, ends, size=flow.values.size, longest_gap=gap)
    last = flow.t0_s + flow.dt_s * (end - 1)
    return Ending(last, quiet * flow.dt_s, threshold, peak, zero)


def locate_ending(
    wave: Waveform,
    before: Before,
    ending: Ending,
    *,
    since_s: float,
    frequency: Frequency,
    driver: DriverFinder | None = None,
) -> Edge:
    """Return the instant the current ended; it is known to flow from ``since_s`` on.

    The record is seen backwards: what ended is then a beginning.
    """
    period = 1.0 / frequency.hz
    settled_s = since_s + min(SURGE_S, 0.5 * (ending.last_s - since_s))
    start = max(ending.last_s - 1.2 * period, settled_s)
    stop = min(ending.last_s + min(0.3 * period, ending.quiet_s), wave.end_s)
    part = wave.between(start, stop)
    backwards = -part.times()[::-1]
    edge = locate_edge(
        EdgeInput(
            t_s=backwards,
            y=part.values[::-1] - ending.zero,
            cross=part.values.size - 1 - part.index(ending.last_s),
            on=part.values.size,
            sigma=before.sigma,
            threshold=ending.threshold,
            peak=ending.peak,
            frequency_hz=frequency.hz,
            u_frequency_hz=frequency.u_hz,
            pattern=_base(before, ending),
            driver=None if driver is None else _backwards(driver),
        )
    )
    return replace(edge, t_s=-edge.t_s)


def _backwards(driver: DriverFinder) -> DriverFinder:
    def find() -> Driver | None:
        found = driver()
        return None if found is None else found.backwards()

    return find


def _base(before: Before, ending: Ending) -> Pattern | None:
    """Return the current that flowed before the stimulus, backwards; None when there was none."""
    if before.fit.coefficients.size == 1:
        return None
    return lambda t: before.fit.at(-t) - ending.zero
