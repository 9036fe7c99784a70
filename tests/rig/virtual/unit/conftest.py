"""A circuit of sine waves, loads and relays, just enough to run the controller through trips.

Tests get it by the fixtures ``plug_in`` and ``running``, which return the functions.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from rig.virtual.unit import Parameters, SimulatedController
from rig.virtual.unit.contract import SOCKETS, Insulation, SampledInputs, Socket, SteadyInputs

RELAY_S = 0.008
SETTLE_S = 0.08
RAMP_S = 0.015
LIMIT_A = 80.0


@dataclass(frozen=True)
class Load:
    amps: float = 0.0
    lag_rad: float = 0.0


Residual = Callable[[np.ndarray], np.ndarray]
"""Residual current in A at phases of the voltage, in cycles."""
_PERIOD = np.arange(4000) / 4000
SOUND, BONDED = Insulation(), Insulation(second_ohm=0.0)


@dataclass(frozen=True)
class World:
    """What holds until the next event."""

    ramp_s: float | None = None
    closed: tuple[bool, bool, bool] = (False, False, False)
    loads: tuple[Load, Load, Load] = (Load(), Load(), Load())
    shorted: int | None = None
    volts: float = 230.0
    hertz: float = 50.0
    phase_at_0: float = 0.0
    dc_volts: float = 380.0
    supply_12v: float = 12.6
    residual: tuple[Residual | None, Residual | None, Residual | None] = (None, None, None)
    pack_insulation: Insulation = SOUND
    output_insulation: Insulation = BONDED
    reset: bool = False
    heatsink_c: float = 30.0
    lid_open: tuple[bool, bool, bool] = (False, False, False)
    wet: tuple[bool, bool, bool] = (False, False, False)
    pe_lost: tuple[bool, bool, bool] = (False, False, False)
    outside_v: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """What stands at an outlet whose relay is open while the output has its voltage."""


@dataclass
class Act:
    t_s: float
    name: str
    socket: str = ""


@dataclass
class FakeCircuit:
    """Run a controller; ``cut`` may shorten a block, ``stay`` may keep the sampled scale."""

    unit: SimulatedController
    cut: Callable[[float, float], float] = lambda start, end: end
    stay: Callable[[], bool] = lambda: False
    world: World = field(default_factory=World)
    now_s: float = 0.0
    acts: list[Act] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    soc: int | None = 800
    """In 0.1 %, as the vehicle says it twice a second; None = the vehicle is silent."""

    def __post_init__(self) -> None:
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._woken_s = 0.0
        self._sampling = True
        self.unit.on_console_line(self.console.append)
        self.unit.bind(lambda: None, lambda: self.now_s)
        self.unit.start(self, self, 0.0)

    # what a test does
    def change(self, **fields: object) -> None:
        self._become(replace(self.world, **fields))

    def load(self, *amps: float, lag_rad: float = 0.0) -> None:
        """Draw these RMS currents from sockets A, B and C."""
        a, b, c = (Load(each, lag_rad) for each in amps)
        self.change(loads=(a, b, c))

    def percent(self, percent: float) -> None:
        """Load the inverter to this share of 6 kVA, resistive, evenly."""
        self.load(*[60.0 * percent / 230.0 / 3.0] * 3)

    def power_cycle(self) -> None:
        """Cut the 12 V supply for 50 ms."""
        self.change(supply_12v=0.0)
        self.run(0.05)
        self.change(supply_12v=12.6)
        self.run(0.01)

    def registers(self, address: int, count: int = 1) -> list[int]:
        return self.unit.read_input(address, count)

    def command(self, number: int) -> None:
        self.unit.write_holding(0, [number])

    def events(self) -> list[tuple[int, int, int]]:
        """Return code, socket and value of each record in the log, in order."""
        records = [self.registers(100 + 7 * n, 7) for n in range(32)]
        return [(r[1], r[2], r[6]) for r in sorted(records) if r[0]]

    def every(self, period_s: float, do: Callable[[], None]) -> None:
        def again() -> None:
            do()
            self._at(self.now_s + period_s, again)

        self._at(self.now_s, again)

    def run(self, duration_s: float) -> None:
        self.run_until(self.now_s + duration_s)

    def run_until(self, t_s: float) -> None:
        while True:
            while self._events and self._events[0][0] <= self.now_s:
                heapq.heappop(self._events)[2]()
            if self.now_s >= t_s:
                return
            horizon = min(t_s, self._events[0][0]) if self._events else t_s
            self._step(horizon)

    def times(self, name: str, socket: str = "") -> list[float]:
        return [act.t_s for act in self.acts if act.name == name and act.socket == socket]

    # Sensors
    def steady(self) -> SteadyInputs:
        w, on = self.world, self._alive(self.now_s)
        volts = w.volts if on else 0.0
        if w.shorted is not None and w.closed[w.shorted] and on:
            volts = 2.0
        amps = [load.amps if c and on else 0.0 for load, c in zip(w.loads, w.closed, strict=True)]
        watts = [volts * i * math.cos(load.lag_rad) for i, load in zip(amps, w.loads, strict=True)]
        total = abs(
            sum(i * np.exp(-1j * load.lag_rad) for i, load in zip(amps, w.loads, strict=True))
        )
        return SteadyInputs(
            ac_voltage_v=volts, ac_current_a=float(total), ac_power_w=sum(watts),
            ac_frequency_hz=w.hertz if on else 0.0,
            socket_current_a=(amps[0], amps[1], amps[2]),
            socket_power_w=(watts[0], watts[1], watts[2]),
            socket_voltage_v=tuple(
                volts if c else out * on for c, out in zip(w.closed, w.outside_v, strict=True)
            ),
            lid_open=w.lid_open, wet=w.wet, pe_lost=w.pe_lost,
            dc_voltage_v=w.dc_volts, dc_current_a=-sum(watts) / 0.93 / w.dc_volts,
            **self._residual_means(),
            pack_insulation=w.pack_insulation, output_insulation=w.output_insulation,
            heatsink_c=w.heatsink_c, supply_12v=w.supply_12v, reset=w.reset,
        )  # fmt: skip

    def sampled(self, start_s: float, end_s: float) -> SampledInputs:
        first, last = (math.ceil(t * 1e5 - 1e-3) for t in (start_s, end_s))
        t_s = np.arange(first, max(first, last)) / 1e5
        w = self.world
        phase = w.phase_at_0 + 2.0 * np.pi * w.hertz * t_s
        ramp = np.zeros(t_s.size)
        if w.ramp_s is not None:
            ramp = np.clip((t_s - w.ramp_s) / RAMP_S, 0.0, 1.0)
        volts = math.sqrt(2.0) * w.volts * ramp * np.sin(phase)
        currents = [
            math.sqrt(2.0) * load.amps * ramp * np.sin(phase - load.lag_rad) * closed
            for load, closed in zip(w.loads, w.closed, strict=True)
        ]
        if w.shorted is not None and w.closed[w.shorted]:
            currents[w.shorted] = np.clip(volts / 0.1, -LIMIT_A, LIMIT_A)
            volts = currents[w.shorted] * 0.1
        a, b, c = currents
        cycles = phase / (2.0 * np.pi)
        return SampledInputs(t_s, volts, a + b + c, (a, b, c), self._residual(cycles % 1.0))

    def _residual(self, cycles: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
        """Return what flows at closed sockets at phases of the voltage; None = nothing."""
        w = self.world
        flows = [
            leak if closed and w.ramp_s is not None else None
            for leak, closed in zip(w.residual, w.closed, strict=True)
        ]
        if not any(flows):
            return None
        a, b, c = (np.zeros(cycles.size) if leak is None else leak(cycles) for leak in flows)
        return a, b, c

    def _residual_means(self) -> dict[str, tuple[float, float, float]]:
        currents = self._residual(_PERIOD)
        if currents is None:
            return {}
        return {
            "residual_rms_a": tuple(float(np.sqrt(np.mean(i**2))) for i in currents),
            "residual_mean_a": tuple(float(np.mean(i)) for i in currents),
            "residual_magnitude_a": tuple(float(np.mean(np.abs(i))) for i in currents),
        }

    # Actuators
    def start_inverter(self, at_s: float) -> None:
        self._act(at_s, "start", lambda: self.change(ramp_s=at_s))

    def stop_inverter(self, at_s: float) -> None:
        self._act(at_s, "stop", lambda: self.change(ramp_s=None))

    def block_gates(self, at_s: float) -> None:
        self._act(at_s, "block", lambda: self.change(ramp_s=None))

    def release_gates(self, at_s: float) -> None:
        self._act(at_s, "release", lambda: self.change(ramp_s=at_s))

    def drive_relay(self, socket: Socket, closed: bool, at_s: float) -> None:
        n = SOCKETS.index(socket)

        def move() -> None:
            contacts = list(self.world.closed)
            contacts[n] = closed
            self.change(closed=tuple(contacts))

        self.acts.append(Act(at_s, "close" if closed else "open", socket))
        self._at(at_s + RELAY_S, move)

    # time
    def _step(self, horizon: float) -> None:
        start = self.now_s
        if self._woken_s >= start or self.stay():
            self._sampling = True
        if self._sampling:
            end = min(horizon, (math.floor(start / 0.02 + 1e-9) + 1) * 0.02)
            end = self.cut(start, end)
            self.now_s = self.unit.run_block(start, end)
            assert start <= self.now_s <= end
            quiet = self.now_s >= self._woken_s + SETTLE_S
            self._sampling = not (quiet and self.unit.settled())
        else:
            deadline = self.unit.next_deadline(start)
            assert deadline > start
            end = min(horizon, deadline)
            if end < deadline:
                end = self.cut(start, end)
            self.unit.run_steady(start, end)
            self.now_s = end

    def _alive(self, t_s: float) -> bool:
        return self.world.ramp_s is not None and t_s >= self.world.ramp_s

    def _become(self, world: World) -> None:
        self.world = world
        self._woken_s = self.now_s

    def _act(self, at_s: float, name: str, effect: Callable[[], None]) -> None:
        self.acts.append(Act(at_s, name))
        self._at(at_s, effect)

    def _at(self, t_s: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._events, (t_s, next(self._order), do))


def _plug_in(
    parameters: Parameters | None = None, *, unit_seed: int = 0, seed: int = 0, **options
) -> FakeCircuit:
    """Return a circuit whose vehicle is alive, past the unit's self-test."""
    unit = SimulatedController(parameters or Parameters(), unit_seed=unit_seed, seed=seed)
    circuit = FakeCircuit(unit, **options)
    alive = itertools.count(1)

    def say() -> None:
        if circuit.soc is not None:
            unit.write_holding(16, [circuit.soc, 1200, 1200, 250, 0, 0, next(alive) & 0xFFFF])

    circuit.every(0.5, say)
    circuit.run(0.2)
    return circuit


def _running(
    parameters: Parameters | None = None, *, limit_w: int = 15000, **options
) -> FakeCircuit:
    """Return a circuit with all three sockets on, without load."""
    circuit = _plug_in(parameters, **options)
    circuit.unit.write_holding(5, [limit_w])
    circuit.unit.write_holding(0, [1])
    circuit.run(4.0)
    return circuit


@pytest.fixture
def plug_in() -> Callable[..., FakeCircuit]:
    return _plug_in


@pytest.fixture
def running() -> Callable[..., FakeCircuit]:
    return _running
