"""An isolating transformer that feeds a socket from outside (controller.md section 4).

Its primary hangs on the next socket's outlet, so it is in step with the output it feeds against,
and dead as soon as the unit is; 230:250 V with 15 ohm in series, or a tap of 27 V instead.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from rig.virtual.network.poles import Flags
from rig.virtual.unit.contract import SOCKETS

__all__ = ["Outside", "feeder", "outside"]

SERIES_OHM = 15.0
_RATIO = 250.0 / 230.0
_TAP_RATIO = 27.0 / 230.0

Three = tuple[float, float, float]
_NOTHING: Three = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Outside:
    """What the transformers make of the outlets, by socket."""

    conductance_s: Three = _NOTHING
    """What a conducting socket sees beside its load; negative = it is fed."""
    gain: Three = _NOTHING
    """Voltage at an outlet whose relay is open, as a multiple of the output's."""


def feeder(socket: int) -> int:
    """Return the socket whose outlet feeds the transformer at ``socket``."""
    return (socket + 1) % len(SOCKETS)


def outside(inserted: AbstractSet[str], closed: Flags, loads_s: Three) -> Outside:
    """Return what the inserted transformers do; ``loads_s`` is what hangs at each outlet, in S."""
    conductance, gain = [0.0] * 3, [0.0] * 3
    ratio = _TAP_RATIO if "backfeed_tap" in inserted else _RATIO
    for fed, name in enumerate(SOCKETS):
        if f"backfeed_{name.lower()}" not in inserted:
            continue
        by = feeder(fed)
        if closed[fed] and closed[by]:
            conductance[fed] -= (ratio - 1.0) / SERIES_OHM
            conductance[by] += ratio * (ratio - 1.0) / SERIES_OHM
        elif closed[by]:
            gain[fed] = ratio / (1.0 + SERIES_OHM * loads_s[fed])
            conductance[by] += ratio * gain[fed] * loads_s[fed]
        elif closed[fed]:
            gain[by] = ratio / (ratio**2 + SERIES_OHM * loads_s[by])
            conductance[fed] += (1.0 - ratio * gain[by]) / SERIES_OHM
    return Outside((conductance[0], conductance[1], conductance[2]), (gain[0], gain[1], gain[2]))
