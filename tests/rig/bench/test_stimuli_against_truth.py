"""Times from the edge of a fault network to the end of an outlet, against the circuit's truth."""

from itertools import pairwise

import pytest

from rig.bench.brown_out import SupplyLoss
from rig.bench.dc_meter import DcMeter
from rig.bench.heat import HeatSink
from rig.bench.networks import NotFitted
from rig.bench.pack import Pack
from rig.bench.regulator import RegulatorFault
from rig.measure import NoTripSeen, load_requirements
from rig.session import DEFAULT_BENCH, load_bench

REQUIREMENTS = load_requirements(DEFAULT_BENCH.parents[1] / "testplans" / "requirements.yaml")


def true_time(rig, network, socket="A"):
    """Return the time from the closing of a network's contact to the socket's last current."""
    contact = rig.bench.spec.wiring.fault_networks[network]
    board = rig.bench.spec.roles[contact.board].link.unit
    truth = rig.virtual.truth
    closed = truth.first("bench_contact_closed", f"board {board} relay {contact.relay}")
    return truth.first("current_ended", socket, after_s=closed) - closed


@pytest.mark.parametrize(
    ("requirement", "network"),
    [
        ("R-VF-01", "output_115"),
        ("R-VF-01", "output_120"),
        ("R-VF-02", "output_42"),
        ("R-VF-03", "clock_slow"),
    ],
)
def test_faults_of_the_regulator_are_timed_within_their_uncertainty(rig, requirement, network):
    fault = RegulatorFault(rig.bench, "A", REQUIREMENTS.get(requirement), network)
    with rig.bench.energised():
        result = fault.trip_time()
    assert result.problems == ()
    assert result.stimulus.proven
    assert abs(result.value - true_time(rig, network)) <= result.expanded()


def test_a_dip_of_the_supply_is_timed_within_its_uncertainty(rig):
    loss = SupplyLoss(rig.bench, "A", REQUIREMENTS.get("R-WDG-01"), "dip_12v")
    with rig.bench.energised():
        result = loss.trip_time()
    assert abs(result.value - true_time(rig, "dip_12v")) <= result.expanded()


def test_a_hot_sink_is_timed_within_its_uncertainty(rig):
    with rig.bench.energised():
        result = HeatSink(rig.bench, REQUIREMENTS.get("R-OT-02")).trip_time("A", 85)
    assert abs(result.value - true_time(rig, "heatsink_85c")) <= result.expanded()


def test_a_regulator_that_does_not_do_it_gives_no_verdict(rig, monkeypatch):
    monkeypatch.setitem(_dividers(), "output_115", 1.0)
    fault = RegulatorFault(rig.bench, "A", REQUIREMENTS.get("R-VF-01"), "output_115")
    with rig.bench.energised():
        result = fault.trip_time()
    assert isinstance(result, NoTripSeen)
    assert not result.stimulus.proven
    assert any("did not change" in each for each in result.problems)


def _dividers():
    from rig.virtual.network import regulator_fault

    return regulator_fault.DIVIDERS


def test_a_bench_whose_relay_does_not_trigger_cannot_time_it(on_simulation):
    spec = load_bench(DEFAULT_BENCH)
    networks = dict(spec.wiring.fault_networks)
    networks["output_115"] = networks["output_115"].model_copy(update={"triggers": False})
    wiring = spec.wiring.model_copy(update={"fault_networks": networks})
    rig = on_simulation(spec.model_copy(update={"wiring": wiring}))
    with pytest.raises(NotFitted, match="output_115 is not on the trigger line"):
        RegulatorFault(rig.bench, "A", REQUIREMENTS.get("R-VF-01"), "output_115")


def test_the_pack_s_power_is_followed_without_a_gap(rig):
    meter = rig.bench.pack.meter
    assert isinstance(meter, DcMeter)
    with rig.bench.energised("A"):
        rig.bench.loads["A"].draw_power(1000)
        rig.bench.sleep(1.0)
        windows = list(meter.follow(1.0))
    assert len(windows) >= 15
    ends = [window.end_s for window in windows]
    assert max(b - a for a, b in pairwise(ends)) < 0.06
    assert all(1150 < window.power.value < 1350 for window in windows)


@pytest.mark.parametrize(("volts", "reason"), [(7.5, "wanted 5.5 to 6.5 V"), (12.6, "not sink")])
def test_a_dip_that_is_none_proves_nothing(rig, monkeypatch, volts, reason):
    monkeypatch.setattr("rig.virtual.network.supply_12v._DIP_V", volts)
    loss = SupplyLoss(rig.bench, "A", REQUIREMENTS.get("R-WDG-01"), "dip_12v")
    with rig.bench.energised():
        result = loss.trip_time()
    assert reason in result.stimulus.reason


def test_a_bench_without_boxes_on_the_dc_side_says_so(rig):
    bare = {role: each for role, each in rig.drivers.items() if not role.endswith("_dc")}
    pack = Pack(bare, rig.bench.spec, rig.bench.clock, rig.bench.journal)
    with pytest.raises(NotFitted, match="no power analyser"):
        _ = pack.meter
    with pytest.raises(NotFitted, match="no scope"):
        pack.capture(1.0)
