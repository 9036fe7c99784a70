"""Put the envelope in front of every driver that can carry power: nobody gets one without."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from instruments.capabilities import Instrument
from instruments.clock import Clock
from instruments.errors import UsageError
from instruments.registry import find_model
from rig.bench.demand import Demand
from rig.bench.envelope import OutsideEnvelope
from rig.bench.file_problem import Problem
from rig.bench.limited_faults import LimitedPointOnWave, LimitedRelays
from rig.bench.limited_load import LimitedLoad
from rig.bench.limited_supply import LimitedSupply
from rig.bench.model import BenchFile

__all__ = ["check_envelopes", "envelope_problems", "limited"]

_CONTROLLER = "controller"
_KEYS = {
    "ac_load": {"current_a", "power_w", "energy_wh", "slew_a"},
    "supply": {"voltage_v", "current_a", "power_w", "slew_v", "ovp_v"},
    "point_on_wave": {"short_hold_s", "step_hold_s", "residual_hold_s"},
    "relays": {"relay_hold_s"},
}
"""Which limits mean something, by what the model can do."""
_NEEDED = {
    "ac_load": ("current_a", "power_w"),
    "supply": ("voltage_v", "current_a", "power_w"),
    "point_on_wave": ("short_hold_s",),
}
"""Which limits must be given: one that nobody wrote down would be none at all."""


def limited(
    bench: BenchFile,
    drivers: Mapping[str, Instrument],
    demand: Demand,
    clock: Clock,
    overrun: Callable[[OutsideEnvelope], None],
) -> dict[str, Instrument]:
    """Return the drivers, each behind the envelope of its role; meters as they are."""

    def behind(role: str, driver: Any) -> Instrument:  # noqa: ANN401  # as its model says
        kinds = find_model(bench.roles[role].model).roles
        if "ac_load" in kinds:
            return LimitedLoad(role, driver, demand, bench.unit.nominal_voltage_v)
        if "supply" in kinds:
            return LimitedSupply(role, driver, demand)
        if "point_on_wave" in kinds:
            return LimitedPointOnWave(role, driver, demand, bench, clock)
        if "relays" in kinds:
            standing = _multiplexer(bench) if role == bench.wiring.mux_board else frozenset[int]()
            return LimitedRelays(role, driver, demand, clock, overrun, standing=standing)
        return cast("Instrument", driver)

    return {role: behind(role, driver) for role, driver in drivers.items()}


def _multiplexer(bench: BenchFile) -> frozenset[int]:
    return frozenset(socket.mux_relay for socket in bench.wiring.sockets.values())


def check_envelopes(bench: BenchFile) -> None:
    """Raise ``UsageError`` for a limit that means nothing for the role's model."""
    for role, limits in bench.envelope.items():
        kinds = find_model(bench.roles[role].model).roles
        known = set().union(*(_KEYS.get(kind, set()) for kind in kinds))
        for name in limits.model_dump(exclude_none=True):
            if name not in known:
                raise UsageError(
                    f"envelope.{role}.{name}: means nothing for {bench.roles[role].model};"
                    f" expected any of: {', '.join(sorted(known)) or 'no limits'}"
                )


def envelope_problems(bench: BenchFile) -> Iterator[Problem]:
    """Yield each role whose power the file does not bound."""
    for role, spec in bench.roles.items():
        kinds = find_model(spec.model).roles if role != _CONTROLLER else frozenset()
        limits = bench.envelope.get(role)
        given = limits.model_dump(exclude_none=True) if limits else {}
        missing = [key for kind in kinds for key in _NEEDED.get(kind, ()) if key not in given]
        if missing:
            yield Problem(("envelope", role), f"limits for {role}: {', '.join(missing)}")
