"""Chroma 63802, 63803, 63804 AC/DC electronic loads, used as AC loads over RS-232 or GPIB.

Facts: facts/instruments.md section B1 (operation manual, programming chapter).
"""

from __future__ import annotations

from typing import Literal

from instruments.capabilities import AcReading, Identity
from instruments.clock import Clock
from instruments.errors import BenchError
from instruments.links.api import ScpiLink
from instruments.ratings import AcLoadRating, check_range
from instruments.scpi import Expected, Scpi, show

__all__ = ["Chroma63800"]

_PROTECTION_BITS = {
    0: "FE",
    1: "UV",
    2: "UV",
    3: "OVP",
    4: "OVPP",
    5: "OCP",
    6: "OPP",
    7: "OTP",
    8: "FAN",
    9: "LDF",
    10: "FREQ",
    11: "PWR",
}
"""``PROT?``: FE frequency range, OVPP peak volts, LDF load fail, FREQ changed while loading."""
_RESOLUTION = 1e-3
"""Share of the rating within which a setting reads back; the manual's pages give no step."""


class Chroma63800:
    """One load of the series; plain numbers come back, ``LOAD?`` answers in words or digits."""

    def __init__(self, link: ScpiLink, clock: Clock, rating: AcLoadRating) -> None:
        self._link, self._rating = link, rating
        self._scpi = Scpi(link)
        self._in_ac = False

    def identify(self) -> Identity:
        """Return who the load says it is."""
        return self._scpi.identify()

    def set_current(
        self, current_a: float, *, power_factor: float = 1.0, crest_factor: float = 1.414
    ) -> None:
        """Draw a constant RMS current in A; power factor negative = leading (``PFAC``)."""
        self._rating.check_current(current_a, crest_factor)
        self._set_shaped("CURR", current_a, power_factor, crest_factor)

    def set_power(
        self, power_w: float, *, power_factor: float = 1.0, crest_factor: float = 1.414
    ) -> None:
        """Draw a constant active power in W; power factor negative = leading."""
        self._rating.check_power(power_w)
        self._set_shaped("POW", power_w, power_factor, crest_factor)

    def set_resistance(self, resistance_ohm: float) -> None:
        """Behave as a resistor, in ohm."""
        check_range("resistance_ohm", resistance_ohm, 1.11, 2500.0, "ohm")
        self._apply(
            f"setting {resistance_ohm:g} ohm",
            ["MODE RES", f"RES {show(resistance_ohm)}"],
            [Expected("MODE?", "RES"), Expected("RES?", resistance_ohm, 0.01 * resistance_ohm)],
        )

    def input_on(self) -> None:
        """Start loading; post: ``LOAD?`` says so."""
        self._apply("switching the load on", ["LOAD ON"], [Expected("LOAD?", value=True)])

    def input_off(self) -> None:
        """Stop loading; post: ``LOAD?`` says so."""
        self._scpi.apply("switching the load off", ["LOAD OFF"], [Expected("LOAD?", value=False)])

    def measure(self) -> AcReading:
        """Measure at the load's terminals: V and A RMS, W into the load, VA, Hz.

        Frequency and power factor are NaN where the load knows none.
        """
        volts, amps, hertz, watts, apparent, factor = self._scpi.ask_numbers(
            "measuring", "MEAS:VOLT?;CURR?;FREQ?;POW?;POW:APP?;PFAC?", 6, unless=(2, 5)
        )
        return AcReading(volts, amps, watts, apparent, factor, hertz)

    def read_protection(self) -> frozenset[str]:
        """Return the names of active protections."""
        bits = int(self._scpi.ask_number("reading the protections", "LOAD:PROT?"))
        return frozenset(name for bit, name in _PROTECTION_BITS.items() if bits >> bit & 1)

    def clear_protection(self) -> None:
        """Clear protections whose cause is gone."""
        self._scpi.send("clearing the protections", "LOAD:PROT:CLE")

    def make_safe(self) -> None:
        """Stop loading whatever the error queue says, and verify it."""
        with self._link.transaction():
            self._link.write("LOAD OFF")
            loading = self._scpi.ask_boolean("switching the load off", "LOAD?")
        if loading:
            raise self._scpi.misread("switching the load off", "LOAD? to answer OFF", "ON")

    def close(self) -> None:
        """Close the link; the box has no command that gives the front panel back."""
        self._link.close()

    def _set_shaped(
        self, mode: Literal["CURR", "POW"], level: float, power_factor: float, crest_factor: float
    ) -> None:
        rating = self._rating
        rating.check_shape(power_factor, crest_factor)
        full_scale = rating.current_a if mode == "CURR" else rating.power_w
        unit = "A" if mode == "CURR" else "W"
        self._apply(
            f"setting {level:g} {unit}",
            [
                "SYST:SET:CFPF:MODE ALL",
                f"CFAC {show(crest_factor)}",
                f"PFAC {show(power_factor)}",
                f"MODE {mode}",
                f"{mode} {show(level)}",
            ],
            [
                Expected("MODE?", mode),
                Expected(f"{mode}?", level, _RESOLUTION * full_scale),
                Expected("CFAC?", crest_factor, 0.01),
                Expected("PFAC?", power_factor, 0.01),
            ],
        )

    def _apply(self, doing: str, commands: list[str], expected: list[Expected]) -> None:
        with self._link.transaction():
            self._enter_ac()
            self._scpi.apply(doing, commands, expected)

    def _enter_ac(self) -> None:
        """Select AC once; the box takes it with the load off only."""
        if self._in_ac:
            return
        doing = "selecting AC"
        if self._scpi.ask_boolean(doing, "LOAD?"):
            raise BenchError(
                doing,
                box=self._link.name,
                address=self._link.address,
                expected="the load off before its first setting",
                got="LOAD? answers ON",
            )
        self._scpi.send(doing, "*CLS", "SYST:SET:MODE AC")
        self._in_ac = True
