"""One session of both roles on one clock, judged while it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from instruments.capabilities import CanFrame
from instruments.clock import Clock
from rig.chademo.check import SessionChecker, SessionReport
from rig.chademo.roles import (
    Evps,
    EvpsParameters,
    EvpsState,
    Injection,
    Line,
    Vehicle,
    VehicleParameters,
    VehicleState,
)
from rig.chademo.session_log import SessionLog
from rig.clock import VirtualClock
from rig.virtual.boxes.slcan_bus import BusFrame, CanBus
from rig.virtual.chademo.bus import BusPort, as_can_frame
from rig.virtual.chademo.cable import Cable, CableParameters, Who
from rig.virtual.chademo.ends import CableLines, EvpsEnd, VehicleEnd

__all__ = ["BIT_RATE", "Couple", "Sample", "SessionResult", "StopKind", "run_session"]

BIT_RATE = 500_000
_SAMPLE_S = 0.1
_GIVE_UP_S = 60.0


class StopKind(StrEnum):
    """Ways a session ends (facts: sections 4.4, 8.1, 8.2 and 8.4)."""

    EVPS_BUTTON = "button of the EVPS"
    EVPS_MALFUNCTION = "malfunction of the EVPS"
    EVPS_EMERGENCY = "emergency stop of the EVPS"
    EVPS_OVER_VOLTAGE = "output at its threshold"
    TIME_OVER = "charging time over"
    VEHICLE_BUTTON = "button of the vehicle"
    BEFORE_CHARGE = "stop asked for before charging"
    OUT_OF_PARK = "vehicle out of park"
    OVER_VOLTAGE = "battery over-voltage"
    UNDER_VOLTAGE = "battery under-voltage"
    CURRENT_DEVIATION = "current deviation"
    OVER_TEMPERATURE = "battery over-temperature"
    VOLTAGE_DEVIATION = "voltage deviation"
    SYSTEM_FAULT = "system fault of the vehicle"
    D1_LOST = "d1 broken"
    D2_LOST = "d2 broken"
    K_LOST = "k broken"
    UNPLUGGED = "plug lost"


_FAULTS = {
    StopKind.OVER_VOLTAGE: "fault_over_voltage",
    StopKind.UNDER_VOLTAGE: "fault_under_voltage",
    StopKind.CURRENT_DEVIATION: "fault_current_deviation",
    StopKind.OVER_TEMPERATURE: "fault_over_temperature",
    StopKind.VOLTAGE_DEVIATION: "fault_voltage_deviation",
    StopKind.SYSTEM_FAULT: "system_fault",
}
_LOW_OUTPUT_V = 420
_EVPS_FOR = {StopKind.EVPS_OVER_VOLTAGE: EvpsParameters(available_v=_LOW_OUTPUT_V)}
_VEHICLE_FOR = {StopKind.TIME_OVER: VehicleParameters(max_time_min=1)}
"""What both are unless told: a threshold below the battery's, a time that comes."""
_BROKEN = {
    StopKind.D1_LOST: Line.D1,
    StopKind.D2_LOST: Line.D2,
    StopKind.K_LOST: Line.K,
    StopKind.UNPLUGGED: Line.PROXIMITY,
}


@dataclass(frozen=True, slots=True)
class Sample:
    """What was measured and driven at one instant."""

    t_s: float
    volts: float
    amps: float
    set_a: float


class Couple:
    """Both roles on one bus and one cable; the checker listens."""

    def __init__(
        self,
        clock: Clock,
        *,
        evps: EvpsParameters | None = None,
        vehicle: VehicleParameters | None = None,
        cable: CableParameters | None = None,
        evps_faults: Sequence[Injection] = (),
        vehicle_faults: Sequence[Injection] = (),
    ) -> None:
        self.clock, self.bus = clock, CanBus(clock)
        self.cable, self.checker = Cable(clock, cable), SessionChecker()
        self.log: SessionLog | None = None
        """Where the session is written to, if anywhere; set it before ``begin``."""
        self.frames: list[CanFrame] = []
        self.samples: list[Sample] = []
        self.bus.attach(self._listen, bit_rate=BIT_RATE)
        lines = CableLines(self.cable)
        self._ports = BusPort(self.bus, "evps"), BusPort(self.bus, "vehicle")
        for port in self._ports:
            port.join(BIT_RATE)
        self.evps = Evps(clock, self._ports[0], lines, EvpsEnd(self.cable), evps, evps_faults)
        self.vehicle = Vehicle(
            clock, self._ports[1], lines, VehicleEnd(self.cable), vehicle, vehicle_faults
        )

    def begin(self) -> None:
        """Plug in and press start."""
        self.cable.drive(Line.PROXIMITY, on=True)
        self.clock.call_every(_SAMPLE_S, self._sample, first=self.clock.now())
        self.vehicle.begin()
        self.evps.begin()
        self.evps.start()

    def stop(self, kind: StopKind) -> None:
        """End the session in one of its ways."""
        actions: dict[StopKind, Callable[[], None]] = {
            StopKind.EVPS_BUTTON: self.evps.stop,
            StopKind.EVPS_MALFUNCTION: self.evps.malfunction,
            StopKind.EVPS_EMERGENCY: self.evps.emergency_stop,
            StopKind.VEHICLE_BUTTON: self.vehicle.stop,
            StopKind.BEFORE_CHARGE: self.vehicle.stop_before_charge,
            StopKind.OUT_OF_PARK: self.vehicle.leave_park,
        }
        if kind in actions:
            actions[kind]()
        elif kind in _FAULTS:
            self.vehicle.fail(_FAULTS[kind])
        elif kind in _BROKEN:
            self.cable.cut(_BROKEN[kind])
        elif kind is StopKind.EVPS_OVER_VOLTAGE:
            self.cable.offset_v += _LOW_OUTPUT_V + 1.0 - self.cable.battery_v

    @property
    def over(self) -> bool:
        """Whether both have finished, or never began."""
        at_rest = self.vehicle.state in {VehicleState.FINISHED, VehicleState.OFF}
        return self.evps.state is EvpsState.FINISHED and at_rest

    def _listen(self, frame: BusFrame) -> None:
        taken = as_can_frame(frame)
        self.frames.append(taken)
        self.checker.feed(taken)
        if self.log is not None:
            self.log.frame(taken)

    def _sample(self) -> None:
        plug, now_s = self.cable.plug(), self.clock.now()
        if self.log is not None:
            self.log.sample(now_s, plug, self.evps.current_a, self.cable.levels)
        self.samples.append(Sample(now_s, plug.volts, plug.amps, self.evps.current_a))


@dataclass(frozen=True, slots=True)
class SessionResult:
    """A session that has ended."""

    couple: Couple = field(repr=False)
    report: SessionReport = field(repr=False)
    ended: bool
    stop_s: float
    """When the stop was asked for."""
    took_s: float
    """From there to the end of both."""

    @property
    def opened_at_a(self) -> list[float]:
        """Sizes of the currents at which the vehicle's contactor opened."""
        moves = self.couple.cable.switchings
        return [abs(each.amps) for each in moves if each.who is Who.VEHICLE and not each.closed]


def run_session(
    evps: EvpsParameters | None = None,
    vehicle: VehicleParameters | None = None,
    *,
    stop: StopKind = StopKind.EVPS_BUTTON,
    minutes: float = 0.5,
    cable: CableParameters | None = None,
    want: Callable[[float], float] = lambda t_s: 10.0,
    evps_faults: Sequence[Injection] = (),
    vehicle_faults: Sequence[Injection] = (),
    clock: VirtualClock | None = None,
    meanwhile: Callable[[Couple], None] | None = None,
) -> SessionResult:
    """Run a session in virtual time: start, ``minutes``, stop, end, at most a minute later.

    ``want`` gives the EVPS's current once a second; a stop before charging is asked for after
    ``minutes`` as well, so choose them short. ``meanwhile`` is told of the couple before it begins.
    """
    used = clock or VirtualClock()
    couple = Couple(
        used,
        evps=evps or _EVPS_FOR.get(stop),
        vehicle=vehicle or _VEHICLE_FOR.get(stop),
        cable=cable,
        evps_faults=evps_faults,
        vehicle_faults=vehicle_faults,
    )
    if meanwhile is not None:
        meanwhile(couple)
    couple.begin()
    start_s, stop_s = used.now(), used.now() + 60.0 * minutes
    while used.now() < stop_s and not couple.over:
        couple.evps.want(want(used.now() - start_s))
        used.sleep_until(min(used.now() + 1.0, stop_s))
    couple.stop(stop)
    while not couple.over and used.now() < stop_s + _GIVE_UP_S:
        used.sleep_until(used.now() + 0.1)
    couple.evps.end()
    couple.vehicle.end()
    return SessionResult(couple, couple.checker.finish(), couple.over, stop_s, used.now() - stop_s)
