"""The alarms of an EA supply: latched until acknowledged, counted, some with a cause that stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import IntEnum

from rig.virtual.boxes.ea_settings import EaSettings
from rig.virtual.ports import SupplyReading

__all__ = ["Alarm", "EaAlarms"]


class Alarm(IntEnum):
    """Alarms and supervision events by their bit in status register 505."""

    OVP = 16
    OCP = 17
    OPP = 18
    OT = 19
    PF = 21
    UVD = 24
    OVD = 25
    UCD = 26
    OCD = 27
    OPD = 28


_COUNTERS = {
    (Alarm.OVP, False): 520,
    (Alarm.OCP, False): 521,
    (Alarm.OPP, False): 522,
    (Alarm.OT, False): 523,
    (Alarm.PF, False): 524,
    (Alarm.OCP, True): 525,
    (Alarm.OPP, True): 526,
}
_SHARE_BUS_COUNTER = 527
_ACTION_SIGNAL, _ACTION_ALARM = 1, 3

_Quantity = Callable[[SupplyReading], float]


def _volts(reading: SupplyReading) -> float:
    return reading.voltage_v


def _source_amps(reading: SupplyReading) -> float:
    return max(0.0, reading.current_a)


def _sink_amps(reading: SupplyReading) -> float:
    return max(0.0, -reading.current_a)


def _source_watts(reading: SupplyReading) -> float:
    return max(0.0, reading.power_w)


def _sink_watts(reading: SupplyReading) -> float:
    return max(0.0, -reading.power_w)


_PROTECTED: tuple[tuple[int, Alarm, bool, _Quantity], ...] = (
    (550, Alarm.OVP, False, _volts),
    (553, Alarm.OCP, False, _source_amps),
    (556, Alarm.OPP, False, _source_watts),
    (569, Alarm.OCP, True, _sink_amps),
    (570, Alarm.OPP, True, _sink_watts),
)
_SUPERVISED: tuple[tuple[int, Alarm, bool, _Quantity], ...] = (
    (559, Alarm.UVD, False, _volts),
    (561, Alarm.OVD, False, _volts),
    (563, Alarm.UCD, False, _source_amps),
    (565, Alarm.OCD, False, _source_amps),
    (567, Alarm.OPD, False, _source_watts),
    (571, Alarm.UCD, True, _sink_amps),
    (573, Alarm.OCD, True, _sink_amps),
    (575, Alarm.OPD, True, _sink_watts),
)
_UNDER = frozenset({Alarm.UVD, Alarm.UCD})


class EaAlarms:
    """Alarms by (kind, caused while sinking)."""

    def __init__(self, settings: EaSettings) -> None:
        self._settings = settings
        self._latched: set[tuple[Alarm, bool]] = set()
        self._signalled: set[tuple[Alarm, bool]] = set()
        self._standing: set[Alarm] = set()
        self.counters = {**dict.fromkeys(_COUNTERS.values(), 0), _SHARE_BUS_COUNTER: 0}

    @property
    def any(self) -> bool:
        """Whether an alarm waits for its acknowledgement."""
        return bool(self._latched)

    @property
    def present(self) -> frozenset[Alarm]:
        """Alarms that are latched and supervision events that stand."""
        return frozenset(alarm for alarm, _ in self._latched | self._signalled)

    @property
    def by_sink(self) -> bool:
        """Whether one of the current or power alarms came while sinking."""
        return any(sink and alarm not in _UNDER for alarm, sink in self._latched | self._signalled)

    def judge(self, reading: SupplyReading) -> bool:
        """Compare what stands at the terminals with the thresholds; True = a new alarm."""
        crossed = set(self._exceeded(reading))
        self._signalled.clear()
        for threshold, alarm, sink in self._events(reading):
            action = self._settings.words[threshold + 1]
            if action == _ACTION_ALARM:
                crossed.add((alarm, sink))
            elif action >= _ACTION_SIGNAL:
                self._signalled.add((alarm, sink))
        new = crossed - self._latched
        for alarm, sink in sorted(new):
            self.latch(alarm, sink)
        return bool(new)

    def latch(self, alarm: Alarm, sink: bool = False) -> None:
        """Latch and count an alarm."""
        self._latched.add((alarm, sink))
        counter = _COUNTERS.get((alarm, sink))
        if counter is not None:
            self.counters[counter] = min(0xFFFF, self.counters[counter] + 1)

    def set_standing(self, alarm: Alarm, stands: bool) -> None:
        """Begin or end the cause of an alarm that comes from inside the box (OT, PF)."""
        if stands and alarm not in self._standing:
            self._standing.add(alarm)
            self.latch(alarm)
        elif not stands:
            self._standing.discard(alarm)

    def acknowledge(self, reading: SupplyReading) -> None:
        """Clear the alarms whose cause is gone; the counters keep the record."""
        causes = set(self._exceeded(reading)) | {(alarm, False) for alarm in self._standing}
        self._latched &= causes

    def clear(self) -> None:
        """Forget alarms, events and counters, as a restart does."""
        self._latched.clear()
        self._signalled.clear()
        self.counters = dict.fromkeys(self.counters, 0)

    def clear_signals(self) -> None:
        """Forget the supervision events: nothing is supervised while the output is off."""
        self._signalled.clear()

    def _exceeded(self, reading: SupplyReading) -> Iterator[tuple[Alarm, bool]]:
        for threshold, alarm, sink, quantity in _PROTECTED:
            if quantity(reading) > self._settings.real(threshold):
                yield alarm, sink

    def _events(self, reading: SupplyReading) -> Iterator[tuple[int, Alarm, bool]]:
        for threshold, alarm, sink, quantity in _SUPERVISED:
            if self._settings.words[threshold + 1]:
                value, limit = quantity(reading), self._settings.real(threshold)
                if value < limit if alarm in _UNDER else value > limit:
                    yield threshold, alarm, sink
