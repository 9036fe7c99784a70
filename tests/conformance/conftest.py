"""One bench per model: the box on its role, the driver on the box, both as the registry says.

A model that is registered is found here by itself. What each kind of box can be asked is in
``parts*.py``; which wire stands for a model, and which queue holds its errors, is said below where
it is not the usual one.
"""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from instruments.clock import WallClock
from instruments.errors import UsageError
from instruments.links import RealWires
from instruments.registry import Model, find_model, known_models
from instruments.scpi import parse_error
from rig.bench import roles as binding
from rig.bench.model import BenchFile
from rig.virtual import bench as simulation


def _load(name: str) -> Any:
    """Load a module of this folder; test folders are no packages."""
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"conformance_{name}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


deafness, parts = _load("deafness"), _load("parts")
for _name in ("parts_power", "parts_signals"):
    _load(_name)
operations = _load("operations")
BENCH_FILE = Path(__file__).parents[2] / "benches" / "virtual.yaml"
TIMEOUT_S = 1.0
"""In virtual time, where a lost answer is a lost connection and nothing waits for it."""
SERIAL_TIMEOUT_S = 0.1
"""In virtual time on a serial line, which has no connection to lose and waits for it."""
WALL_TIMEOUT_S = 0.3

KINDS = {
    "visa": ("visa-socket",),
    "modbus": ("modbus-rtu-serial", "modbus-rtu-tcp"),
    "stream": ("stream-serial",),
    "can": ("can-python",),
}
OWN_KIND = {
    "Chroma 63802": "visa-serial",
    "Chroma 63803": "visa-serial",
    "Chroma 63804": "visa-serial",
    "Keysight InfiniiVision": "visa-hislip",
    "Yokogawa WT500": "visa-vxi11",
}
"""Wires to prefer, so that every kind of wire is walked."""
FURTHER_KINDS = {
    "EA PSB 10000": ("modbus-tcp", "modbus-rtu-serial"),
    "EA PSB 10000 SCPI": ("visa-serial",),
    "Keysight RP7900": ("visa-hislip", "visa-vxi11"),
}
"""Models that are walked over more than one wire."""
ERROR_QUERY = {"Yokogawa WT500": "STAT:ERR?", "Siglent SDS HD": None}
"""Where it is not ``SYST:ERR?``; None = the box has no error queue."""
SLOW = {"Yokogawa WT500": 1.0}
"""Time-outs in s of boxes that take long over one answer (here an update period of 0.5 s)."""


@cache
def plain_bench() -> dict[str, Any]:
    return yaml.safe_load(BENCH_FILE.read_text("utf-8"))


def bench_file(
    model: Model,
    kind: str,
    rating: dict[str, float] | None = None,
    timeout_s: float | None = None,
) -> BenchFile:
    """Return the virtual bench with this model on its role, its pack wired straight to the unit."""
    role = parts.part_of(model).role
    unit = plain_bench()["roles"].get(role, {}).get("link", {}).get("unit")
    link: dict[str, Any] = {"kind": kind, "address": "virtual"}
    usual_s = SERIAL_TIMEOUT_S if kind.endswith("-serial") else TIMEOUT_S
    link["timeout_s"] = SLOW.get(model.name, timeout_s or usual_s)
    if kind.startswith("modbus"):
        link["unit"] = unit if model.line.unit_id is None else model.line.unit_id
    if kind == "modbus-rtu-serial":
        link |= {"address": "virtual:alone", "unit": unit or model.line.unit_id}
    spec: dict[str, Any] = {"model": model.name, "link": link}
    if rating is not None:
        spec["rating"] = rating
    plain = plain_bench()
    wiring = plain["wiring"] | {"contactors": None}
    plain.pop("bench_envelope", None)  # what the bench forbids is not what the box refuses
    return BenchFile.model_validate(
        plain | {"roles": plain["roles"] | {role: spec}, "wiring": wiring, "envelope": {}}
    )


def bare(driver: Any) -> Any:
    """Return the driver itself, which the bench may keep behind the envelope of its role."""
    if type(driver).__module__.startswith("instruments."):
        return driver
    inner = [v for v in vars(driver).values() if type(v).__module__.startswith("instruments.")]
    return inner[0] if inner else driver


@cache
def kind_of(name: str) -> str | None:
    """Return the wire on which a model is walked; None when nothing simulates it."""
    model = find_model(name)
    for kind in (OWN_KIND[name],) if name in OWN_KIND else KINDS[model.link]:
        try:
            simulation.VirtualBench(bench_file(model, kind)).close()
        except UsageError as error:
            assert "no simulation" in str(error)
        else:
            return kind
    return None


def simulated() -> list[str]:
    """Return every model that is walked, and ``model over kind`` for its further wires."""
    walked = [model.name for model in known_models() if kind_of(model.name)]
    return walked + [
        f"{name} over {kind}" for name in walked for kind in FURTHER_KINDS.get(name, ())
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "model" in metafunc.fixturenames:
        metafunc.parametrize("model", [model.name for model in known_models()])
    if "simulated_model" in metafunc.fixturenames:
        metafunc.parametrize("simulated_model", simulated())


class Subject:
    """A box, its driver, and all that was said between them."""

    def __init__(self, stack: ExitStack, name: str, patch: pytest.MonkeyPatch, **more: Any) -> None:
        name, _, kind = name.partition(" over ")
        model = find_model(name)
        self.model, self._stack = model, stack
        self.exchanges: list[Any] = []
        self.links: dict[str, Any] = {}
        self.drivers: dict[str, Any] = {}
        self.ports: dict[str, Any] = {}
        self.deaf = deafness.Deafness()
        kind = kind or kind_of(model.name)
        assert kind is not None
        self.spec = bench_file(model, kind, **more)
        self.error_query = (
            ERROR_QUERY.get(model.name, "SYST:ERR?") if model.link == "visa" else None
        )
        self.part = parts.part_of(model)(self)
        self.role = self.part.role
        self._catch(patch)
        self.virtual = simulation.VirtualBench(self.spec)
        stack.callback(self.virtual.close)
        self.faults = self.virtual.faults.get(self.role)
        self.bind(self.virtual.clock, self.virtual.wires)
        stack.callback(self._tidy)

    def bind(self, clock: Any, wires: Any) -> None:
        """Give the box a driver of its own anew."""
        self.clock = clock
        self.roles = binding.bind_roles(
            self.spec, self.virtual.addresses, clock, wires, self.exchanges.append
        )
        self.driver: Any = self.drivers[self.role]  # itself: no envelope in front of it
        self.link = self.links[self.role]

    def lose(self) -> None:
        """Break off every connection of the present driver, which closes nothing in good order."""
        for link in (*self.links.values(), *self.roles.lines.values()):
            if hasattr(link, "close"):
                link.close()

    def _tidy(self) -> None:
        with suppress(ExceptionGroup):  # a box may be unplugged by then
            self.roles.close()

    def sent(self) -> list[bytes]:
        """Return what has been sent to the box so far."""
        return [each.sent for each in self.exchanges if each.box == self.role]

    def pause(self, seconds: float) -> None:
        self.clock.sleep_until(self.clock.now() + seconds)

    def errors(self) -> list[tuple[int, str]]:
        """Read the box's error queue empty, on the driver's own link."""
        found: list[tuple[int, str]] = []
        while self.error_query is not None:
            entry = parse_error(self.link.query(self.error_query))
            if entry[0] == 0:
                break
            found.append(entry)
        return found

    def _catch(self, patch: pytest.MonkeyPatch) -> None:
        """Keep each role's link, driver and side of the circuit; let its box be a deaf one."""
        create = binding.create_driver

        def create_driver(model: str, link: Any, clock: Any, rating: Any) -> Any:
            self.links[link.name] = link
            self.drivers[link.name] = create(model, link, clock, rating)
            return self.drivers[link.name]

        patch.setattr(binding, "create_driver", create_driver)
        for name in ("supply", "load"):
            self._spy(patch, name)
        deafness.put_before_boxes(patch, self._deafness_of)

    def _deafness_of(self, role: str) -> Any:
        return self.deaf if role == self.part.role else None

    def _spy(self, patch: pytest.MonkeyPatch, name: str) -> None:
        find = getattr(simulation.Network, name)

        def port(network: Any, role: str) -> Any:
            return self.ports.setdefault(role, parts.Spy(find(network, role)))

        patch.setattr(simulation.Network, name, port)


@pytest.fixture
def make_subject(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Subject]]:
    with ExitStack() as stack:
        yield lambda name, **more: Subject(stack, name, monkeypatch, **more)


@pytest.fixture
def subject(simulated_model: str, make_subject: Callable[..., Subject]) -> Subject:
    """Return a driver on its simulated box, in virtual time."""
    return make_subject(simulated_model)


@pytest.fixture
def served(simulated_model: str, make_subject: Callable[..., Subject]) -> Iterator[Subject]:
    """Return a driver on its simulated box, served by a thread in wall time."""
    subject = make_subject(simulated_model, timeout_s=WALL_TIMEOUT_S)
    subject.roles.close()
    with _serving(subject.virtual.hub):
        clock = WallClock()
        subject.bind(clock, RealWires(clock))
        try:
            yield subject
            subject.roles.close()
        finally:
            clock.close()
            subject.bind(subject.virtual.clock, subject.virtual.wires)


@contextmanager
def _serving(hub: Any) -> Iterator[None]:
    stopped: list[bool] = []
    thread = threading.Thread(target=hub.serve_until, args=(lambda: bool(stopped),))
    thread.start()
    try:
        yield
    finally:
        stopped.append(True)
        hub.wake()
        thread.join(5.0)
        assert not thread.is_alive()


@pytest.fixture(scope="session")
def operations_of() -> Any:
    """Return what makes random operations for a driver on its box."""
    return operations.operations_of


@pytest.fixture(scope="session")
def walk() -> Any:
    """Return the functions that say which models are walked, and how."""
    return {"kind_of": kind_of, "simulated": simulated, "part_of": parts.part_of}
