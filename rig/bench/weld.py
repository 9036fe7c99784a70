"""A relay whose poles are bridged: told to open, what becomes of its socket and of the unit.

A sound socket is told to open by the same message; the end of its voltage is the edge that times
count from, for nothing can be seen to open where the poles are bridged.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Literal

from rig.bench.on_off import goes_s
from rig.bench.proofs import count_of
from rig.bench.readout import NOT_TRIGGERED
from rig.bench.socket_faults import back_after, energise_anyway
from rig.bench.wave import VOLTAGE, Wave
from rig.controller import SocketName
from rig.measure import (
    Budget,
    Component,
    Evidence,
    Measurement,
    NoTripSeen,
    Requirement,
    StimulusProof,
    rms,
)

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["Poles", "WeldedRelay"]

Poles = Literal["line", "both"]

_NEIGHBOUR = "neighbour_voltage"
_PRE_S = 0.1
_SPARE_S = 0.5
_SAID_S = 0.3
"""From the closing of the resistors, which trigger, to the end of a message that follows."""
_RATE_HZ = 50_000.0
_LIVE_V = 50.0
_RELAYS_APART_S = 6e-3
"""Relays open 6 to 12 ms after one command (controller.md section 1)."""
_MARGIN_S = 2e-3
_SETTLED_S = 1.5
_ZERO_S = 5e-3
"""A voltage that ends at a zero was above the level a quarter of a period ago at most."""
_ROLES = ("scope_ac", "analyser_ac")


class WeldedRelay:
    """The line pole, or both, of one socket's relay bridged; the neutral alone shows nothing.

    Raises ``NotFitted`` on a bench without the bypass.
    """

    def __init__(
        self, bench: Bench, socket: SocketName, poles: Poles, requirement: Requirement
    ) -> None:
        names = ("line", "neutral") if poles == "both" else ("line",)
        self._networks = tuple(f"weld_{name}_{socket.lower()}" for name in names)
        bench.faults.networks.need(*self._networks)
        self._bench, self._socket, self._number = bench, socket, requirement.number
        self._sound = bench.spec.wiring.sockets[socket].neighbour
        self._last = next(s for s in bench.sockets if s not in (socket, self._sound))
        self._record_s = (requirement.limit("trip_time").maximum or 0.0) + _SAID_S + _SPARE_S

    def trip_time(self) -> Measurement | NoTripSeen:
        """Open the socket; measure until its voltage has gone."""
        bench = self._bench
        self._open_and_close()
        if len(self._networks) > 1:
            bench.loads[self._socket].draw_power(self._number("load_w"))
        with ExitStack() as bypass:
            longest_s = self._record_s + 5.0
            bypass.enter_context(
                bench.faults.networks.inserted(*self._networks, longest_s=longest_s)
            )
            with bench.capture(
                self._socket,
                self._record_s,
                pre_s=_PRE_S,
                sample_rate_hz=_RATE_HZ,
                channels=(VOLTAGE, _NEIGHBOUR),
            ) as wave:
                # At the one socket that stays on; its resistors are there for the trigger only.
                bench.faults.step([(self._last, 1)], hold_s=self._record_s)
                bench.faults.wait_until_fired()
                bench.controller.enable_sockets([self._last])
                bench.sleep(self._record_s)
            bench.loads[self._socket].stop()
        return self._measured(wave)

    def _open_and_close(self) -> None:
        """Open and close the sound relay a few times, so that its opening is nothing new."""
        bench = self._bench
        others = [each for each in bench.sockets if each != self._socket]
        for _ in range(round(self._number("sound_openings"))):
            for enabled in (others, bench.sockets):
                bench.controller.enable_sockets(enabled)
                bench.sleep(_SETTLED_S)

    def _measured(self, wave: Wave) -> Measurement | NoTripSeen:
        if wave.capture is None:
            return NoTripSeen("trip_time", 0.0, problems=(NOT_TRIGGERED,))
        capture = wave.capture
        evidence = Evidence(capture.capture_id, capture.instruments)
        problems = capture.problems_of(VOLTAGE, _NEIGHBOUR)
        voltage = capture.waveform(VOLTAGE)
        edge_s = goes_s(capture.waveform(_NEIGHBOUR), _LIVE_V, after_s=0.0)
        if edge_s is None:
            missing = (*problems, f"socket {self._sound} did not open")
            return NoTripSeen("trip_time", 0.0, evidence, missing)
        end_s = goes_s(voltage, _LIVE_V, after_s=0.0)
        until_s = voltage.end_s if end_s is None else end_s
        level = rms(capture, VOLTAGE, start_s=-_PRE_S, end_s=until_s - _MARGIN_S).value
        low, high = self._number("lowest_v"), self._number("highest_v")
        held_s = until_s - edge_s
        proof = StimulusProof(level, "V", low, high, held_s, held_s, level, level)
        components = (
            Component.within("openings of two relays", _RELAYS_APART_S),
            Component.within("end of both voltages", _ZERO_S),
        )
        if end_s is None:
            u_s = Budget("s", components).u
            return NoTripSeen("trip_time", held_s, evidence, problems, proof, u_s)
        return Measurement(
            "trip_time", held_s, "s", Budget("s", components), evidence, problems, proof,
            onset_s=edge_s, end_s=end_s,
        )  # fmt: skip

    def starts(self) -> Measurement:
        """Try after that; count returns of voltage by anything but the clearing of the lock-out."""
        bench = self._bench
        waves = [energise_anyway(bench, self._socket, self._number("watch_s"))]
        bench.power_cycle_unit(self._number("power_off_s"))
        waves.append(energise_anyway(bench, self._socket, self._number("watch_s")))
        back = back_after(bench, self._socket, lock_out=True)
        return count_of(
            "starts_while_locked_out",
            sum(wave.capture is not None for wave in waves),
            instruments=_ROLES,
            problems=() if back else ("it did not come on with the lock-out cleared either",),
            capture=waves[0].capture_id,
        )
