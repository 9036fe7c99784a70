"""Which frames are there at all, who speaks first, and what some makers add."""

from __future__ import annotations

from rig.chademo.check.case import Rule
from rig.chademo.check.happening import Happening
from rig.chademo.frames import CATALOGUE, CORE, V2, Side

__all__ = ["PresenceRule"]

_SETTLED_S = 0.3
_EXTENSIONS = {0x110: Side.VEHICLE, 0x118: Side.CHARGER}
_MAKERS = {
    0x103: "0x103 is an addition of one conversion controller, not CHAdeMO",
    0x202: "0x202 is the newer Leafs' own",
}


class PresenceRule(Rule):
    """Judges the set of frames."""

    def happened(self, what: Happening) -> None:
        """Judge who speaks first."""
        case = self.case
        first_s = case.at.get(Happening.CHARGER_TALKS)
        if what is not Happening.VEHICLE_TALKS or first_s is None:
            return
        alone_s = case.bus.t_s - first_s
        at_rest = not case.bus.charger.energizing and not case.bus.charger.charging
        if alone_s > case.limits.same_cycle_s and at_rest:
            case.error(
                "who speaks first",
                Side.CHARGER,
                f"the charger talks {alone_s:.2f} s before the vehicle does",
                "§1",
                t_s=first_s,
            )

    def finished(self) -> None:
        """Judge what was never sent."""
        case, seen = self.case, self.case.bus.seen
        for side, talks in (
            (Side.VEHICLE, Happening.VEHICLE_TALKS),
            (Side.CHARGER, Happening.CHARGER_TALKS),
        ):
            since_s = case.at.get(talks)
            if since_s is None or case.bus.t_s - since_s < _SETTLED_S:
                continue
            missing = sorted(n for n in CORE - seen if CATALOGUE[n].SENDER is side)
            if missing:
                names = ", ".join(f"0x{n:03X}" for n in missing)
                case.error("missing frames", side, f"{names} never sent", "§2")
        self._additions()

    def _additions(self) -> None:
        case, seen = self.case, self.case.bus.seen
        for identifier, told in _MAKERS.items():
            if identifier in seen:
                case.note(f"frame 0x{identifier:03X}", Side.VEHICLE, told, "§2.4, §2.11")
        for identifier, side in _EXTENSIONS.items():
            version = case.bus.version
            if identifier in seen and version is not None and version < V2:
                case.note(
                    f"frame 0x{identifier:03X}",
                    side,
                    f"0x{identifier:03X} belongs to 2.0 and is sent in an older session; known and"
                    " harmless",
                    "§2.5, §2.8",
                )
