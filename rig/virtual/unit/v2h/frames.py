"""What the unit puts into its frames and finds in those of the EVPS (chademo.md section 2).

Packed here on its own: a misunderstanding shared with the rig's codec would hide itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["EvpsFrames", "VehicleContent", "pack"]

_INVERTED = 0xFF
_FAULT_BITS = {
    "over_voltage": 0, "under_voltage": 1, "current_deviation": 2, "over_temperature": 3,
    "voltage_deviation": 4,
}  # fmt: skip
_USE_MINUTES = 0xFF
_FIRST_RATE, _RATE = 240, 100
_V2H_SEQUENCE = 2


@dataclass(frozen=True, slots=True)
class VehicleContent:
    """Everything one cycle of the unit says; amps and volts unsigned."""

    protocol: int
    target_v: int
    max_v: int
    min_charge_a: int
    min_discharge_v: int
    charge_percent: int
    floor_percent: int
    energy_100wh: int
    capacity_100wh: int
    settled: bool
    enabled: bool
    parked: bool
    contactor_open: bool
    """And the weld check finished."""
    stop_before_charge: bool
    may_discharge: bool
    request_a: int
    discharge_a: int
    faults: frozenset[str] = field(default_factory=frozenset)
    """Keys of 102.4, and ``system`` for 102.5.2."""


def pack(identifier: int, content: VehicleContent) -> bytes:
    """Return the eight bytes of one of the unit's frames."""
    return bytes(_PACKERS[identifier](content))


def _limits(c: VehicleContent) -> list[int]:
    rate = _RATE if c.settled else _FIRST_RATE
    return [c.min_charge_a, 0, 0, 0, *_u16(c.max_v), rate, 0]


def _times(c: VehicleContent) -> list[int]:
    if not c.settled:
        return [0] * 8
    return [0, _USE_MINUTES, 240, 0, 0, *_u16(c.capacity_100wh), 0]


def _session(c: VehicleContent) -> list[int]:
    faults = sum(1 << bit for name, bit in _FAULT_BITS.items() if name in c.faults)
    status = (
        c.enabled
        | (not c.parked) << 1
        | ("system" in c.faults) << 2
        | c.contactor_open << 3
        | c.stop_before_charge << 4
        | c.may_discharge << 7
    )
    return [c.protocol, *_u16(c.target_v), c.request_a, faults, status, c.charge_percent, 0]


def _extended(c: VehicleContent) -> list[int]:
    return [1, 0, 0, 0, 0, 0, 0, 0]


def _discharge(c: VehicleContent) -> list[int]:
    levels = [c.floor_percent, 100] if c.settled else [0xFF, 0xFF]
    return [_INVERTED - c.discharge_a, 0, 0, 0, *_u16(c.min_discharge_v), *levels]


def _estimate(c: VehicleContent) -> list[int]:
    return [_V2H_SEQUENCE, 0, 0, *_u16(c.energy_100wh), 0, 0, 0]


_PACKERS = {
    0x100: _limits, 0x101: _times, 0x102: _session, 0x110: _extended, 0x200: _discharge,
    0x201: _estimate,
}  # fmt: skip


class EvpsFrames:
    """The latest frames of the EVPS, field by field, and when each identifier was heard last."""

    def __init__(self) -> None:
        self._data: dict[int, bytes] = {}
        self._heard_s: dict[int, float] = {}

    def take(self, identifier: int, data: bytes, now_s: float) -> None:
        """Keep a frame of the EVPS; others, and those that are not eight bytes long, are not."""
        if identifier in (0x108, 0x109, 0x118, 0x208, 0x209) and len(data) == 8:
            self._data[identifier], self._heard_s[identifier] = data, now_s

    @property
    def complete(self) -> bool:
        """Whether capability and status have both been heard."""
        return 0x108 in self._data and 0x109 in self._data

    def silent_s(self, now_s: float) -> float:
        """Return since when one of the two is missing."""
        return now_s - min(self._heard_s[0x108], self._heard_s[0x109])

    @property
    def available_v(self) -> int:
        """108.1-2."""
        return self._u16(0x108, 1)

    @property
    def available_a(self) -> int:
        """108.3."""
        return self._byte(0x108, 3)

    @property
    def weld_support(self) -> bool:
        """108.0."""
        return bool(self._byte(0x108, 0))

    @property
    def protocol(self) -> int:
        """109.0."""
        return self._byte(0x109, 0)

    @property
    def output_v(self) -> int:
        """109.1-2."""
        return self._u16(0x109, 1)

    @property
    def may_discharge(self) -> bool:
        """109.4.0."""
        return bool(self._byte(0x109, 4) & 1)

    @property
    def status(self) -> int:
        """109.5."""
        return self._byte(0x109, 5)

    @property
    def charging(self) -> bool:
        """109.5.0."""
        return bool(self.status & 1)

    @property
    def energizing(self) -> bool:
        """109.5.2: locked, and the output may be live."""
        return bool(self.status >> 2 & 1)

    @property
    def stopping(self) -> bool:
        """109.5.5."""
        return bool(self.status >> 5 & 1)

    @property
    def input_a(self) -> int:
        """208.3, what the EVPS can take; 0 until it has said so."""
        return _INVERTED - self._byte(0x208, 3) if 0x208 in self._data else 0

    def _byte(self, identifier: int, n: int) -> int:
        data = self._data.get(identifier)
        return data[n] if data is not None else 0

    def _u16(self, identifier: int, n: int) -> int:
        return self._byte(identifier, n) | self._byte(identifier, n + 1) << 8


def _u16(value: int) -> tuple[int, int]:
    return value & 0xFF, value >> 8
