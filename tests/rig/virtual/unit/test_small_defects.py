"""What defects of the log, of wear, of two sockets and of readings do to the unit."""

import pytest

from rig.virtual.unit import Defect, Parameters, defect_by_id
from rig.virtual.unit.defect_readings import drifting

OVERLOAD_A, OVERLOAD_C = (25.6, 0.0, 0.0), (0.0, 0.0, 25.6)


@pytest.fixture
def defective(running):
    return lambda name, **options: running(defect_by_id(name).apply(Parameters()), **options)


def delay_of_opening(circuit, socket):
    """Short-circuit a socket; return from the comparator until its relay is driven."""
    number = "ABC".index(socket)
    since = circuit.now_s
    circuit.change(shorted=number)
    circuit.run(0.3)
    circuit.change(shorted=None)
    circuit.run(0.1)
    first = next(t for t in circuit.times("block") if t >= since)
    return next(t for t in circuit.times("open", socket) if t >= since) - first


def test_a_worn_relay_is_late_after_some_openings_and_only_at_its_socket(defective):
    circuit = defective("relay-b-wears")
    delays = []
    for _ in range(5):
        delays.append(delay_of_opening(circuit, "B"))
        circuit.command(3)
        circuit.run(2.0)
    assert max(delays[:3]) < 0.001
    assert min(delays[3:]) > 0.039
    assert delay_of_opening(circuit, "A") < 0.001


@pytest.mark.parametrize(("at", "also"), [("A", "B"), ("B", None), ("C", None)])
def test_a_short_circuit_takes_another_socket_along_in_one_place_only(defective, at, also):
    circuit = defective("short-circuit-at-a-opens-b")
    since = circuit.now_s
    circuit.change(shorted="ABC".index(at))
    circuit.run(0.3)
    opened = {s for s in "ABC" if any(t >= since for t in circuit.times("open", s))}
    assert opened == {at, also} - {None}


@pytest.mark.parametrize(
    ("name", "load", "record"),
    [
        ("logged-under-another-code", OVERLOAD_A, (1, 1)),
        ("logged-at-another-socket", OVERLOAD_C, (2, 2)),
        ("logged-without-value", OVERLOAD_A, (2, 1)),
    ],
)
def test_a_record_is_wrong_in_what_the_defect_says(defective, name, load, record):
    circuit = defective(name)
    circuit.load(*load)
    circuit.run(8.0)
    (code, socket, value), *_ = circuit.events()
    assert (code, socket) == record
    assert (value == 0) is (name == "logged-without-value")


def test_a_log_that_is_full_takes_no_more(defective):
    circuit = defective("log-fills")
    for _ in range(4):
        for socket in range(2):
            circuit.change(shorted=socket)
            circuit.run(0.3)
        circuit.change(shorted=None)
        circuit.run(0.5)
        circuit.command(3)
        circuit.run(4.0)
    assert len(circuit.events()) == 6


@pytest.mark.parametrize(
    ("name", "latched", "logged"),
    [("latch-lost-without-supply", 0, 1), ("log-lost-without-supply", 2, 0)],
)
def test_a_power_cut_takes_what_the_defect_says(defective, name, latched, logged):
    circuit = defective(name)
    circuit.change(shorted=0)
    circuit.run(0.5)
    circuit.change(shorted=None)
    circuit.power_cycle()
    circuit.run(1.0)
    assert circuit.registers(16) == [latched]
    assert len(circuit.events()) == logged


def test_crossed_sensors_open_the_wrong_socket(defective):
    circuit = defective("sensors-of-a-and-b-crossed")
    circuit.load(*OVERLOAD_A)
    circuit.run(8.0)
    assert circuit.times("open", "A") == []
    assert circuit.times("open", "B")


def test_a_deaf_neighbour_is_deaf_beside_a_loaded_socket_only(defective):
    for beside, opens in ((0.0, True), (4.0, False)):
        circuit = defective("socket-b-deaf-beside-a")
        circuit.load(beside, 25.6, 0.0)
        circuit.run(8.0)
        assert bool(circuit.times("open", "B")) is opens


def test_a_drifting_reading_trips_at_rated_load_after_a_while_not_at_once(running):
    fast = Defect("fast", "R-OVL-01", "", wrap={"inverter_overload": drifting(0.6)})
    circuit = running(fast.apply(Parameters()))
    circuit.percent(100)
    circuit.run(240.0)  # 4 % high
    assert circuit.times("stop") == []
    circuit.run(240.0)
    assert circuit.times("stop")


def test_a_hot_unit_reads_its_load_high(defective):
    for celsius, trips in ((40.0, False), (50.0, True)):
        circuit = defective("overload-trips-when-hot")
        circuit.change(heatsink_c=celsius)
        circuit.percent(100)
        circuit.run(200.0)
        assert bool(circuit.times("stop")) is trips
