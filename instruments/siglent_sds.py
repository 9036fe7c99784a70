"""Siglent SDS HD oscilloscopes, used for single shots with pre-trigger.

Facts: facts/instruments.md section C3 for the waveforms; the public SDS Series Programming Guide
(EN11) for ``:ACQuire``, ``:CHANnel``, ``:TIMebase`` and ``:TRIGger``. The trigger stays in the
middle of the screen, since editions of that guide differ in the sign of its delay; only the
asked part of the record is read. The scope has no error queue: settings are read back.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from instruments.capabilities import Identity, ScopeSetup, ScopeTrace
from instruments.clock import Clock
from instruments.errors import BenchError, UsageError
from instruments.links.api import ScpiLink
from instruments.ratings import Probe, ScopeRating, check_range
from instruments.scpi import Expected, Scpi, show
from instruments.siglent_waveform import Wavedesc, scale_codes

__all__ = ["SiglentSds"]

_SLOPES = {"rising": "RISing", "falling": "FALLing", "either": "ALTernate"}
_HALF_SCREEN = 4
"""Divisions from the middle of the screen to its edge."""
_USED_OF_SCREEN = 0.8
"""A full-scale peak fills this share, so that an overshoot is seen before it clips."""
_COLUMNS = 10
_DEPTHS = {"10k": 1e4, "100k": 1e5, "1M": 1e6, "10M": 1e7, "100M": 1e8}
"""Depths that every model of the series knows, by what the scope calls them."""
_MOST_POINTS = 8_000_000
_SEEN, _LIVE = {"TRIG'D", "STOP"}, {"READY", "STOP"}
"""``:TRIG:STAT?`` after a trigger; and when a trigger is taken, or was and all is over."""
_SETTLING_S, _RATE_POLL_S = 1.0, 0.25
_ARMING_MARGIN_S, _POLL_S = 2.0, 0.01
_LEVEL_TOLERANCE = 0.05
"""Divisions, or volts at the external input, to which a trigger level is rounded."""


class SiglentSds:
    """One oscilloscope; times are relative to the trigger, values in the probed unit."""

    def __init__(self, link: ScpiLink, clock: Clock, rating: ScopeRating) -> None:
        self._link, self._clock, self._rating = link, clock, rating
        self._scpi = Scpi(link, error_query=None, compound=False)
        self._setup: ScopeSetup | None = None
        self._half_s = 0.0
        self._triggered = self._stopped = False

    def identify(self) -> Identity:
        """Return who the scope says it is."""
        return self._scpi.identify()

    def arm(self, setup: ScopeSetup) -> None:
        """Start one acquisition; post: the pre-trigger is filled, the trigger is live.

        A trigger that comes at once is kept, too.
        """
        self._check(setup)
        self._setup, self._triggered, self._stopped = None, False, False
        # Depth and rate are taken and told by a running scope only.
        self._scpi.send("starting the scope", ":TRIG:MODE AUTO", ":TRIG:RUN")
        self._set_channels(setup)
        self._set_time(setup)
        self._set_depth(setup)
        self._set_trigger(setup)
        self._scpi.send("starting one acquisition", ":TRIG:MODE SINGle", ":TRIG:RUN")
        self._await_armed(self._half_s)
        self._setup = setup

    def triggered(self) -> bool:
        """Say whether the trigger has come; asked again, it has still come."""
        if self._setup is not None and not self._triggered and not self._stopped:
            self._triggered = self._read_state("asking for the trigger") in _SEEN
        return self._triggered

    def complete(self) -> bool:
        """Say whether the whole record is in memory: triggered, and no longer running."""
        return self.triggered() and self._read_state("asking for the end") == "STOP"

    def stop(self) -> None:
        """End the acquisition as it is."""
        self.triggered()  # asked before: a stopped scope no longer says whether it was
        self._stopped = True
        self._link.write(":TRIG:STOP")

    def read_trace(self, channel: int) -> ScopeTrace:
        """Read the asked part of one channel of the last acquisition."""
        setup = self._require_record(channel)
        doing = f"reading channel {channel}"
        with self._link.transaction():
            self._scpi.send(
                doing, f":WAV:SOUR C{channel}", ":WAV:WIDT WORD", ":WAV:BYT LSB", ":WAV:STAR 0"
            )
            descriptor = self._read_descriptor(doing)
            self._check_descriptor(doing, descriptor, setup, self._rating.probes.get(channel))
            first = round((self._half_s - setup.pre_trigger_s) / descriptor.interval_s)
            count = round(setup.duration_s / descriptor.interval_s)
            words = self._read_words(doing, first, count)
        t0_s = first * descriptor.interval_s - self._half_s
        return scale_codes(channel, descriptor, words, t0_s)

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
        check_range("sample_rate_hz", setup.sample_rate_hz, 1.0, 2e9, "Hz")
        check_range("duration_s", setup.duration_s, 1e-6, 500.0, "s")
        check_range("pre_trigger_s", setup.pre_trigger_s, 0.0, setup.duration_s, "s")
        points = setup.duration_s * setup.sample_rate_hz
        check_range("duration_s * sample_rate_hz", points, 10, _MOST_POINTS, "points")

    def _set_channels(self, setup: ScopeSetup) -> None:
        for channel in range(1, self._rating.channels + 1):
            used = channel in setup.channels
            self._switch_channel(channel, used=used)
            if used:
                self._scale_channel(channel, (setup.full_scale or {}).get(channel))

    def _switch_channel(self, channel: int, *, used: bool) -> None:
        header = f":CHAN{channel}"
        commands = [f"{header}:SWIT {'ON' if used else 'OFF'}"]
        expected = [Expected(f"{header}:SWIT?", used)]
        if used:  # whatever was left there: a value is a value with its DC and its sign
            commands += [f"{header}:COUP DC", f"{header}:INV OFF"]
            expected += [
                Expected(f"{header}:COUP?", "DC"),
                Expected(f"{header}:INV?", value=False),
            ]
        self._scpi.apply(f"setting up channel {channel}", commands, expected)

    def _scale_channel(self, channel: int, peak: float | None) -> None:
        header, doing = f":CHAN{channel}", f"setting up channel {channel}"
        if probe := self._rating.probes.get(channel):
            factor = show(probe.attenuation)
            self._scpi.send(doing, f"{header}:UNIT {probe.unit}", f"{header}:PROB VALue,{factor}")
        if peak:
            scale = peak / (_HALF_SCREEN * _USED_OF_SCREEN)
            self._scpi.apply(
                doing,
                [f"{header}:SCAL {show(scale)}", f"{header}:OFFS 0"],
                [
                    Expected(f"{header}:SCAL?", scale, 0.02 * scale),
                    Expected(f"{header}:OFFS?", 0.0, 0.02 * scale),
                ],
            )

    def _set_time(self, setup: ScopeSetup) -> None:
        """Choose the screen so that the record fits around its middle."""
        half_s = max(setup.pre_trigger_s, setup.duration_s - setup.pre_trigger_s)
        scale = _next_1_2_5(2 * half_s / _COLUMNS)
        self._scpi.apply(
            f"setting the time base to {scale:g} s a division",
            [":ACQ:MODE YT", f":TIM:SCAL {show(scale)}", ":TIM:DEL 0"],
            [Expected(":TIM:SCAL?", scale, 1e-3 * scale), Expected(":TIM:DEL?", 0.0, 1e-9)],
        )
        self._half_s = scale * _COLUMNS / 2

    def _set_depth(self, setup: ScopeSetup) -> None:
        """Take the smallest depth at which the scope samples fast enough."""
        needed = 2 * self._half_s * setup.sample_rate_hz
        self._scpi.send("setting up the memory", ":ACQ:TYPE NORMal", ":ACQ:MMAN AUTO")
        rate_hz = 0.0
        for name, depth in _DEPTHS.items():
            if depth >= 0.999 * needed:
                self._link.write(f":ACQ:MDEP {name}")
                rate_hz = self._await_rate(setup.sample_rate_hz)
                if rate_hz >= 0.999 * setup.sample_rate_hz:
                    return
        raise self._error(
            "setting up the memory",
            f"at least {setup.sample_rate_hz:g} samples a second",
            f"{rate_hz:g} at most",
        )

    def _await_rate(self, wanted_hz: float) -> float:
        """Return the sampling rate once it is high enough, or after a while what it is."""
        deadline = self._clock.now() + _SETTLING_S
        while True:
            rate_hz = self._scpi.ask_number("reading the sampling rate", ":ACQ:SRAT?")
            if rate_hz >= 0.999 * wanted_hz or self._clock.now() >= deadline:
                return rate_hz
            self._clock.sleep_until(self._clock.now() + _RATE_POLL_S)

    def _set_trigger(self, setup: ScopeSetup) -> None:
        doing, external = "setting up the trigger", setup.trigger == "external"
        source = "EX" if external else f"C{setup.trigger}"
        tolerance = _LEVEL_TOLERANCE
        if not external:
            tolerance *= self._scpi.ask_number(doing, f":CHAN{setup.trigger}:SCAL?")
        self._scpi.apply(
            doing,
            [
                ":TRIG:TYPE EDGE",
                f":TRIG:EDGE:SOUR {source}",
                ":TRIG:EDGE:COUP DC",
                f":TRIG:EDGE:SLOP {_SLOPES[setup.slope]}",
                f":TRIG:EDGE:LEV {show(setup.level)}",
            ],
            [
                Expected(":TRIG:EDGE:SOUR?", source),
                Expected(":TRIG:EDGE:COUP?", "DC"),
                Expected(":TRIG:EDGE:LEV?", setup.level, tolerance),
            ],
        )

    def _await_armed(self, pre_trigger_s: float) -> None:
        """Wait until the pre-trigger is full; outside the lock, since time must go on."""
        within_s = pre_trigger_s + _ARMING_MARGIN_S
        deadline = self._clock.now() + within_s
        began = False
        while (state := self._read_state("arming")) not in _LIVE:
            if began and state in _SEEN:
                return  # before that, it speaks of the free run
            began |= state == "ARM"
            if self._clock.now() >= deadline:
                self._link.write(":TRIG:STOP")
                raise self._error(
                    "arming",
                    f"the trigger live within {within_s:g} s",
                    f":TRIG:STAT? answers {state}",
                    did="the acquisition was stopped",
                )
            self._clock.sleep_until(self._clock.now() + _POLL_S)

    def _read_state(self, doing: str) -> str:
        return self._scpi.ask(doing, ":TRIG:STAT?")[0].upper()

    def _require_record(self, channel: int) -> ScopeSetup:
        doing = f"reading channel {channel}"
        if self._setup is None:
            raise self._error(doing, "a record", "the scope was never armed")
        if channel not in self._setup.channels:
            raise UsageError(f"channel {channel} was not recorded, only {self._setup.channels}")
        if not self.triggered():
            raise self._error(doing, "a record", "the trigger never came")
        if not self.complete():
            raise self._error(doing, "the whole record in memory", "still acquiring")
        return self._setup

    def _read_descriptor(self, doing: str) -> Wavedesc:
        block = self._link.query_block(":WAV:PRE?")
        try:
            return Wavedesc.from_block(block)
        except ValueError as error:
            raise self._error(doing, "a sound WAVEDESC", str(error)) from error

    def _check_descriptor(
        self, doing: str, found: Wavedesc, setup: ScopeSetup, probe: Probe | None
    ) -> None:
        if found.interval_s > 1.001 / setup.sample_rate_hz:
            raise self._error(
                doing,
                f"at least {setup.sample_rate_hz:g} samples a second",
                f"{1 / found.interval_s:g}",
            )
        if abs(found.delay_s) > found.interval_s:
            raise self._error(doing, "the trigger in the middle", f"{found.delay_s:g} s off it")
        if probe and abs(found.probe - probe.attenuation) > 1e-3 * probe.attenuation:
            raise self._error(doing, f"a probe of {probe.attenuation:g}", f"{found.probe:g}")

    def _read_words(self, doing: str, first: int, count: int) -> NDArray[np.int16]:
        """Read samples in as many blocks as the scope needs."""
        most = int(self._scpi.ask_number(doing, ":WAV:MAXP?"))
        if most < 1:
            raise self._error(doing, "a largest block of at least 1 point", str(most))
        parts = []
        for start in range(first, first + count, most):
            points = min(most, first + count - start)
            self._scpi.send(doing, f":WAV:STAR {start}", f":WAV:POIN {points}")
            block = self._link.query_block(":WAV:DATA?")
            if len(block) != 2 * points:
                raise self._error(doing, f"{2 * points} bytes", f"{len(block)}")
            parts.append(np.frombuffer(block, dtype="<i2"))
        return np.concatenate(parts)

    def _error(self, doing: str, expected: str, got: str, **did: str) -> BenchError:
        link = self._link
        return BenchError(
            doing, box=link.name, address=link.address, expected=expected, got=got, **did
        )


def _next_1_2_5(wanted: float) -> float:
    """Return the smallest of the series 1, 2, 5, 10 ... that is not below ``wanted``."""
    decade = 10.0 ** np.floor(np.log10(wanted))
    return float(next(step * decade for step in (1, 2, 5, 10) if step * decade >= 0.9999 * wanted))
