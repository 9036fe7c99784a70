"""A bidirectional supply that takes nothing outside its envelope."""

from __future__ import annotations

from typing import cast

from instruments.capabilities import (
    BidirectionalSupply,
    DcReading,
    DcSink,
    DcSource,
    Identity,
    OverVoltageProtected,
    Watchdog,
)
from rig.bench.demand import Demand

__all__ = ["LimitedSupply"]


class LimitedSupply:
    """Stands in front of a supply's driver; what is refused sends nothing."""

    def __init__(self, role: str, supply: BidirectionalSupply, demand: Demand) -> None:
        self._supply, self._role, self._demand = supply, role, demand
        self._source = _Source(role, supply.source, demand)
        self._sink = _Sink(role, supply.sink, demand)

    @property
    def source(self) -> DcSource:
        """The source view."""
        return self._source

    @property
    def sink(self) -> DcSink:
        """The sink view."""
        return self._sink

    def read_alarms(self) -> frozenset[str]:
        """Return the names of pending alarms without acknowledging."""
        return self._supply.read_alarms()

    def acknowledge_alarms(self) -> None:
        """Acknowledge alarms whose cause is gone."""
        self._supply.acknowledge_alarms()

    @property
    def over_voltage(self) -> OverVoltageProtected | None:
        """The box's own over-voltage protection, where its driver can set one."""
        box: object = self._supply
        return cast("OverVoltageProtected", box) if hasattr(box, "set_ovp") else None

    def arm_watchdog(self, timeout_s: float) -> None:
        """Arm the watchdog of a box that has one; any message feeds it."""
        cast("Watchdog", self._supply).arm_watchdog(timeout_s)

    def disarm_watchdog(self) -> None:
        """Disarm the watchdog."""
        cast("Watchdog", self._supply).disarm_watchdog()

    def identify(self) -> Identity:
        """Return what the box says of itself."""
        return self._supply.identify()

    def make_safe(self) -> None:
        """Switch the terminals off."""
        self._supply.make_safe()
        self._source.went_off()

    def close(self) -> None:
        """Release remote control, close the link."""
        self._supply.close()


class _Source:
    def __init__(self, role: str, source: DcSource, demand: Demand) -> None:
        self._role, self._source, self._demand = role, source, demand
        self._set_v: tuple[float, ...] = (0.0,)
        """What it may be set to: two voltages after a setting of which nobody knows."""
        self._on = False

    def set_voltage(self, voltage_v: float) -> None:
        self._demand.envelopes.check(self._role, voltage_v=voltage_v)
        if self._on and voltage_v:
            self._demand.allow_feeding(self._role)
        moved = max(abs(voltage_v - each) for each in self._set_v) if self._on else 0.0
        self._demand.allow(self._role, moved=moved, slew="slew_v")
        self._demand.note(self._role, on=self._on, moved=moved)
        self._set_v = (*self._set_v, voltage_v)
        self._source.set_voltage(voltage_v)
        self._set_v = (voltage_v,)

    def set_current_limit(self, current_a: float) -> None:
        self._demand.envelopes.check(self._role, current_a=current_a)
        self._source.set_current_limit(current_a)

    def set_power_limit(self, power_w: float) -> None:
        self._demand.envelopes.check(self._role, power_w=power_w)
        self._source.set_power_limit(power_w)

    def output_on(self) -> None:
        if any(self._set_v):  # at zero volts watchdogs are tried
            self._demand.allow_feeding(self._role)
        self._demand.allow(self._role)
        self._demand.note(self._role, on=True)
        self._on = True
        self._source.output_on()

    def output_off(self) -> None:
        self._source.output_off()
        self.went_off()

    def went_off(self) -> None:
        self._on = False
        self._demand.note(self._role, on=False)

    def measure(self) -> DcReading:
        return self._source.measure()


class _Sink:
    def __init__(self, role: str, sink: DcSink, demand: Demand) -> None:
        self._role, self._sink, self._demand = role, sink, demand

    def set_current_limit(self, current_a: float) -> None:
        self._demand.envelopes.check(self._role, current_a=current_a)
        self._sink.set_current_limit(current_a)

    def set_power_limit(self, power_w: float) -> None:
        self._demand.envelopes.check(self._role, power_w=power_w)
        self._sink.set_power_limit(power_w)

    def measure(self) -> DcReading:
        return self._sink.measure()
