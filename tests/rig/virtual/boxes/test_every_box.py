"""One walk over every simulated box: who it is, how it errs, what it forgets.

The walk finds the boxes in the package, so that a new one without an entry there fails.
"""

import pytest
from box_client import BoxClient
from every_box import EVERY, PARTS, SILENT, TEXTS, found, plug, talk

from rig.virtual.boxes.point_on_wave import PointOnWaveTrigger
from rig.virtual.boxes.service_port import ServicePortUnit
from rig.virtual.boxes.temperature_transmitter import TemperatureTransmitter
from rig.virtual.boxes.waveshare_relay import WaveshareRelay


def test_the_walk_knows_every_box():
    assert found() - PARTS == set(EVERY)


@pytest.mark.parametrize("kind", TEXTS)
def test_it_says_who_it_is(kind):
    assert talk(kind).say("*IDN?").startswith(TEXTS[kind].identity)


@pytest.mark.parametrize("kind", TEXTS)
def test_an_unknown_header_gives_its_own_error_and_no_answer(kind):
    client, told = talk(kind), TEXTS[kind]
    assert client.say(told.error) == told.nothing
    for message in ("FOO:BAR 1", "FOO:BAR?"):
        assert client.say(message) == ""
        assert client.say(told.error) == told.unknown
    assert client.say(told.error) == told.nothing


@pytest.mark.parametrize("kind", TEXTS)
def test_the_queue_is_as_deep_as_told_and_ends_as_told(kind):
    client, told = talk(kind), TEXTS[kind]
    for _ in range(told.depth + 3):
        client.say("FOO")
    last = told.overflow or told.unknown
    errors = [client.say(told.error) for _ in range(told.depth + 1)]
    assert errors == [told.unknown] * (told.depth - 1) + [last, told.nothing]


@pytest.mark.parametrize("kind", TEXTS)
def test_cls_forgets_errors_and_keeps_settings(kind):
    client, told = talk(kind), TEXTS[kind]
    setting, query, reply, _ = told.setting
    client.say(setting)
    client.say("FOO")
    client.say("*CLS")
    assert client.say(told.error) == told.nothing
    assert client.say(query) == reply


@pytest.mark.parametrize("kind", TEXTS)
def test_rst_forgets_settings_and_keeps_errors(kind):
    client, told = talk(kind), TEXTS[kind]
    setting, query, reply, start_up = told.setting
    client.say(setting)
    assert client.say(query) == reply
    client.say("FOO")
    client.say("*RST")
    assert client.say(told.error) == told.unknown
    for message in told.prepare:
        client.say(message)
    assert client.say(query) == start_up


@pytest.mark.parametrize("kind", (*TEXTS, *SILENT))
def test_crlf_and_empty_lines_are_accepted(kind):
    client = talk(kind)
    assert client.raw(b"\r\n\n") == b""
    assert client.raw(b"*IDN?\r\n").count(b"\n") == 1


@pytest.mark.parametrize(
    ("kind", "request_", "reply"),
    [
        (WaveshareRelay, "01 01 0000 0008", "01 01 01 00"),
        (PointOnWaveTrigger, "01 04 0002 0001", "01 04 02 00 00"),
        (TemperatureTransmitter, "01 04 0000 0001", "01 04 02 FF 9E"),
        (TemperatureTransmitter, "01 04 0001 0001", "01 84 02"),
        (ServicePortUnit, "01 04 0000 0001", "01 04 02 00 07"),
    ],
)
def test_units_on_a_modbus_line_answer(kind, request_, reply):
    client = BoxClient(plug(kind))
    assert client.request(request_) == reply
    assert client.request("01 2B 0000")[:5] == "01 AB"
