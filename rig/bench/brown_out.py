"""The unit's own supply sinks for a moment, or it is reset: outlets off, and off they stay.

The scopes are triggered by a second contact of the relay. What the 12 V supply really does is seen
by the other scope, whose probe of line k a relay puts there; a reset is but a contact. What is
asked for is asked for once the dip has been, however short it was.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rig.bench.marker import Marker
from rig.bench.switch_off import SECOND_CONTACT, Instant, time_to_off
from rig.bench.wave import Wave
from rig.controller import SocketName
from rig.measure import Capture, Measurement, NoTripSeen, Requirement, StimulusProof, Waveform

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["DIP", "RESET", "SupplyLoss"]

DIP, RESET = "dip_12v", "reset_line"
_PROBE, _LINE = "probe_12v", "line_k"
_RECORD_S, _PRE_S = 0.5, 0.1
_MARKED_S = 2.0
_PROBED_S = 3.0
_CLOSING_S = 0.25
_LIVE_V = 50.0
_SMOOTHED_S = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class _Dip:
    start_s: float
    held_s: float
    volts: NDArray[np.float64]
    """Without its edges."""


class SupplyLoss:
    """A network at the 12 V supply or the reset line, with resistors at one socket for a load."""

    def __init__(
        self, bench: Bench, socket: SocketName, requirement: Requirement, network: str
    ) -> None:
        bench.faults.networks.need_trigger(network)
        if network == DIP:
            bench.faults.networks.need(_PROBE)
        self._bench, self._socket, self._network = bench, socket, network
        self._requirement = requirement
        self._seconds = requirement.number("pulse_s")

    def run(self) -> list[Measurement | NoTripSeen]:
        """Let it happen; return when the outlet was off, and how often one came on again."""
        off = self.trip_time()
        return [off, self._closes()]

    def trip_time(self) -> Measurement | NoTripSeen:
        """Let it happen; measure from there to the end of the outlet."""
        bench, marker = self._bench, Marker(self._bench, self._socket)
        marker.close(_MARKED_S)  # before either scope is armed: it triggers them as well
        with (
            self._probed() as supply,
            bench.capture(self._socket, _RECORD_S, pre_s=_PRE_S, peak_a=marker.peak_a) as wave,
        ):
            bench.sleep(_PRE_S)
            bench.unit.stop_heartbeat()
            bench.faults.networks.pulse(self._network, self._seconds)
            bench.sleep(_RECORD_S)
        bench.unit.wait_until_up()
        bench.unit.start_heartbeat()
        return self._measured(wave, supply)

    @contextmanager
    def _probed(self) -> Iterator[Wave | None]:
        """Have the other scope see the supply, where that is what is disturbed."""
        if self._network != DIP:
            yield None
            return
        bench = self._bench
        with (
            bench.faults.networks.inserted(_PROBE, longest_s=_PROBED_S),
            bench.pack.capture(_RECORD_S, pre_s=_PRE_S, channels=(_LINE,)) as wave,
        ):
            yield wave

    def _measured(self, wave: Wave, supply: Wave | None) -> Measurement | NoTripSeen:
        name = f"{self._network}_off"
        if wave.capture is None:
            return NoTripSeen(name, 0.0, problems=("scope_ac: not triggered",))
        edge, proof, problems = SECOND_CONTACT, _reset(self._seconds), tuple[str, ...]()
        if supply is not None:
            if supply.capture is None:
                return NoTripSeen(name, 0.0, problems=("scope_dc: not triggered",))
            problems = supply.capture.problems_of(_LINE)
            edge, proof = self._dip(supply.capture)
        return time_to_off(wave.capture, name, edge, lambda _: proof, problems)

    def _dip(self, capture: Capture) -> tuple[Instant, StimulusProof]:
        """Return when the supply fell, and the proof of how far and for how long."""
        low_v, high_v = self._requirement.numbers("dip_v")
        shortest_s, longest_s = self._requirement.numbers("dip_s")
        dip = _find_dip(capture.waveform(_LINE), high_v)
        if dip is None:
            nan, gap = math.nan, "the supply did not sink"
            nothing = StimulusProof(nan, "V", low_v, high_v, _RECORD_S, _RECORD_S, nan, nan, gap)
            return SECOND_CONTACT, nothing
        in_time = shortest_s <= dip.held_s <= longest_s
        gap = "" if in_time else f"the supply was low for {dip.held_s:.3g} s"
        level, lowest, highest = (float(f(dip.volts)) for f in (np.mean, np.min, np.max))
        proof = StimulusProof(level, "V", low_v, high_v, _RECORD_S, _RECORD_S, lowest, highest, gap)
        return Instant(dip.start_s, _SMOOTHED_S / 2.0), proof

    def _closes(self) -> Measurement:
        bench = self._bench
        with bench.capture(self._socket, _CLOSING_S, trigger="voltage", level=_LIVE_V) as wave:
            bench.sleep(self._requirement.number("watch_s"))
        return wave.triggers("closes_by_itself")


def _find_dip(wave: Waveform, high_v: float) -> _Dip | None:
    """Find where a smoothed supply is below the middle between what it was and a bound."""
    width = max(round(_SMOOTHED_S / wave.dt_s), 1)
    volts = np.convolve(wave.values, np.full(width, 1.0 / width), mode="same")[width:-width]
    usual_v = float(np.median(volts[: round(_PRE_S / 2.0 / wave.dt_s)]))
    inside = np.flatnonzero(volts < (usual_v + high_v) / 2.0)
    if inside.size <= 2 * width:
        return None
    first, last = int(inside[0]), int(inside[-1])
    start_s = wave.t0_s + (first + width) * wave.dt_s
    return _Dip(start_s, (last - first) * wave.dt_s, volts[first + width : last - width])


def _reset(seconds: float) -> StimulusProof:
    """Say that the contact that resets was closed for the board's time, from the trigger on."""
    return StimulusProof(seconds, "s", seconds, seconds, _RECORD_S, _RECORD_S, seconds, seconds)
