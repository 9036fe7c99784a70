import time
from math import inf

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st


def scenario(make_rig, pieces):
    """Live through one story, looking in at the given instants; return what was."""
    rig = make_rig(tick_s=0.25).energise()
    pow_, call = rig.net.point_on_wave(), rig.clock.call_at
    call(0.6, lambda: rig.load("A", "power", 2000.0, 0.8))
    call(0.9, lambda: rig.load("B", "current", 0.5))
    call(1.1, lambda: pow_.switch(0b11, True, 1.1037))
    call(1.1, lambda: pow_.switch(0b11, False, 1.3071))
    call(1.6, lambda: pow_.switch(1 << 8, True, 1.6049))
    call(1.6, lambda: pow_.switch(1 << 8, False, 1.7))
    for t in [*sorted(pieces), 3.0]:
        rig.clock.sleep_until(t)
        rig.net.advance()
    return rig


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.floats(0.5, 3.0), max_size=40))
@example([0.5 + 0.00137 * n for n in range(1800)])
def test_how_time_is_cut_changes_nothing(make_rig, pieces):
    one, cut = scenario(make_rig, []), scenario(make_rig, pieces)
    assert cut.net.truth.events == one.net.truth.events
    assert cut.firmware.decided == one.firmware.decided != []
    assert cut.firmware.ticks == one.firmware.ticks != []
    assert cut.firmware.samples == one.firmware.samples
    assert cut.firmware.squares == pytest.approx(one.firmware.squares, rel=1e-12)
    assert cut.firmware.steady_s == pytest.approx(one.firmware.steady_s, rel=1e-12)
    assert cut.firmware.watt_seconds == pytest.approx(one.firmware.watt_seconds, rel=1e-12)


def test_a_steady_hour_is_one_step_and_one_piece(rig):
    rig.load("A", "power", 3000.0)
    rig.run(1.0)
    blocks, changes = rig.firmware.blocks, rig.net._world.changes
    start = time.perf_counter()
    rig.run(3600.0)
    assert time.perf_counter() - start < 0.1
    assert rig.firmware.blocks == blocks
    assert rig.net._world.changes == changes
    assert rig.firmware.watt_seconds == pytest.approx(3000.0 * 3600.9, rel=1e-3)


def test_the_network_asks_the_clock_for_nothing(rig):
    assert rig.clock.next_due() is None


def test_the_firmware_sees_every_sample_once_after_a_change(rig):
    before = rig.firmware.samples
    rig.load("A", "power", 2000.0)
    rig.run(1.0)
    assert 8000 <= rig.firmware.samples - before <= 10_000


def test_a_small_step_of_a_load_needs_no_samples(rig):
    before = rig.firmware.samples
    rig.load("A", "power", 100.0)
    rig.run(1.0)
    assert rig.firmware.samples == before


def test_the_units_deadlines_are_met_at_their_own_instants(make_rig):
    rig = make_rig(protects=False, tick_s=0.25).energise()
    rig.run(2.0)
    assert rig.firmware.ticks == [0.25 * n for n in range(1, 11)][-len(rig.firmware.ticks) :]
    assert len(rig.firmware.ticks) >= 8


def test_samples_stand_on_whole_multiples_of_10_us(rig):
    got = rig.net.sensors.sampled(0.123456, 0.123999)
    assert got.t_s[0] == 0.12346
    assert got.t_s.size == 54
    assert np.array_equal(got.t_s, np.round(got.t_s * 1e5) / 1e5)
    assert got.residual_current_a is None


def test_sampled_inputs_are_what_the_scope_sees(rig):
    rig.load("A", "power", 2000.0, 0.8, 2.0)
    rig.run(1.0)
    scope = rig.probe("A")
    got = rig.net.sensors.sampled(rig.clock.now() - 0.02, rig.clock.now())
    assert np.array_equal(got.socket_current_a[0], scope.samples(2, got.t_s))


def test_a_firmware_that_makes_no_progress_is_named(make_rig):
    rig = make_rig(protects=False)
    rig.firmware.run_block = lambda start, end: start
    with pytest.raises(RuntimeError, match="no progress"):
        rig.run(0.1)


def test_a_firmware_that_runs_past_its_block_is_named(make_rig):
    rig = make_rig(protects=False)
    rig.firmware.run_block = lambda start, end: inf
    with pytest.raises(RuntimeError, match="answered inf"):
        rig.run(0.1)
