"""Siglent SDS HD: a single shot is set up, armed and waited for."""

from functools import partial

import pytest
from siglent_script import (
    ARMED,
    CHANNELS,
    MEMORY,
    RATING,
    RUN,
    SET_UP,
    SETUP,
    SINGLE,
    TIME,
    TRIGGER,
    scripted_scope,
    state,
    used,
)

from instruments.capabilities import ScopeSetup
from instruments.errors import BenchError, UsageError
from instruments.ratings import ScopeRating
from instruments.siglent_sds import SiglentSds


@pytest.fixture
def make(scripted_scpi, clock):
    return partial(scripted_scope, scripted_scpi, clock)


def test_a_single_shot_is_set_up_started_and_waited_for(make, clock):
    scope, link = make(*SET_UP, state("Auto"), state("Arm"), state("Ready"))
    scope.arm(SETUP)
    link.finish()
    assert clock.now() == pytest.approx(0.02)
    assert link.depth_of[":TRIG:RUN"] >= 1  # sent with the lock held


def test_a_trigger_that_comes_while_arming_counts_only_after_the_free_run(make):
    scope, link = make(*SET_UP, state("Trig'd"), state("Arm"), state("Trig'd"), state("Trig'd"))
    scope.arm(SETUP)
    assert scope.triggered()
    link.finish()


def test_a_shot_that_is_over_at_once_is_complete(make):
    scope, _ = make(*SET_UP, *[state("Stop")] * 3)
    scope.arm(SETUP)
    assert scope.complete()


def test_the_depth_grows_until_the_scope_samples_fast_enough(make, clock):
    scope, link = make(
        *RUN,
        *CHANNELS,
        *TIME,
        *MEMORY[:3],
        *[(":ACQ:SRAT?", "5.00E+04")] * 5,
        (":ACQ:MDEP 1M", None),
        (":ACQ:SRAT?", "1.00E+06"),
        *TRIGGER,
        *SINGLE,
        state("Ready"),
    )
    scope.arm(SETUP)
    link.finish()
    assert clock.now() == 1.0


def test_a_scope_that_never_samples_fast_enough_is_a_bench_error(make):
    scope, _ = make(
        *RUN,
        *CHANNELS,
        *TIME,
        *MEMORY[:2],
        *[
            step
            for depth in ("100k", "1M", "10M", "100M")
            for step in ((f":ACQ:MDEP {depth}", None), *[(":ACQ:SRAT?", "5E+04")] * 5)
        ],
    )
    with pytest.raises(BenchError, match="at least 100000 samples a second, got 50000 at most"):
        scope.arm(SETUP)


def test_an_external_trigger_and_no_probes_leave_the_scales_as_the_scope_has_them(make):
    scope, link = make(
        *RUN,
        (":CHAN1:SWIT OFF", None),
        (":CHAN1:SWIT?", "OFF"),
        *used(2),
        (":ACQ:MODE YT", None),
        (":TIM:SCAL 0.005", None),
        (":TIM:DEL 0", None),
        (":TIM:SCAL?", "5.00E-03"),
        (":TIM:DEL?", "0"),
        *MEMORY[:2],
        (":ACQ:MDEP 100k", None),
        (":ACQ:SRAT?", "2.00E+06"),
        (":TRIG:TYPE EDGE", None),
        (":TRIG:EDGE:SOUR EX", None),
        (":TRIG:EDGE:COUP DC", None),
        (":TRIG:EDGE:SLOP ALTernate", None),
        (":TRIG:EDGE:LEV 1.5", None),
        (":TRIG:EDGE:SOUR?", "EX"),
        (":TRIG:EDGE:COUP?", "DC"),
        (":TRIG:EDGE:LEV?", "1.50E+00"),
        *SINGLE,
        state("Ready"),
        rating=ScopeRating(channels=2),
    )
    scope.arm(ScopeSetup((2,), 1e6, 0.0, 0.02, "external", 1.5, "either"))
    link.finish()


def test_a_setting_that_did_not_take_is_a_bench_error_and_leaves_nothing_armed(make):
    scope, _ = make(*RUN, *CHANNELS, *TIME[:3], (":TIM:SCAL?", "5.00E-02"), (":TIM:DEL?", "0"))
    with pytest.raises(BenchError, match=r":TIM:SCAL\? to answer 0.1"):
        scope.arm(SETUP)
    assert not scope.triggered()


def test_a_scope_that_never_arms_is_stopped_and_a_bench_error(scripted_scpi, clock):
    class NeverReady(scripted_scpi):
        def query(self, command, *, after=()):
            return super().query(command, after=after) if self.steps else "Arm"

        def write(self, command):
            if self.steps:
                super().write(command)
            else:
                self.last = command

    link = NeverReady(*SET_UP)
    scope = SiglentSds(link, clock, RATING)
    with pytest.raises(BenchError, match=r"trigger live within 2.5 s.*answers ARM"):
        scope.arm(SETUP)
    assert clock.now() == pytest.approx(2.5, abs=0.02)
    assert link.last == ":TRIG:STOP"


def test_the_trigger_is_remembered(make):
    scope, link = make(*ARMED, state("Ready"), state("Trig'd"))
    scope.arm(SETUP)
    assert [scope.triggered() for _ in range(3)] == [False, True, True]
    link.finish()


def test_complete_means_triggered_and_stopped_by_itself(make):
    scope, link = make(*ARMED, state("Ready"), state("Trig'd"), state("Trig'd"), state("Stop"))
    scope.arm(SETUP)
    assert [scope.complete() for _ in range(3)] == [False, False, True]
    link.finish()


def test_a_scope_stopped_before_its_trigger_was_not_triggered(make):
    scope, link = make(*ARMED, state("Ready"), (":TRIG:STOP", None))
    scope.arm(SETUP)
    scope.stop()
    assert not scope.triggered()
    assert not scope.complete()
    link.finish()


@pytest.mark.parametrize(
    ("setup", "words"),
    [
        (ScopeSetup((3,), 1e5, 0.1, 0.5, "external"), "channel must be 1 to 2"),
        (ScopeSetup((1,), 1e5, 0.1, 0.5, 2), "trigger channel 2 is not among"),
        (ScopeSetup((1,), 1e5, 0.6, 0.5, 1), "pre_trigger_s must be 0 to 0.5 s"),
        (ScopeSetup((1,), 1e9, 0.1, 0.5, 1), "duration_s"),
        (ScopeSetup((1,), 1e5, 0.1, float("nan"), 1), "duration_s must be"),
    ],
)
def test_an_impossible_setup_is_refused_before_a_byte_is_sent(make, setup, words):
    scope, link = make()
    with pytest.raises(UsageError, match=words):
        scope.arm(setup)
    assert link.depth_of == {}


def test_stopping_and_closing(make):
    scope, link = make((":TRIG:STOP", None), ("*IDN?", "Siglent Technologies,SDS814X HD,S1,1.1"))
    scope.make_safe()
    assert scope.identify().model == "SDS814X HD"
    scope.close()
    assert link.closed
