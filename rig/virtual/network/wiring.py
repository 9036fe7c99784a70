"""How the bench is wired: which branch and load hangs on which socket, what the probes see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Literal

from rig.virtual.network.port_wiring import PortWiring
from rig.virtual.unit.contract import SOCKETS, Socket

__all__ = ["Branch", "Conductances", "Wiring"]

Conductances = tuple[float, float, float]
"""By socket, in S."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One solid-state branch of the point-on-wave trigger, from line to neutral of a socket.

    A ``step`` branch opens at its next current zero, a ``short`` branch at once, and so does a
    ``residual`` one, which leads to earth through the residual network instead.
    """

    socket: Socket
    resistance_ohm: float
    kind: Literal["step", "short", "residual"]


def _branches() -> tuple[Branch, ...]:
    steps = tuple(Branch(socket, 52.9, "step") for socket in SOCKETS for _ in range(2))
    shorts = tuple(Branch(socket, 0.1, "short") for socket in SOCKETS)
    return steps + shorts + tuple(Branch(socket, inf, "residual") for socket in SOCKETS)


@dataclass(frozen=True, slots=True)
class Wiring:
    """The wiring of controller.md section 4; a branch's position is its bit in the mask."""

    loads: tuple[str, str, str] = ("load_a", "load_b", "load_c")
    """Names of the electronic loads at sockets A, B, C."""
    branches: tuple[Branch, ...] = field(default_factory=_branches)
    mux_board: int = 4
    mux_relays: tuple[int, int, int] = (0, 1, 2)
    """Relays that put the AC probes on socket A, B, C."""
    relays_per_board: int = 32
    networks: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """Which fault network the relay of a board puts in, by board and relay."""
    triggering: frozenset[str] = frozenset()
    """The networks whose relay has a second contact on the scopes' trigger line."""
    earthing: Literal["tn", "it"] = "tn"
    """How the unit is built: the output's neutral bonded to earth, or floating."""
    contactors: tuple[int, int] | None = None
    """Board and relay of the coils between the pack's supply and the unit; None: no contactors."""
    port: PortWiring | None = None
    """The CHAdeMO port; None: its terminals are open."""

    def conductances(self, mask: int) -> tuple[Conductances, Conductances]:
        """Return by socket what the closed branches conduct: in all, and the shorts alone."""
        total, shorts = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
        for bit, branch in enumerate(self.branches):
            if mask >> bit & 1:
                k = SOCKETS.index(branch.socket)
                total[k] += 1.0 / branch.resistance_ohm
                if branch.kind == "short":
                    shorts[k] += 1.0 / branch.resistance_ohm
        return (total[0], total[1], total[2]), (shorts[0], shorts[1], shorts[2])

    def shorts(self) -> int:
        """Return the mask of the short-circuit branches."""
        return self._mask("short")

    def residuals(self) -> int:
        """Return the mask of the branches to the residual network."""
        return self._mask("residual")

    def _mask(self, kind: str) -> int:
        return sum(1 << bit for bit, b in enumerate(self.branches) if b.kind == kind)
