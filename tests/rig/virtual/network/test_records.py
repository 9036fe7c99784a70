import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.virtual.network import rng_for
from rig.virtual.network.history import Track
from rig.virtual.network.ledger import Ledger

steps = st.lists(st.tuples(st.floats(0.0, 5.0), st.floats(-100.0, 100.0)), min_size=1, max_size=30)


def walked(deltas):
    t, out = 0.0, []
    for delta, value in deltas:
        t += delta
        out.append((t, value))
    return out


@given(steps, st.lists(st.floats(-1.0, 160.0), min_size=1, max_size=50))
def test_a_track_split_by_slices_is_the_track_asked_one_by_one(deltas, instants):
    track = Track(0.0)
    for t, value in walked(deltas):
        track.put(t, value)
    t_s = np.array(sorted(instants))
    out = np.full(t_s.size, np.nan)
    for part, value in track.slices(t_s):
        out[part] = value
    assert out.tolist() == [track.at(t) for t in t_s]


@given(steps, st.floats(0.0, 80.0), st.floats(0.01, 80.0))
def test_a_ledger_mean_is_the_integral_by_time(deltas, start, width):
    ledger = Ledger(1, 0.0)
    ledger.put(0.0, [0.0])
    track = Track(0.0)
    for t, value in walked(deltas):
        ledger.put(t, [value])
        track.put(t, value)
    end = start + width
    pieces = track.pieces(start, end)
    wanted = sum((last - first) * value for first, last, value in pieces) / width
    assert ledger.mean(start, end)[0] == pytest.approx(wanted, rel=1e-9, abs=1e-9)


def test_streams_depend_on_the_name_and_the_seed_alone():
    first = rng_for(1, "relay A").uniform(size=3)
    assert np.array_equal(first, rng_for(1, "relay A").uniform(size=3))
    assert not np.array_equal(first, rng_for(1, "relay B").uniform(size=3))
    assert not np.array_equal(first, rng_for(2, "relay A").uniform(size=3))
