"""A transformer that feeds a socket from outside: a dead one, and a live one.

It hangs on the outlet of the neighbour, which must be on; what stands at its output without load,
and the resistor in series, are the bench file's (``wiring.backfeed``).
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from instruments.errors import Refused, UsageError
from rig.bench.outlets import live_outlets
from rig.bench.proofs import count_of, prove_level
from rig.bench.readout import NOT_TRIGGERED
from rig.bench.socket_faults import back_after
from rig.bench.switch_off import SECOND_CONTACT
from rig.bench.wave import CURRENT, VOLTAGE, Wave
from rig.controller import SocketName
from rig.measure import (
    Budget,
    Capture,
    Component,
    Evidence,
    Measurement,
    NoTripSeen,
    Requirement,
    StimulusProof,
    Waveform,
)

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["ForeignVoltage", "ReversePower"]

_PRE_S = 0.1
"""Five whole cycles."""
_SPARE_S = 0.3
_RATE_HZ = 50_000.0
_SNAP_S = 0.1
_CLOSES_A = 0.4
_CLOSED_PEAK_A = 4.0
_PEAK_A = 3.0
_SETTLED_S = 0.5
_REVERSED = 0.3
"""Of the mean reverse power: an instant with more of it flows backwards."""
_ROLES = ("scope_ac", "analyser_ac")


class ForeignVoltage:
    """Voltage at the outlet of a socket that is off, and the attempt to switch it on.

    Pre: every other socket is on. Raises ``NotFitted`` on a bench without the transformer.
    """

    def __init__(self, bench: Bench, socket: SocketName, requirement: Requirement) -> None:
        self._bench, self._socket, self._requirement = bench, socket, requirement
        self._feed = f"backfeed_{socket.lower()}"

    def closings(self, level_v: float) -> Measurement:
        """Count closings of its relay while about ``level_v`` stand at the outlet."""
        bench, number = self._bench, self._requirement.number
        names = self._networks(level_v)
        longest_s = 2.0 * number("watch_s") + 5.0
        with bench.faults.networks.inserted(*names, longest_s=longest_s):
            bench.sleep(_SETTLED_S)
            stands_v = bench.output.read()[self._socket].voltage_v
            wave = self._switch_on(number("watch_s"))
        tolerance = number("voltage_tolerance_percent")
        proof = prove_level(stands_v, "V", level_v, tolerance, held_s=number("watch_s"))
        back = back_after(bench, self._socket)
        return count_of(
            "closings", 0 if wave.capture is None else 1, instruments=_ROLES, stimulus=proof,
            problems=() if back else ("it did not close without that voltage either",),
            capture=wave.capture_id,
        )  # fmt: skip

    def _networks(self, level_v: float) -> tuple[str, ...]:
        """Return what gives the level: the winding, or its tap (below half of it)."""
        low = level_v < _secondary_v(self._bench) / 2
        names = ("backfeed_tap", self._feed) if low else (self._feed,)
        self._bench.faults.networks.need(*names)
        return names

    def _switch_on(self, watch_s: float) -> Wave:
        """Enable the socket; a relay that closes joins two voltages, which makes a current."""
        bench = self._bench
        with bench.capture(
            self._socket, _SNAP_S, trigger="current", level=_CLOSES_A, peak_a=_CLOSED_PEAK_A
        ) as wave:
            bench.controller.enable_sockets(bench.sockets)
            if self._stays_open(watch_s / 2):
                with suppress(Refused):
                    bench.controller.acknowledge()
                self._stays_open(watch_s / 2)
        return wave

    def _stays_open(self, seconds: float) -> bool:
        """Watch for a time, and no longer once it has closed: the resistor is not made for that."""
        bench = self._bench
        end_s = bench.clock.now() + seconds
        while bench.clock.now() < end_s:
            reading = bench.output.read(following=True)[self._socket]
            if abs(reading.current_a) > _CLOSES_A:
                return False
        return True


class ReversePower:
    """Power that flows into a live socket, and how long the unit lets it."""

    def __init__(self, bench: Bench, socket: SocketName, requirement: Requirement) -> None:
        self._network = f"backfeed_{socket.lower()}"
        bench.faults.networks.need_trigger(self._network)
        self._bench, self._socket, self._requirement = bench, socket, requirement
        self._record_s = 1.2 * (requirement.limit("trip_time").maximum or 0.0) + _SPARE_S

    def trip_time(self, percent: float) -> Measurement | NoTripSeen:
        """Feed in ``percent`` of the socket's rating; measure from its begin to the last current.

        A load at the same outlet takes what is too much.
        """
        bench, wanted_w = self._bench, percent / 100 * self._rated_w
        volts = bench.output.read()[self._socket].voltage_v
        spare_w = self._open_w(volts) - wanted_w
        width_w = self._requirement.number("tolerance_percent") / 100 * wanted_w
        if spare_w > width_w / 2:
            bench.loads[self._socket].draw_power(spare_w)
            bench.sleep(_SETTLED_S)
        with bench.capture(
            self._socket, self._record_s, pre_s=_PRE_S, peak_a=_PEAK_A, sample_rate_hz=_RATE_HZ
        ) as wave:
            longest_s = 2.0 * self._record_s
            with bench.faults.networks.inserted(self._network, longest_s=longest_s):
                bench.sleep(self._record_s)
        bench.loads[self._socket].stop()
        return self._measured(wave, wanted_w, width_w)

    def others_off(self) -> Measurement:
        """Count the other sockets that have no voltage now."""
        off = set(self._bench.sockets) - live_outlets(self._bench) - {self._socket}
        return count_of("other_sockets_off", len(off), instruments=_ROLES)

    @property
    def _rated_w(self) -> float:
        unit = self._bench.spec.unit
        return unit.nominal_voltage_v * unit.socket_current_a

    def _open_w(self, volts: float) -> float:
        """Return what flows back into an outlet at ``volts`` that has no load."""
        ratio = _secondary_v(self._bench) / self._bench.spec.unit.nominal_voltage_v
        wiring = self._bench.spec.wiring.backfeed
        assert wiring is not None  # asked for by _secondary_v
        return (ratio - 1.0) * volts**2 / wiring.series_ohm

    def _measured(self, wave: Wave, wanted_w: float, width_w: float) -> Measurement | NoTripSeen:
        if wave.capture is None:
            return NoTripSeen("trip_time", 0.0, problems=(NOT_TRIGGERED,))
        capture, edge = wave.capture, SECOND_CONTACT
        evidence = Evidence(capture.capture_id, capture.instruments)
        problems = capture.problems_of(VOLTAGE, CURRENT)
        flow = _flow(capture)
        end_s = _last_reversed(flow, _REVERSED * wanted_w)
        until_s = flow.end_s if end_s is None else end_s
        mean_w = _mean(flow, edge.t_s + edge.within_s, until_s, capture.nominal_hz)
        proof = StimulusProof(
            -mean_w, "W", wanted_w - width_w, wanted_w + width_w, until_s, until_s, -mean_w, -mean_w
        )
        if end_s is None:
            u_s = capture.u_time_base * until_s + edge.within_s
            return NoTripSeen("trip_time", until_s, evidence, problems, proof, u_s)
        quarter_s = 0.25 / capture.nominal_hz
        budget = Budget(
            "s",
            (
                Component.within("edge of the stimulus", edge.within_s),
                Component.within("last reverse power", quarter_s),
                Component("time base", "B", "normal", capture.u_time_base, end_s),
            ),
        )
        return Measurement(
            "trip_time", end_s - edge.t_s, "s", budget, evidence, problems, proof,
            onset_s=edge.t_s, end_s=end_s,
        )  # fmt: skip


def _secondary_v(bench: Bench) -> float:
    """Return the transformer's open voltage; ``UsageError`` where the bench file does not say."""
    wiring = bench.spec.wiring.backfeed
    if wiring is None:
        raise UsageError("wiring.backfeed: expected voltage and resistor of the transformer")
    return wiring.voltage_v


def _flow(capture: Capture) -> Waveform:
    """Return the power out of the socket, instant by instant.

    The zero of the current's channel is the mean over whole cycles before the trigger.
    """
    voltage, current = capture.waveform(VOLTAGE), capture.waveform(CURRENT)
    zero_a = float(np.mean(current.between(-_PRE_S, 0.0).values))
    watts = voltage.values * (current.values - zero_a)
    return replace(current, name="power", unit="W", values=watts)


def _last_reversed(flow: Waveform, level_w: float) -> float | None:
    """Return when power last flowed backwards; None = it still did when the record ended."""
    width = max(round(0.5e-3 / flow.dt_s), 1)
    smooth = np.convolve(flow.values, np.full(width, 1.0 / width), mode="same")
    index = np.flatnonzero(smooth < -level_w)
    last_s = flow.t0_s + flow.dt_s * int(index[-1]) if index.size else 0.0
    return None if last_s > flow.end_s - 0.03 else max(last_s, 0.0)


def _mean(flow: Waveform, start_s: float, end_s: float, hertz: float) -> float:
    """Return the mean over as many whole cycles as fit; NaN when none does."""
    cycles = math.floor((end_s - start_s) * hertz)
    if cycles < 1:
        return math.nan
    return float(np.mean(flow.between(start_s, start_s + cycles / hertz).values))
