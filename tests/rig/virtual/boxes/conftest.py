"""Simulated boxes on small circuits of their own, in virtual time."""

import pytest
from dc_circuit import DcCircuit
from delta_bench import DeltaBench
from ea_bench import EaBench
from known_mains import KnownMains
from known_sines import KnownSines

from rig.clock import VirtualClock


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture
def circuit():
    return DcCircuit()


@pytest.fixture
def mains():
    return KnownMains()


@pytest.fixture
def sines(clock):
    return KnownSines(clock)


@pytest.fixture
def ea():
    return EaBench()


@pytest.fixture
def delta(clock, circuit):
    return DeltaBench(clock, circuit)
