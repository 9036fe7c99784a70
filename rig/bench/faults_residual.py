"""The residual network as plans ask for it: what flows to earth, from which angle, for how long.

Its relays are chosen before; the current begins when the point-on-wave trigger closes the socket's
branch, and ends with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from instruments.clock import Clock
from instruments.errors import UsageError
from rig.bench.model import BenchFile
from rig.bench.networks import SETTLED_S, FaultNetworks, NotFitted
from rig.measure import ResidualShape

__all__ = [
    "LADDER_STEPS",
    "LADDER_STEP_A",
    "RESISTORS_OHM",
    "Polarity",
    "ResidualNetwork",
    "ResidualStimulus",
    "alternating",
    "direct",
    "half_waves",
    "ladder",
]

RESISTORS_OHM: Mapping[str, float] = {
    "residual_16k2": 16_200.0,
    "residual_7k32": 7_320.0,
    "residual_3k65": 3_650.0,
    "residual_1k47": 1_470.0,
}
DIRECT_A: Mapping[str, float] = {
    "residual_dc_2ma9": 0.0029,
    "residual_dc_6ma2": 0.0062,
    "residual_dc_62ma": 0.062,
}
LADDER_STEP_A = 0.25e-3
"""Of the lowest of the ladder's eight bits, at nominal voltage."""
LADDER_STEPS = 255
_LADDER = tuple(f"residual_ladder_{1 << bit}" for bit in range(8))
_NEAR = 1.1
"""A network this factor or more from what was asked for is another one."""
_ANGLES: Mapping[int, tuple[str, ...]] = {
    0: (),
    90: ("residual_from_90",),
    135: ("residual_from_135",),
}

Polarity = Literal["positive", "negative"]
Fire = Callable[[str, int, float, float], None]
"""What is said of it, branches, angle and hold time."""


@dataclass(frozen=True, slots=True)
class ResidualStimulus:
    """One setting of the network: its relays, and what they are expected to let flow."""

    networks: tuple[str, ...]
    shape: ResidualShape
    resistance_ohm: float | None
    """None: the isolated source's current does not depend on the voltage."""
    level_a: float
    """At nominal voltage; RMS, mean of direct current."""
    text: str
    sign: int = 1
    """Of a direct current."""

    @property
    def peak_a(self) -> float:
        """Largest current expected, A."""
        return self.level_a * {"ac": 2**0.5, "pulsating": 2.0, "dc": 1.0}[self.shape]


def alternating(level_a: float, nominal_v: float) -> ResidualStimulus:
    """Return the resistor nearest to an RMS current; ``UsageError`` when none is near."""
    level = {name: nominal_v / ohm for name, ohm in RESISTORS_OHM.items()}
    name = _nearest(level, level_a)
    text = f"{level[name] * 1e3:.3g} mA AC"
    return ResidualStimulus((name,), "ac", RESISTORS_OHM[name], level[name], text)


def direct(level_a: float, polarity: Polarity) -> ResidualStimulus:
    """Return the setting of the isolated source nearest to a smooth direct current."""
    name = _nearest(DIRECT_A, level_a)
    networks, sign = ((name,), 1) if polarity == "positive" else ((name, "residual_negative"), -1)
    text = f"{DIRECT_A[name] * 1e3:.3g} mA smooth DC, {polarity}"
    return ResidualStimulus(networks, "dc", None, DIRECT_A[name], text, sign)


def half_waves(from_deg: int, polarity: Polarity) -> tuple[str, ...]:
    """Return the relays that let half-waves of one polarity pass from an angle on."""
    if from_deg not in _ANGLES:
        raise UsageError(f"half-waves: expected from 0, 90 or 135 degrees on, got {from_deg}")
    return (f"residual_{polarity}", *_ANGLES[from_deg])


def ladder(steps: int) -> tuple[str, ...]:
    """Return the relays that add so many steps of 0.25 mA."""
    if not 0 <= steps <= LADDER_STEPS:
        raise UsageError(f"residual ladder: expected 0 to {LADDER_STEPS} steps, got {steps}")
    return tuple(name for bit, name in enumerate(_LADDER) if steps >> bit & 1)


class ResidualNetwork:
    """The network's relays, and the branches of the point-on-wave trigger that lead to it."""

    def __init__(self, networks: FaultNetworks, bench: BenchFile, clock: Clock, fire: Fire) -> None:
        self._networks, self._bench, self._clock, self._fire = networks, bench, clock, fire
        self._in: set[str] = set()
        limits = bench.envelope.get("point_on_wave")
        self._longest_s = (limits and limits.residual_hold_s) or 0.0

    def choose(self, *names: str) -> None:
        """Let exactly these of its relays be closed; what flows dips while they change over."""
        self._networks.need(*names)
        wanted = set(names)
        if wanted == self._in:
            return
        for name in sorted(self._in - wanted):
            self._networks.open(name)
            self._in.discard(name)
        for name in sorted(wanted - self._in):
            self._networks.close(name, longest_s=self._longest_s)
            self._in.add(name)
        self._clock.sleep_until(self._clock.now() + SETTLED_S)

    def flow(self, socket: str, text: str, *, hold_s: float, angle_deg: float = 0.0) -> None:
        """Close a socket's branch at an angle of its voltage; it opens by itself."""
        branch = self._bench.wiring.sockets[socket].residual_branch
        if branch is None:
            raise NotFitted(f"this bench has no residual branch at socket {socket}")
        self._fire(f"residual current at socket {socket}: {text}", 1 << branch, angle_deg, hold_s)

    def forget(self) -> None:
        """Take it that every relay is open: the bench was made safe."""
        self._in.clear()


def _nearest(levels: Mapping[str, float], wanted: float) -> str:
    def factor(name: str) -> float:
        return max(levels[name] / wanted, wanted / levels[name])

    best = min(levels, key=factor)
    if factor(best) > _NEAR:
        there = ", ".join(f"{level * 1e3:.3g} mA" for level in levels.values())
        raise UsageError(f"residual current of {wanted * 1e3:g} mA: there are {there}")
    return best
