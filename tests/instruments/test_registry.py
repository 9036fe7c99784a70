import inspect
import subprocess
import sys

import pytest

import instruments.registry
from instruments import (
    AcLoadRating,
    LineSettings,
    Model,
    SupplyRating,
    UsageError,
    create_driver,
    find_model,
    known_models,
    register_model,
)
from instruments import capabilities as cap

PROTOCOLS = {
    "ac_load": cap.AcLoad,
    "supply": cap.BidirectionalSupply,
    "scope": cap.Scope,
    "analyser": cap.PowerAnalyser,
    "relays": cap.RelayBank,
    "inputs": cap.DigitalInputs,
    "point_on_wave": cap.PointOnWave,
    "can": cap.CanPort,
    "thermometer": cap.Thermometer,
    "watchdog": cap.Watchdog,
}
SUPPLIES = [model.name for model in known_models() if "supply" in model.roles]
NAMES = [model.name for model in known_models()]


def public(protocol):
    names = {n for base in protocol.__mro__ for n in vars(base) if not n.startswith("_")}
    return sorted(names)


def check(thing, protocol):
    """Assert that every name of a protocol is there, with the same parameters."""
    for name in public(protocol):
        wanted, found = getattr(protocol, name), getattr(type(thing), name)
        assert isinstance(wanted, property) == isinstance(found, property), name
        if not isinstance(wanted, property):
            theirs = inspect.signature(wanted).parameters
            ours = inspect.signature(found).parameters
            assert [(p.name, p.kind, p.default) for p in theirs.values()] == [
                (p.name, p.kind, p.default) for p in ours.values()
            ], name


def make(name, scripted_scpi, scripted_registers, clock):
    link = (scripted_scpi if find_model(name).link == "visa" else scripted_registers)()
    return create_driver(name, link, clock), link


@pytest.mark.parametrize("name", NAMES)
def test_every_model_makes_a_driver_of_its_roles_without_a_byte(
    name, scripted_scpi, scripted_registers, clock
):
    driver, link = make(name, scripted_scpi, scripted_registers, clock)
    check(driver, cap.Instrument)
    for role in find_model(name).roles:
        check(driver, PROTOCOLS[role])
    assert link.depth_of == {}


@pytest.mark.parametrize("name", SUPPLIES)
def test_both_views_of_a_supply_have_their_capabilities(
    name, scripted_scpi, scripted_registers, clock
):
    supply, _ = make(name, scripted_scpi, scripted_registers, clock)
    check(supply.source, cap.DcSource)
    check(supply.sink, cap.DcSink)


@pytest.mark.parametrize("name", NAMES)
def test_every_public_method_says_what_it_does(name, scripted_scpi, scripted_registers, clock):
    driver, _ = make(name, scripted_scpi, scripted_registers, clock)
    for method, member in inspect.getmembers(type(driver)):
        if not method.startswith("_"):
            assert inspect.getdoc(member), f"{type(driver).__name__}.{method}"


def test_an_unknown_model_lists_the_known_ones():
    with pytest.raises(
        UsageError, match=r"unknown model 'Chroma 63800'; known models: CANable, Chroma 63802"
    ):
        find_model("Chroma 63800")


def test_a_rating_of_the_bench_file_replaces_the_models_own(scripted_scpi, clock):
    load = create_driver("Chroma 63804", scripted_scpi(), clock, AcLoadRating(350, 10, 1000))
    with pytest.raises(UsageError, match="0 to 10 A"):
        load.set_current(20.0)


@pytest.mark.parametrize("name", ["Chroma 63804", "Yokogawa WT500"])
def test_a_rating_of_another_kind_is_an_error_of_the_file(name, scripted_scpi, clock):
    with pytest.raises(UsageError, match=f"{name} takes as rating"):
        create_driver(name, scripted_scpi(), clock, SupplyRating(1, 1, 1))


@pytest.mark.parametrize(
    ("name", "gap_s"),
    [
        ("EA PSB 10000", 0.01),
        ("EA PSB 9000 SCPI", 0.01),
        ("ITECH IT8600", 0.02),
        ("ITECH IT6000C", 0.02),
        ("Chroma 63803", 0.05),
    ],
)
def test_models_bring_the_least_gap_of_their_maker(name, gap_s):
    assert find_model(name).line.min_gap_s == gap_s


def test_the_9000_series_is_driven_like_the_10000_over_both_protocols():
    for protocol in ("", " SCPI"):
        older, newer = (find_model(f"EA PSB {series}{protocol}") for series in (9000, 10000))
        assert (older.driver, older.link, older.roles) == (newer.driver, newer.link, newer.roles)


def test_the_series_of_loads_has_the_makers_ratings():
    ratings = [find_model(f"Chroma {n}").rating for n in (63802, 63803, 63804)]
    assert [(r.power_w, r.current_a, r.peak_current_a) for r in ratings] == [
        (1800, 18, 54),
        (3600, 36, 108),
        (4500, 45, 135),
    ]


def test_a_lab_can_add_its_own_model_once(monkeypatch):
    monkeypatch.setattr(instruments.registry, "_models", {})
    model = Model("Lab box", "visa", frozenset({"scope"}), "lab:Box", LineSettings())
    register_model(model)
    assert find_model("Lab box") is model
    with pytest.raises(UsageError, match="registered already"):
        register_model(model)


def test_importing_the_package_brings_no_heavy_library():
    code = (
        "import sys, instruments; "
        "print([m for m in ('numpy', 'pyvisa', 'pymodbus', 'serial', 'can') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
