"""What the box puts into its frames and finds in those of the vehicle (chademo.md section 2).

Packed here on its own, apart from the rig's codec and from the on-board unit's.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BoxContent", "VehicleFrames", "pack_box"]

_V2H_SEQUENCE = 2
_UNKNOWN = 0xFF


@dataclass(frozen=True, slots=True)
class BoxContent:
    """Everything one cycle of the box says."""

    protocol: int
    available_v: int
    charge_a: int
    threshold_v: int
    plug_v: int
    amps: int
    """Signed, positive into the vehicle."""
    status: int
    """109.5."""
    left_min: int | None
    """None: no transfer, nothing runs."""
    discharge_a: int
    lowest_v: int


def pack_box(identifier: int, content: BoxContent) -> bytes:
    """Return the eight bytes of one of the box's frames."""
    into, out_of = max(content.amps, 0), max(-content.amps, 0)
    left = [0, 0] if content.left_min is None else [_UNKNOWN, content.left_min]
    rows: dict[int, list[int]] = {
        0x108: [1, *_u16(content.available_v), content.charge_a, *_u16(content.threshold_v), 0, 0],
        0x109: [content.protocol, *_u16(content.plug_v), into, 1, content.status, *left],
        0x118: [1, 0, 0, 0, 0, 0, 1, 0],
        0x208: [
            _inverted(out_of), *_u16(content.available_v), _inverted(content.discharge_a), 0, 0,
            *_u16(content.lowest_v),
        ],
        0x209: [_V2H_SEQUENCE, *_u16(0 if content.left_min is None else 5), 0, 0, 0, 0, 0],
    }  # fmt: skip
    return bytes(rows[identifier])


class VehicleFrames:
    """The latest frames of the vehicle, field by field."""

    def __init__(self) -> None:
        self._data: dict[int, bytes] = {}
        self._heard_s = 0.0

    def take(self, identifier: int, data: bytes, now_s: float) -> None:
        """Keep a frame of the vehicle; others, and those that are not eight bytes long, are not."""
        if identifier in (0x100, 0x101, 0x102, 0x110, 0x200, 0x201) and len(data) == 8:
            self._data[identifier] = data
            if identifier == 0x102:
                self._heard_s = now_s

    @property
    def complete(self) -> bool:
        """Whether limits, times and session have all been heard."""
        return all(each in self._data for each in (0x100, 0x101, 0x102))

    def silent_s(self, now_s: float) -> float:
        """Return since when there is no frame of the session."""
        return now_s - self._heard_s

    @property
    def max_v(self) -> int:
        """100.4-5."""
        return self._u16(0x100, 4)

    @property
    def max_time_min(self) -> int:
        """101.2, where 101.1 says that the minutes count."""
        return self._byte(0x101, 2) if self._byte(0x101, 1) == _UNKNOWN else 0

    @property
    def protocol(self) -> int:
        """102.0."""
        return self._byte(0x102, 0)

    @property
    def target_v(self) -> int:
        """102.1-2."""
        return self._u16(0x102, 1)

    @property
    def request_a(self) -> int:
        """102.3."""
        return self._byte(0x102, 3)

    @property
    def enabled(self) -> bool:
        """102.5.0."""
        return self._bit(0)

    @property
    def parked(self) -> bool:
        """102.5.1, the other way round."""
        return not self._bit(1)

    @property
    def faulty(self) -> bool:
        """Whether any bit of 102.4, or 102.5.2, is set."""
        return bool(self._byte(0x102, 4)) or self._bit(2)

    @property
    def contactor_open(self) -> bool:
        """102.5.3: open, and the weld check finished."""
        return self._bit(3)

    @property
    def stops_before_charge(self) -> bool:
        """102.5.4."""
        return self._bit(4)

    @property
    def charge_percent(self) -> float:
        """102.6 by 100.6."""
        return 100.0 * self._byte(0x102, 6) / max(self._byte(0x100, 6), 1)

    @property
    def may_discharge(self) -> bool:
        """102.5.7."""
        return self._bit(7)

    @property
    def discharge_a(self) -> int:
        """200.0; 0 until it has been heard."""
        return _inverted(self._byte(0x200, 0)) if 0x200 in self._data else 0

    @property
    def min_discharge_v(self) -> int:
        """200.4-5."""
        return self._u16(0x200, 4)

    @property
    def levels_percent(self) -> tuple[float, float]:
        """200.6 and 200.7 in %; 0 = not used. Without 0x201 they are energies (section 5.2)."""
        low, high = float(self._byte(0x200, 6)), float(self._byte(0x200, 7))
        if 0x201 in self._data:
            return low, high
        capacity = self._u16(0x101, 5)
        return (100.0 * low / capacity, 100.0 * high / capacity) if capacity else (0.0, 0.0)

    def _bit(self, n: int) -> bool:
        return bool(self._byte(0x102, 5) >> n & 1)

    def _byte(self, identifier: int, n: int) -> int:
        data = self._data.get(identifier)
        return data[n] if data is not None else 0

    def _u16(self, identifier: int, n: int) -> int:
        return self._byte(identifier, n) | self._byte(identifier, n + 1) << 8


def _inverted(value: int) -> int:
    return 0xFF - value


def _u16(value: int) -> tuple[int, int]:
    return value & 0xFF, value >> 8
