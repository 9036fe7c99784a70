"""A plan that hangs is told from one that works, waits, or sleeps."""

import threading

import pytest

from instruments.clock import WallClock
from rig.bench.gated import GatedClock
from rig.bench.plan_silence import PlanSilence
from rig.safety import Gate


class Now:
    t_s = 0.0

    def __call__(self):
        return self.t_s


@pytest.fixture
def gate():
    return Gate()


@pytest.fixture
def now():
    return Now()


def test_a_plan_that_does_not_pass_the_gate_for_too_long_hangs(gate, now):
    silence = PlanSilence(gate, now, 2.0)
    now.t_s = 1.9
    assert silence.look() is None
    now.t_s = 2.1
    assert silence.look() == (
        "the plan hangs: for 2.1 s it has neither spoken to a box nor slept, expected at most 2 s"
    )


def test_each_passing_begins_the_time_anew(gate, now):
    silence = PlanSilence(gate, now, 2.0)
    for _ in range(5):
        now.t_s += 1.9
        gate.check()
        assert silence.look() is None
    now.t_s += 2.1
    assert silence.look() is not None


def test_what_other_threads_do_is_no_sign_of_life(gate, now):
    silence = PlanSilence(gate, now, 2.0)
    now.t_s = 2.1
    thread = threading.Thread(target=gate.check)
    thread.start()
    thread.join()
    assert silence.look() is not None


def test_without_a_limit_nothing_hangs(gate, now):
    silence = PlanSilence(gate, now, None)
    now.t_s = 1e6
    assert silence.look() is None


def test_a_long_sleep_is_no_silence(gate):
    clock = WallClock()
    silence = PlanSilence(gate, clock.now, 0.2)
    looks = []
    call = clock.call_every(0.05, lambda: looks.append(silence.look()))
    GatedClock(clock, gate).sleep_until(clock.now() + 0.6)
    call.cancel()
    clock.close()
    assert len(looks) > 5
    assert set(looks) == {None}
