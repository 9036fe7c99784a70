"""The causes of trips that a bench can make and take away, by the code that each ends in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from instruments.errors import UsageError
from rig.bench.faults_residual import ResidualStimulus, alternating, direct
from rig.controller import SocketName, TripCode
from rig.measure import Requirement

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["Cause", "cause_of"]

Cause = Callable[[], AbstractContextManager[None]]
"""A context in which the cause stands."""

_SHORT_S = 0.1
_RESIDUAL_S = 2.0
_OPENED_S = 0.3
"""From the command to open until a weld is found; a socket is off at once, for no reason."""
_STANDS_S = 30.0
"""Longest that a network stays in; it is taken out as soon as the trip is seen."""

_NETWORKS: Mapping[TripCode, tuple[str, ...]] = {
    TripCode.INSULATION_DC: (
        "insulation_positive",
        "insulation_39k2",
        "insulation_fault",
    ),
    TripCode.AC_OVER_VOLTAGE: ("output_115",),
    TripCode.AC_UNDER_VOLTAGE: ("output_42",),
    TripCode.FREQUENCY: ("clock_fast",),
    TripCode.LID: ("lid_{socket}",),
    TripCode.WET: ("wet_{socket}",),
    TripCode.PE_LOST: ("pe_break_{socket}",),
    TripCode.BACKFEED: ("backfeed_{socket}",),
    TripCode.BROWN_OUT: ("dip_12v",),
}
"""Fault networks of the bench that make a cause by themselves."""


def cause_of(bench: Bench, code: TripCode, socket: SocketName, requirement: Requirement) -> Cause:
    """Return what makes the unit trip by ``code``, at a socket or as a whole.

    Raises ``NotFitted`` where the bench has no means to.
    """
    if code in _NETWORKS:
        names = tuple(name.format(socket=socket.lower()) for name in _NETWORKS[code])
        bench.faults.networks.need(*names)
        return lambda: bench.faults.networks.inserted(*names, longest_s=_STANDS_S)
    number = requirement.number
    ac = alternating(number("residual_ac_a"), bench.spec.unit.nominal_voltage_v)
    leak = alternating(number("floating_leak_a"), bench.spec.unit.nominal_voltage_v)
    dc = direct(number("residual_dc_a"), "positive")
    others: Mapping[TripCode, Cause] = {
        TripCode.SHORT_CIRCUIT: lambda: _short(bench, socket),
        TripCode.RESIDUAL_AC: lambda: _residual(bench, socket, ac),
        TripCode.RESIDUAL_DC: lambda: _residual(bench, socket, dc),
        TripCode.INSULATION_AC: lambda: _residual(bench, socket, leak),
        TripCode.DC_OVER_VOLTAGE: lambda: _pack(bench, number("pack_over_voltage_v")),
        TripCode.VEHICLE_DATA_STALE: lambda: _silence(bench),
        TripCode.WELD: lambda: _weld(bench, socket),
    }
    needed = {
        TripCode.WELD: (f"weld_line_{socket.lower()}",),
        TripCode.RESIDUAL_AC: ac.networks,
        TripCode.RESIDUAL_DC: dc.networks,
        TripCode.INSULATION_AC: leak.networks,
    }
    bench.faults.networks.need(*needed.get(code, ()))
    if code not in others:
        raise UsageError(f"no cause of {code.name.lower()} is known to the rig")
    return others[code]


@contextmanager
def _short(bench: Bench, socket: SocketName) -> Iterator[None]:
    bench.faults.short_circuit(socket, angle_deg=90, hold_s=_SHORT_S)
    bench.faults.wait_until_fired()
    yield
    bench.sleep(_SHORT_S)


@contextmanager
def _residual(bench: Bench, socket: SocketName, stimulus: ResidualStimulus) -> Iterator[None]:
    network = bench.faults.residual
    network.choose(*stimulus.networks)
    network.flow(socket, stimulus.text, hold_s=_RESIDUAL_S)
    yield
    bench.sleep(_RESIDUAL_S)
    network.choose()


@contextmanager
def _pack(bench: Bench, voltage_v: float) -> Iterator[None]:
    bench.pack.set_voltage(voltage_v)
    yield
    bench.pack.set_voltage(bench.spec.unit.pack_voltage_v)


@contextmanager
def _weld(bench: Bench, socket: SocketName) -> Iterator[None]:
    bypass = bench.faults.networks.inserted(f"weld_line_{socket.lower()}", longest_s=_STANDS_S)
    with bypass:
        bench.controller.enable_sockets([each for each in bench.sockets if each != socket])
        bench.sleep(_OPENED_S)
        yield


@contextmanager
def _silence(bench: Bench) -> Iterator[None]:
    bench.unit.stop_heartbeat()
    yield
    bench.unit.start_heartbeat()
