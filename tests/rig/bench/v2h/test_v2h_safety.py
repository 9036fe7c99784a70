"""What keeps a V2H session from being energised, and what becomes of one that is cut short."""

import pytest

from instruments.errors import BenchError, UsageError
from rig.bench.networks import NotFitted
from rig.chademo.roles import EvpsState
from rig.safety import SafetyTrip
from rig.session import DEFAULT_BENCH, load_bench


def transferring(bench, amps=-10):
    """Return a session that draws current, inside an energised bench."""
    session = bench.v2h.session("both")
    entered = session.__enter__()
    assert entered.await_state(EvpsState.TRANSFER)
    entered.want(amps)
    entered.sleep(2.0)
    return entered


def is_dead(rig):
    reading = rig.drivers["evps"].source.measure()
    relays = rig.drivers["v2h_io"].read_relays()
    return abs(reading.voltage_v) < 60 and abs(reading.current_a) < 1 and not any(relays)


def test_a_session_beyond_the_envelope_is_refused_before_anything_is_set(rig):
    with pytest.raises(UsageError, match="evps"), rig.bench.energised():  # noqa: SIM117
        with rig.bench.v2h.session("both", limit_a=40):
            pytest.fail("it was energised")
    assert not any(b"SOUR" in each for each in rig.sent("evps"))


def test_a_bench_without_a_port_says_that_it_has_none(on_simulation):
    spec = load_bench(DEFAULT_BENCH)
    wiring = spec.wiring.model_copy(update={"v2h": None})
    rig = on_simulation(spec.model_copy(update={"wiring": wiring}))
    with rig.bench.energised(), pytest.raises(NotFitted, match="CHAdeMO"):  # noqa: SIM117
        with rig.bench.v2h.session("both"):
            pytest.fail("there is none")


def test_an_opened_door_ends_a_session_and_leaves_the_port_dead(rig):
    with pytest.raises(SafetyTrip, match="door"), rig.bench.energised():
        session = transferring(rig.bench)
        rig.virtual.inputs["door"] = False
        session.sleep(5.0)
    frames = len(session.traffic.frames)
    assert is_dead(rig)
    rig.bench.clock.sleep_until(rig.bench.clock.now() + 1.0)
    assert len(session.traffic.frames) == frames


def test_a_supply_that_falls_silent_breaks_the_test_and_not_the_unit(rig):
    with pytest.raises((BenchError, ExceptionGroup)), rig.bench.energised():
        session = transferring(rig.bench)
        rig.virtual.unplug("evps")
        session.sleep(30.0)
    assert not any(rig.drivers["v2h_io"].read_relays())


def test_a_session_has_the_supply_s_watchdog_armed_and_disarms_it(rig):
    with rig.bench.energised(), rig.bench.v2h.session("both"):
        assert any(b"SYST:COM:WAT SET,2000" in each for each in rig.sent("evps"))
        assert not any(b"SYST:COM:WAT STOP" in each for each in rig.sent("evps"))
    assert any(b"SYST:COM:WAT STOP" in each for each in rig.sent("evps"))


def test_current_through_the_port_is_no_suspicion_of_the_pack(rig):
    with rig.bench.energised():
        session = transferring(rig.bench, 12)
        session.sleep(40.0)
        session.stop()
    assert rig.latch.trip is None
