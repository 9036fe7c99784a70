"""Fault networks behind plain relays: in for a bounded time, out in any case."""

import pytest

from rig.bench.envelope import OutsideEnvelope
from rig.bench.networks import NotFitted
from rig.session import DEFAULT_BENCH, load_bench


@pytest.fixture
def case(on_simulation):
    return on_simulation()


def coils(case):
    return case.drivers["faults_3"].read_relays()


def test_a_network_is_in_for_the_block_and_out_after_it(case):
    with case.bench.faults.networks.inserted("cut_12v", longest_s=1.0):
        assert coils(case)[0]
        assert "12 V" in case.events("stimulus")[-1]["text"]
    assert not any(coils(case))


def test_a_network_is_taken_out_when_the_block_raises(case):
    with (
        pytest.raises(ZeroDivisionError),
        case.bench.faults.networks.inserted("cut_12v", longest_s=1.0),
    ):
        raise ZeroDivisionError
    assert not any(coils(case))


def test_longer_than_the_envelope_allows_is_refused_before_a_byte_leaves(case):
    case.exchanges.clear()
    with (
        pytest.raises(OutsideEnvelope, match="relay_hold_s"),
        case.bench.faults.networks.inserted("cut_12v", longest_s=61.0),
    ):
        pass
    assert case.exchanges == []


def test_a_network_that_the_bench_lacks_is_named(on_simulation):
    spec = load_bench(DEFAULT_BENCH)
    bare = spec.wiring.model_copy(update={"fault_networks": {}})
    networks = on_simulation(spec.model_copy(update={"wiring": bare})).bench.faults.networks
    with pytest.raises(NotFitted, match="cut_12v"):
        networks.need("cut_12v")


@pytest.mark.parametrize(
    ("networks", "message"),
    [
        ({"cut_13v": {"board": "faults_3", "relay": 0}}, "'cut_13v' is no fault network"),
        (
            {"cut_12v": {"board": "faults_4", "relay": 1}},
            "that of mux_relay already",
        ),
        ({"cut_12v": {"board": "faults_99", "relay": 1}}, "'faults_99' is no role"),
    ],
)
def test_a_bench_file_with_impossible_networks_is_refused(networks, message):
    text = load_bench(DEFAULT_BENCH).model_dump(exclude_unset=True)
    text["wiring"]["fault_networks"] = networks
    with pytest.raises(ValueError, match=message):
        type(load_bench(DEFAULT_BENCH)).model_validate(text)


def test_a_pulse_is_kept_by_the_board_and_ends_by_itself(case):
    networks = case.bench.faults.networks
    networks.pulse("dip_12v", 0.1)
    assert coils(case)[1]
    case.bench.sleep(0.15)
    assert not any(coils(case))
    with pytest.raises(OutsideEnvelope, match="relay_hold_s"):
        networks.pulse("dip_12v", 61.0)


def test_a_relay_without_a_contact_on_the_trigger_line_is_named(case):
    networks = case.bench.faults.networks
    networks.need_trigger("dip_12v")
    with pytest.raises(NotFitted, match="cut_12v is not on the trigger line"):
        networks.need_trigger("dip_12v", "cut_12v")
