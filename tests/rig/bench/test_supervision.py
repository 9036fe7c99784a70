"""What trips an energised bench, and what does not."""

import pytest

from rig.bench.guard import Unguarded
from rig.safety import SafetyTrip
from rig.virtual.ports import LoadSetting, SupplySetting
from rig.virtual.wires import Drop, When


def trips(rig, happens, within_s=300.0):
    """Let something happen to an energised bench; return the cause of the trip and its delay."""
    with pytest.raises(SafetyTrip) as raised, rig.bench.energised():
        happens()
        start = rig.bench.clock.now()
        try:
            rig.bench.sleep(within_s)
        finally:
            took = rig.bench.clock.now() - start
    assert rig.latch.trip == raised.value.trip
    assert [event["cause"] for event in rig.events("safety.trip")] == [rig.latch.trip.cause]
    return rig.latch.trip.cause, took


@pytest.mark.parametrize("volts", [200.0, 440.0])
def test_a_pack_outside_its_range_trips(rig, volts):
    pack = rig.virtual.network.supply("pack")
    setting = SupplySetting(True, volts, 60.0, 15e3, 60.0, 15e3)
    cause, took = trips(rig, lambda: pack.apply(setting))
    assert f"pack at {volts:.0f}"[:9] in cause
    assert "expected 230 to 420 V" in cause
    assert took < 10.0


def test_current_while_nothing_draws_any_trips(rig):
    load = rig.virtual.network.load("load_a")
    cause, took = trips(rig, lambda: load.apply(LoadSetting(True, "power", 2000.0)))
    assert "A from pack while nothing draws any, expected at most 2 A" in cause
    assert took < 10.0


def test_current_that_a_plan_draws_does_not_trip(rig):
    with rig.bench.energised():
        rig.bench.loads["A"].draw_power(3000)
        rig.bench.sleep(300.0)
        rig.bench.loads["A"].stop()
        rig.bench.faults.step([("A", 2)], hold_s=60.0)
        rig.bench.sleep(300.0)
    assert rig.latch.trip is None


@pytest.mark.parametrize("role", ["pack", "load_b", "load_c"])
def test_a_box_that_stops_answering_trips(rig, role):
    cause, took = trips(rig, lambda: rig.virtual.unplug(role), within_s=3600.0)
    assert f"{role} stopped answering" in cause
    assert took < 900.0


def test_one_lost_answer_of_a_box_does_not_trip(rig):
    with rig.bench.energised():
        rig.virtual.faults["pack"].add(Drop(when=When(nth=1)))
        rig.bench.sleep(600.0)
    assert rig.latch.trip is None


def test_a_dead_guardian_trips(on_simulation):
    class Mortal(Unguarded):
        lives = True

        def alive(self):
            return self.lives

    guard = Mortal()
    rig = on_simulation(guard=guard)

    def dies():
        guard.lives = False

    cause, _ = trips(rig, dies)
    assert cause == "the guardian is dead or does not answer"


def test_a_watch_that_fails_by_itself_trips(rig):
    def breaks():
        raise ZeroDivisionError("a bug")

    cause, _ = trips(rig, lambda: setattr(rig.bench.safety._interlock, "look", breaks))
    assert cause == "the supervision failed: ZeroDivisionError: a bug"


def test_nothing_is_watched_that_is_not_energised(rig):
    with rig.bench.energised():
        pass
    rig.virtual.inputs["door"] = False
    rig.virtual.unplug("load_a")
    rig.bench.sleep(3600.0)
    assert rig.latch.trip is None


def test_a_door_that_was_opened_and_closed_between_tests_does_not_trip(rig):
    rig.virtual.inputs["door"] = False
    rig.virtual.inputs["door"] = True
    with rig.bench.energised():
        rig.bench.sleep(1.0)
    assert rig.latch.trip is None


def test_in_wall_time_a_trip_waits_for_no_disk_before_the_power_is_cut(rig, monkeypatch):
    safety, on = rig.bench.safety, []
    real = safety.latch.set

    def slow_disk(trip):
        on.append(rig.virtual.network.observe().supply_on)
        return real(trip)

    with pytest.raises(SafetyTrip, match="door open"), rig.bench.energised():
        monkeypatch.setattr(safety.latch, "set", slow_disk)
        monkeypatch.setattr("rig.bench.bench_safety.VirtualClock", type(None))
        with safety._gate.lifted():  # as for any thread that is not the plan's
            safety._trip("door open")
        monkeypatch.undo()
        rig.bench.sleep(1.0)
    assert on == [False]
    assert rig.latch.trip is not None


def test_a_plan_that_makes_its_bench_safe_by_itself_trips_nothing(rig):
    with rig.bench.energised():
        assert rig.bench.make_safe() == []
        rig.bench.sleep(600.0)
    assert rig.latch.trip is None
    with rig.bench.energised():  # and is watched again in the next block
        assert rig.bench.safety._supervisor._power_watched
