"""Keysight InfiniiVision: what a record holds, in every form a client may read it (C3)."""

import numpy as np
import pytest
from box_client import ask
from hypothesis import given, settings
from hypothesis import strategies as st
from infiniivision_shots import preamble, set_up, shot, trace

from rig.virtual.boxes.keysight_infiniivision import KeysightInfiniiVision
from rig.virtual.boxes.scope_panel import ladder


def test_all_forms_of_the_data_mean_the_same_values():
    box = shot(span=0.05, before=0.01)
    ask(box, ":WAV:POIN 1000")
    _, word = trace(box)
    ask(box, ":WAV:BYT MSBF")
    assert (trace(box, ">u2")[1] == word).all()
    ask(box, ":WAV:UNS OFF")
    assert trace(box, ">i2")[1] == pytest.approx(word)
    ask(box, ":WAV:FORM BYTE")
    assert trace(box, "i1")[1] == pytest.approx(word)
    ask(box, ":WAV:UNS ON")
    assert preamble(box)[0] == 0
    assert trace(box, "u1")[1] == pytest.approx(word)
    ask(box, ":WAV:FORM ASC")
    data = box.execute(b":WAV:DATA?").data
    assert int(data[2:10]) == len(data) - 10
    text = np.array([float(v) for v in data[10:].split(b",")])
    assert text == pytest.approx(word, abs=1e-2)


def test_eight_bits_are_eight_bits_and_high_resolution_has_twelve():
    box = shot(span=0.05, before=0.01)
    raw = np.frombuffer(box.execute(b":WAV:DATA?").data[10:], "<u2")
    assert not (raw & 0xFF).any()
    ask(box, ":ACQ:TYPE HRES;:SING")
    box.panel.clock.sleep_until(6.0)
    box.panel.force()
    box.panel.clock.sleep_until(7.0)
    raw = np.frombuffer(box.execute(b":WAV:DATA?").data[10:], "<u2")
    assert not (raw & 0xF).any()
    assert (raw & 0xF0).any()
    assert preamble(box)[1] == 3


def test_what_does_not_fit_the_screen_is_clipped():
    box = shot(span=0.05, before=0.01)
    box.panel.channels[1].scale = 20.0
    ask(box, ":SING")
    box.panel.clock.sleep_until(6.0)
    box.panel.force()
    box.panel.clock.sleep_until(7.0)
    raw = np.frombuffer(box.execute(b":WAV:FORM BYTE;DATA?").data[10:], "u1")
    assert raw.max() == 255
    assert raw.min() == 1


def test_the_measurement_record_is_shorter_than_the_raw_one():
    box = shot()
    ask(box, ":WAV:POIN:MODE RAW;:WAV:POIN MAX")
    assert int(ask(box, ":WAV:POIN?")) == 2_500_000
    assert float(ask(box, ":ACQ:SRAT?")) == 5e6
    ask(box, ":WAV:POIN:MODE NORM;:WAV:POIN 4000000")
    assert 30_000 < int(ask(box, ":WAV:POIN?")) <= 62_500


def test_a_transfer_takes_its_time_on_the_wire():
    box = shot()
    ask(box, ":WAV:POIN 1000000")
    response = box.execute(b":WAV:DATA?")
    assert response.turnaround_s == pytest.approx(0.002 + len(response.data) / 20e6, rel=1e-3)


def test_one_seed_repeats_and_the_next_acquisition_differs():
    first, again, other = shot(3), shot(3), shot(4)
    data = first.execute(b":WAV:DATA?").data
    assert again.execute(b":WAV:DATA?").data == data
    assert other.execute(b":WAV:DATA?").data != data


@given(st.integers(100, 60_000), st.sampled_from([1, 2]))
@settings(max_examples=20, deadline=None)
def test_noise_does_not_depend_on_how_the_record_is_read(points, channel):
    box = shot(span=0.05, before=0.01)
    ask(box, f":WAV:SOUR CHAN{channel};:WAV:POIN 60000")
    full_t, full = trace(box)
    ask(box, f":WAV:SOUR CHAN{3 - channel};:WAV:POIN 777")
    trace(box)
    ask(box, f":WAV:SOUR CHAN{channel};:WAV:POIN {points}")
    some_t, some = trace(box)
    nearest = np.rint((some_t - full_t[0]) / (full_t[1] - full_t[0])).astype(int)
    common = np.isclose(full_t[np.minimum(nearest, len(full_t) - 1)], some_t, rtol=0, atol=1e-9)
    assert common.any()
    assert (full[nearest[common]] == some[common]).all()


def test_the_time_base_of_a_specimen_runs_at_a_pace_of_its_own(clock, sines):
    paces = []
    for seed in range(8):
        box = KeysightInfiniiVision(clock, sines, np.random.default_rng(seed), pace_error=1e-3)
        set_up(box)
        sines.edges, sines.latest = [clock.now() + 0.5], 0.0
        ask(box, ":SING")
        clock.sleep_until(clock.now() + 2.0)
        t, volts = trace(box)
        design = np.column_stack([f(2 * np.pi * 50 * t) for f in (np.sin, np.cos)])
        turn = [
            np.angle(complex(*np.linalg.lstsq(design[k], volts[k])[0])) for k in (t < 0, t > 0.3)
        ]
        apart = t[t > 0.3].mean() - t[t < 0].mean()
        paces.append((turn[0] - turn[1]) / (2 * np.pi * 50 * apart))
    assert 3e-4 < np.std(paces) < 3e-3


@given(st.floats(1.0, 5e9))
def test_sample_rates_are_one_two_five(rate):
    fits = ladder(rate)
    assert rate / 2.6 < fits <= rate * (1 + 1e-9)
    assert f"{fits:.0e}"[0] in "125"
