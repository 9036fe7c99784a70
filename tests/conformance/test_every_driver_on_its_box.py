"""Every registered driver against its simulated box, over real wires, in virtual time."""

import pytest

from instruments.errors import BenchError, CannotDo, LinkClosed, LinkTimeout, UsageError
from rig.virtual.wires import Drop, Reset, When

SILENT = {"SLCAN adapter", "CANable"}
"""Adapters that acknowledge nothing: their driver says that a refusal goes unnoticed."""


def set_all(subject):
    """Make every legal setting; return those that the box has not."""
    cannot = []
    for setting in subject.part.legal():
        before = len(subject.sent())
        try:
            setting.call()
        except CannotDo:
            assert len(subject.sent()) == before, f"{setting.name} was sent all the same"
            cannot.append(setting.name)
            continue
        assert setting.true(), f"{setting.name}: the circuit has {subject.ports}"
        assert subject.errors() == [], setting.name
    return cannot


def test_a_new_driver_says_nothing_until_it_is_asked(subject):
    assert subject.sent() == []
    assert subject.clock.now() == 0.0


def test_it_says_who_it_is_twice_the_same(subject):
    who = subject.driver.identify()
    assert who.model
    for text in (who.maker, who.model, who.serial, who.firmware):
        assert isinstance(text, str)
        assert text == text.strip().strip('"')
    assert subject.driver.identify() == who
    assert subject.errors() == []


def test_settings_reach_the_circuit_and_leave_no_error(subject):
    assert len(set_all(subject)) < len(subject.part.legal()) or not subject.part.legal()


def test_what_is_beyond_the_rating_is_refused_before_a_byte_is_sent(subject):
    for call in subject.part.illegal():
        with pytest.raises(UsageError):
            call()
    assert subject.sent() == []


def test_what_is_beyond_the_rating_is_refused_before_a_byte_is_sent_also_later(subject):
    set_all(subject)
    subject.part.energise()
    calls = [c for c in subject.part.illegal() if subject.part.role != "can"]
    for call in calls:
        before = len(subject.sent())
        with pytest.raises(UsageError):
            call()
        assert len(subject.sent()) == before


def test_a_box_that_ignores_a_setting_is_found_out(subject):
    if subject.model.name in SILENT or subject.model.link == "can":
        pytest.skip("nothing comes back that a setting could be held against")
    for setting in subject.part.legal():
        if setting.name == "reading":
            continue
        if setting.name == "open":
            next(each for each in subject.part.legal() if each.name == "close").call()
        subject.deaf.on, subject.deaf.missed = True, 0
        try:
            with pytest.raises(BenchError):
                setting.call()
        except CannotDo:
            continue
        finally:
            subject.deaf.on = False
        assert subject.deaf.missed


def test_made_safe_it_is_off_and_made_safe_again_still(subject):
    subject.driver.make_safe()
    assert not subject.part.live()
    subject.part.energise()
    assert subject.part.live() or not subject.part.carries_power
    for _ in range(2):
        subject.driver.make_safe()
        assert not subject.part.live()
        assert subject.errors() == []


def test_a_driver_that_has_just_been_made_finds_a_live_box_and_makes_it_safe(subject):
    subject.part.energise()
    subject.lose()
    subject.bind(subject.virtual.clock, subject.virtual.wires)
    subject.driver.make_safe()
    assert not subject.part.live()


def test_a_box_that_does_not_go_off_is_a_bench_error(subject):
    if not subject.part.carries_power:
        pytest.skip("carries no power")
    subject.part.energise()
    subject.deaf.on = True
    with pytest.raises(BenchError):
        subject.driver.make_safe()
    assert subject.part.live()


def test_closing_leaves_the_output_as_it_is_and_the_next_use_opens_anew(subject):
    who = subject.driver.identify()
    subject.part.energise()
    live = subject.part.live()
    subject.driver.close()
    assert subject.part.live() is live
    assert subject.driver.identify() == who


def test_after_a_reset_connection_the_next_use_opens_anew(subject):
    if subject.faults is None or subject.faults.serial:
        pytest.skip("a link without connections")
    who = subject.driver.identify()
    subject.faults.add(Reset(when=When(nth=1)))
    with pytest.raises(LinkClosed):
        subject.driver.identify()
    assert subject.driver.identify() == who
    set_all(subject)


def test_a_lost_answer_is_a_typed_error_and_costs_the_time_out_at_most_twice(subject):
    if subject.faults is None:
        pytest.skip("no link of ours")
    who, timeout_s = subject.driver.identify(), subject.spec.roles[subject.role].link.timeout_s
    for nth in (1, 2):
        before = subject.clock.now()
        subject.faults.add(Drop(when=When(nth=1)))
        with pytest.raises((LinkClosed, LinkTimeout)):
            subject.driver.identify()
        assert subject.clock.now() - before <= 2 * timeout_s + 0.5, nth
        subject.faults.clear()
        assert subject.driver.identify() == who
        subject.part.energise()


def test_a_setting_whose_answer_is_lost_is_an_error_and_can_be_made_again(subject):
    if subject.faults is None:
        pytest.skip("no link of ours")
    for setting in subject.part.legal()[:2]:
        for nth in range(1, 12):
            subject.faults.add(Drop(when=When(nth=nth)))
            try:
                setting.call()
            except CannotDo:
                break
            except BenchError:
                subject.faults.clear()
                setting.call()
            else:
                break
            finally:
                subject.faults.clear()
            assert setting.true(), (nth, setting.name)
            assert subject.errors() == []


def test_an_unplugged_box_is_a_closed_link_every_time(subject):
    if subject.faults is None:
        pytest.skip("no link of ours")
    subject.driver.identify()
    subject.virtual.unplug(subject.role)
    for _ in range(3):
        with pytest.raises((LinkClosed, LinkTimeout)):
            subject.driver.identify()
