"""What a box refuses of itself, its watchdog, and which way its power flows."""

import dataclasses
from contextlib import suppress

import pytest

from instruments.errors import BenchError, Refused
from instruments.ratings import AcLoadRating, SupplyRating
from instruments.registry import find_model, known_models

SAYS_NOTHING = {"Siglent SDS HD", "SLCAN adapter", "CANable", "python-can"}
"""Models that have no words to refuse with."""
OWN_LIMIT = ("EA", "Delta")
"""Supplies whose limit is set at the box: their drivers hold the rating against the box's own."""
SUPPLIES = [model.name for model in known_models() if "supply" in model.roles]
WATCHDOGS = [model.name for model in known_models() if "watchdog" in model.roles]
WATCH_S = 5.0


def told_too_much(model):
    """Return twice the model's rating, so that the box and not the driver must refuse."""
    if isinstance(model.rating, SupplyRating) and model.name.startswith(OWN_LIMIT):
        return None
    if not isinstance(model.rating, SupplyRating | AcLoadRating):
        return None
    return {name: 2 * value for name, value in dataclasses.asdict(model.rating).items() if value}


def test_what_the_box_refuses_is_raised_with_its_code_and_leaves_no_error(
    simulated_model, make_subject
):
    model = find_model(simulated_model.partition(" over ")[0])
    subject = make_subject(simulated_model, rating=told_too_much(model))
    refusal = subject.part.refused()
    assert (refusal is None) is (model.name in SAYS_NOTHING)
    if refusal is None:
        return
    call, code = refusal
    with pytest.raises(Refused) as caught:
        call()
    assert caught.value.code == code
    assert caught.value.box == subject.role
    assert caught.value.address == subject.link.address
    assert subject.errors() == []
    subject.driver.make_safe()


@pytest.mark.parametrize("name", WATCHDOGS)
def test_a_watchdog_that_is_fed_keeps_the_output_and_one_that_starves_takes_it(
    name, make_subject, walk
):
    if walk["kind_of"](name) is None:
        pytest.skip("its box is not simulated")
    subject = make_subject(name)
    driver = subject.driver
    assert driver.read_watchdog().timeout_s is None
    driver.disarm_watchdog()
    subject.part.energise()
    driver.arm_watchdog(WATCH_S)
    for _ in range(4):
        subject.pause(0.6 * WATCH_S)
        assert driver.read_watchdog().timeout_s == pytest.approx(WATCH_S)
        assert subject.part.live()
    subject.pause(1.2 * WATCH_S)
    subject.ports[subject.role].read()
    assert not subject.part.live()
    state = driver.read_watchdog()
    assert state.expired
    assert state.timeout_s in (None, pytest.approx(WATCH_S))
    assert subject.errors() == []
    driver.disarm_watchdog()
    assert driver.read_watchdog().timeout_s is None
    driver.make_safe()


@pytest.mark.parametrize("name", WATCHDOGS)
def test_a_disarmed_watchdog_takes_nothing(name, make_subject, walk):
    if walk["kind_of"](name) is None:
        pytest.skip("its box is not simulated")
    subject = make_subject(name)
    subject.part.energise()
    subject.driver.arm_watchdog(WATCH_S)
    subject.driver.disarm_watchdog()
    subject.pause(3 * WATCH_S)
    assert subject.part.live()
    assert subject.driver.read_watchdog().timeout_s is None
    assert not subject.driver.read_watchdog().expired


@pytest.mark.parametrize("name", SUPPLIES)
def test_what_a_supply_sources_is_positive_for_its_source_and_negative_for_its_sink(
    name, make_subject, walk
):
    if walk["kind_of"](name) is None:
        pytest.skip("its box is not simulated")
    subject = make_subject(name)
    subject.part.energise()
    subject.pause(2.0)
    truth = subject.ports[subject.role].read()
    assert truth.current_a > 0.2  # the unit under test draws its own 150 W
    source, sink = subject.driver.source.measure(), subject.driver.sink.measure()
    full = subject.model.rating
    assert source.voltage_v == pytest.approx(truth.voltage_v, abs=0.005 * full.voltage_v)
    assert source.current_a == pytest.approx(truth.current_a, abs=0.005 * full.current_a)
    assert sink.current_a == pytest.approx(-truth.current_a, abs=0.005 * full.current_a)
    assert source.power_w * sink.power_w <= 0.0


@pytest.mark.parametrize("name", SUPPLIES)
def test_a_driver_told_a_lower_rating_than_the_boxs_keeps_to_it(name, make_subject, walk):
    if walk["kind_of"](name) is None:
        pytest.skip("its box is not simulated")
    subject = make_subject(name, rating={"voltage_v": 100.0})
    subject.driver.source.set_voltage(100.0)
    before = len(subject.sent())
    with pytest.raises(Exception, match="voltage_v must be 0 to 100 V"):
        subject.driver.source.set_voltage(100.1)
    assert len(subject.sent()) == before


@pytest.mark.parametrize("name", SUPPLIES)
def test_a_protection_stays_known_until_it_is_acknowledged(name, make_subject, walk):
    if walk["kind_of"](name) is None:
        pytest.skip("its box is not simulated")
    subject = make_subject(name)
    assert subject.driver.read_alarms() == frozenset()
    subject.driver.acknowledge_alarms()
    assert subject.driver.read_alarms() == frozenset()
    if not hasattr(subject.driver, "set_ovp"):
        return
    subject.driver.source.set_voltage(300.0)
    subject.driver.source.output_on()
    subject.pause(0.5)
    with suppress(BenchError):  # a box may refuse a protection below its set value
        subject.driver.set_ovp(200.0)
    subject.pause(0.5)
    subject.ports[subject.role].read()
    if not subject.part.live():
        assert subject.driver.read_alarms()
        subject.driver.source.set_voltage(100.0)
        subject.driver.acknowledge_alarms()
        assert subject.driver.read_alarms() == frozenset()
        assert not subject.part.live()
