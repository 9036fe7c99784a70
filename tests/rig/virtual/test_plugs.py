"""Fixed ports and link faults of a whole virtual bench."""

from __future__ import annotations

import socket

import pytest

from instruments.errors import LinkClosed, LinkTimeout, UsageError
from rig.session import DEFAULT_BENCH, load_bench, open_bench
from rig.virtual.bench import VirtualBench
from rig.virtual.wires import Drop, Duplicate, Refuse, When


@pytest.fixture(scope="module")
def spec():
    return load_bench(DEFAULT_BENCH)


@pytest.fixture
def opened(spec):
    with open_bench(spec, DEFAULT_BENCH) as bench:
        yield bench


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def with_port(spec, role, port):
    link = spec.roles[role].link.model_copy(update={"address": f"virtual:{port}"})
    changed = spec.roles[role].model_copy(update={"link": link})
    return spec.model_copy(update={"roles": {**spec.roles, role: changed}})


@pytest.mark.parametrize("role", ["pack", "load_c", "scope_ac", "analyser_ac"])
def test_a_box_listens_on_the_port_its_file_names(spec, role):
    port = free_port()
    bench = VirtualBench(with_port(spec, role, port))
    try:
        assert str(port) in bench.addresses[role]
        socket.create_connection(("127.0.0.1", port), 1.0).close()
    finally:
        bench.close()


def test_a_port_that_is_taken_is_named_and_nothing_stays_open(spec):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(UsageError, match=rf"cannot listen on 127\.0\.0\.1:{port}"):
            VirtualBench(with_port(spec, "load_c", port))


@pytest.mark.parametrize("role", ["load_c", "scope_ac", "analyser_dc", "pack"])
def test_a_dropped_reply_ends_the_link_once_and_costs_its_time_out(opened, role):
    timeout_s = opened.spec.roles[role].link.timeout_s
    driver = opened.roles.drivers[role]
    identity = driver.identify()
    before = opened.clock.now()
    opened.virtual.faults[role].add(Drop(when=When(nth=1)))
    with pytest.raises(LinkClosed):
        driver.identify()
    assert timeout_s <= opened.clock.now() - before < timeout_s + 0.2
    assert driver.identify() == identity


def test_boxes_that_share_a_line_share_its_faults(opened):
    faults = opened.virtual.faults
    assert faults["faults_1"] is faults["point_on_wave"]
    assert faults["faults_1"] is not faults["controller"]
    with pytest.raises(UsageError, match=r"link to faults_1, faults_2, .*serial line"):
        faults["faults_3"].add(Refuse())


def test_the_same_seed_gives_the_same_faults(spec):
    def struck(seed):
        with open_bench(spec, DEFAULT_BENCH, seed=seed) as bench:
            bench.virtual.faults["load_c"].add(Duplicate(when=When(probability=0.5)))
            driver, outcomes = bench.roles.drivers["load_c"], []
            for _ in range(20):
                try:
                    outcomes.append(bool(driver.identify()))
                except Exception as error:
                    outcomes.append(str(type(error)))
        return outcomes

    assert struck(1) == struck(1)
    assert struck(1) != struck(2)


@pytest.mark.parametrize("role", ["load_a", "controller"])
def test_a_time_out_on_a_serial_line_costs_the_client_its_time_out(spec, role):
    link = spec.roles[role].link.model_copy(update={"timeout_s": 0.05})
    changed = spec.roles[role].model_copy(update={"link": link})
    quick = spec.model_copy(update={"roles": {**spec.roles, role: changed}})
    with open_bench(quick, DEFAULT_BENCH) as bench:
        talk = (
            bench.roles.controller.read_settings
            if role == "controller"
            else bench.roles.drivers[role].identify
        )
        answer, before = talk(), bench.clock.now()
        bench.virtual.faults[role].add(Drop(when=When(nth=1)))
        with pytest.raises(LinkTimeout):
            talk()
        assert 0.05 <= bench.clock.now() - before < 0.3
        assert talk() == answer
