"""What is asked of boxes that measure or talk: scopes, analysers, thermometers, CAN ports."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import Any, ClassVar

from conformance_parts import NOT_NUMBERS, PARTS, Call, Legal, Part

from instruments import capabilities as cap
from instruments.capabilities import CanFrame, ScopeSetup
from instruments.ratings import TemperatureRegister
from instruments.register_thermometer import RegisterThermometer


class Scope(Part):
    role = "scope_dc"
    capabilities: ClassVar[dict[str, type]] = {"": cap.Scope}

    def setup(self, **changes: Any) -> ScopeSetup:
        setup = ScopeSetup((1, 3), 10_000.0, 0.02, 0.1, trigger=3, level=100.0)
        return dataclasses.replace(setup, **changes)

    def legal(self) -> list[Legal]:
        return [Legal("single shot", lambda: self.driver.arm(self.setup()))]

    def illegal(self) -> Iterator[Call]:
        arm, setup = self.driver.arm, self.setup
        for changes in (
            {"channels": (5,)},
            {"channels": (0, 1)},
            {"trigger": 5},
            {"trigger": 2},
            {"sample_rate_hz": 0.0},
            {"sample_rate_hz": 1e12},
            {"duration_s": 0.0},
            {"duration_s": math.nan},
            {"pre_trigger_s": -0.1},
            {"pre_trigger_s": 0.2},
            {"sample_rate_hz": 1e9, "duration_s": 100.0},
        ):
            yield lambda changes=changes: arm(setup(**changes))

    def energise(self) -> None:
        self.driver.arm(self.setup())

    def refused(self) -> tuple[Call, int] | None:
        """Set a vertical scale that the input has not."""
        if self.subject.error_query is None:
            return None
        return lambda: self.driver.arm(self.setup(full_scale={3: 1e7})), -222

    def in_use(self) -> None:
        assert self.driver.triggered() in (True, False)
        self.driver.identify()


class Analyser(Part):
    role = "analyser_ac"
    capabilities: ClassVar[dict[str, type]] = {"": cap.PowerAnalyser}

    def legal(self) -> list[Legal]:
        return [
            Legal("period", lambda: self.driver.set_update_period(0.25)),
            Legal("reading", lambda: self.driver.measure([1])),
        ]

    def illegal(self) -> Iterator[Call]:
        driver = self.driver
        for period in (0.0, 0.3, -1.0, *NOT_NUMBERS):
            yield lambda period=period: driver.set_update_period(period)
        for elements in ([], [0], [4], [1, 1]):
            yield lambda elements=elements: driver.measure(elements)
            yield lambda elements=elements: driver.measure_following(elements)
            yield lambda elements=elements: driver.read_energy_wh(elements)

    def refused(self) -> tuple[Call, int]:
        """Set an update period between two of the box's; no call of the driver's can."""
        return lambda: self.driver._scpi.send("asking too much", "RATE 0.3"), 222

    def in_use(self) -> None:
        self.driver.identify()
        assert self.driver.measure_following([1])[1].voltage_v < 10.0


class Thermometer(Part):
    role = "ambient"
    capabilities: ClassVar[dict[str, type]] = {"": cap.Thermometer}

    def in_the_room(self) -> bool:
        truth_c = self.subject.virtual.network.plant.ambient_c
        return abs(self.driver.read_temperature() - truth_c) < 0.4

    def legal(self) -> list[Legal]:
        return [Legal("reading", self.driver.read_temperature, self.in_the_room)]

    def refused(self) -> tuple[Call, int]:
        """Read a register that this transmitter has not."""
        elsewhere = TemperatureRegister(register=7)
        driver = RegisterThermometer(self.subject.link, self.subject.clock, elsewhere)
        return driver.read_temperature, 2

    def in_use(self) -> None:
        assert self.in_the_room()


class Can(Part):
    role = "can"
    capabilities: ClassVar[dict[str, type]] = {"": cap.CanPort}
    _on_the_bus = False

    def legal(self) -> list[Legal]:
        return [Legal("join", lambda: self.driver.join(500_000))]

    def illegal(self) -> Iterator[Call]:
        driver = self.driver
        yield lambda: driver.send(CanFrame(0x100))
        if self.subject.model.link == "stream":
            for rate in (0, -1, 123_456):
                yield lambda rate=rate: driver.join(rate)

    def energise(self) -> None:
        self.driver.join(500_000)

    def refused(self) -> tuple[Call, int] | None:
        """Send on a channel that somebody has closed behind the driver's back."""
        if self.subject.model.link != "stream" or not self.subject.model.rating.acknowledges:
            return None
        self.driver.join(500_000)
        self.subject.link.write(b"C\r")
        assert self.subject.link.await_bytes() == b"\r"
        return lambda: self.driver.send(CanFrame(0x100)), 7

    def in_use(self) -> None:
        if not self._on_the_bus:  # joined once: an adapter that acknowledges nothing can be flooded
            self.driver.join(500_000)
            self._on_the_bus = True
        assert self.driver.receive() == ()


PARTS.update(scope=Scope, analyser=Analyser, thermometer=Thermometer, can=Can)
