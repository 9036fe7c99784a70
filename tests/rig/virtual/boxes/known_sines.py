"""A circuit for the simulated scopes, whose every sample is known."""

import math

import numpy as np

PEAK_V = 325.0


class KnownSines:
    """A 50 Hz sine on every channel, scaled by the channel; trigger edges at known instants."""

    def __init__(self, clock):
        self.clock, self.edges, self.kept, self.latest = clock, [], [], 0.0

    def samples(self, channel, t_s):
        self.latest = max(self.latest, float(t_s[-1]))
        assert self.latest <= self.clock.now() + 1e-9, "samples of the future"
        return PEAK_V / channel * np.sin(2.0 * np.pi * 50.0 * t_s)

    def crossing(self, channel, level, slope, start_s, end_s):
        phase = math.asin(level * channel / PEAK_V) / (2.0 * np.pi)
        first = {"rising": [phase], "falling": [0.5 - phase], "either": [phase, 0.5 - phase]}[slope]
        times = [(math.ceil(start_s * 50.0 - p - 1e-9) + p) / 50.0 for p in first]
        return min(times) if min(times) <= end_s else None

    def external_trigger(self, start_s, end_s):
        return next((t for t in self.edges if start_s <= t <= end_s), None)

    def keep_from(self, start_s):
        self.kept.append(start_s)
