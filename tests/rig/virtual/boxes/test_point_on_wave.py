import math
from statistics import stdev

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.clock import VirtualClock
from rig.virtual.boxes.point_on_wave import PointOnWaveTrigger

PERIOD = 0.02


class Mains:
    """50 Hz with a zero crossing at 3 ms, and branches that remember."""

    def __init__(self, clock):
        self.clock = clock
        self.alive = True
        self.switched, self.triggers = [], []

    def next_zero_crossing(self):
        if not self.alive:
            return None
        return 0.003 + PERIOD * max(0, math.ceil((self.clock.now() - 0.003) / PERIOD))

    def phase_deg(self, t_s):
        return (t_s - 0.003) / PERIOD * 360 % 360

    def switch(self, branches, closed, at_s):
        assert at_s >= self.clock.now()
        self.switched.append((branches, closed, at_s))

    def trigger(self, at_s):
        self.triggers.append(at_s)


class Bench:
    def __init__(self, seed=1, **options):
        self.clock = VirtualClock()
        self.mains = Mains(self.clock)
        rng = np.random.default_rng(seed)
        self.box = PointOnWaveTrigger(self.mains, self.clock, rng, **options)

    def ask(self, request):
        return self.box.handle(bytes.fromhex(request)).hex(" ")

    def shoot(self, delay, mask, hold):
        values = b"".join(v.to_bytes(2, "big") for v in (delay, mask, 1, hold))
        assert self.box.handle(b"\x10\x00\x00\x00\x04\x08" + values)[0] == 0x10

    def inputs(self):
        return list(self.box.read_input(0, 3))

    def closings(self):
        return [(mask, at) for mask, closed, at in self.mains.switched if closed]

    def openings(self):
        return [(mask, at) for mask, closed, at in self.mains.switched if not closed]


@pytest.fixture
def bench():
    return Bench(branches=9)


def test_it_closes_at_the_delay_after_the_zero_crossing_and_opens_after_the_hold(bench):
    bench.shoot(delay=500, mask=0b101, hold=40)  # 5 ms = 90 degrees
    bench.clock.sleep_until(0.1)
    ((mask, closed_at),) = bench.closings()
    assert mask == 0b101
    assert closed_at == pytest.approx(0.008, abs=0.1e-3)
    opened_mask, opened_at = bench.openings()[-1]
    assert opened_mask == 0b101
    assert opened_at - closed_at == pytest.approx(0.040, abs=1e-9)
    assert bench.mains.triggers == [closed_at]


def test_the_state_goes_idle_armed_closed_done(bench):
    assert bench.inputs() == [0, 0, 0]
    bench.shoot(delay=500, mask=1, hold=40)
    assert bench.inputs() == [0, 0, 1]
    assert bench.ask("03 0000 0004") == "03 08 01 f4 00 01 00 01 00 28"
    bench.clock.sleep_until(0.02)
    assert bench.inputs()[0::2] == [1, 2]
    bench.clock.sleep_until(0.1)
    assert bench.inputs()[0::2] == [1, 3]
    assert bench.ask("03 0002 0001") == "03 02 00 00"


def test_the_measured_angle_is_near_the_true_one_and_in_tenths(bench):
    bench.shoot(delay=250, mask=1, hold=10)
    bench.clock.sleep_until(0.1)
    true = bench.mains.phase_deg(bench.closings()[0][1])
    assert bench.inputs()[1] / 10 == pytest.approx(true, abs=1.0)
    assert bench.inputs()[1] / 10 != true


def test_an_angle_near_zero_wraps_into_0_to_360():
    for seed in range(20):
        bench = Bench(seed)
        bench.shoot(delay=0, mask=1, hold=10)
        bench.clock.sleep_until(0.1)
        assert 0 <= bench.inputs()[1] < 3600


def test_jitter_is_spread_and_clipped():
    bench = Bench(jitter_s=60e-6)
    errors = []
    for shot in range(200):
        bench.shoot(delay=500, mask=1, hold=1)
        expected = bench.mains.next_zero_crossing() + 0.005
        bench.clock.sleep_until((shot + 1) * 0.1)
        errors.append(bench.closings()[-1][1] - expected)
    assert max(map(abs, errors)) <= 0.1e-3 + 1e-9
    assert 40e-6 < stdev(errors) < 70e-6


def test_the_same_seed_gives_the_same_shots():
    def shots(seed):
        bench = Bench(seed)
        for shot in range(5):
            bench.shoot(delay=100, mask=1, hold=1)
            bench.clock.sleep_until((shot + 1) * 0.1)
        return bench.closings()

    assert shots(7) == shots(7)
    assert shots(7) != shots(8)


def test_without_ac_voltage_it_stays_armed_until_there_is_some(bench):
    bench.mains.alive = False
    bench.shoot(delay=500, mask=1, hold=10)
    bench.clock.sleep_until(1.0)
    assert bench.inputs() == [0, 0, 1]
    bench.mains.alive = True
    bench.clock.sleep_until(1.1)
    assert bench.inputs()[0::2] == [1, 3]
    assert 1.0 < bench.closings()[0][1] < 1.05


def test_mask_0_raises_the_trigger_line_only(bench):
    bench.shoot(delay=500, mask=0, hold=10)
    bench.clock.sleep_until(0.1)
    assert len(bench.mains.triggers) == 1
    assert bench.closings() == []
    assert bench.inputs()[0::2] == [1, 3]


def test_disarming_before_the_shot_prevents_it(bench):
    bench.shoot(delay=500, mask=1, hold=10)
    assert bench.ask("06 0002 0000") == "06 00 02 00 00"
    bench.clock.sleep_until(1.0)
    assert bench.closings() == []
    assert bench.mains.triggers == []
    assert bench.inputs() == [0, 0, 0]


def test_disarming_a_closed_branch_opens_all_at_once(bench):
    bench.shoot(delay=0, mask=1, hold=60_000)
    bench.clock.sleep_until(0.1)
    bench.ask("06 0002 0000")
    assert bench.openings() == [(1, 0.1)]
    bench.clock.sleep_until(100.0)
    assert bench.openings() == [(1, 0.1)]
    assert bench.inputs()[2] == 0


def test_arming_again_opens_what_the_earlier_shot_held(bench):
    bench.shoot(delay=0, mask=1, hold=60_000)
    bench.clock.sleep_until(0.1)
    bench.shoot(delay=0, mask=2, hold=10)
    assert bench.openings() == [(1, 0.1)]
    bench.clock.sleep_until(0.2)
    assert [mask for mask, _ in bench.closings()] == [1, 2]


def test_settings_written_one_by_one_serve_the_next_arm(bench):
    for request in ("06 0000 01F4", "06 0001 0004", "06 0003 0064", "06 0002 0001"):
        assert bench.ask(request)[:2] == "06"
    bench.clock.sleep_until(0.05)
    assert bench.closings()[0][0] == 4


@pytest.mark.parametrize(
    ("request_hex", "reply"),
    [
        ("06 0004 0001", "86 02"),
        ("06 0003 0000", "86 03"),
        ("06 0002 0002", "86 03"),
        ("06 0001 0200", "86 03"),
        ("10 0003 0002 04 0001 0001", "90 02"),
        ("03 0000 0005", "83 02"),
        ("04 0000 0004", "84 02"),
        ("05 0000 FF00", "85 01"),
    ],
)
def test_what_it_has_not_is_refused(bench, request_hex, reply):
    assert bench.ask(request_hex) == reply


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 400)), max_size=12))
def test_whatever_is_written_no_branch_stays_closed_past_the_longest_hold(writes):
    bench = Bench()
    for register, value in writes:
        bench.box.handle(bytes([6, 0, register]) + value.to_bytes(2, "big"))
        bench.clock.sleep_until(bench.clock.now() + 0.01)
    bench.clock.sleep_until(bench.clock.now() + 70.0)
    closed = 0
    for mask, on, _ in bench.mains.switched:
        closed = closed | mask if on else closed & ~mask
    assert closed == 0
