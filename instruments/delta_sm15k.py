"""Delta Elektronika SM15K bidirectional DC supplies over their SCPI-like language.

Facts: facts/instruments.md section A4 (Ethernet and sequencer programming manual SM15K, P0150).
TCP port 8462. Sink settings are negative numbers on the wire. The manual shows one command a
message, so each is sent alone.
"""

from __future__ import annotations

from instruments.capabilities import DcReading, Identity, WatchdogState
from instruments.clock import Clock
from instruments.delta_slots import DeltaSlot
from instruments.delta_status import DeltaStatus
from instruments.errors import BenchError
from instruments.links.api import ScpiLink
from instruments.ratings import SupplyRating, check_range
from instruments.scpi import Expected, Scpi, show
from instruments.supply_views import (
    QUANTITIES,
    TAKEN_BACK,
    Setting,
    SinkView,
    SourceView,
    await_output,
    check_nominal,
)

__all__ = ["DeltaSm15k"]

_HEADERS: dict[Setting, str] = {
    "voltage": "VOL",
    "source_current": "CUR",
    "source_power": "POW",
    "sink_current": "CUR:NEG",
    "sink_power": "POW:NEG",
}
_PRINTED = 1e-4
"""Set values are answered with four decimals."""
_WATCHDOG_S = (0.020, 10.0)
_SLOTS = 4
_QUANTITIES = ("CV", "CC", "CP")


class DeltaSm15k:
    """One supply; the first setting selects Ethernet as the source of all three set values."""

    def __init__(self, link: ScpiLink, clock: Clock, rating: SupplyRating) -> None:
        self._link, self._clock, self._rating = link, clock, rating
        self._scpi = Scpi(link, compound=False)
        self._steps: dict[Setting, float] = {}
        self._took_remote = self._open_end = False
        self._source, self._sink = SourceView(self), SinkView(self)

    @property
    def source(self) -> SourceView:
        """The source view: positive out of the box."""
        return self._source

    @property
    def sink(self) -> SinkView:
        """The sink view: positive into the box."""
        return self._sink

    def slot(self, number: int) -> DeltaSlot:
        """Return the card in slot 1 to 4."""
        check_range("slot", number, 1, _SLOTS)
        return DeltaSlot(self._scpi, number)

    def identify(self) -> Identity:
        """Return who the box says it is."""
        return self._scpi.identify()

    def apply_setting(self, setting: Setting, value: float) -> None:
        """Set one quantity of a view, given as a positive value in V, A or W, and verify it."""
        name, unit = QUANTITIES[setting]
        self._rating.check(name, value, unit)
        header, doing = f"SOUR:{_HEADERS[setting]}", f"setting {name} to {value:g} {unit}"
        sent = _signed(setting, value)
        with self._link.transaction():
            if not self._took_remote:
                self._take_remote()
            step = self._read_step(setting)
            expected = Expected(f"{header}?", sent, max(step, _PRINTED))
            self._scpi.apply(doing, [f"{header} {show(sent)}"], [expected])
            self._require_remote(doing)

    def set_limit(self, setting: Setting, value: float, *, enabled: bool = True) -> None:
        """Limit what may be set for one quantity, in V, A or W (``SYST:LIM``), or lift the limit.

        What the box then does with a higher set value is shown by its own limit bits.
        """
        name, unit = QUANTITIES[setting]
        self._rating.check(name, value, unit)
        switch = "ON" if enabled else "OFF"
        self._scpi.send(
            f"limiting {name} to {value:g} {unit}",
            f"SYST:LIM:{_HEADERS[setting]} {show(_signed(setting, value))},{switch}",
        )

    def switch_output(self, *, on: bool) -> None:
        """Switch the DC terminals and wait until the box says so.

        They are switched on with values from Ethernet only, and told off again where they stay off:
        ``OUTP?`` may answer what they were told, while an interlock or RSD holds them off.
        """
        word = "ON" if on else "OFF"
        doing = f"switching the DC terminals {word.lower()}"
        with self._link.transaction():
            if on:
                self._require_remote(doing)
            self._scpi.send(doing, f"OUTP {word}")
        told = self._delivers if on else self._is_on
        if missed := await_output(self._clock, told, on=on):
            status = f"status: {', '.join(sorted(self.read_alarms()))}"
            if not on:
                raise self._error(doing, missed, status)
            self._link.write("OUTP OFF")
            raise self._error(doing, missed, status, did=TAKEN_BACK)

    def measure(self) -> DcReading:
        """Measure volts, amps and watts, positive out of the box."""
        with self._link.transaction():
            volts, amps, watts = (
                self._scpi.ask_number("measuring", f"MEAS:{quantity}?")
                for quantity in ("VOL", "CUR", "POW")
            )
        return DcReading(volts, amps, watts)

    def read_status(self) -> DeltaStatus:
        """Return the decoded status registers; an open-end error, cleared by this, is kept."""
        doing = "reading the status"
        with self._link.transaction():
            a = self._scpi.ask_number(doing, "STAT:REG:A?")
            b = self._scpi.ask_number(doing, "STAT:REG:B?")
        status = DeltaStatus(int(a), int(b))
        self._open_end |= "OPEN_END" in status.alarms
        return status

    def read_alarms(self) -> frozenset[str]:
        """Return the names of pending alarms."""
        alarms = self.read_status().alarms
        return alarms | {"OPEN_END"} if self._open_end else alarms

    def acknowledge_alarms(self) -> None:
        """Forget an open-end error; all other bits follow their causes by themselves."""
        self._open_end = False

    def arm_watchdog(self, timeout_s: float) -> None:
        """Arm the watchdog, 0.02 to 10 s; any valid command starts its time anew."""
        check_range("timeout_s", timeout_s, *_WATCHDOG_S, "s")
        milliseconds = round(timeout_s * 1000)
        self._scpi.apply(
            f"arming the watchdog with {milliseconds} ms",
            [f"SYST:COM:WAT SET,{milliseconds}"],
            [Expected("SYST:COM:WAT SET?", float(milliseconds))],
        )

    def disarm_watchdog(self) -> None:
        """Stop the watchdog; post: it answers -1, off."""
        expected = Expected("SYST:COM:WAT?", -1.0)
        self._scpi.apply("disarming the watchdog", ["SYST:COM:WAT STOP"], [expected])

    def read_watchdog(self) -> WatchdogState:
        """Return whether it is armed; that it has run out, and is armed no more, is said once."""
        doing = "reading the watchdog"
        with self._link.transaction():
            left_ms = self._scpi.ask_number(doing, "SYST:COM:WAT?")
            if left_ms <= 0:
                return WatchdogState(timeout_s=None, expired=left_ms == 0)
            set_ms = self._scpi.ask_number(doing, "SYST:COM:WAT SET?")
        return WatchdogState(set_ms / 1000, expired=False)

    def make_safe(self) -> None:
        """Switch the DC terminals off whatever the error queue says, and verify it."""
        self._link.write("OUTP OFF")
        if missed := await_output(self._clock, self._is_on, on=False):
            raise self._error("switching the DC terminals off", missed, "OUTP? answers on")

    def close(self) -> None:
        """Give the set values back to the front panel unless the terminals are on, close the link.

        With them on, the front panel's values would act at once.
        """
        try:
            if self._took_remote and not self._is_on():
                for quantity in _QUANTITIES:
                    self._link.write(f"SYST:REM:{quantity} Front")
        finally:
            self._took_remote = False
            self._link.close()

    def _require_remote(self, doing: str) -> None:
        """Take remote control if it never was; else raise where it has been lost."""
        if not self._took_remote:
            self._take_remote()
        elif not self.read_status().remote:
            raise self._error(doing, "the set values to come from Ethernet", "another source")

    def _take_remote(self) -> None:
        doing = "taking remote control"
        self._link.write("*CLS")
        self._scpi.send(doing, *(f"SYST:REM:{quantity} Ethernet" for quantity in _QUANTITIES))
        status = self.read_status()
        if not status.remote:
            got = ", ".join(sorted(status.names)) or "no bit"
            raise self._error(doing, "STAT:REG:B? to say remote CV, CC and CP", got)
        self._took_remote = True

    def _read_step(self, setting: Setting) -> float:
        """Return the step of a set value, read once; its maximum is held against the rating.

        The step of a sink value is that of its quantity: the manual lists no other.
        """
        if setting not in self._steps:
            name, unit = QUANTITIES[setting]
            header, doing = f"SOUR:{_HEADERS[setting]}", f"reading the range of {name}"
            nominal = abs(self._scpi.ask_number(doing, f"{header}:MAX?"))
            rated = self._rating.full_scale(unit)
            check_nominal(self._link.name, self._link.address, rated, nominal, unit)
            quantity = header.removesuffix(":NEG")
            self._steps[setting] = abs(self._scpi.ask_number(doing, f"{quantity}:STE?"))
        return self._steps[setting]

    def _is_on(self) -> bool:
        return self._scpi.ask_boolean("reading the DC terminals", "OUTP?")

    def _delivers(self) -> bool:
        return "OUTPUT" in self.read_status().names

    def _error(self, doing: str, expected: str, got: str, **did: str) -> BenchError:
        link = self._link
        return BenchError(
            doing, box=link.name, address=link.address, expected=expected, got=got, **did
        )


def _signed(setting: Setting, value: float) -> float:
    """Return a value as the box wants it: negative for the sink, and no negative zero."""
    return -value if setting.startswith("sink") and value else value
