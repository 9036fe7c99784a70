"""Bench files with CAN adapters: what a link may say, and what becomes of it."""

import importlib.util
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from instruments.capabilities import CanFrame
from instruments.errors import UsageError
from rig.bench import check_models
from rig.bench.model import BenchFile
from rig.session import open_bench

FILE = Path(__file__).parents[3] / "benches" / "virtual.yaml"
STREAM = {"kind": "stream-serial", "address": "virtual", "timeout_s": 0.5}
PYTHON = {"kind": "can-python", "address": "virtual"}
WITH_LIBRARY = pytest.mark.skipif(
    importlib.util.find_spec("can") is None, reason="python-can (extra 'can') is not installed"
)


def with_roles(**roles):
    bench = yaml.safe_load(FILE.read_text())
    bench["roles"].update(roles)
    return BenchFile.model_validate(bench)


def can(model, **link):
    base = PYTHON if model == "python-can" else STREAM
    return {"model": model, "link": base | link}


@pytest.fixture
def opened():
    """Return a function that opens the virtual bench with more roles."""
    contexts = []

    def begin(**roles):
        contexts.append(open_bench(with_roles(**roles), FILE))
        return contexts[-1].__enter__()

    yield begin
    for context in contexts:
        context.__exit__(None, None, None)


@pytest.mark.parametrize(
    ("link", "words"),
    [
        (STREAM | {"unit": 1}, "takes no 'unit'"),
        (STREAM | {"options": {"rtscts": True}}, "takes no 'options'"),
        (STREAM | {"stamps": "clock"}, "takes no 'stamps'"),
        (STREAM | {"address": "virtual:5025"}, "does not fit link kind stream-serial"),
        (PYTHON | {"address": "can0"}, "expected INTERFACE:CHANNEL"),
        (PYTHON | {"address": "socketcan:"}, "expected INTERFACE:CHANNEL"),
        (PYTHON | {"address": "virtual:5025"}, "does not fit link kind can-python"),
    ],
)
def test_a_link_that_cannot_be_is_refused(link, words):
    with pytest.raises(ValidationError) as error:
        with_roles(can={"model": "any", "link": link})
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("model", "link", "wanted"),
    [
        ("CANable", PYTHON, "stream"),
        ("python-can", STREAM, "can"),
        ("ITECH IT8600", STREAM, "visa"),
    ],
)
def test_a_model_on_the_wrong_kind_of_link_is_refused(model, link, wanted):
    with pytest.raises(UsageError, match=f"reached by {wanted}"):
        check_models(with_roles(can={"model": model, "link": link}))


@pytest.mark.parametrize("model", ["SLCAN adapter", "CANable", "Lawicel CAN232"])
def test_an_adapter_on_a_role_says_who_it_is(opened, model):
    bench = opened(can=can(model))
    assert bench.roles.drivers["can"].identify().firmware == "1013"


def test_two_adapters_of_one_bench_are_on_one_bus(opened):
    bench = opened(can=can("Lawicel CAN232"), can_b=can("Lawicel CAN232"))
    ours, theirs = bench.roles.drivers["can"], bench.roles.drivers["can_b"]
    ours.join(500_000)
    theirs.join(500_000)
    frame = CanFrame(0x102, bytes.fromhex("0F02640000000A00"))
    ours.send(frame)
    # The question behind it is answered after the frame: by then the frame has come.
    theirs.read_status()
    assert theirs.receive() == (frame,)


def test_an_adapter_alone_on_its_bus_is_not_acknowledged(opened):
    bench = opened(can=can("Lawicel CAN232"))
    port = bench.roles.drivers["can"]
    port.join(500_000)
    port.send(CanFrame(0x102))
    assert "BUS_ERROR" in port.read_status()


def test_a_dialect_cannot_be_given_as_a_rating(opened):
    with pytest.raises(UsageError, match=r"roles\.can\.rating: the name of the model"):
        opened(can=can("CANable") | {"rating": {"acknowledges": 1}})


def test_an_adapter_that_is_unplugged_is_a_closed_link(opened):
    bench = opened(can=can("Lawicel CAN232"))
    port = bench.roles.drivers["can"]
    port.identify()
    bench.virtual.unplug("can")
    with pytest.raises(Exception, match="on can at") as error:
        port.identify()
    assert type(error.value).__name__ in {"LinkClosed", "LinkTimeout"}


@WITH_LIBRARY
def test_ports_that_name_one_channel_meet_and_no_other_bench_hears_them(opened):
    pair = {name: can("python-can", address="virtual:vehicle") for name in ("can", "can_b")}
    first, second = opened(**pair), opened(**pair)
    ports = [bench.roles.drivers[name] for bench in (first, second) for name in ("can", "can_b")]
    for port in ports:
        port.join(500_000)
    ports[0].send(CanFrame(0x100, b"\x01"))
    assert [len(port.receive()) for port in ports] == [0, 1, 0, 0]


def test_a_real_address_reaches_python_can_in_its_own_words(monkeypatch):
    import sys
    from types import SimpleNamespace

    from instruments.clock import WallClock
    from instruments.links import RealWires
    from rig.bench import bind_roles

    spec = with_roles(
        can=can("python-can", address="kvaser:0", options={"receive_own_messages": False})
    )
    asked = []
    fake = SimpleNamespace(
        Bus=lambda **words: asked.append(words) or SimpleNamespace(shutdown=lambda: None),
        CanError=OSError,
    )
    monkeypatch.setitem(sys.modules, "can", fake)
    clock = WallClock()
    addresses = dict.fromkeys(spec.roles, "127.0.0.1:1") | {"can": "kvaser:0"}
    addresses |= {r: "ASRL/dev/x::INSTR" for r, e in spec.roles.items() if "visa" in e.link.kind}
    roles = bind_roles(spec, addresses, clock, RealWires(clock), None)
    roles.drivers["can"].join(500_000)
    assert asked == [
        {"interface": "kvaser", "channel": 0, "bitrate": 500_000, "receive_own_messages": False}
    ]
    roles.drivers["can"].close()
    clock.close()
