"""What an energised bench is suspected by: its pack, and boxes that fall silent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from instruments.errors import BenchError, Refused
from rig.bench.model import BenchFile

if TYPE_CHECKING:
    from instruments.capabilities import BidirectionalSupply, Instrument

__all__ = ["Suspicions"]

_PACK = "pack"


class Suspicions:
    """Look at the pack, and at one more box in turn; a suspicion must be found twice in a row."""

    def __init__(
        self, bench: BenchFile, drivers: Mapping[str, object], draws_power: Callable[[], bool]
    ) -> None:
        self._limits = bench.supervision
        self._pack = cast("BidirectionalSupply", drivers[_PACK])
        self._draws_power = draws_power
        self._asked: Mapping[str, Instrument] = {
            step.role: cast("Instrument", drivers[step.role])
            for step in bench.safe_state
            if step.role != _PACK
        }
        self._turn = 0
        self._last: tuple[str, str] | None = None

    def look(self) -> tuple[str | None, bool]:
        """Return what is found for the second time, if anything, and whether to look again soon."""
        found = self._look_at_pack() or self._ask_next()
        if found is None:
            self._last = None
            return None, False
        if self._last is not None and self._last[0] == found[0]:
            return found[1], False
        self._last = found
        return None, True

    def forget(self) -> None:
        """Begin anew: the bench has just been energised."""
        self._last = None

    def _look_at_pack(self) -> tuple[str, str] | None:
        idle = not self._draws_power()
        try:
            reading = self._pack.source.measure()
        except Refused:
            return None
        except BenchError as error:
            return f"silent {_PACK}", f"{_PACK} stopped answering: {error.got}"
        if self._limits is None:
            return None
        low, high = self._limits.pack_voltage_v
        if not low <= reading.voltage_v <= high:
            got = f"{reading.voltage_v:.1f} V"
            return "voltage", f"{_PACK} at {got}, expected {low:g} to {high:g} V"
        # A load that was switched on during the measurement may draw already.
        if idle and not self._draws_power():
            return self._look_at_current(abs(reading.current_a), self._limits.idle_current_a)
        return None

    def _look_at_current(self, amps: float, most_a: float) -> tuple[str, str] | None:
        if amps <= most_a:
            return None
        text = f"{amps:.2f} A from {_PACK} while nothing draws any, expected at most {most_a:g} A"
        return "current", text

    def _ask_next(self) -> tuple[str, str] | None:
        """Ask one box who it is; one that was silent is asked again."""
        roles = list(self._asked)
        role = roles[self._turn % len(roles)]
        try:
            self._asked[role].identify()
        except Refused:
            pass  # an answer too
        except BenchError as error:
            return f"silent {role}", f"{role} stopped answering: {error.got}"
        self._turn += 1
        return None
