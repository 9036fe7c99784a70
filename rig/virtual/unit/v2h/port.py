"""The V2H port of the unit: the vehicle's side of a CHAdeMO session, on the unit's own ticks."""

from __future__ import annotations

from collections.abc import Callable

from rig.virtual.unit.events import EventLog
from rig.virtual.unit.memory import NonVolatile
from rig.virtual.unit.ticks import (
    Agenda,
    instant_of,
    tick_at_or_after,
    ticks_of,
)
from rig.virtual.unit.trips import clamp_u16
from rig.virtual.unit.v2h.contract import CanNode, PortPins
from rig.virtual.unit.v2h.frames import pack
from rig.virtual.unit.v2h.parameters import V2hParameters
from rig.virtual.unit.v2h.session import V2hSession
from rig.virtual.unit.v2h.states import PortState, StopReason
from rig.virtual.unit.v2h.view import View, take_view
from rig.virtual.unit.vehicle import VehicleData

__all__ = ["V2hPort"]

_S = PortState
_LINES, _CYCLE = "v2h lines", "v2h cycle"
_REST_S = 0.025
"""Between the last frame of a cycle and the next one: looks at such distances."""
_OPEN_OHM = 65_535_000.0


class V2hPort:
    """One port for the life of a power cycle; sessions come and go with d1.

    It acts on ticks of the unit's agenda only: one for each frame of a cycle and a few looks in
    between, from the first frame to the end of the session; and one after each change of a line.
    """

    def __init__(
        self,
        parameters: V2hParameters,
        pins: PortPins,
        can: CanNode,
        *,
        agenda: Agenda,
        memory: NonVolatile,
        log: EventLog,
        vehicle: VehicleData,
        capacity_wh: float,
        insulation_ohm: Callable[[], float],
    ) -> None:
        self._parameters, self._pins, self._can = parameters, pins, can
        self._agenda, self._memory, self._log = agenda, memory, log
        self._vehicle, self._capacity_wh = vehicle, capacity_wh
        self._insulation_ohm = insulation_ohm
        self.reason: int = StopReason.NONE
        self._session: V2hSession | None = None
        self._slot = self._cycles = self._first_tick = self._farewell_tick = 0
        pins.on_lines(self._lines_changed)

    @property
    def state(self) -> PortState:
        """Register 48: a port that is switched off says so between sessions."""
        if self._session is not None:
            return self._session.state
        return _S.IDLE if self._mode else _S.OFF

    def power_up(self, now_s: float) -> None:
        """Let everything go, and look whether d1 is there already."""
        self._pins.pull_k(False, now_s)
        self._pins.drive_contactors(False, now_s)
        self._lines_changed(now_s)

    def power_lost(self, now_s: float) -> None:
        """Fall silent: nothing holds k and the contactors without a processor."""
        self._pins.pull_k(False, now_s)
        self._pins.drive_contactors(False, now_s)
        self._can.leave()
        self._agenda.drop(_LINES, _CYCLE)
        self._session = None

    def registers(self) -> tuple[int, ...]:
        """Return input registers 48 to 52 as of now."""
        seen = self._pins.read()
        volts = clamp_u16(10.0 * seen.inlet_v * self._parameters.voltage_gain)
        amps = round(10.0 * seen.inlet_a * self._parameters.current_gain) & 0xFFFF
        kohm = clamp_u16(min(self._insulation_ohm(), _OPEN_OHM) / 1000.0)
        return (self.state, volts, amps, self._last_reason, kohm)

    def reduce_w(self, too_much_w: float) -> float:
        """Say how much of an excess will be left once the EVPS follows the discharge limit.

        The limit fell with the pack's at the last look already; an EVPS that has not followed it
        after a while does not count.
        """
        if self._session is None:
            return too_much_w
        seen, allowance = self._pins.read(), self._session.allowance
        beyond_a = -seen.inlet_a - allowance.discharge_a
        follows = allowance.follows_s <= self._parameters.follow_within_s
        return too_much_w - max(0.0, beyond_a) * seen.pack_v if follows else too_much_w

    def settings_changed(self, now_s: float) -> None:
        """Look at d1 again where the port is switched on: it may just have been."""
        if self._session is None and self._mode:
            self._lines_changed(now_s)

    @property
    def _last_reason(self) -> int:
        """Register 51: why the last session ended; that of a running one once it stops."""
        return self.reason if self._session is None else self._session.reason

    @property
    def _mode(self) -> int:
        return self._memory.settings[6]

    # when it acts

    def _lines_changed(self, at_s: float) -> None:
        tick = tick_at_or_after(at_s) + 1
        self._put(_LINES, tick, self._look_at_lines)

    def _put(self, name: str, tick: int, action: Callable[[int], None]) -> None:
        self._agenda.put(name, tick, action)
        self._pins.wake_at(instant_of(tick))

    def _look_at_lines(self, tick: int) -> None:
        view = self._view(tick)
        if self._session is not None:
            self._decide(self._session, view)
        elif view.d1 and view.plugged and view.mode:
            self._wake(tick)

    def _wake(self, tick: int) -> None:
        used = self._parameters
        self._session = V2hSession(used, self._pins, self._memory, self._log, tick)
        self.reason = StopReason.NONE
        self._slot = self._cycles = self._farewell_tick = 0
        self._can.join()
        self._can.take()
        self._pins.bleed(False, instant_of(tick))
        self._first_tick = tick + ticks_of(used.wake_s)
        self._log.say("V2H waking", instant_of(tick))
        self._put(_CYCLE, self._first_tick, self._cycle)

    def _cycle(self, tick: int) -> None:
        """Look, and send the frame whose turn it is."""
        view, order, session = self._view(tick), self._parameters.order, self._session
        if session is None or not self._decide(session, view):
            return
        if self._slot < len(order) and not self._skips(order[self._slot]):
            self._send(order[self._slot], session, view)
        self._put(_CYCLE, self._next_slot(tick), self._cycle)

    def _next_slot(self, tick: int) -> int:
        """Return when to act next: frames on absolute deadlines, looks in what is left."""
        parameters, slots = self._parameters, len(self._parameters.order)
        period, spacing = ticks_of(parameters.period_s), ticks_of(parameters.spacing_s)
        self._slot += 1
        if self._slot < slots:
            return self._first_tick + self._slot * spacing
        look = tick + ticks_of(_REST_S)
        if look < self._first_tick + period:
            return look
        self._slot = 0
        self._cycles += 1
        self._first_tick += period
        return self._first_tick

    def _view(self, tick: int) -> View:
        if (session := self._session) is not None:
            for frame in self._can.take():
                session.evps.take(frame.identifier, frame.data, instant_of(tick))
        settings = self._memory.settings
        floor = settings.get(10, settings[3] + 10)
        return take_view(
            tick, self._pins.read(), (settings[6], settings[7], floor), self._vehicle,
            self._insulation_ohm(), self._parameters,
        )  # fmt: skip

    def _decide(self, session: V2hSession, view: View) -> bool:
        """Let the session decide; say whether it still lasts."""
        if self._has_left(session, view):
            return False
        session.decide(view)
        return True

    def _has_left(self, session: V2hSession, view: View) -> bool:
        """End what is not permitted (any more) once d1 has gone; say whether that is done."""
        if view.d1 or session.active:
            self._farewell_tick = 0
            return False
        self._farewell_tick = self._farewell_tick or view.tick
        if view.tick - self._farewell_tick < ticks_of(self._parameters.farewell_s):
            return False
        self._can.leave()
        self._agenda.drop(_CYCLE)
        now_s = instant_of(view.tick)
        self._pins.drive_contactors(False, now_s)
        self.reason, self._session = session.reason, None
        self._log.say("V2H idle", now_s)
        return True

    def _send(self, identifier: int, session: V2hSession, view: View) -> None:
        if identifier == 0x102:
            session.renew(view)
        data = pack(identifier, session.content(view, self._capacity_wh))
        length = dict(self._parameters.lengths).get(identifier, len(data))
        self._can.send(identifier, data[:length], instant_of(view.tick))

    def _skips(self, identifier: int) -> bool:
        every = self._parameters.skips
        return identifier == 0x101 and every > 0 and self._cycles % every == every - 1
