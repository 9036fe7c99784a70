"""The air around the unit is a condition that a verdict may hang on: measured, or not judged."""

from dataclasses import replace
from datetime import date

import pytest

from instruments.errors import LinkTimeout, UsageError
from rig.bench.networks import NotFitted
from rig.measure import judge, load_requirements
from rig.session import DEFAULT_BENCH, load_bench

REQUIREMENT = load_requirements(DEFAULT_BENCH.parents[1] / "testplans/requirements.yaml").get(
    "R-OVL-01"
)


class Brief:
    """The requirement with a shorter hold."""

    def __init__(self, hold_s=60.0):
        self.hold_s = hold_s

    def number(self, name):
        return self.hold_s if name == "hold_s" else REQUIREMENT.number(name)


def held(rig, hold_s=60.0):
    with rig.bench.energised(power_limit_w=15_000):
        rig.bench.share_load(rig.bench.rated_va)
        return rig.bench.hold_load(Brief(hold_s), rig.bench.ambient)


def verdict(watch, wanted_c=(22.0, 28.0)):
    limit = replace(REQUIREMENT.limit("trip_time"), minimum=60.0)
    load = watch.proof((98.0, 102.0), 60.0)
    assert load.proven
    air = watch.ambient_proof(wanted_c, 60.0)
    return judge(watch.trip_time(load if air.in_tolerance else air), limit)


def with_calibration(role, **changes):
    spec = load_bench(DEFAULT_BENCH)
    calibration = spec.roles[role].calibration.model_copy(update=changes)
    changed = spec.roles[role].model_copy(update={"calibration": calibration})
    return spec.model_copy(update={"roles": {**spec.roles, role: changed}})


def in_a_room_of(rig, celsius):
    network = rig.virtual.network
    network.plant = replace(network.plant, ambient_c=celsius)
    return rig


def test_a_hold_in_a_room_as_wanted_passes(rig):
    assert verdict(held(rig)).outcome == "PASS"


def test_a_trip_between_two_looks_at_the_air_is_judged(rig):
    clock = rig.bench.clock
    with rig.bench.energised(power_limit_w=15_000):
        rig.bench.share_load(rig.bench.rated_va)
        clock.call_at(clock.now() + 25.0, rig.bench.controller.stop)
        watch = rig.bench.hold_load(Brief(), rig.bench.ambient)
    assert watch.tripped_s == pytest.approx(25.0, abs=10.0)
    assert watch.ambient_proof((22.0, 28.0), 60.0).in_tolerance


@pytest.mark.parametrize(
    ("lost", "outcome"),
    [({2, 4}, "PASS"), (range(2, 99), "INCONCLUSIVE"), (range(3, 99), "INCONCLUSIVE")],
)
def test_an_answer_of_the_thermometer_that_is_lost_ends_no_hold(rig, lost, outcome):
    thermometer, asked = rig.drivers["ambient"], []
    real = thermometer.read_temperature

    def loses_some():
        asked.append(rig.bench.clock.now())
        if len(asked) in lost:
            raise LinkTimeout("reading", box="ambient", address="x", expected="an answer", got="no")
        return real()

    thermometer.read_temperature = loses_some
    assert verdict(held(rig, 300.0)).outcome == outcome


@pytest.mark.parametrize("celsius", [21.0, 30.0])
def test_a_hold_in_another_room_proves_nothing(rig, celsius):
    found = verdict(held(in_a_room_of(rig, celsius)))
    assert found.outcome == "INCONCLUSIVE"
    assert "degC" in found.reason


def test_the_uncertainty_of_the_thermometer_narrows_the_room(rig):
    watch = held(rig)
    _, shown = watch.ambients[0]
    assert watch.ambient_proof((shown.value - 1.0, shown.value + 1.0), 60.0).in_tolerance
    assert not watch.ambient_proof((shown.value - 0.2, shown.value + 0.2), 60.0).in_tolerance


def test_a_thermometer_without_certificate_proves_nothing(on_simulation):
    rig = on_simulation(with_calibration("ambient", uncertainty=()))
    assert verdict(held(rig)).outcome == "INCONCLUSIVE"


@pytest.mark.parametrize("role", ["ambient", "analyser_ac"])
def test_a_hold_watched_by_an_overdue_instrument_is_not_judged(on_simulation, role):
    rig = on_simulation(with_calibration(role, date=date(2019, 1, 1), due=date(2020, 1, 1)))
    found = verdict(held(rig))
    assert found.outcome == "INCONCLUSIVE"
    assert f"{role}: calibration overdue" in found.reason


def test_a_bench_without_a_thermometer_says_so(on_simulation):
    spec = load_bench(DEFAULT_BENCH)
    roles = {name: each for name, each in spec.roles.items() if name != "ambient"}
    with pytest.raises(NotFitted, match="no thermometer"):
        _ = on_simulation(spec.model_copy(update={"roles": roles})).bench.ambient


@pytest.mark.parametrize(
    ("role", "rating", "words"),
    [
        ("ambient", {"register": 0.5}, r"roles\.ambient\.rating: register must be a whole number"),
        ("ambient", {"per_degree": 0.0}, r"roles\.ambient\.rating: per_degree must be"),
        ("pack", {"power_w": 0.0}, r"roles\.pack\.rating\.power_w: expected above 0, got 0"),
    ],
)
def test_a_rating_that_cannot_be_is_refused(on_simulation, role, rating, words):
    spec = load_bench(DEFAULT_BENCH)
    changed = spec.roles[role].model_copy(update={"rating": rating})
    with pytest.raises(UsageError, match=words):
        on_simulation(spec.model_copy(update={"roles": {**spec.roles, role: changed}}))
