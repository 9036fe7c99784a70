import pytest

from instruments.capabilities import PointOnWaveShot
from instruments.errors import BenchError, UsageError
from instruments.point_on_wave import PointOnWaveTrigger


@pytest.fixture
def make(scripted_registers, clock):
    def make_trigger(*steps):
        link = scripted_registers(*steps)
        return PointOnWaveTrigger(link, clock), link

    return make_trigger


SET = (((16, 0, (500, 0b101)), None), ((6, 3, 300), None))


def test_arming_sets_reads_back_and_only_then_arms(make):
    trigger, link = make(
        *SET, ((3, 0, 4), [500, 5, 0, 300]), ((6, 2, 1), None), ((4, 0, 3), [0, 0, 1])
    )
    trigger.arm(0b101, delay_s=0.005, hold_s=0.3)
    link.finish()


def test_settings_that_did_not_stick_are_never_armed(make):
    trigger, link = make(*SET, ((3, 0, 4), [500, 1, 0, 300]))
    with pytest.raises(BenchError, match="branches 5"):
        trigger.arm(0b101, delay_s=0.005, hold_s=0.3)
    link.finish()


def test_a_trigger_that_stays_idle_is_a_bench_error(make):
    trigger, _ = make(
        *SET, ((3, 0, 4), [500, 5, 0, 300]), ((6, 2, 1), None), ((4, 0, 3), [0, 0, 0])
    )
    with pytest.raises(BenchError, match="arming"):
        trigger.arm(0b101, delay_s=0.005, hold_s=0.3)


@pytest.mark.parametrize(
    ("branches", "delay_s", "hold_s", "name"),
    [
        (0, 0.0, 0.1, "branches"),
        (1, 0.7, 0.1, "delay_s"),
        (1, 0.0, 66.0, "hold_s"),
        (1, -1e-3, 0.1, "delay_s"),
    ],
)
def test_what_does_not_fit_a_register_is_refused_before_a_byte_is_sent(
    make, branches, delay_s, hold_s, name
):
    trigger, link = make()
    with pytest.raises(UsageError, match=name):
        trigger.arm(branches, delay_s=delay_s, hold_s=hold_s)
    assert link.depth_of == {}


def test_a_shot_is_read_with_its_angle_in_degrees(make):
    trigger, _ = make(((4, 0, 3), [1, 903, 3]))
    assert trigger.read_shot() == PointOnWaveShot(fired=True, angle_deg=90.3, state=3)


@pytest.mark.parametrize("state", [0, 3])
def test_disarming_opens_the_branches(make, state):
    trigger, link = make(((6, 2, 0), None), ((4, 0, 3), [0, 0, state]))
    trigger.make_safe()
    link.finish()
    trigger.close()


@pytest.mark.parametrize("state", [1, 2])
def test_branches_that_stay_closed_are_a_bench_error(make, state):
    trigger, _ = make(((6, 2, 0), None), ((4, 0, 3), [0, 0, state]))
    with pytest.raises(BenchError, match="disarming"):
        trigger.disarm()


def test_a_trigger_is_identified_only_by_its_answer(make):
    trigger, link = make(((4, 0, 3), [0, 0, 0]))
    assert trigger.identify().model == "point-on-wave trigger"
    link.finish()
