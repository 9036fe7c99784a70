"""Residual current and insulation as plans ask for them: what reaches the wires, what is proven."""

import itertools
import math
from types import SimpleNamespace

import pytest

from instruments.errors import UsageError
from rig.bench.envelope import OutsideEnvelope
from rig.bench.faults_residual import alternating, direct, half_waves, ladder
from rig.bench.insulation import PackInsulation
from rig.bench.networks import NotFitted
from rig.bench.output_insulation import OutputInsulation
from rig.bench.residual import ResidualCurrent
from rig.bench.residual_ramp import ResidualRamp
from rig.measure import judge, load_requirements
from rig.session import DEFAULT_BENCH, load_bench

REQUIREMENTS = load_requirements(DEFAULT_BENCH.parents[1] / "testplans" / "requirements.yaml")


@pytest.fixture
def case(on_simulation):
    return on_simulation()


def closed(case, *boards):
    """Return the relays that stand closed, as board and number."""
    relays = ((board, case.drivers[board].read_relays()) for board in boards)
    return {(board, n) for board, states in relays for n, on in enumerate(states) if on}


@pytest.mark.parametrize(
    ("amps", "network"),
    [
        (0.0142, "residual_16k2"),
        (0.030, "residual_7k32"),
        (0.060, "residual_3k65"),
        (0.150, "residual_1k47"),
    ],
)
def test_a_level_takes_the_resistor_next_to_it(amps, network):
    stimulus = alternating(amps, 230.0)
    assert stimulus.networks == (network,)
    assert stimulus.level_a == pytest.approx(amps, rel=0.06)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: alternating(0.1, 230.0),
        lambda: direct(0.02, "positive"),
        lambda: half_waves(45, "positive"),
        lambda: ladder(256),
    ],
    ids=["AC", "DC", "angle", "ladder"],
)
def test_what_the_network_does_not_have_is_a_mistake_of_the_plan(ask):
    with pytest.raises(UsageError, match=r"expected|there are"):
        ask()


def test_the_ladder_s_relays_are_the_bits_of_its_steps():
    assert ladder(0) == ()
    assert ladder(81) == ("residual_ladder_1", "residual_ladder_16", "residual_ladder_64")


def test_direct_current_is_turned_round_by_a_relay_of_its_own():
    assert direct(0.0062, "negative").networks == ("residual_dc_6ma2", "residual_negative")


def test_choosing_closes_what_is_wanted_and_opens_the_rest(case):
    residual = case.bench.faults.residual
    residual.choose("residual_7k32", "residual_positive", "residual_ladder_1")
    assert closed(case, "faults_2", "faults_8") == {
        ("faults_8", 1),
        ("faults_8", 4),
        ("faults_2", 0),
    }
    residual.choose("residual_7k32", "residual_ladder_2")
    assert closed(case, "faults_2", "faults_8") == {("faults_8", 1), ("faults_2", 1)}
    residual.choose()
    assert closed(case, "faults_2", "faults_8") == set()


def test_what_was_made_safe_is_chosen_anew(case):
    residual = case.bench.faults.residual
    residual.choose("residual_7k32")
    case.bench.make_safe()
    assert closed(case, "faults_8") == set()
    residual.choose("residual_7k32")
    assert closed(case, "faults_8") == {("faults_8", 1)}


def test_a_current_held_longer_than_the_envelope_is_refused_before_a_byte_leaves(case):
    case.bench.faults.residual.choose("residual_1k47")
    case.exchanges.clear()
    with pytest.raises(OutsideEnvelope, match="residual_hold_s"):
        case.bench.faults.residual.flow("A", "too long", hold_s=61.0)
    assert case.exchanges == []


def test_a_bench_without_residual_branches_says_so(on_simulation):
    spec = load_bench(DEFAULT_BENCH)
    sockets = {
        name: wired.model_copy(update={"residual_branch": None})
        for name, wired in spec.wiring.sockets.items()
    }
    wiring = spec.wiring.model_copy(update={"sockets": sockets})
    case = on_simulation(spec.model_copy(update={"wiring": wiring}))
    with pytest.raises(NotFitted, match="residual branch at socket A"):
        case.bench.faults.residual.flow("A", "none", hold_s=0.1)


def test_the_trip_is_timed_to_the_truth_and_its_level_proven(case):
    bench, truth = case.bench, case.virtual.truth
    requirement = REQUIREMENTS.get("R-RCD-02")
    with bench.energised():
        current = ResidualCurrent(bench, "B", requirement, alternating(0.030, 230.0))
        current.prepare()
        with current.capture() as wave:
            current.apply(90.0)
        found = current.trip_time(wave, 90.0)
    began = truth.times("branch_closed", "branch 10")[-1]
    ended = truth.first("current_ended", "B", after_s=began)
    assert found.value == pytest.approx(ended - began, abs=found.expanded())
    assert found.problems == ()
    assert found.stimulus.in_tolerance
    assert found.stimulus.level == pytest.approx(230.0 / 7_320, rel=0.04)


def test_a_voltage_that_gives_another_level_is_no_proof(case):
    """The network's current is what the output makes of it: less, at 76 % of its voltage."""
    bench, requirement = case.bench, REQUIREMENTS.get("R-RCD-01")
    with bench.energised():
        current = ResidualCurrent(bench, "A", requirement, alternating(0.0142, 230.0))
        with bench.faults.networks.inserted("output_76", longest_s=3.0):
            current.prepare()
            with current.capture() as wave:
                current.apply()
            found = current.trip_time(wave)
    assert not found.stimulus.in_tolerance
    assert judge(found, requirement.limit("trip_time")).outcome == "INCONCLUSIVE"


@pytest.mark.parametrize(("first", "last"), [(0.01425, 0.0335), (0.005, 0.0635), (0.014, 0.214)])
def test_a_ramp_rises_step_by_step_to_its_last_level(case, first, last):
    numbers = {
        "first_level_a": first, "last_level_a": last, "step_percent": 8.0, "dwell_s": 0.45,
    }  # fmt: skip
    requirement = SimpleNamespace(
        number=numbers.__getitem__, limit=lambda _: SimpleNamespace(maximum=1.0)
    )
    ramp = ResidualRamp(case.bench, "A", requirement)
    ohm = {"residual_16k2": 16_200, "residual_7k32": 7_320, "residual_3k65": 3_650,
           "residual_1k47": 1_470}  # fmt: skip
    levels = [
        sum(230 / ohm[name] for name in each.resistors) + 0.25e-3 * each.steps
        for each in ramp._levels
    ]
    assert levels == sorted(levels)
    assert levels[0] == pytest.approx(first, abs=0.15e-3)
    assert levels[-1] == pytest.approx(last, abs=0.15e-3)
    widest = max(b - a for a, b in itertools.pairwise(levels))
    assert widest <= max(0.09 * last, 0.26e-3)


@pytest.mark.parametrize("stuck", ["residual_16k2", "residual_positive", "residual_from_90"])
def test_a_relay_that_sticks_spoils_the_proof(case, stuck):
    """More current than the resistor gives, or half of it, is not what was asked for."""
    bench, requirement = case.bench, REQUIREMENTS.get("R-RCD-02")
    with bench.energised(), bench.faults.networks.inserted(stuck, longest_s=5.0):
        current = ResidualCurrent(bench, "A", requirement, alternating(0.030, 230.0))
        current.prepare()
        with current.capture() as wave:
            current.apply()
        found = current.trip_time(wave, 0.0)
    assert judge(found, requirement.limit("trip_time")).outcome == "INCONCLUSIVE"


def test_a_direct_current_of_the_wrong_sign_is_no_proof(case):
    bench, requirement = case.bench, REQUIREMENTS.get("R-RCD-07")
    with bench.energised(), bench.faults.networks.inserted("residual_negative", longest_s=5.0):
        stimulus = direct(0.062, "positive")
        current = ResidualCurrent(bench, "A", requirement, stimulus, level="62ma")
        current.prepare()
        with current.capture() as wave:
            current.apply()
        found = current.trip_time(wave)
    assert judge(found, requirement.limit("trip_time_62ma")).outcome == "INCONCLUSIVE"


@pytest.mark.parametrize(
    ("wanted", "stuck"),
    [
        ({}, "residual_positive"),
        ({"from_deg": 90, "polarity": "positive"}, "residual_from_135"),
        ({"from_deg": 0, "polarity": "positive"}, "residual_from_90"),
    ],
)
def test_half_waves_other_than_those_asked_for_are_no_proof(case, wanted, stuck):
    bench = case.bench
    requirement = REQUIREMENTS.get("R-RCD-06" if wanted else "R-RCD-05")
    with bench.energised(), bench.faults.networks.inserted(stuck, longest_s=50.0):
        ramp = ResidualRamp(bench, "A", requirement, **wanted)
        found = ramp.judged(ramp.run()) if wanted else ramp.trip_current(ramp.run())
    assert any("mean by RMS" in each for each in found.problems)
    assert judge(found, requirement.limit(found.quantity_name)).outcome == "INCONCLUSIVE"


def test_a_ramp_that_ends_inside_the_limit_tells_nothing(case):
    """Without a trip the last level must lie beyond the limit, or there is no verdict."""
    bench, requirement = case.bench, REQUIREMENTS.get("R-RCD-05")
    with bench.energised():
        ramp = ResidualRamp(bench, "A", requirement)
        ramp._levels = ramp._levels[:4]
        found = ramp.trip_current(ramp.run())
    assert found.value == pytest.approx(0.015, rel=0.03)
    assert any("without a trip" in each for each in found.problems)


def test_an_insulation_ladder_that_did_not_stand_is_no_proof(case):
    bench, requirement = case.bench, REQUIREMENTS.get("R-ISO-01")
    insulation = PackInsulation(bench, requirement, "positive", capacitors=True)
    with insulation._fault(39_200.0, 1.0):
        case.drivers["faults_12"].set_relay(2, False)
    assert not insulation._proof(39_200.0, 1.0).proven
    with insulation._fault(39_200.0, 1.0):
        assert closed(case, "faults_12") == {("faults_12", n) for n in (0, 2, 6, 7)}
    assert insulation._proof(39_200.0, 1.0).proven
    assert closed(case, "faults_12") == set()


@pytest.mark.parametrize("earthing", ["tn", "it"])
def test_the_suite_of_the_other_earthing_is_a_mistake_of_the_plan(on_simulation, earthing):
    name = {"tn": "virtual.yaml", "it": "virtual-it.yaml"}[earthing]
    bench = on_simulation(load_bench(DEFAULT_BENCH.parent / name)).bench
    stimulus = alternating(0.150, 230.0)
    if earthing == "it":
        with pytest.raises(UsageError, match="earthing is 'it'"):
            ResidualCurrent(bench, "A", REQUIREMENTS.get("R-RCD-04"), stimulus)
        with pytest.raises(UsageError, match="this test is for 'tn'"):
            ResidualRamp(bench, "A", REQUIREMENTS.get("R-RCD-05"))
    else:
        with pytest.raises(UsageError, match="earthing is 'tn'"):
            OutputInsulation(bench, "A", REQUIREMENTS.get("R-ISO-02"))


@pytest.mark.parametrize(("name", "register"), [("virtual.yaml", 0), ("virtual-it.yaml", 1)])
def test_energising_declares_the_earthing_of_the_bench_file(on_simulation, name, register):
    case = on_simulation(load_bench(DEFAULT_BENCH.parent / name))
    case.virtual.controller.write_holding(4, [1 - register])
    with case.bench.energised("A"):
        assert case.virtual.controller.read_holding(4, 1) == [register]


def test_the_floating_bench_is_the_default_one_in_all_else():
    floating = load_bench(DEFAULT_BENCH.parent / "virtual-it.yaml")
    earthed = load_bench(DEFAULT_BENCH)
    unit = earthed.unit.model_copy(update={"earthing": "it"})
    assert floating == earthed.model_copy(update={"name": "virtual-it", "unit": unit})


def test_without_a_record_nothing_is_measured(case):
    bench = case.bench
    current = ResidualCurrent(bench, "A", REQUIREMENTS.get("R-RCD-04"), alternating(0.15, 230.0))
    with bench.energised("A"), current.capture() as wave:
        pass
    found = current.trip_time(wave, 0.0)
    assert any("not triggered" in each for each in found.problems)
    assert math.isnan(found.stimulus.level)


def test_lost_insulation_is_timed_from_the_contact_to_the_end_of_the_output(case):
    bench, truth = case.bench, case.virtual.truth
    with bench.energised():
        insulation = PackInsulation(
            bench, REQUIREMENTS.get("R-ISO-01"), "negative", capacitors=False
        )
        found = insulation.trip_time("B")
    began = truth.times("bench_contact_closed", "board 12 relay 7")[-1]
    ended = truth.first("inverter_stopped", after_s=began)
    assert found.value == pytest.approx(ended - began, abs=found.expanded())
    assert found.problems == ()
    assert found.stimulus.proven


def test_a_fault_of_a_floating_output_is_timed_to_the_truth_and_seen_by_the_clamp(on_simulation):
    case = on_simulation(load_bench(DEFAULT_BENCH.parent / "virtual-it.yaml"))
    bench, truth = case.bench, case.virtual.truth
    requirement = REQUIREMENTS.get("R-ISO-02")
    with bench.energised():
        found = OutputInsulation(bench, "C", requirement).trip_time("neutral", 22_440.0)
    began = truth.times("branch_closed", "branch 11")[-1]
    ended = truth.first("inverter_stopped", after_s=began)
    assert found.value == pytest.approx(ended - began, abs=found.expanded() + 2e-4)
    assert found.stimulus.in_tolerance
    assert (found.stimulus.unit, found.stimulus.level) == ("ohm", pytest.approx(22_440.0, rel=1e-3))
