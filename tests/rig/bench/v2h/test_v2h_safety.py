"""What keeps a V2H session from being energised, and what becomes of one that is cut short."""

from functools import partial

import pytest

from instruments.errors import BenchError, LinkClosed, UsageError
from rig.bench.networks import NotFitted
from rig.chademo.check import check_log
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


class PulledAdapter:
    """A CAN port that can be pulled: then it says so once, and afterwards talks nonsense."""

    def __init__(self, port):
        self._port, self.pulled, self._said = port, False, False

    def __getattr__(self, name):
        return partial(self._ask, name)

    def _ask(self, name, *arguments, **named):
        if not self.pulled:
            return getattr(self._port, name)(*arguments, **named)
        if self._said and name in {"send", "receive"}:
            raise UsageError("can must have joined the bus")
        self._said = True
        raise LinkClosed(name, box="can", address="there", expected="a bus", got="nothing")


def test_an_adapter_that_is_pulled_breaks_the_test_and_what_was_on_the_bus_is_kept(rig):
    adapter = PulledAdapter(rig.drivers["can"])
    drivers = {**rig.drivers, "can": adapter}
    rig.bench.v2h._drivers = drivers
    with pytest.raises(LinkClosed) as raised, rig.bench.energised():  # noqa: SIM117
        with rig.bench.v2h.session("both") as session:
            assert session.await_state(EvpsState.TRANSFER)
            adapter.pulled = True
            session.sleep(30.0)
    assert is_dead(rig)
    assert "while ending the session" in raised.value.__notes__[0]
    (kept,) = rig.events("v2h.session")
    assert kept["verdict"] == "sound, with notes"
    report = check_log(rig.folder / kept["file"])
    assert report.frames == kept["frames"] == len(session.traffic.frames)


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
