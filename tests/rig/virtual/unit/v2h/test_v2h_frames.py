"""The unit packs its frames by itself; the rig's codec, written apart from it, must agree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.chademo.frames import decode
from rig.virtual.unit.v2h.frames import EvpsFrames, VehicleContent, pack

BYTE, WORD = st.integers(0, 255), st.integers(0, 65535)
FAULTS = {
    "over_voltage": "fault_over_voltage",
    "under_voltage": "fault_under_voltage",
    "current_deviation": "fault_current_deviation",
    "over_temperature": "fault_over_temperature",
    "voltage_deviation": "fault_voltage_deviation",
    "system": "system_fault",
}
CONTENTS = st.builds(
    VehicleContent,
    protocol=BYTE,
    target_v=WORD,
    max_v=WORD,
    min_charge_a=BYTE,
    min_discharge_v=WORD,
    charge_percent=BYTE,
    floor_percent=st.integers(0, 100),
    energy_100wh=WORD,
    capacity_100wh=WORD,
    settled=st.booleans(),
    enabled=st.booleans(),
    parked=st.booleans(),
    contactor_open=st.booleans(),
    stop_before_charge=st.booleans(),
    may_discharge=st.booleans(),
    request_a=BYTE,
    discharge_a=BYTE,
    faults=st.frozensets(st.sampled_from(sorted(FAULTS))),
)


def seen(identifier, content):
    return decode(identifier, pack(identifier, content))


@given(CONTENTS)
def test_status_is_read_as_it_was_meant(content):
    status = seen(0x102, content)
    assert (status.protocol, status.target_voltage_v) == (content.protocol, content.target_v)
    assert (status.current_request_a, status.charge_rate) == (
        content.request_a,
        content.charge_percent,
    )
    assert (status.enabled, status.not_in_park) == (content.enabled, not content.parked)
    assert (status.contactor_open, status.stop_before_charge, status.discharge_compatible) == (
        content.contactor_open,
        content.stop_before_charge,
        content.may_discharge,
    )
    assert {name for name, field in FAULTS.items() if getattr(status, field)} == content.faults
    assert status.spare == 0


@given(CONTENTS)
def test_limits_times_and_estimate_are_read_as_they_were_meant(content):
    limits, times, estimate = (seen(each, content) for each in (0x100, 0x101, 0x201))
    assert limits.min_charge_current_a == content.min_charge_a
    assert limits.max_battery_voltage_v == content.max_v
    assert limits.charge_rate_reference == (100 if content.settled else 240)
    assert times.total_capacity_100wh == (content.capacity_100wh if content.settled else 0)
    assert estimate.available_energy_100wh == content.energy_100wh
    assert (limits.spare, times.spare, estimate.spare) == (0, 0, 0)


@given(CONTENTS)
def test_discharge_limits_are_read_as_they_were_meant(content):
    limits = seen(0x200, content)
    assert limits.max_discharge_current_a == content.discharge_a
    assert limits.min_discharge_voltage_v == content.min_discharge_v
    levels = (content.floor_percent, 100) if content.settled else (255, 255)
    assert (limits.min_discharge_level, limits.max_charge_level) == levels


@pytest.mark.parametrize(
    ("frames", "expected"),
    [  # golden frames of a real session (LOG-A), by time
        (
            {0x108: "01F4010FB3010000", 0x109: "020000000120FFFF", 0x208: "FFF401FF00000000"},
            (500, 15, True, 2, 0, True, False, False, True, 0),
        ),
        (
            {0x108: "01F40100B3010000", 0x109: "027601010105FF3C", 0x208: "FFF401F00000FA00"},
            (500, 0, True, 2, 374, True, True, True, False, 15),
        ),
        (
            {0x108: "01F4010FB3010000", 0x109: "027801090125FF3C", 0x208: "F5F401F00000FA00"},
            (500, 15, True, 2, 376, True, True, True, True, 15),
        ),
    ],
)
def test_frames_of_a_real_evps_are_understood(frames, expected):
    evps = EvpsFrames()
    for identifier, data in frames.items():
        evps.take(identifier, bytes.fromhex(data), 1.0)
    assert (
        evps.available_v,
        evps.available_a,
        evps.weld_support,
        evps.protocol,
        evps.output_v,
        evps.may_discharge,
        evps.charging,
        evps.energizing,
        evps.stopping,
        evps.input_a,
    ) == expected


def test_frames_of_another_length_or_identifier_are_not_taken():
    evps = EvpsFrames()
    evps.take(0x108, bytes(7), 1.0)
    evps.take(0x109, bytes(8), 1.0)
    evps.take(0x102, bytes(8), 1.0)
    assert not evps.complete
    evps.take(0x108, bytes(8), 3.0)
    assert evps.complete
    assert evps.silent_s(3.5) == 2.5
