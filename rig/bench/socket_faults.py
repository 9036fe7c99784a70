"""A lid that opens, water, an earth conductor that breaks: what becomes of the socket, and when.

The relay that makes the fault has a second contact on the scopes' trigger line, which is the edge
that times count from.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from instruments.errors import Refused
from rig.bench.outlets import DEAD_V, live_outlets
from rig.bench.proofs import count_of
from rig.bench.switch_off import SECOND_CONTACT, time_to_off
from rig.bench.wave import Wave
from rig.controller import SocketName, SocketState
from rig.measure import Measurement, NoTripSeen, Requirement, StimulusProof

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["OutletFault", "OutletFaultSeen", "back_after", "energise_anyway"]

_PRE_S = 0.1
_SPARE_S = 0.3
_RATE_HZ = 20_000.0
_SNAP_S = 0.1
_LIVE_V = 50.0
_LOAD_SETTLED_S = 1.0
_ALL_ON_S = 5.0
_CAUSE_GONE_S = 1.0
_HEADROOM = 2.0
_ROLES = ("scope_ac", "analyser_ac")


@dataclass(frozen=True, slots=True)
class OutletFaultSeen:
    """What came of one fault at one socket."""

    trip_time: Measurement | NoTripSeen
    others_off: Measurement
    shown_as: SocketState
    """What the unit says of the socket while the fault stands."""
    energised: Measurement
    """How often the socket had voltage while the fault stood, whatever was tried."""


class OutletFault:
    """One contact at one socket: ``lid``, ``wet`` or ``pe_break``.

    Raises ``NotFitted`` on a bench without it.
    """

    def __init__(
        self, bench: Bench, kind: str, socket: SocketName, requirement: Requirement
    ) -> None:
        self._network = f"{kind}_{socket.lower()}"
        bench.faults.networks.need_trigger(self._network)
        self._bench, self._socket, self._number = bench, socket, requirement.number
        self._record_s = 1.2 * (requirement.limit("trip_time").maximum or 0.0) + _SPARE_S

    def run(self) -> OutletFaultSeen:
        """Make the fault under load, try to bring the socket back, take the fault away."""
        bench = self._bench
        with ExitStack() as fault:
            wave = self._make(fault)
            shown_as = bench.controller.read_socket(self._socket).state
            off = set(bench.sockets) - live_outlets(bench) - {self._socket}
            tried = energise_anyway(bench, self._socket, self._number("watch_s"))
        problems = () if back_after(bench, self._socket) else ("it did not come on afterwards",)
        trip = self._trip_time(wave)
        return OutletFaultSeen(
            trip,
            count_of(
                "other_sockets_off", len(off), instruments=_ROLES, stimulus=trip.stimulus
            ),
            shown_as,
            count_of(
                "energised_meanwhile", 0 if tried.capture is None else 1, instruments=_ROLES,
                problems=problems, capture=tried.capture_id,
            ),
        )  # fmt: skip

    def _make(self, fault: ExitStack) -> Wave:
        """Record how the fault begins under load; it stands until ``fault`` is closed."""
        bench, load = self._bench, self._bench.loads[self._socket]
        load.draw_power(self._number("load_w"))
        bench.sleep(_LOAD_SETTLED_S)
        longest_s = 2.0 * self._record_s + self._number("watch_s") + _ALL_ON_S
        with self._record() as wave:
            fault.enter_context(bench.faults.networks.inserted(self._network, longest_s=longest_s))
            bench.sleep(self._record_s)
        load.stop()
        return wave

    def comes_back_by_itself(self) -> Measurement:
        """Count returns without being enabled again, once the fault has gone."""
        bench = self._bench
        longest_s = self._record_s + _ALL_ON_S
        with bench.faults.networks.inserted(self._network, longest_s=longest_s):
            bench.sleep(self._record_s)
            off = self._socket not in live_outlets(bench)
        with bench.capture(self._socket, _SNAP_S, trigger="voltage", level=_LIVE_V) as wave:
            bench.sleep(self._number("watch_s"))
        problems = [] if off else ["the socket had not gone off"]
        if not back_after(bench, self._socket):
            problems.append("it did not come on when it was enabled either")
        return count_of(
            "restarts_without_enable", 0 if wave.capture is None else 1, instruments=_ROLES,
            problems=tuple(problems), capture=wave.capture_id,
        )  # fmt: skip

    def _record(self) -> AbstractContextManager[Wave]:
        return self._bench.capture(
            self._socket,
            self._record_s,
            pre_s=_PRE_S,
            peak_a=_HEADROOM * self._load_a,
            sample_rate_hz=_RATE_HZ,
        )

    @property
    def _load_a(self) -> float:
        return self._number("load_w") / self._bench.spec.unit.nominal_voltage_v

    def _trip_time(self, wave: Wave) -> Measurement | NoTripSeen:
        if wave.capture is None:
            return NoTripSeen("trip_time", 0.0, problems=("scope_ac: not triggered",))
        return time_to_off(
            wave.capture, "trip_time", SECOND_CONTACT, lambda end_s: self._proof(wave, end_s)
        )

    def _proof(self, wave: Wave, end_s: float) -> StimulusProof:
        """Prove the load before the edge; the contact was read back, and stands."""
        width = self._number("load_tolerance_percent") / 100 * self._load_a
        amps = wave.current_a(-_PRE_S, 0.0)
        low, high = self._load_a - width, self._load_a + width
        return StimulusProof(amps, "A", low, high, end_s, end_s, amps, amps)


def energise_anyway(bench: Bench, socket: SocketName, watch_s: float) -> Wave:
    """Try all that may bring a socket on; what it returns was triggered if it had voltage."""
    controller = bench.controller
    with bench.capture(socket, _SNAP_S, trigger="voltage", level=_LIVE_V) as wave:
        for command in (
            controller.acknowledge,
            lambda: controller.enable_sockets(bench.sockets),
            controller.stop,
            controller.start,
        ):
            with suppress(Refused):
                command()
            bench.sleep(_CAUSE_GONE_S)
        bench.sleep(watch_s)
    return wave


def back_after(bench: Bench, socket: SocketName, *, lock_out: bool = False) -> bool:
    """Acknowledge, enable and start as a person would; say whether the socket has its voltage.

    ``lock_out`` clears that as well.
    """
    controller = bench.controller
    bench.sleep(_CAUSE_GONE_S)
    clear = (controller.clear_lockout,) if lock_out else ()
    for command in (
        *clear,
        controller.acknowledge,
        lambda: controller.enable_sockets(bench.sockets),
        controller.start,
    ):
        with suppress(Refused):
            command()
    bench.sleep(_ALL_ON_S)
    reading = bench.output.read()[socket]
    return reading.voltage_v >= DEAD_V
