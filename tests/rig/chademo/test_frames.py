"""Frames as typed objects."""

from dataclasses import FrozenInstanceError, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.errors import UsageError
from rig.chademo.frames import (
    CATALOGUE,
    V0_9,
    V2,
    BatteryLimits,
    ChargerCapability,
    ChargerExtension,
    ChargerStatus,
    ChargeTimes,
    DischargeCapability,
    DischargeLimits,
    EvpsEstimate,
    RawFrame,
    Side,
    VehicleEstimate,
    VehicleExtension,
    VehicleOption,
    VehicleStatus,
    as_version,
    charge_percent,
    decode,
    discharge_window,
    effective_version,
    has_vehicle_fault,
    max_charge_time_s,
    remaining_time_s,
    requested_current_a,
    version_name,
)

# Facts, section 2.16: frames seen on the wire, with the values the facts state for them.
GOLDEN = [
    (0x100, "00000000B301F000", {"max_battery_voltage_v": 435, "charge_rate_reference": 240}),
    (0x101, "0000000000000000", {"total_capacity_100wh": 0, "max_charge_time_10s": 0}),
    (
        0x102,
        "029A010000C80300",
        {
            "protocol": 2,
            "target_voltage_v": 410,
            "current_request_a": 0,
            "enabled": False,
            "contactor_open": True,
            "legacy_dynamic": True,
            "discharge_compatible": True,
            "charge_rate": 3,
        },
    ),
    (
        0x200,
        "FF000000FA00FFFF",
        {
            "max_discharge_current_a": 0,
            "min_discharge_voltage_v": 250,
            "min_discharge_level": 255,
            "max_charge_level": 255,
        },
    ),
    (
        0x108,
        "01F4010FB3010000",
        {
            "weld_detection_support": 1,
            "available_voltage_v": 500,
            "available_current_a": 15,
            "threshold_voltage_v": 435,
        },
    ),
    (
        0x109,
        "020000000120FFFF",
        {"protocol": 2, "voltage_v": 0, "stop_control": True, "discharge_compatible": True},
    ),
    (
        0x208,
        "FFF401FF00000000",
        {
            "discharge_current_a": 0,
            "available_input_voltage_v": 500,
            "available_input_current_a": 0,
            "lower_threshold_voltage_v": 0,
        },
    ),
    (0x209, "0200000000000000", {"sequence": 2, "remaining_discharge_time_min": 0}),
    (0x100, "00000000B3016400", {"charge_rate_reference": 100}),
    (0x101, "00FF3C0000DE0000", {"max_charge_time_min": 60, "total_capacity_100wh": 222}),
    (0x102, "029A010000C94900", {"enabled": True, "charge_rate": 73, "contactor_open": True}),
    (0x200, "FF000000FA0043B2", {"min_discharge_level": 67, "max_charge_level": 178}),
    (0x109, "0200000001200000", {"remaining_time_10s": 0, "remaining_time_min": 0}),
    (
        0x208,
        "FFF401F00000FA00",
        {"available_input_current_a": 15, "lower_threshold_voltage_v": 250},
    ),
    (0x109, "02F9010001240000", {"voltage_v": 505, "energizing": True, "stop_control": True}),
    (0x102, "029A010000C14900", {"contactor_open": False, "enabled": True}),
    (0x109, "0276010001240000", {"voltage_v": 374}),
    (0x102, "029A010C00C14900", {"current_request_a": 12}),
    (0x200, "FB000000FA0043B2", {"max_discharge_current_a": 4}),
    (0x108, "01F40100B3010000", {"available_current_a": 0}),
    (
        0x109,
        "027601010105FF3C",
        {"voltage_v": 374, "current_a": 1, "charging": True, "stop_control": False},
    ),
    (0x209, "0205000000000000", {"remaining_discharge_time_min": 5}),
    (0x200, "F0000000FA0043B2", {"max_discharge_current_a": 15}),
    (0x109, "027701000105FF3C", {"voltage_v": 375, "current_a": 0}),
    (0x102, "029A010E00C14900", {"current_request_a": 14}),
    (0x109, "0278010E0105FF3C", {"voltage_v": 376, "current_a": 14}),
    (0x109, "027801090125FF3C", {"current_a": 9, "charging": True, "stop_control": True}),
    (0x102, "029A010000C04900", {"enabled": False, "contactor_open": False}),
    (0x109, "0278010001240000", {"charging": False, "energizing": True}),
    (0x102, "029A010000C84900", {"enabled": False, "contactor_open": True}),
    (0x100, "06000000B3016400", {"min_charge_current_a": 6}),
    (0x101, "00FF500000620100", {"max_charge_time_min": 80, "total_capacity_100wh": 354}),
    (
        0x102,
        "029A011F00814800",
        {"current_request_a": 31, "charge_rate": 72, "legacy_dynamic": False},
    ),
    (0x200, "FF000000FA000A64", {"min_discharge_level": 10, "max_charge_level": 100}),
    (0x110, "0100000000000000", {"dynamic_control": True, "high_current_control": False}),
    (0x201, "0200000000000000", {"sequence": 2, "available_energy_100wh": 0}),
    (0x202, "0101010000000000", {"spare": 0x010101}),
    (0x108, "01F4011FB3010000", {"available_current_a": 31}),
    (
        0x109,
        "0280011F0005FF4F",
        {"voltage_v": 384, "current_a": 31, "remaining_time_min": 79},
    ),
    (0x100, "06000000B301FF00", {"charge_rate_reference": 255}),
    (0x101, "00E4000000000000", {"max_charge_time_10s": 228}),
    (0x102, "029A016D00818F00", {"current_request_a": 109, "charge_rate": 143}),
    (0x200, "FF000000FA001AFF", {"min_discharge_level": 0x1A}),
    (0x108, "00F40187B3010000", {"weld_detection_support": 0, "available_current_a": 135}),
    (
        0x109,
        "017C01640105D524",
        {
            "protocol": 1,
            "voltage_v": 380,
            "current_a": 100,
            "remaining_time_10s": 213,
            "remaining_time_min": 36,
        },
    ),
    (0x208, "FFAA00FF0000AA00", {"available_input_voltage_v": 170, "discharge_current_a": 0}),
    (0x209, "0100000000000000", {"sequence": 1}),
    # Constructed in the facts: discharge of 10 A at 372 V.
    (0x109, "027401000105FF3C", {"voltage_v": 372, "current_a": 0}),
    (0x208, "F5F401F00000FA00", {"discharge_current_a": 10, "available_input_current_a": 15}),
    # Section 2.14: the maker's frame of a newer Leaf.
    (0x700, "0102000006000000", {"maker": 1, "spare": 0x0600000200}),
]

messages = st.sampled_from(sorted(CATALOGUE))
eight_bytes = st.binary(min_size=8, max_size=8)


@pytest.mark.parametrize(("identifier", "data", "values"), GOLDEN)
def test_frames_seen_on_the_wire_read_as_the_facts_say_and_encode_to_the_same_bytes(
    identifier, data, values
):
    message = decode(identifier, bytes.fromhex(data))
    assert {name: getattr(message, name) for name in values} == values
    assert message.encode() == bytes.fromhex(data)


@given(messages, eight_bytes)
def test_any_eight_bytes_decode_and_encode_to_themselves(identifier, data):
    message = decode(identifier, data)
    assert type(message) is CATALOGUE[identifier]
    assert message.encode() == data


@given(messages, st.data())
def test_any_message_encodes_and_decodes_to_itself(identifier, data):
    kind = CATALOGUE[identifier]
    drawn = {}
    for each in fields(kind):
        if each.metadata:
            whole = st.integers(0, 2 ** each.metadata["bits"] - 1)
            drawn[each.name] = data.draw(st.booleans() if each.type == "bool" else whole)
    message = kind(**drawn)
    assert kind.decode(message.encode()) == message


@given(st.integers(0, 0x7FF), st.binary(max_size=8))
def test_nothing_that_was_on_a_bus_is_refused_or_changed(identifier, data):
    assert decode(identifier, data).encode() == data


def test_a_frame_of_another_length_is_kept_as_it_is():
    assert decode(0x102, b"\x02\x9a") == RawFrame(0x102, b"\x02\x9a")


def test_currents_out_of_the_vehicle_are_sent_as_255_minus_the_current():
    limits = DischargeLimits(max_discharge_current_a=15, min_discharge_voltage_v=250)
    assert limits.encode() == bytes.fromhex("F0000000FA000000")
    intake = DischargeCapability(discharge_current_a=10, available_input_current_a=15)
    assert intake.encode() == bytes.fromhex("F50000F000000000")


def test_a_message_at_rest_asks_for_nothing():
    assert VehicleStatus().encode() == bytes(8)
    assert DischargeLimits().encode() == b"\xff" + bytes(7)


def test_a_value_that_does_not_fit_is_refused_by_name():
    with pytest.raises(UsageError, match=r"target_voltage_v must be 0 to 65535, got 70000"):
        VehicleStatus(target_voltage_v=70000)


def test_spare_bits_are_bits_of_no_field():
    with pytest.raises(UsageError, match=r"BatteryLimits\.spare"):
        BatteryLimits(spare=1)


def test_messages_are_frozen():
    with pytest.raises(FrozenInstanceError):
        VehicleStatus().enabled = True


def test_every_frame_knows_its_sender():
    senders = {identifier: kind.SENDER for identifier, kind in CATALOGUE.items()}
    chargers = {each for each, side in senders.items() if side is Side.CHARGER}
    assert chargers == {0x108, 0x109, 0x118, 0x208, 0x209, 0x708}


def test_state_of_charge_is_the_rate_over_its_reference():
    limits = BatteryLimits(charge_rate_reference=255)
    assert charge_percent(VehicleStatus(charge_rate=143), limits) == pytest.approx(56.1, abs=0.05)
    assert charge_percent(VehicleStatus(charge_rate=3), BatteryLimits()) is None


def test_times_are_in_tens_of_seconds_unless_these_refer_to_the_minutes():
    assert max_charge_time_s(ChargeTimes(max_charge_time_10s=228)) == 2280
    assert max_charge_time_s(ChargeTimes(max_charge_time_10s=255, max_charge_time_min=60)) == 3600
    assert remaining_time_s(ChargerStatus(remaining_time_10s=213, remaining_time_min=36)) == 2130


def test_in_high_current_mode_the_request_is_that_of_the_extension():
    status = VehicleStatus(current_request_a=255)
    wide = VehicleExtension(high_current_control=True, extended_current_request_a=350)
    agreed = ChargerExtension(high_current_control=True)
    assert requested_current_a(status, wide, agreed) == 350
    assert requested_current_a(status, wide, ChargerExtension()) == 255
    assert requested_current_a(VehicleStatus(current_request_a=80), wide, agreed) == 80


def test_levels_are_energy_without_a_sequence_number_and_per_cent_with_one():
    energy = DischargeLimits(min_discharge_level=67, max_charge_level=178)
    old = discharge_window(energy, ChargeTimes(total_capacity_100wh=222), None)
    assert (old.floor_percent, old.ceiling_percent) == (30, 80)
    percent = DischargeLimits(min_discharge_level=10, max_charge_level=100)
    new = discharge_window(
        percent, ChargeTimes(total_capacity_100wh=354), VehicleEstimate(sequence=2)
    )
    assert (new.floor_percent, new.ceiling_percent) == (10, 100)
    unused = discharge_window(DischargeLimits(), ChargeTimes(total_capacity_100wh=222), None)
    assert (unused.floor_percent, unused.ceiling_percent) == (None, None)
    assert discharge_window(energy, ChargeTimes(), None).floor_percent is None


@pytest.mark.parametrize("bit", [32, 33, 34, 35, 36, 42])
def test_every_fault_bit_of_the_vehicle_is_a_fault(bit):
    status = VehicleStatus.decode((1 << bit).to_bytes(8, "little"))
    assert has_vehicle_fault(status)
    assert not has_vehicle_fault(VehicleStatus(enabled=True, not_in_park=True))


def test_both_sides_keep_to_the_older_version():
    assert effective_version(2, 1) == V0_9
    assert [version_name(n) for n in range(5)] == [
        "before 0.9",
        "0.9",
        "1.x",
        "2.0",
        "unknown (4)",
    ]


def test_an_older_version_leaves_later_fields_at_rest():
    times = ChargeTimes(max_charge_time_min=60, estimated_charge_time_min=5, spare=1)
    assert as_version(times, V0_9) == ChargeTimes(max_charge_time_min=60, spare=1)
    assert as_version(times, V2) == times
    wide = VehicleExtension(dynamic_control=True, extended_current_request_a=300)
    assert as_version(wide, V0_9) == VehicleExtension()
    # A newer Leaf leaves 102.5.3 at 0 all session with a 0.9 charger.
    assert as_version(VehicleStatus(contactor_open=True), V0_9) == VehicleStatus()


def test_fields_that_every_version_has_stay():
    for message in (
        ChargerCapability(available_voltage_v=500),
        EvpsEstimate(sequence=2),
        VehicleOption(maker=1),
    ):
        assert as_version(message, 0) == message
