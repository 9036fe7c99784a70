"""The safe state: independent steps, all failures together, terminals measured, never skipped."""

import threading
import time

import pytest

from instruments.clock import WallClock
from instruments.errors import BenchError
from rig.bench.side_by_side import Step, run_steps
from rig.clock import VirtualClock
from rig.session import DEFAULT_BENCH, load_bench

NOT_SAFE = "the bench could not be made safe"


def failure(role):
    return BenchError("making safe", box=role, address="there", expected="off", got="on")


def loads_draw(rig):
    rig.virtual.network.advance()
    return max(rig.virtual.network.sensors.steady().socket_current_a) > 0.0


def settings(rig):
    """Return what the boxes are really set to, by role."""
    world = rig.virtual.network._world
    loads = {f"load_{s}": load.on for s, load in zip("abc", world.circuit.loads, strict=True)}
    return {**loads, "pack": world._supply_setting.on, "contactors": world.connected}


@pytest.mark.parametrize("error", [failure("x"), RuntimeError("a bug"), AssertionError("a bug")])
def test_drivers_that_raise_keep_no_other_box_on(rig, error):
    with pytest.raises(ExceptionGroup, match=NOT_SAFE) as raised, rig.bench.energised():
        for load in rig.bench.loads.values():
            load.draw_power(500)
        for role in ("load_a", "load_c", "point_on_wave", "faults_2"):
            rig.make_safe_raises(role, error)
        raise_in_body()
    assert settings(rig)["load_b"] is False
    assert settings(rig)["pack"] is False
    assert settings(rig)["contactors"] is False
    assert len(raised.value.exceptions) == 4
    assert isinstance(raised.value.__cause__, ValueError)
    assert "of the body" in str(raised.value)


def test_what_runs_by_itself_and_does_not_end_keeps_no_box_on(rig, monkeypatch):
    with pytest.raises(ExceptionGroup, match=NOT_SAFE) as raised, rig.bench.energised():
        for load in rig.bench.loads.values():
            load.draw_power(500)
        monkeypatch.setattr(rig.bench.v2h, "let_go", raise_in_body)
    assert not any(settings(rig).values())
    assert "ValueError: of the body" in str(raised.value.exceptions[0])


def raise_in_body():
    raise ValueError("of the body")


def test_without_an_error_of_the_body_the_failures_alone_are_raised(rig):
    with pytest.raises(ExceptionGroup, match=NOT_SAFE) as raised, rig.bench.energised():
        rig.make_safe_raises("load_a", RuntimeError("a bug"))
    assert str(raised.value).startswith(NOT_SAFE)
    (error,) = raised.value.exceptions
    assert "making safe on load_a at ASRL" in str(error)
    assert "RuntimeError: a bug" in str(error)


def test_an_interrupt_goes_on_as_itself_with_the_failures_as_notes(rig):
    with pytest.raises(KeyboardInterrupt) as raised, rig.bench.energised():
        rig.make_safe_raises("load_a", failure("load_a"))
        raise KeyboardInterrupt
    assert "load_a" in raised.value.__notes__[0]


def test_a_pack_that_stays_on_is_found_by_measuring(rig):
    with pytest.raises(ExceptionGroup) as raised, rig.bench.energised():
        rig.drivers["pack"]._supply.make_safe = lambda: None  # says it did
    (error,) = raised.value.exceptions
    assert "finding the terminals dead on pack" in str(error)
    assert "expected below 60 V and 1 A within 5 s, got 360" in str(error)
    assert "they may be live still" in str(error)


def test_the_order_is_that_of_the_bench_file_with_tidying_last(rig):
    done = []
    steps = load_bench(DEFAULT_BENCH).safe_state
    for step in steps:
        driver = rig.drivers[step.role]
        inner = next(
            getattr(driver, name)
            for name in ("_load", "_supply", "_trigger", "_board")
            if hasattr(driver, name)
        )
        inner.make_safe = lambda role=step.role: done.append(role)
    safety = rig.bench.safety
    safety._terminals.pack_dead = safety._terminals.sockets_dead = lambda _within_s: None
    assert rig.bench.make_safe() == []
    assert done == [step.role for step in steps]
    assert [step.tidy for step in steps] == sorted(step.tidy for step in steps)


def test_it_can_be_run_again_and_again(rig):
    with rig.bench.energised():
        rig.bench.loads["A"].draw_power(500)
    for _ in range(3):
        assert rig.bench.make_safe() == []
    with rig.bench.energised():
        rig.bench.loads["A"].draw_power(500)
        assert loads_draw(rig)


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_interrupts_never_skip_the_power_path(rig, nth):
    calls = []
    original = rig.drivers["load_a"]._load.make_safe

    def interrupted():
        calls.append("load_a")
        if len(calls) <= nth:
            raise KeyboardInterrupt
        original()

    with pytest.raises(KeyboardInterrupt), rig.bench.energised():
        rig.bench.loads["A"].draw_power(500)
        rig.drivers["load_a"]._load.make_safe = interrupted
    assert len(calls) == nth + 1
    assert settings(rig) == dict.fromkeys(settings(rig), False)


def step(role, run, *, wire=None, within_s=1.0):
    return Step(role, "there", wire or role, within_s, run)


@pytest.fixture
def wall():
    clock = WallClock()
    yield clock
    clock.close()


def test_in_wall_time_boxes_on_wires_of_their_own_are_made_safe_side_by_side(wall):
    meeting = threading.Barrier(4)
    steps = [step(f"box {n}", lambda: meeting.wait(0.9)) for n in range(4)]
    assert run_steps(steps, wall) == []


def test_in_wall_time_boxes_on_one_wire_follow_each_other(wall):
    done, at_work = [], threading.Lock()

    def work(n):
        assert at_work.acquire(blocking=False)
        time.sleep(0.02)  # for another to begin, if it could
        done.append(n)
        at_work.release()

    steps = [step(f"box {n}", lambda n=n: work(n), wire="one") for n in range(4)]
    assert run_steps(steps, wall) == []
    assert done == [0, 1, 2, 3]


def test_in_wall_time_a_hung_box_is_given_up_after_its_time_and_no_other_waits(wall):
    for_ever, done = threading.Event(), []
    steps = [
        step("hung", for_ever.wait, within_s=0.1),
        step("behind it", lambda: done.append("behind"), wire="hung", within_s=0.1),
        step("other", lambda: done.append("other")),
    ]
    start = time.monotonic()
    errors = run_steps(steps, wall)
    assert time.monotonic() - start < 0.6
    assert [error.box for error in errors] == ["hung", "behind it"]
    assert "it done within 0.1 s" in str(errors[0])
    assert done == ["other"]
    for_ever.set()


def test_in_wall_time_errors_come_in_the_order_of_the_steps(wall):
    failed = [threading.Event() for _ in range(3)]

    def fails(n):
        """Fail after the one behind."""
        assert n == 2 or failed[n + 1].wait(0.5)
        failed[n].set()
        raise failure(f"box {n}")

    steps = [step(f"box {n}", lambda n=n: fails(n)) for n in range(3)]
    assert [error.box for error in run_steps(steps, wall)] == ["box 0", "box 1", "box 2"]


def test_in_virtual_time_steps_run_in_order_and_late_ones_have_failed():
    clock, done = VirtualClock(), []

    def work(n, takes_s):
        clock.sleep_until(clock.now() + takes_s)
        done.append(n)

    steps = [step(f"box {n}", lambda n=n: work(n, 0.5 + n)) for n in range(2)]
    (error,) = run_steps(steps, clock)
    assert done == [0, 1]
    assert "box 1" in str(error)
    assert "got 1.50 s" in str(error)


def test_exits_of_drivers_are_no_way_out_of_the_safe_state():
    def fails():
        raise ZeroDivisionError("a bug")

    done = []
    steps = [step("bad", fails), step("good", lambda: done.append("good"))]
    (error,) = run_steps(steps, VirtualClock())
    assert isinstance(error.__cause__, ZeroDivisionError)
    assert done == ["good"]


def test_sockets_that_stay_alive_are_found_by_measuring(rig):
    real = rig.drivers["analyser_ac"].measure
    with pytest.raises(ExceptionGroup) as raised, rig.bench.energised():
        alive = real((1, 2, 3))
        rig.drivers["analyser_ac"].measure = lambda _elements: alive
    (error,) = raised.value.exceptions
    assert "finding the terminals dead on analyser_ac" in str(error)
    assert "expected below 30 V within 5 s" in str(error)
    assert "V at socket A" in str(error)


def test_nothing_is_said_or_refreshed_after_the_safe_state(rig):
    with rig.bench.energised():
        pass
    before = len(rig.sent("controller")), len(rig.sent("faults_1"))
    rig.bench.sleep(100.0)
    assert (len(rig.sent("controller")), len(rig.sent("faults_1"))) == before
    assert settings(rig)["contactors"] is False


@pytest.mark.parametrize("part", ["power_hold.let_go", "unit.stop_heartbeat", "v2h.let_go"])
def test_what_cannot_be_stopped_keeps_no_box_on_and_nothing_else_going(rig, part):
    place, name = part.split(".")
    with pytest.raises(ExceptionGroup, match=NOT_SAFE) as raised, rig.bench.energised():
        rig.bench.loads["A"].draw_power(500)
        real = getattr(getattr(rig.bench, place), name)

        def fails():
            real()
            raise ZeroDivisionError("a bug")

        setattr(getattr(rig.bench, place), name, fails)
    assert "ending what runs by itself" in str(raised.value.exceptions[0])
    assert settings(rig) == dict.fromkeys(settings(rig), False)
    assert rig.bench.loads["A"]._on is False


def test_terminals_that_are_dead_beside_a_box_that_failed_are_measured_again(rig):
    with pytest.raises(ExceptionGroup, match=NOT_SAFE), rig.bench.energised():
        rig.make_safe_raises("faults_11", failure("faults_11"))
    assert not rig.bench.safety._terminals.dead_within(1e9)
