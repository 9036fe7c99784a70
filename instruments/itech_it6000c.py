"""ITECH IT6000C regenerative supplies, used as bidirectional supplies in voltage priority.

Facts: facts/instruments.md section A2. LAN (the socket's port is set at the box, so it is part of
the resource in the bench file), USB or RS-232. Sink limits are negative numbers on the wire. One
command a message: compound ones are not documented in the pages at hand.
"""

from __future__ import annotations

from instruments.capabilities import DcReading, Identity, WatchdogState
from instruments.clock import Clock
from instruments.errors import BenchError, Refused
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
)

__all__ = ["ItechIt6000c"]

_HEADERS: dict[Setting, str] = {
    "voltage": "VOLT",
    "source_current": "CURR:LIM",
    "source_power": "POW:LIM",
    "sink_current": "CURR:LIM:NEG",
    "sink_power": "POW:LIM:NEG",
}
_QUESTIONABLE = {
    0: "OV",
    1: "OC",
    2: "OP",
    3: "UV",
    4: "OT",
    5: "UC",
    6: "SENSE",
    7: "LINE",
    10: "PS",
    12: "UNR",
    13: "WDOG",
    14: "RI",
}
_OPERATION = {
    1: "CAL",
    2: "LIST",
    3: "WTG",
    4: "CV",
    5: "CC",
    7: "ON_DELAY",
    8: "OFF_DELAY",
    9: "ON",
    12: "LIST_PAUSE",
}
"""Both tables are those of the IT-M3100 manual, the same family of firmware: check at the box."""
_RESOLUTION = 1e-3
"""Share of the rating within which a setting reads back; the box keeps steps of 0.01 A."""
_CONFLICT = -221


class ItechIt6000c:
    """One supply; the first setting takes remote control, voltage priority and fixed values."""

    def __init__(self, link: ScpiLink, clock: Clock, rating: SupplyRating) -> None:
        self._link, self._clock, self._rating = link, clock, rating
        self._scpi = Scpi(link, compound=False)
        self._prepared = False
        self._source, self._sink = SourceView(self), SinkView(self)

    @property
    def source(self) -> SourceView:
        """The source view: positive out of the box."""
        return self._source

    @property
    def sink(self) -> SinkView:
        """The sink view: positive into the box."""
        return self._sink

    def identify(self) -> Identity:
        """Return who the box says it is; all its firmware versions together."""
        return self._scpi.identify()

    def apply_setting(self, setting: Setting, value: float) -> None:
        """Set one quantity of a view, given as a positive value in V, A or W, and verify it."""
        name, unit = QUANTITIES[setting]
        self._rating.check(name, value, unit)
        header, doing = _HEADERS[setting], f"setting {name} to {value:g} {unit}"
        sent = -value if setting.startswith("sink") and value else value
        tolerance = _RESOLUTION * self._rating.full_scale(unit)
        with self._link.transaction():
            self._prepare()
            try:
                self._scpi.apply(
                    doing, [f"{header} {show(sent)}"], [Expected(f"{header}?", sent, tolerance)]
                )
            except Refused as refusal:
                if refusal.code != _CONFLICT:
                    raise
                raise self._conflict(doing, refusal) from refusal

    def switch_output(self, *, on: bool) -> None:
        """Switch the output and wait until the box says so; told off again where it stays off."""
        word = "ON" if on else "OFF"
        doing = f"switching the output {word.lower()}"
        with self._link.transaction():
            self._prepare()
            self._scpi.send(doing, f"OUTP {word}")
        if missed := await_output(self._clock, self._is_on, on=on):
            alarms = ", ".join(sorted(self.read_alarms())) or "none"
            got = f"OUTP? answers the contrary, alarms: {alarms}"
            if not on:
                raise self._error(doing, missed, got)
            self._link.write("OUTP OFF")
            raise self._error(doing, missed, got, did=TAKEN_BACK)

    def set_ovp(self, voltage_v: float) -> None:
        """Set the over-voltage protection in V and switch it on; the box knows its range."""
        check_range("voltage_v", voltage_v, 0.0, float("inf"), "V")
        with self._link.transaction():
            self._prepare()
            self._scpi.apply(
                f"setting the over-voltage protection to {voltage_v:g} V",
                [f"VOLT:PROT {show(voltage_v)}", "VOLT:PROT:STAT ON"],
                [
                    Expected("VOLT:PROT?", voltage_v, _RESOLUTION * self._rating.voltage_v),
                    Expected("VOLT:PROT:STAT?", value=True),
                ],
            )

    def measure(self) -> DcReading:
        """Measure volts, amps and watts, positive out of the box."""
        with self._link.transaction():
            volts, amps, watts = (
                self._scpi.ask_number("measuring", f"MEAS:{quantity}?")
                for quantity in ("VOLT", "CURR", "POW")
            )
        return DcReading(volts, amps, watts)

    def read_status(self) -> frozenset[str]:
        """Return the names of all status bits, questionable and operation."""
        operation = self._scpi.ask_number("reading the status", "STAT:OPER:COND?")
        return self._read_questionable() | _names(int(operation), _OPERATION)

    def read_alarms(self) -> frozenset[str]:
        """Return the names of active protections; PS shutdown, RI remote inhibit."""
        return self._read_questionable() - {"UNR"}

    def acknowledge_alarms(self) -> None:
        """Clear protections whose cause is gone; the output is switched off before."""
        self.switch_output(on=False)
        self._scpi.send("clearing the protections", "OUTP:PROT:CLE")

    def arm_watchdog(self, timeout_s: float) -> None:
        """Arm the output watchdog with a time in s; the box refuses what is out of its range."""
        check_range("timeout_s", timeout_s, 0.1, float("inf"), "s")
        with self._link.transaction():
            self._prepare()
            self._scpi.apply(
                f"arming the watchdog with {timeout_s:g} s",
                [f"OUTP:PROT:WDOG:DEL {show(timeout_s)}", "OUTP:PROT:WDOG:STAT ON"],
                [
                    Expected("OUTP:PROT:WDOG:DEL?", timeout_s, 1e-3 * timeout_s),
                    Expected("OUTP:PROT:WDOG:STAT?", value=True),
                ],
            )

    def disarm_watchdog(self) -> None:
        """Disarm the output watchdog."""
        with self._link.transaction():
            self._prepare()
            self._scpi.apply(
                "disarming the watchdog",
                ["OUTP:PROT:WDOG:STAT OFF"],
                [Expected("OUTP:PROT:WDOG:STAT?", value=False)],
            )

    def read_watchdog(self) -> WatchdogState:
        """Return whether it is armed, and whether it has run out."""
        doing = "reading the watchdog"
        with self._link.transaction():
            armed = self._scpi.ask_boolean(doing, "OUTP:PROT:WDOG:STAT?")
            delay_s = self._scpi.ask_number(doing, "OUTP:PROT:WDOG:DEL?")
            return WatchdogState(delay_s if armed else None, "WDOG" in self._read_questionable())

    def make_safe(self) -> None:
        """Switch the output off whatever the error queue says, and verify it."""
        with self._link.transaction():
            self._link.write("SYST:REM")
            self._link.write("OUTP OFF")
        if missed := await_output(self._clock, self._is_on, on=False):
            raise self._error("switching the output off", missed, "OUTP? answers on")

    def close(self) -> None:
        """Give the front panel back, close the link; the output stays as it is."""
        try:
            self._link.write("SYST:LOC")
        finally:
            self._prepared = False
            self._link.close()

    def _prepare(self) -> None:
        """Take remote control, select voltage priority and fixed values, once.

        A change of priority copies values between limits, so it comes before every setting. A box
        left in a list would put out that, whatever is set.
        """
        if self._prepared:
            return
        self._link.write("*CLS")
        self._link.write("SYST:REM")
        self._select("FUNC", "VOLT")
        self._select("FUNC:MODE", "FIX")
        self._prepared = True

    def _select(self, header: str, wanted: str) -> None:
        """Bring the box to a way of working where it is in another, never with the output on."""
        doing, query = f"selecting {header} {wanted}", f"{header}?"
        if self._read_word(doing, query).startswith(wanted):
            return
        if self._is_on():
            raise self._error(doing, "the output off before", "OUTP? answers on")
        self._scpi.send(doing, f"{header} {wanted}")
        if not (found := self._read_word(doing, query)).startswith(wanted):
            raise self._error(doing, f"{query} to answer {wanted}", found)

    def _conflict(self, doing: str, refusal: Refused) -> Refused:
        """Say with a settings conflict which priority the box is in: limits depend on it."""
        return Refused(
            doing,
            box=self._link.name,
            address=self._link.address,
            expected="voltage priority, in which current limits can be set",
            got=f"{refusal.got}, FUNC? answers {self._read_word(doing, 'FUNC?')}",
            code=refusal.code,
            did=refusal.did,
        )

    def _read_word(self, doing: str, query: str) -> str:
        return self._scpi.ask(doing, query)[0].upper()

    def _read_questionable(self) -> frozenset[str]:
        bits = self._scpi.ask_number("reading the protections", "STAT:QUES:COND?")
        return _names(int(bits), _QUESTIONABLE)

    def _is_on(self) -> bool:
        return self._scpi.ask_boolean("reading the output", "OUTP?")

    def _error(self, doing: str, expected: str, got: str, **did: str) -> BenchError:
        link = self._link
        return BenchError(
            doing, box=link.name, address=link.address, expected=expected, got=got, **did
        )


def _names(word: int, bits: dict[int, str]) -> frozenset[str]:
    return frozenset(name for bit, name in bits.items() if word >> bit & 1)
