"""The status byte of the box, 109.5, by what it is doing (chademo.md section 2.7)."""

from __future__ import annotations

from rig.virtual.offboard.states import ENERGIZING, BoxState

__all__ = ["INCOMPATIBLE", "MALFUNCTION", "SYSTEM", "status_byte"]

_CHARGING, MALFUNCTION, _LOCKED, INCOMPATIBLE, SYSTEM, _STOP = 1, 2, 4, 8, 16, 32


def status_byte(state: BoxState, faults: int, *, transferring: bool) -> int:
    """Return the byte; ``transferring`` = a transfer has begun in this session."""
    status = faults | (_LOCKED if state in ENERGIZING else 0)
    if state is BoxState.TRANSFER:
        return status | _CHARGING
    if state is BoxState.RAMP_DOWN and transferring:
        status |= _CHARGING
    return status | _STOP
