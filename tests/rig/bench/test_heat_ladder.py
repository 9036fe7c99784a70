"""The resistors in place of the heat sink's sensor, as the boards see them."""

import pytest

from instruments.errors import UsageError
from rig.bench.heat import HeatSink
from rig.measure import load_requirements
from rig.session import DEFAULT_BENCH

REQUIREMENTS = load_requirements(DEFAULT_BENCH.parents[1] / "testplans" / "requirements.yaml")


@pytest.fixture
def sink(rig):
    return HeatSink(rig.bench, REQUIREMENTS.get("R-OT-02"))


def inside(rig):
    networks = rig.bench.spec.wiring.fault_networks
    return {
        name
        for name, contact in networks.items()
        if rig.drivers[contact.board].read_relays()[contact.relay]
    }


def test_one_resistor_follows_the_other_and_none_stays(rig, sink):
    with sink.at(85, 76, 74, longest_s=20.0) as go_on:
        assert inside(rig) == {"heatsink_85c"}
        go_on()
        assert inside(rig) == {"heatsink_76c"}
        go_on()
        assert inside(rig) == {"heatsink_74c"}
    assert inside(rig) == set()


def test_the_next_one_is_in_before_the_last_one_is_out(rig, sink):
    with sink.at(85, 76, longest_s=20.0) as go_on:
        rig.virtual.network.advance()
        rig.virtual.truth.events.clear()
        go_on()
        rig.bench.sleep(0.05)
        rig.virtual.network.advance()
    moved = [e.kind for e in rig.virtual.truth.events if e.kind.startswith("bench_contact")]
    assert moved[:2] == ["bench_contact_closed", "bench_contact_opened"]


def test_a_block_that_raises_leaves_none_in(rig, sink):
    with pytest.raises(ZeroDivisionError), sink.at(85, 76, longest_s=20.0) as go_on:
        go_on()
        raise ZeroDivisionError
    assert inside(rig) == set()


def test_a_temperature_that_has_no_resistor_is_a_mistake_of_the_plan(sink):
    with pytest.raises(UsageError, match="'heatsink_61c' is no fault network"):
        sink.at(61, longest_s=1.0).__enter__()
