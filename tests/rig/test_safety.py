"""The gate between a plan and its bench."""

import threading

import pytest

from rig.bench.gated import GatedClock, GatedWires
from rig.clock import VirtualClock
from rig.safety import Gate, SafetyTrip, Trip

TRIP = SafetyTrip(Trip("door open", "now"))


@pytest.fixture
def gate():
    return Gate()


@pytest.fixture
def clock():
    return VirtualClock()


def test_an_open_gate_lets_the_plan_through(gate):
    gate.check()


def test_a_shut_gate_raises_again_and_again(gate):
    gate.shut_with(TRIP)
    for _ in range(3):
        with pytest.raises(SafetyTrip, match="door open"):
            gate.check()


def test_no_except_exception_swallows_a_trip(gate):
    gate.shut_with(TRIP)
    with pytest.raises(SafetyTrip):
        try:
            gate.check()
        except Exception:
            pytest.fail("it was swallowed")


def test_the_first_error_stays_but_a_trip_outranks_it(gate):
    gate.shut_with(OSError("first"))
    gate.shut_with(OSError("second"))
    with pytest.raises(OSError, match="first"):
        gate.check()
    gate.shut_with(TRIP)
    gate.shut_with(SafetyTrip(Trip("later", "then")))
    with pytest.raises(SafetyTrip, match="door open"):
        gate.check()


def test_lifted_or_reopened_it_lets_the_plan_through(gate):
    gate.shut_with(TRIP)
    with gate.lifted():
        gate.check()
    with pytest.raises(SafetyTrip):
        gate.check()
    gate.reopen()
    gate.check()


def in_a_thread(fn):
    raised = []

    def work():
        try:
            fn()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return raised


def test_other_threads_pass_a_shut_gate_and_lift_it_for_themselves_alone(gate):
    gate.shut_with(TRIP)
    assert in_a_thread(gate.check) == []
    lifted = gate.lifted()
    assert in_a_thread(lifted.__enter__) == []
    with pytest.raises(SafetyTrip):
        gate.check()


def test_a_sleep_ends_at_the_event_that_shuts_the_gate(gate, clock):
    clock.call_at(3.0, lambda: gate.shut_with(TRIP))
    with pytest.raises(SafetyTrip):
        GatedClock(clock, gate).sleep_until(100.0)
    assert clock.now() == 3.0


def test_a_sleep_lasts_as_long_as_nothing_happens(gate, clock):
    seen = []
    clock.call_every(1.0, lambda: seen.append(clock.now()))
    GatedClock(clock, gate).sleep_until(2.5)
    assert clock.now() == 2.5
    assert seen == [1.0, 2.0]


def test_no_message_of_the_plan_passes_a_shut_gate(gate):
    class Wires:
        def wire(self, address, *, min_gap_s=0.0):
            return self

        def ready(self):
            said.append("ready")

        sent = blocking = waited = settle = None

    said = []
    wire = GatedWires(Wires(), gate).wire("somewhere")
    wire.ready()
    gate.shut_with(TRIP)
    with pytest.raises(SafetyTrip):
        wire.ready()
    assert said == ["ready"]
    assert in_a_thread(wire.ready) == []
    assert said == ["ready", "ready"]
