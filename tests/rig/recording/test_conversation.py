"""A run's conversations with real drivers, replayed through the same drivers."""

from __future__ import annotations

import pytest

from instruments.errors import LinkClosed, UsageError
from instruments.links import Exchange
from instruments.links.replay import ReplayedLine, ReplayedVisa, ReplayMismatchError
from instruments.registry import create_driver
from rig.clock import VirtualClock
from rig.controller import ServicePort
from rig.recording import Record, Recorder, conversation
from rig.session import DEFAULT_BENCH, load_bench, open_bench
from rig.virtual.wires import Drop, When

LOADS = {"load_a": "Chroma 63804", "load_c": "ITECH IT8600"}


def use_load(load, current_a=2.5):
    load.set_current(current_a)
    found = (load.identify(), load.measure(), load.read_protection())
    load.make_safe()
    return found


def use_supply(supply):
    supply.source.set_voltage(48.0)
    return supply.identify(), supply.source.measure(), supply.read_alarms()


def use_controller(controller):
    controller.set_soc_floor(25)
    return controller.read_status(), controller.read_sockets(), controller.read_settings()


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Use the boxes of a virtual bench and record it; return the folder and what came of it."""
    folder, found = tmp_path_factory.mktemp("runs") / "run", {}
    exchanges: list[Exchange] = []
    spec = load_bench(DEFAULT_BENCH)
    with open_bench(spec, DEFAULT_BENCH, seed=5, transcript=exchanges.append) as bench:
        drivers = bench.roles.drivers
        for role in LOADS:
            found[role] = use_load(drivers[role])
        found["pack"] = use_supply(drivers["pack"])
        found["controller"] = use_controller(bench.roles.controller)
        bench.virtual.faults["load_c"].add(Drop(when=When(nth=1)))
        with pytest.raises(LinkClosed):
            drivers["load_c"].identify()
        recorder = Recorder(folder, bench.clock)
        for exchange in exchanges:
            recorder.exchange(exchange)
        recorder.close()
    return folder, found


@pytest.fixture
def record(run):
    with Record(run[0]) as record:
        yield record


@pytest.mark.parametrize("role", LOADS)
def test_a_load_is_found_as_it_was(run, record, role):
    clock = VirtualClock()
    with ReplayedVisa(conversation(record, role), clock=clock) as link:
        load = create_driver(LOADS[role], link, clock)
        assert use_load(load) == run[1][role]
        if role == "load_c":
            with pytest.raises(LinkClosed, match="reset by peer"):
                load.identify()


def test_a_modbus_supply_is_found_as_it_was(run, record):
    clock = VirtualClock()
    with ReplayedLine(conversation(record, "pack"), clock=clock) as line:
        supply = create_driver("EA PSB 10000", line.only_unit(), clock)
        assert use_supply(supply) == run[1]["pack"]


def test_the_unit_under_test_is_found_as_it_was(run, record):
    with ReplayedLine(conversation(record, "controller"), clock=VirtualClock()) as line:
        assert use_controller(ServicePort(line.only_unit())) == run[1]["controller"]


@pytest.mark.parametrize("role", LOADS)
def test_a_driver_that_says_something_else_is_stopped(record, role):
    clock = VirtualClock()
    link = ReplayedVisa(conversation(record, role), clock=clock)
    with pytest.raises(ReplayMismatchError, match=rf"replay of {role}, exchange .* got '.*2\.6"):
        use_load(create_driver(LOADS[role], link, clock), current_a=2.6)


def test_a_box_that_nobody_spoke_with_is_named_with_those_there_are(record):
    with pytest.raises(UsageError, match=r"no exchange with 'scope_dc' there; boxes: .*load_a"):
        list(conversation(record, "scope_dc"))


def long_run(folder, received):
    clock = VirtualClock()
    recorder = Recorder(folder, clock)
    for number, answer in enumerate((b"first\n", received, b"last\n")):
        recorder.exchange(Exchange(float(number), "scope", "a", b"%d?\n" % number, answer))
        recorder.event("note", {"text": f"after {number}"})
    recorder.close()
    return folder


def test_a_long_reply_that_was_kept_abbreviated_is_a_usage_error(tmp_path):
    with Record(long_run(tmp_path / "run", b"#45000" + bytes(5001))) as record:
        with pytest.raises(UsageError, match=r"reply of 5007 bytes with scope at 1\.000000 s"):
            list(conversation(record, "scope"))
        assert [each.sent for each in conversation(record, "scope", last_event=1)] == [b"0?\n"]
        assert [each.sent for each in conversation(record, "scope", first_event=2)] == [b"2?\n"]


def test_a_message_as_long_as_the_record_keeps_may_have_been_cut(tmp_path):
    clock = VirtualClock()
    recorder = Recorder(tmp_path / "run", clock)
    recorder.exchange(Exchange(0.0, "scope", "a", b"x" * 5000, b""))
    recorder.close()
    with (
        Record(tmp_path / "run") as record,
        pytest.raises(UsageError, match="message of 4096 bytes with scope"),
    ):
        list(conversation(record, "scope"))
