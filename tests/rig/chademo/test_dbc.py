"""Our DBC file against the codec."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rig.chademo
from rig.chademo.frames import CATALOGUE, Side, layout_of

cantools = pytest.importorskip("cantools", reason="cantools is not installed (extra 'can')")

FILE = Path(rig.chademo.__file__).with_name("chademo.dbc")
SENDERS = {Side.VEHICLE: ["Vehicle"], Side.CHARGER: ["Charger"]}


DATABASE = cantools.database.load_file(FILE, strict=True)
identifiers = st.sampled_from(sorted(CATALOGUE))


def read(message, data):
    """Read the fields as raw numbers, those sent as 255 minus the value as the value."""
    raw = message.decode(data, decode_choices=False, scaling=False)
    inverted = {each.name for each in message.signals if each.scale == -1}
    return {name: 255 - value if name in inverted else value for name, value in raw.items()}


def test_the_file_has_every_frame_of_the_codec_and_no_other():
    assert {m.frame_id: m.name for m in DATABASE.messages} == {
        identifier: kind.__name__ for identifier, kind in CATALOGUE.items()
    }
    for message in DATABASE.messages:
        assert message.senders == SENDERS[CATALOGUE[message.frame_id].SENDER]
        assert (message.length, message.cycle_time, message.is_extended_frame) == (8, 100, False)


@pytest.mark.parametrize("identifier", sorted(CATALOGUE))
def test_every_bit_means_the_same_in_the_file_and_in_the_codec(identifier):
    kind, message = CATALOGUE[identifier], DATABASE.get_message_by_frame_id(identifier)
    for bit in range(64):
        data = (1 << bit).to_bytes(8, "little")
        decoded = kind.decode(data)
        assert read(message, data) == {n.name: getattr(decoded, n.name) for n in layout_of(kind)}
        in_no_signal = decoded.spare == 1 << bit
        assert in_no_signal == (read(message, data) == read(message, bytes(8)))


@given(identifiers, st.binary(min_size=8, max_size=8))
def test_any_frame_reads_the_same_by_the_file_and_by_the_codec(identifier, data):
    kind = CATALOGUE[identifier]
    message = DATABASE.get_message_by_frame_id(identifier)
    decoded = kind.decode(data)
    assert read(message, data) == {n.name: getattr(decoded, n.name) for n in layout_of(kind)}


def test_physical_values_have_the_units_of_the_facts():
    times = DATABASE.decode_message(0x101, bytes.fromhex("00E43C0000DE0000"))
    assert times["max_charge_time_10s"] == 2280
    assert times["total_capacity_100wh"] == pytest.approx(22.2)
    intake = DATABASE.decode_message(0x208, bytes.fromhex("F5F401F00000FA00"))
    assert (intake["discharge_current_a"], intake["available_input_current_a"]) == (10, 15)
    assert str(DATABASE.decode_message(0x102, bytes([2]) + bytes(7))["protocol"]) == "1.x"
