"""Stand-ins have every method of the capability they stand in for, called in the same way."""

import inspect

import pytest

from instruments import capabilities as able
from rig.bench.limited_faults import LimitedPointOnWave, LimitedRelays
from rig.bench.limited_load import LimitedLoad
from rig.bench.limited_supply import LimitedSupply
from rig.clock import VirtualClock
from rig.controller import Controller
from rig.dry.boxes import DryLoad, DryPointOnWave, DryRelays, DrySupply
from rig.dry.meters import DryAnalyser, DryCan, DryScope
from rig.dry.roles import dry_roles
from rig.dry.stimuli import Stimuli
from rig.dry.unit import DryUnit
from rig.session import DEFAULT_BENCH, load_bench

PAIRS = [
    (able.BidirectionalSupply, DrySupply),
    (able.Watchdog, DrySupply),
    (able.AcLoad, DryLoad),
    (able.PowerAnalyser, DryAnalyser),
    (able.Scope, DryScope),
    (able.RelayBank, DryRelays),
    (able.DigitalInputs, DryRelays),
    (able.PointOnWave, DryPointOnWave),
    (able.CanPort, DryCan),
    (Controller, DryUnit),
    (able.BidirectionalSupply, LimitedSupply),
    (able.AcLoad, LimitedLoad),
    (able.RelayBank, LimitedRelays),
    (able.DigitalInputs, LimitedRelays),
    (able.PointOnWave, LimitedPointOnWave),
]


def parameters(function):
    return [(p.name, p.kind, p.default) for p in inspect.signature(function).parameters.values()]


@pytest.mark.parametrize(("wanted", "stand_in"), PAIRS)
def test_it_is_called_like_the_real_one(wanted, stand_in):
    for name in dir(wanted):
        member = inspect.getattr_static(wanted, name)
        if name.startswith("_"):
            continue
        assert hasattr(stand_in, name), name
        if inspect.isfunction(member):
            assert parameters(getattr(stand_in, name)) == parameters(member), name


@pytest.mark.parametrize("view", ["source", "sink"])
def test_both_views_of_a_supply_are_complete(view):
    spec = load_bench(DEFAULT_BENCH)
    clock = VirtualClock()
    pack = dry_roles(spec, "x", clock, Stimuli(clock)).drivers["pack"]
    wanted = {"source": able.DcSource, "sink": able.DcSink}[view]
    for limited_or_dry in (pack, pack._supply):
        got = getattr(limited_or_dry, view)
        for name in dir(wanted):
            if not name.startswith("_"):
                assert parameters(getattr(type(got), name)) == parameters(getattr(wanted, name))
