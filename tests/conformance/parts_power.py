"""What is asked of boxes that carry power: supplies, loads, relays, the point-on-wave trigger."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import ClassVar

from conformance_parts import NOT_NUMBERS, PARTS, Call, Legal, Part

from instruments import capabilities as cap
from instruments.errors import CannotDo
from instruments.ratings import AcLoadRating, SupplyRating
from rig.virtual.ports import LoadSetting, SupplySetting

OFF = SupplySetting(False, 0.0, 0.0, 0.0, 0.0, 0.0)


class Supply(Part):
    role = "pack"
    capabilities: ClassVar[dict[str, type]] = {
        "": cap.BidirectionalSupply,
        "source": cap.DcSource,
        "sink": cap.DcSink,
    }
    carries_power = True

    @property
    def rating(self) -> SupplyRating:
        return self.subject.model.rating

    @property
    def applied(self) -> SupplySetting:
        return self.subject.ports[self.role].applied or OFF

    def legal(self) -> list[Legal]:
        r = self.rating
        source, sink = self.driver.source, self.driver.sink
        volts, amps, watts = 0.6 * r.voltage_v, 0.3 * r.current_a, 0.4 * r.power_w

        def near(name: str, value: float, full: float) -> Callable[[], bool]:
            return lambda: abs(getattr(self.applied, name) - value) <= 1e-3 * full

        return [
            Legal(
                "volts", lambda: source.set_voltage(volts), near("voltage_v", volts, r.voltage_v)
            ),
            Legal(
                "source amps",
                lambda: source.set_current_limit(amps),
                near("source_current_a", amps, r.current_a),
            ),
            Legal(
                "sink amps",
                lambda: sink.set_current_limit(0.5 * amps),
                near("sink_current_a", 0.5 * amps, r.current_a),
            ),
            Legal(
                "source watts",
                lambda: source.set_power_limit(watts),
                near("source_power_w", watts, r.power_w),
            ),
            Legal(
                "sink watts",
                lambda: sink.set_power_limit(0.5 * watts),
                near("sink_power_w", 0.5 * watts, r.power_w),
            ),
        ]

    def illegal(self) -> Iterator[Call]:
        r, driver = self.rating, self.driver
        for call, full in (
            (driver.source.set_voltage, r.voltage_v),
            (driver.source.set_current_limit, r.current_a),
            (driver.source.set_power_limit, r.power_w),
            (driver.sink.set_current_limit, r.current_a),
            (driver.sink.set_power_limit, r.power_w),
        ):
            for value in (-0.001 * full, 1.001 * full, *NOT_NUMBERS):
                yield lambda call=call, value=value: call(value)
        if "watchdog" in self.subject.model.roles:
            for value in (0.0, -1.0, *NOT_NUMBERS):
                yield lambda value=value: driver.arm_watchdog(value)

    def energise(self) -> None:
        self.driver.source.set_voltage(360.0)
        self.driver.source.set_current_limit(20.0)
        self.driver.sink.set_current_limit(0.0)
        with suppress(CannotDo):
            self.driver.source.set_power_limit(5000.0)
        self.driver.source.output_on()

    def live(self) -> bool:
        return self.applied.on

    def refused(self) -> tuple[Call, int]:
        """Set more volts than the box has been limited to at its panel."""
        driver, link, name = self.driver, self.subject.link, self.subject.model.name
        volts = 0.5 * self.rating.voltage_v
        driver.source.set_voltage(0.1 * volts)
        if name.startswith("Delta"):
            driver.set_limit("voltage", 0.5 * volts)
        elif name.endswith("SCPI"):
            link.write(f"VOLT:LIM:HIGH {0.5 * volts:g}")
        elif self.subject.model.link == "modbus":
            link.write_register(9000, 52428 // 4)
        else:
            volts = 1.5 * self.rating.voltage_v
        code = 3 if self.subject.model.link == "modbus" else -222
        return lambda: driver.source.set_voltage(volts), code

    def in_use(self) -> None:
        volts = self.driver.source.measure().voltage_v
        assert abs(volts) <= 1.02 * self.rating.voltage_v
        self.driver.source.set_voltage(300.0)


class Load(Part):
    role = "load_c"
    capabilities: ClassVar[dict[str, type]] = {"": cap.AcLoad}
    carries_power = True

    @property
    def rating(self) -> AcLoadRating:
        return self.subject.model.rating

    @property
    def applied(self) -> LoadSetting:
        return self.subject.ports[self.role].applied or LoadSetting(False, "current", 0.0)

    def legal(self) -> list[Legal]:
        driver = self.driver

        def draws(mode: str, level: float, **shape: float) -> Callable[[], bool]:
            def check() -> bool:
                a = self.applied
                same = all(abs(getattr(a, name) - value) < 0.01 for name, value in shape.items())
                return a.mode == mode and abs(a.level - level) <= 0.01 * level and same

            return check

        return [
            Legal("amps", lambda: driver.set_current(5.0), draws("current", 5.0)),
            Legal(
                "leading amps",
                lambda: driver.set_current(4.0, power_factor=-0.8, crest_factor=2.0),
                draws("current", 4.0, power_factor=-0.8, crest_factor=2.0),
            ),
            Legal(
                "watts",
                lambda: driver.set_power(1000.0, power_factor=0.9),
                draws("power", 1000.0, power_factor=0.9),
            ),
            Legal("ohms", lambda: driver.set_resistance(50.0), draws("resistance", 50.0)),
        ]

    def illegal(self) -> Iterator[Call]:
        driver, r = self.driver, self.rating
        for value in (-1.0, 1.001 * r.current_a, *NOT_NUMBERS):
            yield lambda value=value: driver.set_current(value)
        for value in (-1.0, 1.001 * r.power_w, *NOT_NUMBERS):
            yield lambda value=value: driver.set_power(value)
        for value in (-1.0, *NOT_NUMBERS):
            yield lambda value=value: driver.set_resistance(value)
        for value in (-1.01, 1.01, math.nan):
            yield lambda value=value: driver.set_current(1.0, power_factor=value)
        for value in (1.0, 5.01, math.nan):
            yield lambda value=value: driver.set_power(1.0, crest_factor=value)

    def energise(self) -> None:
        self.energise_sockets()
        self.driver.set_current(5.0)
        self.driver.input_on()

    def live(self) -> bool:
        return self.applied.on

    def refused(self) -> tuple[Call, int]:
        """Set more amps than the box has, by a driver that was told a higher rating."""
        return lambda: self.driver.set_current(1.2 * self.rating.current_a), -222

    def in_use(self) -> None:
        assert self.driver.measure().voltage_v < 10.0
        self.driver.set_current(5.0)


class Relays(Part):
    role = "faults_2"
    capabilities: ClassVar[dict[str, type]] = {"": cap.RelayBank}
    carries_power = True

    def legal(self) -> list[Legal]:
        driver = self.driver
        return [
            Legal("close", lambda: driver.set_relay(3, True), lambda: self._closed(3)),
            Legal("open", lambda: driver.set_relay(3, False), lambda: not self._closed(3)),
            Legal("pulse", lambda: driver.pulse(5, 60.0), lambda: self._closed(5)),
        ]

    def illegal(self) -> Iterator[Call]:
        driver = self.driver
        for relay in (-1, 8):
            yield lambda relay=relay: driver.set_relay(relay, True)
            yield lambda relay=relay: driver.pulse(relay, 1.0)
        for seconds in (0.0, 3277.0, *NOT_NUMBERS):
            yield lambda seconds=seconds: driver.pulse(0, seconds)

    def energise(self) -> None:
        self.driver.set_relay(2, True)
        self.subject.pause(0.02)

    def live(self) -> bool:
        self.subject.pause(0.02)
        return any(self._closed(n) for n in range(self.driver.size))

    def refused(self) -> tuple[Call, int]:
        """Name a coil that no board has; no call of the driver's can."""
        return lambda: self.subject.link.write_coil(200, True), 2

    def in_use(self) -> None:
        self.driver.set_relay(1, True)
        assert self.driver.read_relays()[1]

    def _closed(self, relay: int) -> bool:
        unit = self.subject.spec.roles[self.role].link.unit
        self.subject.pause(0.02)
        return self.subject.virtual.network.relays(unit).closed(relay)


class Inputs(Relays):
    capabilities: ClassVar[dict[str, type]] = {"": cap.RelayBank, " inputs": cap.DigitalInputs}

    def in_use(self) -> None:
        super().in_use()
        assert len(self.driver.read_inputs()) == self.driver.size


class PointOnWave(Part):
    role = "point_on_wave"
    capabilities: ClassVar[dict[str, type]] = {"": cap.PointOnWave}
    carries_power = True

    def legal(self) -> list[Legal]:
        return [Legal("arm", lambda: self.driver.arm(1, delay_s=0.005, hold_s=0.1))]

    def illegal(self) -> Iterator[Call]:
        arm = self.driver.arm
        for branches in (0, 0x10000, -1):
            yield lambda branches=branches: arm(branches, delay_s=0.0, hold_s=0.1)
        for delay_s in (-1e-3, 0.7, *NOT_NUMBERS):
            yield lambda delay_s=delay_s: arm(1, delay_s=delay_s, hold_s=0.1)
        for hold_s in (0.0, 66.0, *NOT_NUMBERS):
            yield lambda hold_s=hold_s: arm(1, delay_s=0.0, hold_s=hold_s)

    def energise(self) -> None:
        self.energise_sockets()
        self.driver.arm(1, delay_s=0.005, hold_s=30.0)
        self.subject.pause(0.1)

    def live(self) -> bool:
        self.subject.pause(0.05)
        self.subject.virtual.network.advance()
        truth = self.subject.virtual.truth
        return len(truth.times("branch_closed")) > len(truth.times("branch_opened"))

    def refused(self) -> tuple[Call, int]:
        """Name a branch that is not fitted."""
        return lambda: self.driver.arm(1 << 15, delay_s=0.0, hold_s=0.1), 3

    def in_use(self) -> None:
        self.driver.arm(1, delay_s=0.005, hold_s=0.1)
        assert self.driver.read_shot().state >= 0


PARTS.update(supply=Supply, ac_load=Load, inputs=Inputs, relays=Relays, point_on_wave=PointOnWave)
