"""Keysight InfiniiVision oscilloscopes, used for single shots with pre-trigger.

Facts: facts/instruments.md section C3; Keysight InfiniiVision X-Series programmer's guide
(chapters on :CHANnel, :TIMebase, :TRIGger:EDGE, :WAVeform and status reporting).
"""

from __future__ import annotations

import numpy as np

from instruments.capabilities import Identity, ScopeSetup, ScopeTrace
from instruments.clock import Clock
from instruments.errors import BenchError, UsageError
from instruments.infiniivision_waveform import Preamble, scale_samples
from instruments.links.api import ScpiLink
from instruments.ratings import ScopeRating, check_range
from instruments.scpi import Scpi, show

__all__ = ["KeysightInfiniiVision"]

_SLOPES = {"rising": "POS", "falling": "NEG", "either": "EITH"}
_UNITS = {"V": "VOLT", "A": "AMP"}
_HALF_SCREEN = 4
"""Divisions from the middle of the screen to its edge."""
_USED_OF_SCREEN = 0.8
"""A full-scale peak fills this share, so that an overshoot is seen before it clips."""
_RUN_BIT = 1 << 3
"""Operation status condition: the scope is running or waiting for its trigger."""
_ARMING_MARGIN_S = 2.0
_POLL_S = 0.005
_MOST_POINTS = 8_000_000
_TRANSFERS = (
    *(100, 250, 500, 1000),
    *(step * 10**decade for decade in range(3, 6) for step in (2, 5, 10)),
    *(2_000_000, 4_000_000, _MOST_POINTS),
)
"""Counts of points that ``:WAVeform:POINts`` takes."""
_SLACK = 1e-3
"""Share of a record by which its ends may fall short: a scope rounds its time base."""


class KeysightInfiniiVision:
    """One oscilloscope; times are relative to the trigger, values in the probed unit."""

    def __init__(self, link: ScpiLink, clock: Clock, rating: ScopeRating) -> None:
        self._link, self._clock, self._rating = link, clock, rating
        self._scpi = Scpi(link, error_query="SYST:ERR?")
        self._setup: ScopeSetup | None = None
        self._triggered = False

    def identify(self) -> Identity:
        """Return who the scope says it is."""
        return self._scpi.identify()

    def arm(self, setup: ScopeSetup) -> None:
        """Start one acquisition; post: the pre-trigger is filled, the trigger is live."""
        self._check(setup)
        self._setup, self._triggered = None, False
        with self._link.transaction():
            self._link.write(":STOP;*CLS")
            self._scpi.send("setting up the channels", *self._channel_commands(setup))
            self._scpi.send("setting up the time base", *_time_commands(setup))
            self._scpi.send("setting up the trigger", *_trigger_commands(setup))
            self._scpi.ask("clearing the trigger events", "AER?", "TER?")
            self._link.write(":SINGle")
        self._await_armed(setup.pre_trigger_s)
        self._setup = setup

    def triggered(self) -> bool:
        """Say whether the trigger has come; asked again, it has still come."""
        if self._setup is not None and not self._triggered:
            self._triggered = self._scpi.ask_number("asking for the trigger", ":TER?") != 0
        return self._triggered

    def complete(self) -> bool:
        """Say whether the whole record is in memory: triggered, and no longer running."""
        return self.triggered() and not self._running()

    def stop(self) -> None:
        """End the acquisition as it is."""
        self._link.write(":STOP")

    def read_trace(self, channel: int) -> ScopeTrace:
        """Read one channel of the last acquisition; ``resolution`` is the finest step it shows."""
        setup = self._require_record(channel)
        points = _transfer_points(setup.duration_s * setup.sample_rate_hz)
        with self._link.transaction():
            self._scpi.send(
                f"selecting channel {channel}",
                f"WAV:SOUR CHAN{channel}",
                "WAV:POIN:MODE RAW",
                f"WAV:POIN {points}",
                "WAV:FORM WORD",
                "WAV:BYT LSBF",
                "WAV:UNS 1",
            )
            preamble = self._read_preamble()
            block = self._link.query_block(":WAV:DATA?")
        self._check_record(preamble, len(block), setup)
        return scale_samples(channel, preamble, np.frombuffer(block, dtype="<u2"))

    def make_safe(self) -> None:
        """Stop acquiring; a scope carries no power."""
        self.stop()

    def close(self) -> None:
        """Close the link."""
        self._link.close()

    def _check(self, setup: ScopeSetup) -> None:
        last = self._rating.channels
        for channel in setup.channels:
            check_range("channel", channel, 1, last)
        if setup.trigger != "external":
            check_range("trigger", setup.trigger, 1, last)
            if setup.trigger not in setup.channels:
                raise UsageError(f"trigger channel {setup.trigger} is not among {setup.channels}")
        check_range("sample_rate_hz", setup.sample_rate_hz, 1.0, 5e9, "Hz")
        check_range("duration_s", setup.duration_s, 1e-6, 500.0, "s")
        check_range("pre_trigger_s", setup.pre_trigger_s, 0.0, setup.duration_s, "s")
        points = setup.duration_s * setup.sample_rate_hz
        check_range("duration_s * sample_rate_hz", points, 10, _MOST_POINTS, "points")

    def _channel_commands(self, setup: ScopeSetup) -> list[str]:
        commands = []
        for channel in range(1, self._rating.channels + 1):
            used = channel in setup.channels
            commands.append(f"CHAN{channel}:DISP {int(used)}")
            if used:  # whatever was left there: a value is a value with its DC and its sign
                commands += [f"CHAN{channel}:COUP DC", f"CHAN{channel}:INV 0"]
            if used and (probe := self._rating.probes.get(channel)):
                commands.append(f"CHAN{channel}:UNIT {_UNITS[probe.unit]}")
                commands.append(f"CHAN{channel}:PROB {show(probe.attenuation)}")
            if used and setup.full_scale and (peak := setup.full_scale.get(channel)):
                scale = peak / (_HALF_SCREEN * _USED_OF_SCREEN)
                commands.append(f"CHAN{channel}:SCAL {show(scale)}")
                commands.append(f"CHAN{channel}:OFFS 0")
        return commands

    def _await_armed(self, pre_trigger_s: float) -> None:
        """Wait until the pre-trigger is full; outside the lock, since time must go on."""
        deadline = self._clock.now() + pre_trigger_s + _ARMING_MARGIN_S
        while not self._scpi.ask_number("arming", ":AER?"):
            if self._clock.now() >= deadline:
                self.stop()
                raise self._error(
                    "arming",
                    f"the trigger live within {pre_trigger_s + _ARMING_MARGIN_S:g} s",
                    "no armed event",
                    did="the acquisition was stopped",
                )
            self._clock.sleep_until(self._clock.now() + _POLL_S)

    def _running(self) -> bool:
        condition = self._scpi.ask_number("asking for the end", ":OPER:COND?")
        return bool(int(condition) & _RUN_BIT)

    def _require_record(self, channel: int) -> ScopeSetup:
        doing = f"reading channel {channel}"
        if self._setup is None:
            raise self._error(doing, "a record", "the scope was never armed")
        if channel not in self._setup.channels:
            raise UsageError(f"channel {channel} was not recorded, only {self._setup.channels}")
        if not self.triggered():
            raise self._error(doing, "a record", "the trigger never came")
        if self._running():
            raise self._error(doing, "the whole record in memory", "still acquiring")
        return self._setup

    def _read_preamble(self) -> Preamble:
        values = self._scpi.ask_numbers("reading the preamble", ":WAV:PRE?", 10, ",")
        return Preamble.from_numbers(values)

    def _check_record(self, preamble: Preamble, length: int, setup: ScopeSetup) -> None:
        doing = "reading a record"
        if length != 2 * preamble.points or not length:
            raise self._error(doing, f"{2 * preamble.points} bytes", f"{length}")
        if preamble.x_increment_s > 1.001 / setup.sample_rate_hz:
            raise self._error(
                doing,
                f"at least {setup.sample_rate_hz:g} samples a second",
                f"{1 / preamble.x_increment_s:g}",
            )
        first_s, last_s = preamble.span_s
        wanted_s = setup.duration_s - setup.pre_trigger_s
        slack_s = _SLACK * setup.duration_s + 2 * preamble.x_increment_s
        if first_s > slack_s - setup.pre_trigger_s or last_s < wanted_s - slack_s:
            raise self._error(
                doing,
                f"a record from {-setup.pre_trigger_s:g} to {wanted_s:g} s",
                f"{first_s:g} to {last_s:g} s",
            )

    def _error(self, doing: str, expected: str, got: str, **did: str) -> BenchError:
        link = self._link
        return BenchError(
            doing, box=link.name, address=link.address, expected=expected, got=got, **did
        )


def _time_commands(setup: ScopeSetup) -> list[str]:
    """Return the window: its middle lies ``duration/2 - pre_trigger`` after the trigger."""
    return [
        "ACQ:MODE RTIM",
        "ACQ:TYPE NORM",
        "TIM:MODE MAIN",
        "TIM:REF CENT",
        f"TIM:RANG {show(setup.duration_s)}",
        f"TIM:POS {show(setup.duration_s / 2 - setup.pre_trigger_s)}",
    ]


def _trigger_commands(setup: ScopeSetup) -> list[str]:
    source = "EXT" if setup.trigger == "external" else f"CHAN{setup.trigger}"
    return [
        "TRIG:MODE EDGE",
        "TRIG:SWE NORM",
        "TRIG:HFR 0",
        "TRIG:NREJ 0",
        f"TRIG:EDGE:SOUR {source}",
        "TRIG:EDGE:COUP DC",
        f"TRIG:EDGE:SLOP {_SLOPES[setup.slope]}",
        f"TRIG:EDGE:LEV {show(setup.level)}",
    ]


def _transfer_points(wanted: float) -> int:
    """Return the smallest count that can be asked for and is not below ``wanted``."""
    return next((count for count in _TRANSFERS if count >= wanted - 1e-6), _MOST_POINTS)
