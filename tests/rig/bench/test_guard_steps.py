"""The guardian's literal bytes against what the drivers really send and boxes really answer."""

import pytest

from instruments.clock import WallClock
from instruments.errors import UsageError
from instruments.registry import create_driver, find_model, known_models
from rig.bench.guard_bytes import framing_of
from rig.bench.guard_steps import _SAFE_BYTES, guard_links, register_safe_bytes
from rig.bench.model import LinkSpec
from rig.guardian.exchange import matches
from rig.session import DEFAULT_BENCH, load_bench, open_bench

SPEC = load_bench(DEFAULT_BENCH)
ADDRESSES = {
    role: {
        "visa-serial": f"ASRL/dev/{role}::INSTR",
        "visa-socket": "TCPIP0::10.0.0.7::30000::SOCKET",
        "modbus-rtu-tcp": "10.0.0.8:5025",
        "modbus-rtu-serial": "/dev/faults",
    }.get(each.link.kind, "elsewhere")
    for role, each in SPEC.roles.items()
}


@pytest.fixture(scope="module")
def conversations():
    """What the drivers said when they made the boxes of the virtual bench safe, by role."""
    heard = {step.role: [] for step in SPEC.safe_state}

    def note(exchange):
        if exchange.box in heard:
            heard[exchange.box].append(exchange)

    with open_bench(SPEC, DEFAULT_BENCH, transcript=note) as bench:
        for step in SPEC.safe_state:
            bench.roles.drivers[step.role].make_safe()
        return {role: list(each) for role, each in heard.items()}


def said(role):
    (says,) = [
        step["says"]
        for link in guard_links(SPEC, ADDRESSES)
        for step in link["steps"]
        if step["role"] == role
    ]
    return says


@pytest.mark.parametrize("role", [step.role for step in SPEC.safe_state])
def test_each_byte_is_one_that_the_driver_sends_in_that_order(conversations, role):
    sent = iter([exchange.sent for exchange in conversations[role]])
    for each in said(role):
        assert bytes.fromhex(each["send"]) in sent  # consumes: the order is the driver's too


@pytest.mark.parametrize("role", [step.role for step in SPEC.safe_state])
def test_what_the_boxes_answered_the_driver_is_what_is_expected(conversations, role):
    for each in said(role):
        (*_, exchange) = [e for e in conversations[role] if e.sent.hex() == each["send"]]
        expected = [
            (
                bytes.fromhex(one["bytes"]),
                bytes.fromhex(one.get("mask", "ff" * (len(one["bytes"]) // 2))),
            )
            for one in each.get("expect", ())
        ]
        answered = any(matches(exchange.received, one) for one in expected)
        assert answered or (not expected and not exchange.received)
    assert said(role)[-1]["expect"]


ANSWERS = {"*OPC?": "1", "OUTP?": "0", "LOAD?": "OFF", "INP?": "0", "SYST:LOCK:OWN?": "REMOTE"}


class Listening:
    """A link that answers as a box does that is off, and remembers what was sent."""

    name = address = "box"

    def __init__(self):
        self.sent = []

    def transaction(self):
        import contextlib

        return contextlib.nullcontext()

    def write(self, command):
        self.sent.append(command)

    def query(self, command, *, after=()):
        self.sent += [*after, command]
        default = {"SYST:ERR?": '0, "No error"'}
        return ";".join((ANSWERS | default).get(one.lstrip(":"), "0") for one in command.split(";"))


@pytest.mark.parametrize(
    "model",
    [m.name for m in known_models() if m.link == "visa" and m.roles & {"supply", "ac_load"}],
)
def test_every_scpi_box_that_carries_power_gets_what_its_driver_sends(model):
    link, clock = Listening(), WallClock()
    create_driver(model, link, clock).make_safe()
    says = _SAFE_BYTES[find_model(model).driver](
        framing_of(LinkSpec(kind="visa-socket", address="x"))
    )
    sent = iter(link.sent)
    for each in says:
        assert bytes.fromhex(each["send"]).decode().removesuffix("\n") in _parts(sent)


def _parts(sent):
    """Yield messages, and the queries that a driver joins into one message."""
    for message in sent:
        yield message
        yield from message.split(";:")


def test_every_model_that_carries_power_has_literal_bytes():
    powerful = {"supply", "ac_load", "relays", "point_on_wave"}
    missing = [m.name for m in known_models() if m.roles & powerful and m.driver not in _SAFE_BYTES]
    assert missing == []


def test_units_on_one_line_share_one_connection_in_the_order_of_the_file():
    links = guard_links(SPEC, ADDRESSES)
    (line,) = [link for link in links if link.get("path") == "/dev/faults"]
    in_file = [s.role for s in SPEC.safe_state if ADDRESSES[s.role] == "/dev/faults"]
    assert [step["role"] for step in line["steps"]] == in_file


def guarding_a_scope(address):
    step = SPEC.safe_state[0].model_copy(update={"role": "scope_dc"})
    spec = SPEC.model_copy(update={"safe_state": (step,)})
    return guard_links(spec, ADDRESSES | {"scope_dc": address})


def test_a_box_behind_hislip_is_refused_with_a_hint():
    with pytest.raises(UsageError, match="cannot reach scope_dc at TCPIP0"):
        guarding_a_scope("TCPIP0::10.0.0.9::hislip0::INSTR")


def test_a_box_without_literal_bytes_is_refused_until_they_are_given():
    driver = find_model(SPEC.roles["scope_dc"].model).driver
    with pytest.raises(UsageError, match="no literal bytes for scope_dc"):
        guarding_a_scope("TCPIP0::10.0.0.9::5025::SOCKET")
    register_safe_bytes(driver, lambda _: [])
    try:
        assert guarding_a_scope("TCPIP0::10.0.0.9::5025::SOCKET")[0]["port"] == 5025
    finally:
        del _SAFE_BYTES[driver]


def test_modbus_tcp_is_framed_without_a_check_sum():
    link = LinkSpec(kind="modbus-tcp", address="10.0.0.1:502", unit=3)
    exchange = framing_of(link).exchange("05 0195 0000", "05 0195 0000")
    assert exchange["send"] == "00010000000603" + "0501950000"
    rtu = framing_of(replace_kind(link, "modbus-rtu-tcp")).exchange("05 0195 0000", "05 0195 0000")
    assert rtu["send"][:12] == "030501950000"
    assert len(rtu["send"]) == 16


def replace_kind(link, kind):
    return link.model_copy(update={"kind": kind})
