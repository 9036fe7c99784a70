"""A supply's own over-voltage protection: set by the envelope before anything is switched on."""

from contextlib import suppress

import pytest

from instruments.errors import BenchError, UsageError
from rig.bench.limited import check_envelopes
from rig.bench.model import BenchFile
from rig.safety import SafetyTrip
from rig.session import DEFAULT_BENCH, load_bench

PACK_V = load_bench(DEFAULT_BENCH).envelope["pack"].voltage_v


def with_pack_limits(**changes):
    spec = load_bench(DEFAULT_BENCH)
    limits = spec.envelope["pack"].model_copy(update=changes)
    return spec.model_copy(update={"envelope": {**spec.envelope, "pack": limits}})


def alarms_after(rig, voltage_v):
    """Set a voltage past the rig's own limits, as a mistake below them would."""
    raw = rig.drivers["pack"]._supply
    found = frozenset()
    with suppress(SafetyTrip, BenchError), rig.bench.energised("A"):
        raw.source.set_voltage(voltage_v)
        rig.bench.sleep(0.05)
        found = raw.read_alarms()
    return found


def test_a_supply_that_is_told_too_much_past_the_rig_trips_by_itself(on_simulation):
    rig = on_simulation()
    assert "OVP" in alarms_after(rig, 1.06 * PACK_V)
    assert not rig.virtual.network.observe().supply_on


def test_what_the_envelope_allows_does_not_trip_it(on_simulation):
    assert alarms_after(on_simulation(), PACK_V) == frozenset()


def test_the_bench_file_may_set_it_higher(on_simulation):
    assert alarms_after(on_simulation(with_pack_limits(ovp_v=480.0)), 1.06 * PACK_V) == frozenset()


def test_it_is_in_the_record(on_simulation):
    rig = on_simulation()
    with rig.bench.energised("A"):
        pass
    notes = [event["text"] for event in rig.events("note") if "over-voltage" in event["text"]]
    assert notes == ["pack: its own over-voltage protection at 441 V"]


def test_one_below_what_the_role_may_be_asked_for_is_refused():
    limits = {"voltage_v": 420, "ovp_v": 400}
    raw = load_bench(DEFAULT_BENCH).model_dump()
    raw["envelope"]["pack"] = limits
    with pytest.raises(ValueError, match=r"ovp_v: expected at least voltage_v, 420, got 400"):
        BenchFile.model_validate(raw)


def test_a_load_has_none():
    spec = load_bench(DEFAULT_BENCH)
    limits = spec.envelope["load_a"].model_copy(update={"ovp_v": 300.0})
    with pytest.raises(UsageError, match=r"envelope\.load_a\.ovp_v: means nothing"):
        check_envelopes(spec.model_copy(update={"envelope": {"load_a": limits}}))
