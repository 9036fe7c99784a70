"""Let each watchdog of a bench run out on purpose, at zero volts, and measure its time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from instruments.clock import Clock
from instruments.errors import BenchError
from rig.bench.model import BenchFile
from rig.bench.roles import Roles
from rig.bench.watchdog_model import Contactors, InstrumentWatchdog

if TYPE_CHECKING:
    from instruments.capabilities import BidirectionalSupply, Instrument, RelayBank

__all__ = ["WatchdogTrial", "try_watchdogs", "watchdog_table"]

_LATE_S = 0.5
"""How much later than set a watchdog may act (the figure that the bench is judged by)."""
_LOOK_S = 0.01
_HALVINGS = 4


@dataclass(frozen=True, slots=True)
class WatchdogTrial:
    """What came of one watchdog; it acted between ``low_s`` and ``high_s`` after the last word."""

    what: str
    set_s: float
    low_s: float
    high_s: float
    trouble: str = ""

    @property
    def sound(self) -> bool:
        """Say whether it acts, and neither far too early nor late."""
        in_time = self.low_s >= self.set_s / 2 and self.high_s <= self.set_s + _LATE_S
        return in_time and not self.trouble


def try_watchdogs(spec: BenchFile, roles: Roles, clock: Clock) -> list[WatchdogTrial]:
    """Try the contactors' relay and every instrument's watchdog; all is off before and after."""
    trials = []
    if spec.wiring.contactors is not None:
        board = cast("RelayBank", roles.drivers[spec.wiring.contactors.board])
        trials.append(_try_relay(spec.wiring.contactors, board, clock))
    for role, each in spec.roles.items():
        if each.watchdog is not None:
            trials.append(_try_instrument(role, each.watchdog, roles, clock))
    return trials


def watchdog_table(trials: Iterable[WatchdogTrial]) -> str:
    """Lay trials out, one watchdog a line."""
    lines = [f"{'watchdog':32} {'set':>8}  {'acted after':>20}"]
    for each in trials:
        measured = f"{each.low_s:.2f} to {each.high_s:.2f} s"
        verdict = each.trouble or ("" if each.sound else "NOT AS SET")
        lines.append(f"{each.what:32} {each.set_s:6g} s  {measured:>20}  {verdict}".rstrip())
    return "\n".join(lines)


def _try_relay(spec: Contactors, board: RelayBank, clock: Clock) -> WatchdogTrial:
    """Close the relay once and watch its coil: reading a coil refreshes nothing."""
    what = f"contactors ({spec.board} relay {spec.relay})"
    try:
        begun = clock.now()
        board.pulse(spec.relay, spec.timeout_s)
        low_s = high_s = 0.0
        while high_s <= 1.5 * spec.timeout_s + _LATE_S:
            closed = board.read_relays()[spec.relay]
            high_s = clock.now() - begun
            if not closed:
                return WatchdogTrial(what, spec.timeout_s, low_s, high_s)
            low_s = high_s
            clock.sleep_until(clock.now() + _LOOK_S)
        board.all_off()
    except BenchError as error:
        return WatchdogTrial(what, spec.timeout_s, 0.0, 0.0, str(error))
    return WatchdogTrial(what, spec.timeout_s, low_s, high_s, "still closed")


def _try_instrument(
    role: str, spec: InstrumentWatchdog, roles: Roles, clock: Clock
) -> WatchdogTrial:
    """Halve the silence after which it acts; asking would feed it, so each try is a new one."""
    low_s, high_s = 0.5 * spec.timeout_s, 1.5 * spec.timeout_s
    trial = _Silence(role, spec, roles, clock)
    try:
        if not trial.acts_within(high_s):
            return WatchdogTrial(role, spec.timeout_s, high_s, high_s, "it did not act")
        if trial.acts_within(low_s):
            return WatchdogTrial(role, spec.timeout_s, 0.0, low_s, "it acted far too early")
        for _ in range(_HALVINGS):
            middle_s = (low_s + high_s) / 2
            low_s, high_s = (low_s, middle_s) if trial.acts_within(middle_s) else (middle_s, high_s)
    except BenchError as error:
        return WatchdogTrial(role, spec.timeout_s, low_s, high_s, str(error))
    return WatchdogTrial(role, spec.timeout_s, low_s, high_s)


class _Silence:
    """One box with its terminals on at zero volts, left alone for a while."""

    def __init__(self, role: str, spec: InstrumentWatchdog, roles: Roles, clock: Clock) -> None:
        self._driver, self._watchdog = roles.drivers[role], roles.watchdogs[role]
        self._timeout_s, self._clock = spec.timeout_s, clock

    def acts_within(self, silence_s: float) -> bool:
        """Switch on at zero volts, arm, say nothing; say whether the watchdog has acted then."""
        _off(self._driver, self._watchdog)
        try:
            if hasattr(self._driver, "source"):
                supply = cast("BidirectionalSupply", self._driver)
                supply.source.set_voltage(0.0)
                supply.source.output_on()
            self._watchdog.arm_watchdog(self._timeout_s)
            self._clock.sleep_until(self._clock.now() + silence_s)
            return self._watchdog.read_watchdog().expired
        finally:
            _off(self._driver, self._watchdog)
            self._watchdog.disarm_watchdog()


def _off(*boxes: Instrument) -> None:
    """Switch off, and acknowledge what a watchdog that has acted leaves behind."""
    for box in boxes:
        box.make_safe()
        acknowledge: Callable[[], None] | None = getattr(box, "acknowledge_alarms", None)
        if acknowledge is not None:
            acknowledge()
