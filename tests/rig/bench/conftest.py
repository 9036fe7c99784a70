"""A bench on the simulation, without pytest's plan machinery."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from rig.bench import Bench, Journal
from rig.bench.latch import Latch
from rig.recording import Record, Recorder
from rig.session import DEFAULT_BENCH, load_bench, open_bench


@dataclass
class OnSimulation:
    """A bench, what it stands on, and where its record is."""

    bench: Bench
    virtual: Any
    drivers: Any
    latch: Latch
    folder: Any
    exchanges: list

    def events(self, kind):
        with Record(self.folder) as record:
            return [event.data for event in record.events(kind)]

    def sent(self, box):
        return [exchange.sent for exchange in self.exchanges if exchange.box == box]

    def make_safe_raises(self, role, error):
        """Let the driver of a role raise instead of making its box safe."""
        limited = self.drivers[role]
        inner = next(
            getattr(limited, name)
            for name in ("_load", "_supply", "_trigger", "_board")
            if hasattr(limited, name)
        )

        def raises():
            raise error

        inner.make_safe = raises


@pytest.fixture
def on_simulation(tmp_path):
    """Return a function that makes benches on simulations of their own."""
    closes = []

    def make(spec=None, guard=None):
        exchanges = []
        spec = spec or load_bench(DEFAULT_BENCH)
        context = open_bench(spec, DEFAULT_BENCH, transcript=exchanges.append)
        opened = context.__enter__()
        folder = tmp_path / f"run-{len(closes)}"
        recorder, latch = Recorder(folder, opened.clock), Latch()
        journal = Journal(recorder)
        bench = Bench(spec, "bench.yaml", opened.roles, opened.clock, journal, guard, latch=latch)
        opened.virtual.inputs.listen(bench.safety.look_soon)
        closes.append((context, recorder))
        drivers = opened.roles.drivers
        return OnSimulation(bench, opened.virtual, drivers, latch, folder, exchanges)

    yield make
    for context, recorder in closes:
        with suppress(ExceptionGroup):  # boxes that the test took off their wires
            context.__exit__(None, None, None)
        recorder.close()


@pytest.fixture
def rig(on_simulation):
    """Return a bench on a simulation of its own."""
    return on_simulation()
