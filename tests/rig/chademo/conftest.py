"""A sound session of our own making, to be spoilt in one way at a time."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from rig.chademo.check import SessionChecker, Severity
from rig.chademo.frames import (
    CATALOGUE,
    BatteryLimits,
    ChargerCapability,
    ChargerStatus,
    ChargeTimes,
    DischargeCapability,
    DischargeLimits,
    EvpsEstimate,
    VehicleEstimate,
    VehicleStatus,
)
from rig.chademo.logs import LoggedFrame

REAL_LOG = Path(__file__).parents[4] / "shared" / "can-logs" / "nissan-leaf-chademo-start-stop.csv"
DATA = Path(__file__).parent / "data"


def ramp(t, start, most, rate=20.0):
    """Whole amperes on the way up, in steps of one cycle."""
    steps = round((t - start) * 10) + 1
    return 0 if t < start else min(most, round(steps * rate / 10))


@dataclass(frozen=True)
class Plan:
    """When which step is taken, s; the defaults make a sound session without any remark."""

    vehicle_protocol: int = 2
    charger_protocol: int = 2
    charger_starts: float = 0.2
    enable: float = 2.0
    lock: float = 2.2
    test: float = 2.4
    test_over: float = 3.0
    close: float = 3.5
    request: float = 4.5
    transfer: float = 4.7
    amps: int = 14
    discharge: float = 6.5
    discharge_over: float = 8.0
    stop: float = 9.0
    low_current: float = 9.2
    disable: float = 9.3
    clear: float = 9.4
    fall: float = 10.0
    open: float = 11.0
    unlock: float = 11.4
    vehicle_ends: float = 11.8
    charger_ends: float = 12.1
    start: float = 100.0
    tweak: object = field(default=lambda t, message: message)

    def with_extensions(self, vehicle, charger):
        """Return the frames with those of 2.0, sent before 0x102 and after 0x109."""
        found = self.frames()
        for cycle in range(round(self.charger_ends * 10)):
            t = cycle / 10
            if t < self.vehicle_ends:
                found += self._logged(self._side(t, 0.015, 0.0, vehicle(t)))
            if t >= self.charger_starts:
                found += self._logged(self._side(t, 0.0655, 0.0, charger(t)))
        return sorted(found, key=lambda each: each.t_s)

    def _logged(self, timed):
        for line, (t, identifier, data) in enumerate(timed, 1):
            yield LoggedFrame(self.start + t, identifier, data, False, False, "can0", line)

    def vehicle(self, t):
        enabled = self.enable <= t < self.disable
        on = enabled and t >= self.request
        closed = self.close <= t < self.open and self.vehicle_protocol >= 2
        knows = self.charger_protocol >= 2 and self.vehicle_protocol >= 2
        limit = ramp(t, self.request + 0.5, 15) if enabled else 0
        yield BatteryLimits(max_battery_voltage_v=435, charge_rate_reference=100)
        yield ChargeTimes(max_charge_time_10s=255, max_charge_time_min=60, total_capacity_100wh=400)
        yield VehicleStatus(
            protocol=self.vehicle_protocol,
            target_voltage_v=410,
            current_request_a=ramp(t, self.request, self.amps) if on else 0,
            enabled=enabled,
            contactor_open=knows and not closed,
            discharge_compatible=True,
            charge_rate=50,
        )
        yield DischargeLimits(
            max_discharge_current_a=limit,
            min_discharge_voltage_v=250,
            min_discharge_level=10,
            max_charge_level=100,
        )
        yield VehicleEstimate(sequence=2)

    def charger(self, t):
        transfer = self.transfer <= t < self.clear
        out = self.discharge <= t < self.discharge_over
        yield ChargerCapability(
            weld_detection_support=1,
            available_voltage_v=500,
            available_current_a=15,
            threshold_voltage_v=435,
        )
        yield ChargerStatus(
            protocol=self.charger_protocol,
            voltage_v=self.volts(t),
            current_a=0 if out else self.current(t),
            discharge_compatible=True,
            charging=transfer,
            energizing=self.lock <= t < self.unlock,
            stop_control=not transfer or t >= self.stop,
            remaining_time_10s=255 if transfer else 0,
            remaining_time_min=60 if transfer else 0,
        )
        yield DischargeCapability(
            discharge_current_a=10 if out else 0,
            available_input_voltage_v=500,
            available_input_current_a=15,
            lower_threshold_voltage_v=250,
        )
        yield EvpsEstimate(sequence=2)

    def volts(self, t):
        if self.test <= t < self.test_over:
            return 500
        battery = self.close <= t < self.fall
        falling = [380, 200, 80, 30, 8]
        step = round((t - self.fall) * 10) + 1
        return 380 if battery else falling[step] if 0 < step < len(falling) else 0

    def current(self, t):
        if t >= self.low_current:
            return 0
        if t >= self.stop:
            return self.amps // 2
        if self.discharge_over <= t:
            return ramp(t, self.discharge_over + 0.1, self.amps)
        return ramp(t, max(self.transfer, self.request + 0.2), self.amps)

    def frames(self):
        """Return the session as it would be logged."""
        found = []
        for cycle in range(round(max(self.vehicle_ends, self.charger_ends) * 10)):
            t = cycle / 10
            if t < self.vehicle_ends:
                found += self._side(t, 0.0, 0.01, self.vehicle(t))
            if self.charger_starts <= t < self.charger_ends:
                found += self._side(t, 0.065, 0.0003, self.charger(t))
        found.sort(key=lambda each: each[0])
        return list(self._logged(found))

    def _side(self, t, offset, spacing, messages):
        for n, message in enumerate(messages):
            tweaked = self.tweak(t, message)
            if tweaked is not None:
                yield t + offset + n * spacing, message.IDENTIFIER, tweaked.encode()


class Spoil:
    """Ways to spoil a plan, and to see what was found."""

    VEHICLE_FRAMES = tuple(kind for kind in CATALOGUE.values() if kind.SENDER == "vehicle")
    CHARGER_FRAMES = tuple(kind for kind in CATALOGUE.values() if kind.SENDER == "charger")

    @staticmethod
    def tweak(kind, start=0.0, end=99.0, **changes):
        """Change fields of one kind of frame for a while; a function gets the message."""

        def change(t, message):
            if not isinstance(message, kind) or not start <= t < end:
                return message
            values = {
                name: value(message) if callable(value) else value
                for name, value in changes.items()
            }
            return replace(message, **values)

        return change

    @staticmethod
    def lost(kinds, start, end):
        """Lose frames for a while."""
        return lambda t, message: (
            None if isinstance(message, kinds) and start <= t < end else message
        )

    @staticmethod
    def later(plan, step, by):
        """Move a step and all that follow it."""
        names = [
            "enable", "lock", "test", "test_over", "close", "request", "transfer", "discharge",
            "discharge_over", "stop", "low_current", "disable", "clear", "fall", "open", "unlock",
            "vehicle_ends", "charger_ends",
        ]  # fmt: skip
        moved = names[names.index(step) :]
        return replace(plan, **{name: getattr(plan, name) + by for name in moved})

    @staticmethod
    def long_session(plan):
        """Charge for eight seconds more."""
        return Spoil.later(plan, "discharge", 8.0)

    @staticmethod
    def found(report, severity=Severity.ERROR):
        """Return side and rule of each error, or of each note."""
        return {(each.side, each.rule) for each in report.of(severity)}


@pytest.fixture
def spoil():
    return Spoil


@pytest.fixture
def plan():
    return Plan()


@pytest.fixture
def judge():
    """Judge frames, or a plan, as one session."""

    def judged(session, **changes):
        checker = SessionChecker()
        frames = replace(session, **changes).frames() if isinstance(session, Plan) else session
        for frame in frames:
            checker.feed(frame)
        return checker.finish()

    return judged


@pytest.fixture
def real_log():
    """The start-to-stop recording of a Leaf on a V2H unit."""
    if not REAL_LOG.exists():
        pytest.skip(f"the recording {REAL_LOG.name} is not beside the repository")
    return REAL_LOG


@pytest.fixture
def data():
    return DATA


@pytest.fixture
def write(tmp_path):
    def written(text, name="session.txt", *, newline="\n"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8", newline=newline)
        return path

    return written
