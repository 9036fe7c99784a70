"""Keysight RP7900 regenerative power systems, used as bidirectional supplies in voltage priority.

Facts: facts/instruments.md section A3 (Operating and Service Guide, SCPI chapter). Every reply is
read before the next command. A protection disables the output and leaves its programmed state,
which clearing the protection restores.
"""

from __future__ import annotations

from instruments.capabilities import DcReading, Identity, WatchdogState
from instruments.clock import Clock
from instruments.errors import BenchError, CannotDo
from instruments.links.api import ScpiLink
from instruments.ratings import SupplyRating, check_range
from instruments.rp7900_status import Rp7900Status
from instruments.scpi import Expected, Scpi, show
from instruments.supply_views import QUANTITIES, TAKEN_BACK, Setting, SinkView, SourceView

__all__ = ["KeysightRp7900"]

_HEADERS: dict[Setting, str] = {
    "voltage": "VOLT",
    "source_current": "CURR:LIM",
    "sink_current": "CURR:LIM:NEG",
}
_RESOLUTION = 1e-3
"""Share of the rating within which a setting reads back; the pages at hand give no step."""
_PROTECTION_RANGE = 1.2
"""What is asked of the box at most; the box itself refuses what is beyond its own range."""
_LONGEST_SILENCE_S = 3600


class KeysightRp7900:
    """One supply; the first setting selects voltage priority, with the output off."""

    def __init__(self, link: ScpiLink, clock: Clock, rating: SupplyRating) -> None:
        self._link, self._rating = link, rating
        self._scpi = Scpi(link)
        self._prepared = False
        self._rp797x: bool | None = None
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
        """Return who the box says it is."""
        return self._scpi.identify()

    def apply_setting(self, setting: Setting, value: float) -> None:
        """Set one quantity of a view, given as a positive value in V or A, and verify it.

        Raises ``CannotDo`` for power: no command that limits it is known for this series.
        """
        if setting not in _HEADERS:
            raise CannotDo(f"{self._link.name}: an RP7900 is limited in current, not in power")
        name, unit = QUANTITIES[setting]
        self._rating.check(name, value, unit)
        sent = -value if setting == "sink_current" and value else value
        tolerance = _RESOLUTION * self._rating.full_scale(unit)
        header = _HEADERS[setting]
        self._apply(
            f"setting {name} to {value:g} {unit}",
            f"{header} {show(sent)}",
            Expected(f"{header}?", sent, tolerance),
        )

    def set_ovp(self, voltage_v: float) -> None:
        """Set the over-voltage protection in V, 0 to 120 % of the rating; it is always on."""
        self._rating.check("voltage_v", voltage_v, "V", _PROTECTION_RANGE)
        tolerance = _RESOLUTION * self._rating.voltage_v
        self._apply(
            f"setting the over-voltage protection to {voltage_v:g} V",
            f"VOLT:PROT {show(voltage_v)}",
            Expected("VOLT:PROT?", voltage_v, tolerance),
        )

    def set_ocp(self, *, enabled: bool) -> None:
        """Let the output be switched off, or not, where it reaches a current limit."""
        self._apply(
            f"switching the over-current protection {'on' if enabled else 'off'}",
            f"CURR:PROT:STAT {int(enabled)}",
            Expected("CURR:PROT:STAT?", enabled),
        )

    def switch_output(self, *, on: bool) -> None:
        """Switch the output and wait for it; post: programmed so, and no protection holds it.

        It is switched on in voltage priority only. Where a protection holds it, it is programmed
        off again: it would come on by itself when that ends.
        """
        doing = f"switching the output {'on' if on else 'off'}"
        with self._link.transaction():
            if on and not self._prepared:
                self._select_voltage_priority()
            self._link.write(f"OUTP {int(on)}")
            self._link.query("*OPC?")
            state, error = self._scpi.ask(doing, "OUTP?", "SYST:ERR?")
            self._scpi.check_error(doing, error)
            self._scpi.verify(doing, [Expected("OUTP?", on)], [state])
            alarms = self.read_alarms() if on else frozenset()
            if alarms:
                self._link.write("OUTP 0")
        if alarms:
            got = ", ".join(sorted(alarms))
            raise self._error(doing, "no protection", got, did=TAKEN_BACK)

    def measure(self) -> DcReading:
        """Measure volts and amps of one acquisition, positive out of the box; watts by product."""
        volts, amps = self._scpi.ask_numbers("measuring", "MEAS:VOLT?;:FETC:CURR?", 2)
        return DcReading(volts, amps, volts * amps)

    def read_status(self) -> Rp7900Status:
        """Return the decoded condition registers."""
        if self._rp797x is None:
            self._rp797x = self.identify().model.startswith("RP797")
        operation, first, second = self._scpi.ask_numbers(
            "reading the status", "STAT:OPER:COND?;:STAT:QUES1:COND?;:STAT:QUES2:COND?", 3
        )
        return Rp7900Status(int(operation), int(first), int(second), self._rp797x)

    def read_alarms(self) -> frozenset[str]:
        """Return the names of the protections that hold the output off."""
        return self.read_status().alarms

    def acknowledge_alarms(self) -> None:
        """Clear protections whose cause is gone; the output is programmed off before.

        Else clearing would switch it on again.
        """
        with self._link.transaction():
            self.switch_output(on=False)
            self._scpi.send("clearing the protections", "OUTP:PROT:CLE")

    def arm_watchdog(self, timeout_s: float) -> None:
        """Arm the watchdog with whole seconds, 1 to 3600; any SCPI traffic starts its time anew.

        The box counts the traffic of all its remote interfaces; expiry latches the output off.
        """
        check_range("timeout_s", timeout_s, 1, _LONGEST_SILENCE_S, "s")
        if timeout_s != int(timeout_s):
            raise CannotDo(f"{self._link.name}: its watchdog takes whole seconds, no {timeout_s} s")
        self._scpi.apply(
            f"arming the watchdog with {timeout_s:g} s",
            [f"OUTP:PROT:WDOG:DEL {timeout_s:.0f}", "OUTP:PROT:WDOG 1"],
            [Expected("OUTP:PROT:WDOG:DEL?", timeout_s), Expected("OUTP:PROT:WDOG?", value=True)],
        )

    def disarm_watchdog(self) -> None:
        """Disarm the watchdog."""
        expected = Expected("OUTP:PROT:WDOG?", value=False)
        self._scpi.apply("disarming the watchdog", ["OUTP:PROT:WDOG 0"], [expected])

    def read_watchdog(self) -> WatchdogState:
        """Return whether it is armed, and whether it holds the output off (QUES1 PROT)."""
        armed, delay_s, questionable = self._scpi.ask_numbers(
            "reading the watchdog",
            "OUTP:PROT:WDOG?;:OUTP:PROT:WDOG:DEL?;:STAT:QUES1:COND?",
            3,
        )
        expired = "PROT" in Rp7900Status(0, int(questionable)).alarms
        return WatchdogState(delay_s if armed else None, expired)

    def make_safe(self) -> None:
        """Switch the output off whatever the error queue says, and verify it."""
        doing = "switching the output off"
        with self._link.transaction():
            self._link.write("OUTP 0")
            self._link.query("*OPC?")
            if self._scpi.ask_boolean(doing, "OUTP?"):
                raise self._scpi.misread(doing, "OUTP? to answer 0", "1")

    def close(self) -> None:
        """Close the link; remote control needs no giving back."""
        self._link.close()

    def _apply(self, doing: str, command: str, expected: Expected) -> None:
        with self._link.transaction():
            if not self._prepared:
                self._select_voltage_priority()
            self._scpi.apply(doing, [command], [expected])

    def _select_voltage_priority(self) -> None:
        """Select it once; the box changes its priority with the output off only."""
        doing = "selecting voltage priority"
        self._link.write("*CLS")
        if not self._in_voltage_priority(doing):
            if self._scpi.ask_boolean(doing, "OUTP?"):
                raise self._error(doing, "the output off before", "OUTP? answers 1")
            self._scpi.send(doing, "FUNC VOLT")
            if not self._in_voltage_priority(doing):
                raise self._error(doing, "FUNC? to answer VOLT", "another priority")
        self._prepared = True

    def _in_voltage_priority(self, doing: str) -> bool:
        return self._scpi.ask(doing, "FUNC?")[0].upper().startswith("VOLT")

    def _error(self, doing: str, expected: str, got: str, **did: str) -> BenchError:
        link = self._link
        return BenchError(
            doing, box=link.name, address=link.address, expected=expected, got=got, **did
        )
