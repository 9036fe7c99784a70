"""The point-on-wave trigger: closes solid-state branches at an angle (controller.md section 4).

Holding registers: 0 delay after the positive zero crossing in 10 us, 1 branch mask, 2 arm,
3 hold time in ms. Input registers: 0 fired, 1 measured angle in 0.1 degree, 2 state.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

import numpy as np

from instruments.clock import Clock, ScheduledCall
from rig.virtual.modbus import Code, Refusal, Unit
from rig.virtual.ports import PointOnWavePort

__all__ = ["PointOnWaveTrigger", "State"]

_DELAY, _MASK, _ARM, _HOLD = range(4)
_DELAY_UNIT_S, _HOLD_UNIT_S = 10e-6, 1e-3
_RECHECK_S = 0.020
_JITTER_MOST_S = 0.1e-3


class State(IntEnum):
    """What input register 2 says."""

    IDLE = 0
    ARMED = 1
    CLOSED = 2
    DONE = 3


class PointOnWaveTrigger(Unit):
    """Unit 33 of the fault line.

    Arming takes the registers as they stand (those of the same request included) and starts
    anew: whatever an earlier shot still held is opened. It waits for AC voltage as long as it
    takes. A mask of 0 raises the trigger line only and is done at once. Writing 0 to register 2
    opens every branch. Refused with 03: a hold time of 0, and a mask beyond the ``branches`` that
    are fitted.
    Jitter is normal with ``jitter_s``, clipped at 0.1 ms; the angle is read back with a normal
    error of ``angle_error_deg``.
    """

    def __init__(
        self,
        port: PointOnWavePort,
        clock: Clock,
        rng: np.random.Generator,
        *,
        branches: int = 16,
        delay_s: float = 0.002,
        jitter_s: float = 25e-6,
        angle_error_deg: float = 0.2,
    ) -> None:
        self._port, self._clock, self._rng = port, clock, rng
        self.delay_s = delay_s
        self._jitter_s, self._angle_error_deg = jitter_s, angle_error_deg
        self._settings = [0, 0, 0, 100]
        self._fitted = (1 << branches) - 1
        self._held = 0
        self._state = State.IDLE
        self._fired = False
        self._angle_tenths = 0
        self._next: ScheduledCall | None = None

    def read_holding(self, address: int, count: int) -> Sequence[int]:
        """Return settings; register 2 is 1 while a shot is under way."""
        return _part(
            [*self._settings[:_ARM], int(self._busy), self._settings[_HOLD]], address, count
        )

    def read_input(self, address: int, count: int) -> Sequence[int]:
        """Return fired, measured angle and state."""
        return _part([int(self._fired), self._angle_tenths, self._state], address, count)

    def write_register(self, address: int, value: int) -> None:
        """Set one register."""
        self.write_registers(address, [value])

    def write_registers(self, address: int, values: Sequence[int]) -> None:
        """Set registers; an arm among them acts after the others."""
        _part(self._settings, address, len(values))
        new = dict(enumerate(values, start=address))
        if new.get(_HOLD) == 0 or new.get(_ARM, 0) > 1 or new.get(_MASK, 0) & ~self._fitted:
            raise Refusal(Code.ILLEGAL_VALUE)
        arm = new.pop(_ARM, None)
        for register, value in new.items():
            self._settings[register] = value
        if arm is not None:
            self._stop()
        if arm:
            self._arm()

    @property
    def _busy(self) -> bool:
        return self._state in (State.ARMED, State.CLOSED)

    def _stop(self) -> None:
        """Withdraw what was planned and open every branch."""
        if self._next is not None:
            self._next.cancel()
        self._state = State.IDLE
        self._open(self._clock.now())

    def _arm(self) -> None:
        self._state, self._fired, self._angle_tenths = State.ARMED, False, 0
        delay, mask, _, hold = self._settings
        self._plan(delay * _DELAY_UNIT_S, mask, hold * _HOLD_UNIT_S)

    def _plan(self, delay_s: float, mask: int, hold_s: float) -> None:
        """Plan the shot for the next zero crossing; look again later when there is none."""
        crossing = self._port.next_zero_crossing()
        if crossing is None:
            again = self._clock.now() + _RECHECK_S
            self._next = self._clock.call_at(again, lambda: self._plan(delay_s, mask, hold_s))
            return
        jitter_s = float(
            np.clip(self._rng.normal(0, self._jitter_s), -_JITTER_MOST_S, _JITTER_MOST_S)
        )
        due = max(self._clock.now(), crossing + delay_s + jitter_s)
        self._next = self._clock.call_at(due, lambda: self._fire(due, mask, hold_s))

    def _fire(self, due: float, mask: int, hold_s: float) -> None:
        at_s = max(due, self._clock.now())
        self._port.trigger(at_s)
        if mask:
            self._port.switch(mask, True, at_s)
            self._held = mask
        self._fired = True
        self._angle_tenths = self._measure(at_s)
        self._state = State.CLOSED if mask else State.DONE
        if mask:
            self._next = self._clock.call_at(at_s + hold_s, lambda: self._finish(at_s + hold_s))

    def _finish(self, due: float) -> None:
        self._open(max(due, self._clock.now()))
        self._state = State.DONE

    def _open(self, at_s: float) -> None:
        if self._held:
            self._port.switch(self._held, False, at_s)
            self._held = 0

    def _measure(self, at_s: float) -> int:
        angle = self._port.phase_deg(at_s) + self._rng.normal(0, self._angle_error_deg)
        return round(angle * 10) % 3600


def _part(registers: Sequence[int], address: int, count: int) -> list[int]:
    if address + count > len(registers):
        raise Refusal(Code.ILLEGAL_ADDRESS)
    return list(registers[address : address + count])
