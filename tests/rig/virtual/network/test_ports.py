import time
from dataclasses import replace

import numpy as np
import pytest

from instruments.errors import UsageError
from rig.virtual.ports import LoadSetting


def test_a_load_step_dips_the_voltage_and_decays_within_60_ms(rig):
    scope = rig.probe("A")
    zero = rig.net.point_on_wave().next_zero_crossing()
    rig.net.point_on_wave().switch(0b111111, True, zero + 0.02)
    rig.run(0.3)

    def half_cycle(start):
        return np.sqrt(np.mean(scope.samples(1, start + np.arange(1000) * 1e-5) ** 2))

    first, later, last = (half_cycle(zero + 0.02 + s) for s in (0.0, 0.02, 0.06))
    assert first < 0.95 * last
    assert later == pytest.approx(last, rel=0.03)
    assert last == pytest.approx(229.0, rel=0.005)


def test_the_output_ramps_up_within_15_ms(make_rig):
    rig = make_rig(protects=False).energise()
    scope = rig.probe("A")
    rig.net.actuators.block_gates(rig.clock.now())
    rig.net.actuators.release_gates(rig.clock.now() + 0.02)
    released = rig.clock.now() + 0.02
    rig.run(0.1)
    t = released + 0.015 + np.arange(2000) * 1e-5
    assert np.sqrt(np.mean(scope.samples(1, t) ** 2)) == pytest.approx(230.8, rel=0.005)
    early = scope.samples(1, released + np.linspace(0.0, 0.0015, 100))
    assert np.max(np.abs(early)) < 33.0


def test_a_load_slews_within_a_millisecond(rig):
    rig.load("A", "current", 10.0)
    rig.run(0.2)
    scope = rig.probe("A")
    now = rig.clock.now()
    rig.load("A", "current", 5.0)
    rig.run(0.05)
    t = now + np.arange(0, 0.02, 1e-5)
    i = scope.samples(2, t)
    template = i[-1] / 5.0
    assert np.max(np.abs(i[t > now + 0.001])) < 7.2
    assert np.max(np.abs(np.diff(i))) < 0.2
    assert template != 0.0


def test_the_truth_knows_when_a_load_began_to_draw_and_not_when_it_was_only_set(rig):
    load = rig.net.load("load_a")
    load.apply(LoadSetting(False, "current", 10.0))
    assert rig.net.truth.times("load_changed") == []
    rig.run(0.2)
    load.apply(LoadSetting(True, "current", 10.0))
    assert rig.net.truth.times("load_changed", "A") == [rig.clock.now()]


def test_the_multiplexer_puts_the_probes_on_one_socket_and_on_none_while_it_changes(rig):
    rig.load("A", "current", 2.0)
    rig.load("B", "current", 4.0)
    scope, board = rig.net.scope("scope_ac"), rig.net.relays(4)

    def rms(channel):
        t = rig.clock.now() - 0.02 + np.arange(2000) * 1e-5
        return np.sqrt(np.mean(scope.samples(channel, t) ** 2))

    rig.run(0.1)
    assert rms(1) == rms(2) == 0.0
    board.drive(0, True)
    rig.run(0.1)
    assert rms(2) == pytest.approx(2.0, rel=1e-3)
    board.drive(1, True)
    rig.run(0.1)
    assert rms(1) == rms(2) == 0.0
    board.drive(0, False)
    rig.run(0.1)
    assert rms(2) == pytest.approx(4.0, rel=1e-3)
    assert rms(1) == rms(4) == pytest.approx(230.0, rel=0.01)
    assert rms(3) == 0.0


def test_a_crossing_is_found_to_the_nanosecond(rig):
    scope = rig.probe("A")
    now = rig.clock.now()
    zero = rig.net.point_on_wave().next_zero_crossing()
    rig.run(0.1)
    assert scope.crossing(1, 0.0, "rising", now, now + 0.05) == pytest.approx(zero, abs=1e-9)
    falling = scope.crossing(1, 0.0, "falling", zero, now + 0.05)
    assert falling == pytest.approx(zero + 0.01, abs=1e-9)
    assert scope.crossing(1, 400.0, "either", now, now + 0.1) is None


def test_a_jump_between_two_pieces_is_a_crossing_at_their_border(rig):
    scope = rig.probe("A")
    zero = rig.net.point_on_wave().next_zero_crossing()
    rig.net.point_on_wave().switch(0b11, True, zero + 0.025)
    rig.run(0.1)
    found = scope.crossing(2, 5.0, "rising", zero, zero + 0.05)
    assert found == zero + 0.025


def test_a_steady_hour_is_searched_in_no_time(rig):
    scope = rig.probe("A")
    now = rig.clock.now()
    rig.run(3600.0)
    start = time.perf_counter()
    assert scope.crossing(1, 400.0, "rising", now, now + 3600.0) is None
    assert time.perf_counter() - start < 0.1


def test_history_that_was_not_asked_for_is_gone_and_the_rest_is_kept(rig):
    scope = rig.probe("A")
    start = rig.clock.now()
    scope.keep_from(start)

    def toggle(n):
        for k in range(n):
            rig.load("A", "current", 0.1 + 0.1 * (k % 2))
            rig.run(0.01)

    toggle(800)
    assert np.max(np.abs(scope.samples(1, start + np.arange(2000) * 1e-5))) > 300.0
    scope.keep_from(None)
    toggle(300)
    with pytest.raises(LookupError, match="keep_from"):
        scope.samples(1, np.array([start]))


def test_the_trigger_line_reaches_both_scopes_at_its_own_instant(rig):
    now = rig.clock.now()
    rig.net.point_on_wave().trigger(now + 0.0123)
    rig.run(0.01)
    assert rig.net.scope("scope_ac").external_trigger(now, rig.clock.now()) is None
    rig.run(0.01)
    for name in ("scope_ac", "scope_dc"):
        assert rig.net.scope(name).external_trigger(now, rig.clock.now()) == now + 0.0123


def test_the_reference_knows_phase_and_zero_only_with_a_live_socket(make_rig):
    rig = make_rig(protects=False)
    assert rig.net.point_on_wave().next_zero_crossing() is None
    rig.energise("A")
    pow_ = rig.net.point_on_wave()
    zero = pow_.next_zero_crossing()
    assert rig.clock.now() < zero <= rig.clock.now() + 0.0200001
    assert pow_.phase_deg(zero + 0.005) == pytest.approx(90.0, abs=1e-6)


def test_an_analyser_weighs_by_time_and_by_mean_square(rig):
    element = rig.net.analyser("analyser_ac", 1)
    start = rig.clock.now()
    rig.load("A", "current", 10.0, 0.8)
    rig.run(10.0)
    rig.load("A", "current", 5.0, 0.8)
    rig.run(30.0)
    got = element.average(start, start + 40.0)
    assert got.current_a == pytest.approx(np.sqrt((100 * 10 + 25 * 30) / 40), rel=1e-3)
    assert got.power_w == pytest.approx(230.0 * 0.8 * (10 * 10 + 5 * 30) / 40, rel=0.01)
    assert element.average(start + 20, start + 40).current_a == pytest.approx(5.0, rel=1e-3)
    assert element.average(start + 5, start + 20).current_a == pytest.approx(
        np.sqrt((100 * 5 + 25 * 10) / 15), rel=1e-3
    )
    assert rig.net.analyser("analyser_ac", 2).average(start, start + 40).current_a == 0.0


def test_an_analyser_sees_the_dc_that_flows_through_resistors(make_rig, nominal):
    rig = make_rig(protects=False, plant=replace(nominal, dc_offset_v=2.0)).energise()
    rig.net.point_on_wave().switch(0b11, True, rig.clock.now())
    now = rig.run(1.0)
    q = rig.net.analyser("analyser_ac", 1).average(now - 0.5, now)
    assert q.voltage_dc_v == pytest.approx(2.0, rel=0.01)
    assert q.current_dc_a == pytest.approx(2 * 2.0 / 52.9, rel=0.01)


def test_the_average_of_a_steady_hour_costs_less_than_100_us(rig):
    rig.load("A", "power", 3000.0)
    rig.run(3600.0)
    element, now = rig.net.analyser("analyser_ac", 1), rig.clock.now()
    costs = []
    for _ in range(50):
        start = time.perf_counter()
        element.average(now - 3000.0, now)
        costs.append(time.perf_counter() - start)
    assert min(costs) < 100e-6


def test_a_load_reads_its_own_terminals(rig):
    rig.load("A", "current", 3.0)
    rig.net.point_on_wave().switch(0b1, True, rig.clock.now())
    rig.run(0.1)
    assert rig.net.load("load_a").read().current_a == pytest.approx(3.0, rel=1e-3)


@pytest.mark.parametrize(
    "call",
    [
        lambda net: net.load("load_x"),
        lambda net: net.supply("grid"),
        lambda net: net.scope("scope_x"),
        lambda net: net.analyser("analyser_ac", 4),
        lambda net: net.relays(1).drive(99, True),
        lambda net: net.point_on_wave().switch(1 << 12, True, 0.0),
    ],
)
def test_what_is_not_wired_is_a_usage_error(rig, call):
    with pytest.raises(UsageError):
        call(rig.net)
