"""Power as a context: what is checked before it, and that whatever ends it makes the bench safe."""

import pytest

from instruments.errors import BenchError, UsageError
from rig.bench.check import Finding
from rig.safety import SafetyTrip, Trip
from rig.session import DEFAULT_BENCH, load_bench
from rig.virtual.ports import SupplySetting

OUTPUT_ON = b"\x05\x01\x95\xff\x00"
"""Modbus: write coil 405 on, which switches the pack's output on."""


def powered_up(rig):
    return any(OUTPUT_ON in sent for sent in rig.sent("pack"))


def dead(rig):
    rig.virtual.network.advance()
    steady = rig.virtual.network.sensors.steady()
    return steady.dc_voltage_v < 60.0 and max(steady.socket_voltage_v) < 30.0


def assert_refused(rig, kind, words):
    """Hold that energising is refused with these words before the pack is switched on."""
    before = len(rig.sent("pack"))
    with pytest.raises(kind, match=words), rig.bench.energised():
        pytest.fail("it was energised")
    assert not any(OUTPUT_ON in sent for sent in rig.sent("pack")[before:])


def test_a_bench_that_is_in_order_is_powered_and_dead_afterwards(rig):
    with rig.bench.energised():
        assert not dead(rig)
        assert powered_up(rig)
    assert dead(rig)


def test_somebody_elses_voltage_at_the_pack_forbids_power(rig):
    rig.virtual.network.supply("pack").apply(SupplySetting(True, 200.0, 10.0, 1e3, 10.0, 1e3))
    assert_refused(rig, (BenchError, ExceptionGroup), "below 60 V and 1 A.*200")


def test_somebody_elses_voltage_at_a_socket_forbids_power(rig):
    rig.drivers["analyser_ac"].measure = lambda elements: {
        element: reading(229.0 if element == 2 else 0.1) for element in elements
    }
    assert_refused(rig, (BenchError, ExceptionGroup), r"below 30 V, got 229.0 V at socket B")


def reading(volts):
    from instruments.capabilities import PowerReading

    return PowerReading(volts, 0.0, 0.0, 0.0, 0.0, 1.0, 50.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("volts", [29.9, -29.9])
def test_a_little_voltage_is_nobodys(rig, volts):
    rig.drivers["analyser_ac"].measure = lambda elements: dict.fromkeys(elements, reading(volts))
    rig.bench.safety._terminals.sockets_dead()


@pytest.mark.parametrize("volts", [30.0, -31.0, float("nan")])
def test_30_v_or_an_unknown_voltage_is_somebodys(rig, volts):
    rig.drivers["analyser_ac"].measure = lambda elements: dict.fromkeys(elements, reading(volts))
    with pytest.raises(BenchError, match="finding the terminals dead"):
        rig.bench.safety._terminals.sockets_dead()


def test_a_box_of_another_serial_number_forbids_power(on_simulation):
    spec = load_bench(DEFAULT_BENCH)
    changed = spec.roles["load_b"].model_copy(update={"serial": "another"})
    rig = on_simulation(spec.model_copy(update={"roles": {**spec.roles, "load_b": changed}}))
    assert_refused(rig, BenchError, "load_b.*WRONG SERIAL: 0, expected another")


def test_a_box_of_another_model_forbids_power(on_simulation):
    spec = load_bench(DEFAULT_BENCH)
    rig = on_simulation(spec)
    real = rig.drivers["load_b"].identify()
    rig.drivers["load_b"].identify = lambda: type(real)(real.maker, "63802", "0", "1.00")
    assert_refused(rig, BenchError, "load_b.*WRONG MODEL: Chroma 63802, expected Chroma 63803")
    del rig.drivers["load_b"].identify
    with rig.bench.energised():
        assert powered_up(rig)


def test_boxes_are_asked_who_they_are_once_unless_told(rig):
    for _ in range(2):
        with rig.bench.energised():
            pass
    assert rig.sent("scope_ac").count(b"*IDN?\n") == 1
    unsound = Finding("load_a", "Chroma 63804", "there", "NO ANSWER", "none", sound=False)
    rig.bench.safety.identified([unsound])
    assert_refused(rig, BenchError, "load_a at there: expected Chroma 63804, got NO ANSWER")


def test_a_latched_trip_forbids_power_before_a_byte_leaves(rig):
    rig.latch.set(Trip("door open", "yesterday"))
    assert_refused(rig, SafetyTrip, "safety trip at yesterday: door open")


class OfTheBody(BaseException):
    pass


@pytest.mark.parametrize(
    "error", [AssertionError("x"), KeyboardInterrupt(), SystemExit(1), OfTheBody(), ValueError("x")]
)
def test_whatever_ends_the_block_the_bench_is_dead_and_the_error_goes_on(rig, error):
    with pytest.raises(type(error)) as raised, rig.bench.energised():
        rig.bench.loads["A"].draw_power(1000)
        raise error
    assert raised.value is error
    assert dead(rig)


def test_an_error_on_the_way_to_power_makes_the_bench_safe_too(rig):
    def fails(_sockets):
        assert powered_up(rig)
        raise BenchError("starting", box="controller", address="x", expected="a", got="b")

    rig.bench.unit.start = fails
    with pytest.raises(BenchError, match="starting on controller"), rig.bench.energised():
        pytest.fail("it was energised")
    assert dead(rig)


def test_terminals_found_dead_just_now_are_not_measured_again(rig):
    with rig.bench.energised():
        pass
    before = rig.bench.clock.now()
    rig.bench.safety._terminals.pack_dead = rig.bench.safety._terminals.sockets_dead = None
    with rig.bench.safety.powered():
        assert rig.bench.clock.now() - before < 0.5


def test_terminals_found_dead_long_ago_are_measured_again(rig):
    with rig.bench.energised():
        pass
    rig.bench.sleep(6.0)
    before = len(rig.sent("analyser_ac"))
    with rig.bench.safety.powered():
        assert len(rig.sent("analyser_ac")) > before


def test_power_makes_what_was_found_before_it_worthless(rig):
    with rig.bench.energised():
        pass
    with rig.bench.safety.powered():
        assert not rig.bench.safety._terminals.dead_within(1e9)


def test_an_error_of_a_clock_event_ends_the_block_and_no_other(rig):
    error = BenchError("saying vehicle data", box="x", address="y", expected="a", got="b")
    with pytest.raises(BenchError, match="saying vehicle data"), rig.bench.safety.powered():
        rig.bench.safety.fail(error)
    with rig.bench.energised():
        rig.bench.sleep(1.0)


def test_a_unit_that_no_longer_takes_its_vehicle_data_ends_a_sleep(rig):
    with pytest.raises(BenchError, match="controller"), rig.bench.energised():
        rig.virtual.unplug("controller")
        before = rig.bench.clock.now()
        try:
            rig.bench.sleep(100.0)
        finally:
            assert rig.bench.clock.now() - before < 5.0


def test_nothing_gives_voltage_outside_of_the_block(rig):
    only = "inside `with bench.energised"
    for before in (True, False):
        with pytest.raises(UsageError, match=f"pack: gives voltage {only}"):
            rig.bench.pack.connect(rig.bench.safety._roles.demand.envelopes)
        evps = rig.drivers["evps"].source
        evps.set_voltage(100.0)
        with pytest.raises(UsageError, match=f"evps: gives voltage {only}"):
            evps.output_on()
        evps.set_voltage(0.0)
        evps.output_on()  # gives none
        with pytest.raises(UsageError, match=f"evps: gives voltage {only}"):
            evps.set_voltage(100.0)
        evps.output_off()
        if before:
            with rig.bench.energised():
                pass
    assert dead(rig)
    assert sum(OUTPUT_ON in sent for sent in rig.sent("pack")) == 1
