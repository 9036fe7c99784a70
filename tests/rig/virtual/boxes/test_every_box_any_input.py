"""One walk over every simulated box: it survives any bytes, and keeps no more than it must."""

import pytest
from box_client import BoxClient
from every_box import EVERY, OTHERS, SILENT, TEXTS, plug, talk
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rig.clock import VirtualClock
from rig.virtual.boxes.slcan_adapter import SlcanAdapter
from rig.virtual.modbus import Unit


@pytest.mark.parametrize("kind", (*TEXTS, *SILENT))
@given(noise=st.lists(st.binary(max_size=80), max_size=4))
@example(noise=[b"\x00"])
@example(noise=[b"\x01\x10"])
@example(noise=[b"\xff", b"("])
@settings(max_examples=40, deadline=None)
def test_text_boxes_survive_any_bytes_and_answer_afterwards(kind, noise):
    clock = VirtualClock()
    client = talk(kind, clock)
    for part in noise:
        client.raw(part)
    clock.sleep_until(clock.now() + 0.1)  # the EA forgets half a Modbus frame after 50 ms
    may_be_in_a_block = b"#" in b"".join(noise)
    if may_be_in_a_block or not client.line.open:
        client = BoxClient(plug(kind))
    client.raw(b"\n*CLS\n")
    client.raw(b"\n")
    assert client.say("*IDN?")


@pytest.mark.parametrize("kind", OTHERS)
@given(noise=st.lists(st.binary(max_size=80), max_size=4))
@settings(max_examples=40, deadline=None)
def test_other_boxes_survive_any_bytes(kind, noise):
    service = plug(kind)
    client = BoxClient(service)
    for part in noise:
        assert len(client.raw(part)) <= 300
    client.session.closed()
    client = BoxClient(service)
    if kind is SlcanAdapter:
        assert client.raw(b"\rV\r").endswith(b"V1013\r")


@pytest.mark.parametrize("kind", EVERY)
def test_input_without_an_end_is_bounded(kind):
    service = plug(kind)
    client = BoxClient(service)
    on_modbus = issubclass(kind, Unit)
    chunk, limit = (b"A" * 512, 512) if on_modbus else (b"A" * 65536, 1 << 20)
    for _ in range(2 if on_modbus else 40):
        if client.line.open:
            client.raw(chunk)
    assert _kept(client.session) <= limit + len(chunk)
    again = BoxClient(service)
    if kind in TEXTS or kind in SILENT:
        assert again.say("*IDN?")
    elif kind is SlcanAdapter:
        assert again.raw(b"V\r").endswith(b"V1013\r")


def _kept(session):
    """Return how many bytes a session holds in its buffers."""
    size, seen, left = 0, set(), [session]
    while left:
        thing = left.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, bytes | bytearray | str):
            size += len(thing)
        elif type(thing).__module__.startswith("rig.virtual") and not isinstance(thing, type):
            names = getattr(thing, "__dict__", {})
            left += [value for key, value in names.items() if "buffer" in key or "splitter" in key
                     or "framer" in key]  # fmt: skip
    return size
