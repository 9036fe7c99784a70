import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.virtual.modbus import crc16, is_sound, seal

FRAMES = [
    # facts/instruments.md A1.2 and D1
    "00 05 01 92 FF 00 2D FA",
    "01 05 01 92 FF 00 2C 2B",
    "00 05 01 95 FF 00 9C 3B",
    "00 05 01 9B FF 00 FD F8",
    "00 06 01 F4 CC CC 9D 40",
    "01 06 01 F5 66 66 33 8E",
    "00 03 01 F9 00 02 14 17",
    "00 03 01 FB 00 03 74 17",
    "01 03 00 79 00 02 15 D2",
    "00 01 01 92 00 01 5C 0A",
    "01 85 07 03 52",
    "01 85 17 02 9E",
    "01 05 02 00 00 07 8D B0",
    "00 06 40 00 00 02 1C 1A",
    "01 05 00 00 FF 00 8C 3A",
    "01 05 00 FF FF 00 BC 0A",
    "01 01 00 00 00 08 3D CC",
    "01 0F 00 00 00 08 01 FF BE D5",
]


@pytest.mark.parametrize("frame", FRAMES)
def test_the_crc_of_every_published_frame_is_found(frame):
    raw = bytes.fromhex(frame)
    assert seal(raw[:-2]) == raw
    assert is_sound(raw)


def test_the_check_value_of_the_catalogue_is_found():
    assert crc16(b"123456789") == 0x4B37


@given(st.binary(min_size=2, max_size=254))
def test_a_sealed_body_is_sound(body):
    assert is_sound(seal(body))


@given(st.binary(min_size=2, max_size=60), st.data())
def test_one_flipped_bit_is_noticed(body, data):
    frame = bytearray(seal(body))
    bit = data.draw(st.integers(0, len(frame) * 8 - 1))
    frame[bit // 8] ^= 1 << (bit % 8)
    assert not is_sound(bytes(frame))


def test_fewer_than_four_bytes_are_never_a_frame():
    assert not is_sound(seal(b"\x01"))
