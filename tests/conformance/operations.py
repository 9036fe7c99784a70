"""Random operations with every kind of box, each with the truth that its result is held against.

One class per role, as in ``parts.py``. An operation that raises nothing must have been right.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
from conformance_parts import LIVE

from instruments.capabilities import CanFrame, ScopeSetup
from rig.virtual.ports import LoadSetting, SupplySetting

Right = Callable[[Any], bool]
Operation = tuple[Callable[[], object], Right]
OFF = SupplySetting(False, 0.0, 0.0, 0.0, 0.0, 0.0)
NO_LOAD = LoadSetting(False, "current", 0.0)


def done(_: object) -> bool:
    """Ask for no more than that the driver, which verifies by itself, was content."""
    return True


class Operations:
    """What any box can be asked."""

    def __init__(self, subject: Any, rng: Random) -> None:
        self.subject, self.rng, self.driver = subject, rng, subject.driver
        self.who = self.driver.identify()
        self.prepare()

    def prepare(self) -> None:
        """Bring the box, without faults, to where its answers tell something."""

    def any(self) -> list[Operation]:
        """Return one operation of each sort, with values of its own."""
        return []

    def after(self, failed: bool) -> None:
        """Take note of how the last operation ended."""

    def draw(self) -> Operation:
        """Return one operation."""
        everywhere = (self.driver.identify, lambda who: who == self.who)
        return self.rng.choice([everywhere, *self.any()])


class SupplyOperations(Operations):
    def prepare(self) -> None:
        self.subject.part.energise()

    @property
    def port(self) -> Any:
        return self.subject.ports[self.subject.role]

    def any(self) -> list[Operation]:
        rating, source, sink = self.subject.model.rating, self.driver.source, self.driver.sink
        volts = self.rng.uniform(0.0, rating.voltage_v)
        amps = self.rng.uniform(0.0, rating.current_a)
        watts = self.rng.uniform(0.0, rating.power_w)
        found: list[Operation] = [
            (lambda: source.set_voltage(volts), self._near("voltage_v", volts, rating.voltage_v)),
            (source.output_on, lambda _: self._applied.on),
            (source.output_off, lambda _: not self._applied.on),
            (self.driver.make_safe, lambda _: not self._applied.on),
            (source.measure, self._as_it_stands),
        ]
        for view, side in ((source, "source"), (sink, "sink")):
            found += [
                (lambda view=view: view.set_current_limit(amps),
                 self._near(f"{side}_current_a", amps, rating.current_a)),
                (lambda view=view: view.set_power_limit(watts),
                 self._near(f"{side}_power_w", watts, rating.power_w)),
            ]  # fmt: skip
        if "watchdog" in self.subject.model.roles:
            found.append((self.driver.read_watchdog, lambda state: state.timeout_s is None))
        return found

    @property
    def _applied(self) -> SupplySetting:
        return self.port.applied or OFF

    def _near(self, name: str, value: float, full: float) -> Right:
        return lambda _: abs(getattr(self._applied, name) - value) <= 1.1e-3 * full

    def _as_it_stands(self, reading: Any) -> bool:
        rating, truth = self.subject.model.rating, self.port.read()
        return (
            abs(reading.voltage_v - truth.voltage_v) <= 0.01 * rating.voltage_v
            and abs(reading.current_a - truth.current_a) <= 0.01 * rating.current_a
        )


class LoadOperations(Operations):
    """There is no voltage: a load that is switched on trips, so none is."""

    def any(self) -> list[Operation]:
        driver, rating = self.driver, self.subject.model.rating
        amps = self.rng.uniform(0.1, rating.current_a)
        watts = self.rng.uniform(10.0, rating.power_w)
        ohms = self.rng.uniform(10.0, 1000.0)
        factor = self.rng.choice((1.0, 0.8, -0.5))
        return [
            (lambda: driver.set_current(amps, power_factor=factor),
             self._draws("current", amps, factor)),
            (lambda: driver.set_power(watts), self._draws("power", watts, 1.0)),
            (lambda: driver.set_resistance(ohms), self._draws("resistance", ohms)),
            (driver.input_off, lambda _: not self._applied.on),
            (driver.make_safe, lambda _: not self._applied.on),
            (driver.measure, lambda reading: abs(reading.voltage_v) < 1.0),
        ]  # fmt: skip

    @property
    def _applied(self) -> LoadSetting:
        return self.subject.ports[self.subject.role].applied or NO_LOAD

    def _draws(self, mode: str, level: float, factor: float | None = None) -> Right:
        def check(_: object) -> bool:
            applied = self._applied
            shaped = factor is None or abs(applied.power_factor - factor) < 0.01
            return applied.mode == mode and abs(applied.level - level) <= 0.01 * level and shaped

        return check


class RelayOperations(Operations):
    def any(self) -> list[Operation]:
        driver, relay = self.driver, self.rng.randrange(self.driver.size)
        closed = self.rng.random() < 0.5
        found: list[Operation] = [
            (lambda: driver.set_relay(relay, closed), lambda _: self._truth()[relay] is closed),
            (driver.read_relays, lambda states: states == self._truth()),
            (driver.all_off, lambda _: not any(self._truth())),
            (driver.make_safe, lambda _: not any(self._truth())),
        ]
        if "inputs" in self.subject.model.roles:
            found.append((driver.read_inputs, lambda states: len(states) == driver.size))
        return found

    def _truth(self) -> tuple[bool, ...]:
        self.subject.pause(0.02)
        unit = self.subject.spec.roles[self.subject.role].link.unit
        relays = self.subject.virtual.network.relays(unit)
        return tuple(relays.closed(n) for n in range(self.driver.size))


class PointOnWaveOperations(Operations):
    """There is no voltage: armed, it waits for ever."""

    state: int | None = 0
    """None where a failed operation leaves it open."""
    _next: int | None = 0

    def any(self) -> list[Operation]:
        driver, rng = self.driver, self.rng
        branches, hold_s = rng.randrange(1, 8), rng.uniform(0.1, 60.0)
        return [
            (lambda: self._into(1, lambda: driver.arm(branches, delay_s=0.005, hold_s=hold_s)),
             done),
            (lambda: self._into(0, driver.make_safe), done),
            (lambda: self._into(self.state, driver.read_shot),
             lambda shot: self.state in (None, shot.state) and not shot.fired),
        ]  # fmt: skip

    def after(self, failed: bool) -> None:
        self.state = None if failed else self._next

    def draw(self) -> Operation:
        self._next = self.state
        return super().draw()

    def _into(self, state: int | None, call: Callable[[], object]) -> object:
        self._next = state
        return call()


class ScopeOperations(Operations):
    """A record is read again and again; it must be the same each time."""

    def prepare(self) -> None:
        setup = ScopeSetup((1, 3), 10_000.0, 0.02, 0.05, trigger=3, level=100.0)
        self.driver.arm(setup)
        self.subject.virtual.network.supply("pack").apply(LIVE)
        self.subject.pause(1.0)
        assert self.driver.complete()
        self.traces = {channel: self.driver.read_trace(channel) for channel in (1, 3)}
        assert np.ptp(self.traces[3].values) > 100.0

    def any(self) -> list[Operation]:
        channel = self.rng.choice((1, 3))
        return [
            (self.driver.triggered, lambda answer: answer is True),
            (self.driver.complete, lambda answer: answer is True),
            (lambda: self.driver.read_trace(channel), self._the_same),
        ]

    def _the_same(self, trace: Any) -> bool:
        first = self.traces[trace.channel]
        same = (trace.t0_s, trace.dt_s, trace.resolution) == (
            first.t0_s,
            first.dt_s,
            first.resolution,
        )
        return same and np.array_equal(trace.values, first.values)


class AnalyserOperations(Operations):
    def any(self) -> list[Operation]:
        driver, rng = self.driver, self.rng
        elements = sorted(rng.sample((1, 2, 3), rng.randrange(1, 4)))
        period_s = rng.choice((0.1, 0.25, 0.5, 1.0))
        return [
            (lambda: driver.set_update_period(period_s), done),
            (lambda: driver.measure(elements), lambda found: self._dead(found, elements)),
        ]

    def _dead(self, found: Any, elements: list[int]) -> bool:
        return list(found) == elements and all(
            abs(reading.voltage_v) < 10.0 and abs(reading.current_a) < 1.0
            for reading in found.values()
        )


class ThermometerOperations(Operations):
    def any(self) -> list[Operation]:
        truth_c = self.subject.virtual.network.plant.ambient_c
        return [(self.driver.read_temperature, lambda shown: abs(shown - truth_c) < 0.4)]


class CanOperations(Operations):
    """A second node on the bus hears what the adapter sends, and sends what it shall hear."""

    def prepare(self) -> None:
        self.heard: list[Any] = []
        self.node = self.subject.virtual.can_bus.attach(self.heard.append, bit_rate=500_000)
        self.driver.join(500_000)
        self.frames, self.joined = 0, True

    def after(self, failed: bool) -> None:
        self.joined = not failed

    def draw(self) -> Operation:
        """Return one operation; after a failure the adapter has to join the bus anew."""
        return super().draw() if self.joined else (lambda: self.driver.join(500_000), done)

    def any(self) -> list[Operation]:
        driver = self.driver
        self.frames += 1
        data = self.frames.to_bytes(8, "big")
        return [
            (lambda: driver.join(500_000), done),
            (lambda: driver.send(CanFrame(0x123, data)), lambda _: self._was_heard(data)),
            (lambda: self._hear(data), done),
        ]

    def _was_heard(self, data: bytes) -> bool:
        """What no adapter acknowledges may be lost; what was on the bus must be what was sent."""
        heard = [frame.data for frame in self.heard]
        self.heard.clear()
        lost = not heard and self.subject.faults.struck.total() > 0
        return lost or data in heard

    def _hear(self, data: bytes) -> None:
        self.driver.receive()
        self.node.send(_bus_frame(data))
        self.subject.pause(0.01)
        frames = self.driver.receive()
        assert all(frame.data == data for frame in frames if frame.identifier == 0x321), frames


def _bus_frame(data: bytes) -> Any:
    from rig.virtual.boxes.slcan_bus import BusFrame

    return BusFrame(0x321, data, length=len(data))


OPERATIONS: dict[str, type[Operations]] = {
    "supply": SupplyOperations,
    "ac_load": LoadOperations,
    "inputs": RelayOperations,
    "relays": RelayOperations,
    "point_on_wave": PointOnWaveOperations,
    "scope": ScopeOperations,
    "analyser": AnalyserOperations,
    "thermometer": ThermometerOperations,
    "can": CanOperations,
}


def operations_of(subject: Any, rng: Random) -> Operations:
    """Return the operations of a box's first known role."""
    for role, operations in OPERATIONS.items():
        if role in subject.model.roles:
            return operations(subject, rng)
    raise AssertionError(f"{subject.model.name}: no operations for {sorted(subject.model.roles)}")
