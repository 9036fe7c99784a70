"""Siglent SDS HD: a record is read in blocks, scaled by its descriptor, or refused."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from siglent_script import ARMED, SELECT, SETUP, scripted_scope, state, wavedesc

from instruments.errors import BenchError, UsageError
from instruments.siglent_waveform import Wavedesc, scale_codes


@pytest.fixture
def make(scripted_scpi, clock):
    return partial(scripted_scope, scripted_scpi, clock)


def test_the_asked_part_of_the_record_is_read_in_blocks_and_scaled(make):
    words = np.zeros(50_000, dtype="<i2")
    words[0], words[10_000], words[-1] = -7680, 3840, 16
    scope, link = make(
        *ARMED,
        state("Stop"),
        state("Stop"),
        *SELECT,
        (":WAV:PRE?", wavedesc(offset=-0.5)),
        (":WAV:MAXP?", "30000"),
        (":WAV:STAR 40000", None),
        (":WAV:POIN 30000", None),
        (":WAV:DATA?", words[:30_000].tobytes()),
        (":WAV:STAR 70000", None),
        (":WAV:POIN 20000", None),
        (":WAV:DATA?", words[30_000:].tobytes()),
    )
    scope.arm(SETUP)
    trace = scope.read_trace(1)
    link.finish()
    assert link.depth_of[":WAV:DATA?"] == 1
    assert (trace.channel, trace.t0_s, trace.dt_s) == (1, pytest.approx(-0.1), pytest.approx(1e-5))
    assert trace.values[0] == pytest.approx(-75.0)
    assert trace.values[10_000] == pytest.approx(112.5)
    assert trace.values[-1] == pytest.approx(50.0 + trace.resolution)
    assert trace.resolution == pytest.approx(16 * 125 / 7680)
    assert not trace.clipped


@pytest.mark.parametrize(
    ("descriptor", "block", "words"),
    [
        (wavedesc()[:300], b"", "a sound WAVEDESC, got a descriptor of 300 bytes"),
        (wavedesc(codes=0.0), b"", "a sound WAVEDESC"),
        (wavedesc(interval=float("nan")), b"", "a sound WAVEDESC"),
        (wavedesc(interval=1e-3), b"", "at least 100000 samples a second, got 1000"),
        (wavedesc(delay=0.02), b"", "trigger in the middle, got 0.02 s off it"),
        (wavedesc(probe=10.0), b"", "expected a probe of 100, got 10"),
        (wavedesc(), b"1234", "expected 100000 bytes, got 4"),
    ],
)
def test_a_record_that_is_not_what_was_asked_for_is_a_bench_error(make, descriptor, block, words):
    reading = (
        (":WAV:MAXP?", "1E+07"),
        (":WAV:STAR 40000", None),
        (":WAV:POIN 50000", None),
        (":WAV:DATA?", block),
    )
    scope, _ = make(
        *ARMED, state("Stop"), state("Stop"), *SELECT, (":WAV:PRE?", descriptor), *reading
    )
    scope.arm(SETUP)
    with pytest.raises(BenchError, match=words):
        scope.read_trace(1)


def test_there_is_no_trace_before_arming_without_a_trigger_or_while_filling(make):
    scope, _ = make()
    with pytest.raises(BenchError, match="never armed"):
        scope.read_trace(1)
    scope, link = make(*ARMED, state("Ready"))
    scope.arm(SETUP)
    with pytest.raises(BenchError, match="the trigger never came"):
        scope.read_trace(1)
    link.then(state("Trig'd"), state("Trig'd"))
    with pytest.raises(BenchError, match="still acquiring"):
        scope.read_trace(1)
    with pytest.raises(UsageError, match="channel 3 was not recorded"):
        scope.read_trace(3)


@given(st.lists(st.integers(-2048, 2047), min_size=1, max_size=40), st.booleans())
def test_codes_mean_the_same_left_aligned_sign_extended_or_not(codes, signed):
    left = Wavedesc.from_block(wavedesc(codes=7680.0))
    right = Wavedesc.from_block(wavedesc(codes=480.0))
    plain = np.array(codes, dtype=np.int16)
    shifted = scale_codes(1, left, plain * 16, 0.0)
    cut = scale_codes(1, right, plain if signed else plain & 0x0FFF, 0.0)
    assert np.allclose(shifted.values, cut.values)
    assert shifted.resolution == pytest.approx(cut.resolution)
    assert shifted.clipped == cut.clipped == any(c in (-2048, 2047) for c in codes)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_descriptor_or_a_value_error(block):
    try:
        found = Wavedesc.from_block(block)
    except ValueError:
        return
    assert found.interval_s > 0
    assert found.codes_per_division > 0
