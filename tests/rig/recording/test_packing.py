"""Samples kept as codes come back as they were."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.clock import VirtualClock
from rig.recording import Record, Recorder
from rig.recording.packing import packed, unpacked

steps = st.floats(1e-6, 1e3)
offsets = st.floats(-1e3, 1e3)


@given(st.lists(st.integers(0, 65_535), min_size=1, max_size=50), steps, offsets)
def test_samples_come_back_in_single_precision(codes, step, offset):
    values = offset + step * np.array(codes, dtype=np.float64)
    (back,) = unpacked(packed({"i": values}, {"i": step})).values()
    np.testing.assert_array_equal(back, values.astype(np.float32))
    assert back.dtype == np.float32


@given(st.lists(st.integers(-127, 127), min_size=1, max_size=50))
def test_the_codes_of_an_8_bit_converter_take_a_byte_each(codes):
    kept = packed({"i": 0.5 * np.array(codes, dtype=np.float64)}, {"i": 0.5})
    assert kept["i"].dtype == np.uint8
    assert set(kept) == {"i", "i.scale"}


@pytest.mark.parametrize("step", [0.0, 0.3, 1e-9])
def test_samples_off_the_grid_stay_as_they_are(step):
    values = np.array([0.0, 1.0, np.pi])
    kept = packed({"i": values}, {"i": step})
    assert list(kept) == ["i"]
    np.testing.assert_array_equal(kept["i"], values.astype(np.float32))


def test_missing_samples_stay_missing():
    kept = packed({"i": np.array([0.0, np.nan, 2.0])}, {"i": 1.0})
    assert np.isnan(unpacked(kept)["i"][1])


def test_a_stored_capture_reads_back_and_has_the_digest_of_its_samples(tmp_path):
    values = 0.25 * np.arange(-100.0, 100.0)
    recorder = Recorder(tmp_path / "run", VirtualClock())
    coded = recorder.samples("coded", {"i": values}, {"i": 0.25})
    plain = recorder.waveform("plain", {"i": values.astype(np.float32)})
    recorder.close()
    with Record(tmp_path / "run") as record:
        np.testing.assert_array_equal(record.waveform(coded.file)["i"], values)
    assert coded.sha256 == plain.sha256
