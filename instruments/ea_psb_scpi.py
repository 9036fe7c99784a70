"""EA Elektro-Automatik PSB 10000 and 9000 bidirectional DC supplies over SCPI.

Facts: facts/instruments.md section A1.5. TCP port 5025, USB or RS-232; the box closes an idle
socket after 5 s, which the link notices and opens anew.
"""

from __future__ import annotations

from instruments.capabilities import DcReading, Identity, WatchdogState
from instruments.clock import Clock
from instruments.ea_scpi import EaConversation
from instruments.errors import BenchError, Refused
from instruments.links.api import ScpiLink
from instruments.ratings import SupplyRating, check_range
from instruments.scpi import Expected, show
from instruments.supply_views import (
    QUANTITIES,
    TAKEN_BACK,
    Setting,
    SinkView,
    SourceView,
    await_output,
    check_nominal,
)

__all__ = ["EaPsbScpi"]

_SETTINGS: dict[Setting, str] = {
    "voltage": "VOLT",
    "source_current": "CURR",
    "source_power": "POW",
    "sink_current": "SINK:CURR",
    "sink_power": "SINK:POW",
}
_NOMINAL = {"V": "SYST:NOM:VOLT?", "A": "SYST:NOM:CURR?", "W": "SYST:NOM:POW?"}
_RESOLUTION = 1e-3
"""Share of the rating within which a setting reads back; the guide gives no count of digits."""
_PROTECTION_RANGE = 1.1
"""Protections go to 110 % of nominal."""
_LONGEST_SILENCE_S = 36_000.0
_LOCAL, _CONFLICT = -201, -221
"""What a setting is refused with for want of remote control."""


class EaPsbScpi:
    """One supply; remote control is taken by the first setting.

    Control that is lost later (a communication time-out, another interface) is not taken back by
    a setting: each is refused until ``make_safe`` has found or put the terminals off. Alarms are
    kept from the moment they are seen until they are acknowledged here, since the box forgets
    them when its error queue is read.
    """

    def __init__(self, link: ScpiLink, clock: Clock, rating: SupplyRating) -> None:
        self._link, self._clock, self._rating = link, clock, rating
        self._box = EaConversation(link)
        self._checked: set[str] = set()
        self._took_remote = False
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
        return self._box.identify()

    def apply_setting(self, setting: Setting, value: float) -> None:
        """Set one quantity of a view, given as a positive value in V, A or W, and verify it."""
        self._apply(_SETTINGS[setting], *QUANTITIES[setting], value)

    def set_ovp(self, voltage_v: float) -> None:
        """Set the over-voltage protection in V, 0 to 110 % of nominal."""
        self._apply("VOLT:PROT", "voltage_v", "V", voltage_v, _PROTECTION_RANGE)

    def set_source_ocp(self, current_a: float) -> None:
        """Set the over-current protection of the source side in A, 0 to 110 % of nominal."""
        self._apply("CURR:PROT", "current_a", "A", current_a, _PROTECTION_RANGE)

    def set_source_opp(self, power_w: float) -> None:
        """Set the over-power protection of the source side in W, 0 to 110 % of nominal."""
        self._apply("POW:PROT", "power_w", "W", power_w, _PROTECTION_RANGE)

    def set_sink_ocp(self, current_a: float) -> None:
        """Set the over-current protection of the sink side in A, 0 to 110 % of nominal."""
        self._apply("SINK:CURR:PROT", "current_a", "A", current_a, _PROTECTION_RANGE)

    def set_sink_opp(self, power_w: float) -> None:
        """Set the over-power protection of the sink side in W, 0 to 110 % of nominal."""
        self._apply("SINK:POW:PROT", "power_w", "W", power_w, _PROTECTION_RANGE)

    def switch_output(self, *, on: bool) -> None:
        """Switch the DC terminals and wait until the box says so; off again where they stay off."""
        word = "ON" if on else "OFF"
        doing = f"switching the DC terminals {word.lower()}"
        self._send(doing, f"OUTP {word}")
        if missed := await_output(self._clock, self._is_on, on=on):
            alarms = ", ".join(sorted(self.read_alarms())) or "none"
            got = f"OUTP? answers the contrary, alarms: {alarms}"
            if not on:
                raise self._error(doing, missed, got)
            self._link.write("OUTP OFF")
            raise self._error(doing, missed, got, did=TAKEN_BACK)

    def measure(self) -> DcReading:
        """Measure volts, amps and watts at one instant, positive out of the box."""
        return DcReading(*self._box.read_numbers("measuring", "MEAS:ARR?", "VAW"))

    def read_alarms(self) -> frozenset[str]:
        """Return the names of alarms, also of those the box itself has forgotten meanwhile."""
        return self._box.read_alarms("reading the alarms")

    def acknowledge_alarms(self) -> None:
        """Acknowledge alarms whose cause is gone (reading the error queue does that)."""
        self._box.acknowledge("acknowledging the alarms")

    def arm_watchdog(self, timeout_s: float) -> None:
        """Arm the interface monitoring, 1 to 36000 s; the terminals then go off with the remote.

        The box stores this, also what the terminals do when remote control is left.
        """
        check_range("timeout_s", timeout_s, 1.0, _LONGEST_SILENCE_S, "s")
        doing = f"arming the interface monitoring with {timeout_s:g} s"
        after, time, active = "POW:STAG:AFT:REM", "SYST:COMM:MON:TIM", "SYST:COMM:MON:ACT"
        self._send(doing, f"{after} OFF", Expected(f"{after}?", "OFF"))
        wanted = Expected(f"{time}?", timeout_s, 1e-3 * timeout_s, "s")
        self._send(doing, f"{time} {show(timeout_s)}", wanted)
        self._send(doing, f"{active} ON", Expected(f"{active}?", value=True))

    def disarm_watchdog(self) -> None:
        """Switch the interface monitoring off, also after it has run out."""
        active = "SYST:COMM:MON:ACT"
        doing, off = "disarming the interface monitoring", Expected(f"{active}?", value=False)
        try:
            self._send(doing, f"{active} OFF", off)
        except Refused:
            self._took_remote = False  # it ended remote control
            self._send(doing, f"{active} OFF", off)

    def read_watchdog(self) -> WatchdogState:
        """Return whether the monitoring is on, and whether a time-out has ended remote control."""
        doing = "reading the interface monitoring"
        with self._link.transaction():
            armed = self._box.read_boolean(doing, "SYST:COMM:MON:ACT?")
            (time_s,) = self._box.read_numbers(doing, "SYST:COMM:MON:TIM?", "s")
            return WatchdogState(time_s if armed else None, self._box.read_timed_out(doing))

    def make_safe(self) -> None:
        """Switch the DC terminals off and verify it; harmless when they are off already."""
        try:
            self.switch_output(on=False)
        except Refused:
            self._took_remote = False
            if self._is_on():
                self.switch_output(on=False)

    def close(self) -> None:
        """Give remote control back unless the terminals are on, close the link.

        Leaving remote control may switch them off.
        """
        try:
            if self._took_remote and not self._is_on():
                self._link.write("SYST:LOCK OFF")
        finally:
            self._took_remote = False
            self._link.close()

    def _apply(self, header: str, name: str, unit: str, value: float, share: float = 1.0) -> None:
        """Set one value within ``share`` of the rating, verify it by reading back."""
        self._rating.check(name, value, unit, share)
        self._check_nominal(unit)
        tolerance = _RESOLUTION * self._rating.full_scale(unit)
        self._send(
            f"setting {name} to {value:g} {unit}",
            f"{header} {show(value)}",
            Expected(f"{header}?", value, tolerance, unit),
        )

    def _check_nominal(self, unit: str) -> None:
        """Hold the rating against the box's own, once."""
        if unit in self._checked:
            return
        (nominal,) = self._box.read_numbers("reading a nominal value", _NOMINAL[unit], unit)
        rated = self._rating.full_scale(unit)
        check_nominal(self._link.name, self._link.address, rated, nominal, unit)
        self._checked.add(unit)

    def _is_on(self) -> bool:
        return self._box.read_boolean("reading the DC terminals", "OUTP?")

    def _send(self, doing: str, command: str, *expected: Expected) -> None:
        """Send one command under remote control, which is taken once."""
        with self._link.transaction():
            if not self._took_remote:
                self._take_remote()
            try:
                self._box.apply(doing, command, *expected)
            except Refused as refusal:
                if refusal.code in (_LOCAL, _CONFLICT):
                    raise self._no_control(doing, refusal) from refusal
                raise

    def _take_remote(self) -> None:
        doing = "taking remote control"
        try:
            owner = self._box.take_remote(doing)
        except Refused as refusal:
            raise self._no_control(doing, refusal) from refusal
        if owner.upper() != "REMOTE":
            raise self._error(doing, "SYST:LOCK:OWN? to answer REMOTE", owner)
        self._took_remote = True

    def _no_control(self, doing: str, refusal: Refused) -> Refused:
        return Refused(
            doing,
            box=self._link.name,
            address=self._link.address,
            expected="to have remote control",
            got=f"{refusal.got}, control is held by: {self._box.read_owner(doing)}",
            code=refusal.code,
        )

    def _error(self, doing: str, expected: str, got: str, **did: str) -> BenchError:
        link = self._link
        return BenchError(
            doing, box=link.name, address=link.address, expected=expected, got=got, **did
        )
