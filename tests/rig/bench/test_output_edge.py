"""Where an output becomes another, on waves whose truth is known."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.bench.output_edge import amplitude_edge, clock_edge, fitted, levels
from rig.measure import Waveform

DT_S, PEAK_V = 2e-5, 325.0


def wave(edge_s, *, gain=1.0, hertz=0.0, phase=0.0, noise=0.8):
    t_s = np.arange(-0.3, 0.6, DT_S)
    late = np.clip(t_s - edge_s, 0.0, None)
    sine = np.sin(2.0 * math.pi * (50.0 * t_s + hertz * late) + phase)
    values = PEAK_V * sine * np.where(t_s >= edge_s, gain, 1.0)
    values += noise * np.random.default_rng(1).standard_normal(t_s.size)
    return Waveform(float(t_s[0]), DT_S, values, "V", "socket_voltage")


def before(of):
    return fitted(of, -0.28, -0.02, 50.0)


@settings(max_examples=40, deadline=None)
@given(
    edge_s=st.floats(-0.004, 0.004),
    gain=st.sampled_from([0.42, 0.765, 1.15, 1.2]),
    phase=st.floats(0.0, 2.0 * math.pi),
)
def test_a_change_of_amplitude_is_found_within_what_is_stated(edge_s, gain, phase):
    seen = wave(edge_s, gain=gain, phase=phase)
    edge = amplitude_edge(seen, before(seen), -0.01)
    assert abs(edge.t_s - edge_s) <= edge.within_s + 3.0 * DT_S
    assert edge.within_s < 0.8e-3


@settings(max_examples=20, deadline=None)
@given(
    edge_s=st.floats(-0.004, 0.004),
    hertz=st.sampled_from([-1.1, 1.1, 1.5]),
    phase=st.floats(0.0, 2.0 * math.pi),
)
def test_a_change_of_frequency_is_found_within_what_is_stated(edge_s, hertz, phase):
    seen = wave(edge_s, hertz=hertz, phase=phase)
    edge = clock_edge(before(seen), fitted(seen, 0.01, 0.5, 50.0))
    assert abs(edge.t_s - edge_s) <= edge.within_s
    assert edge.within_s < 2e-3


def test_where_nothing_changes_there_is_no_edge():
    seen = wave(0.0)
    assert amplitude_edge(seen, before(seen), -0.01) is None
    assert clock_edge(before(seen), fitted(seen, 0.01, 0.5, 50.0)) is None


def test_levels_are_those_of_single_cycles():
    seen = wave(0.0, gain=1.15)
    rms = PEAK_V / math.sqrt(2.0)
    found = levels(seen, 0.002, 0.1, 50.0)
    assert len(found) >= 7
    assert found == pytest.approx([1.15 * rms] * len(found), rel=1e-3)
    assert levels(seen, 0.0, 0.02, 50.0) == []
