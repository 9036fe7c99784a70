"""ITECH IT8600 AC/DC electronic loads, used as AC loads over LAN, USB or GPIB.

Facts: facts/instruments.md section B2 (programming guide IT8600). Booleans answer 0 or 1.
"""

from __future__ import annotations

from typing import Literal

from instruments.capabilities import AcReading, Identity
from instruments.clock import Clock
from instruments.errors import CannotDo
from instruments.links.api import ScpiLink
from instruments.ratings import AcLoadRating, check_range
from instruments.scpi import Expected, Scpi, show

__all__ = ["ItechIt8600"]

_QUESTIONABLE_BITS = {
    0: "FE",
    1: "UV",
    2: "UV",
    3: "OVP",
    4: "OCPP",
    5: "OCP",
    6: "OPP",
    7: "OTP",
    8: "LDF",
}
"""``STAT:QUES:COND?``: FE frequency range, UV below 45 V AC or 7.5 V DC, OCPP peak current."""
_RESOLUTION = 1e-3
"""Share of the rating within which a setting reads back; the guide's pages give no step."""
_MEASURED = 19
_IRMS, _VRMS, _POWER, _APPARENT, _FREQUENCY, _FACTOR = 1, 6, 8, 9, 13, 15
"""Places in the 19 values of ``MEAS?``."""
_UNSURE = frozenset(range(_MEASURED)) - {_IRMS, _VRMS, _POWER, _APPARENT}
"""Places where the load may have no number: not looked at, or without voltage."""


class ItechIt8600:
    """One load of the series."""

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
        """Draw a constant RMS current in A; power factor negative = leading."""
        self._rating.check_current(current_a, crest_factor)
        self._set_shaped("CURR", current_a, power_factor, crest_factor)

    def set_power(
        self, power_w: float, *, power_factor: float = 1.0, crest_factor: float = 1.414
    ) -> None:
        """Draw a constant active power in W; power factor negative = leading."""
        self._rating.check_power(power_w)
        self._set_shaped("POW", power_w, power_factor, crest_factor)

    def set_resistance(self, resistance_ohm: float) -> None:
        """Behave as a resistor, in ohm; the box refuses what is beyond its range."""
        check_range("resistance_ohm", resistance_ohm, 0.0, float("inf"), "ohm")
        self._apply(
            f"setting {resistance_ohm:g} ohm",
            ["FUNC RES", f"RES {show(resistance_ohm)}"],
            [Expected("FUNC?", "RES"), Expected("RES?", resistance_ohm, 0.01 * resistance_ohm)],
        )

    def input_on(self) -> None:
        """Start loading; post: ``INP?`` answers 1."""
        self._apply("switching the input on", ["INP 1"], [Expected("INP?", value=True)])

    def input_off(self) -> None:
        """Stop loading; post: ``INP?`` answers 0."""
        self._scpi.apply(
            "switching the input off", ["SYST:REM", "INP 0"], [Expected("INP?", value=False)]
        )

    def measure(self) -> AcReading:
        """Measure at the load's terminals: V and A RMS, W into the load, VA, Hz, all at once.

        Frequency and power factor are NaN where the load knows none.
        """
        values = self._scpi.ask_numbers("measuring", "MEAS?", _MEASURED, ",", unless=_UNSURE)
        return AcReading(
            voltage_v=values[_VRMS],
            current_a=values[_IRMS],
            power_w=values[_POWER],
            apparent_va=values[_APPARENT],
            power_factor=values[_FACTOR],
            frequency_hz=values[_FREQUENCY],
        )

    def read_protection(self) -> frozenset[str]:
        """Return the names of active protections."""
        bits = int(self._scpi.ask_number("reading the protections", "STAT:QUES:COND?"))
        return frozenset(name for bit, name in _QUESTIONABLE_BITS.items() if bits >> bit & 1)

    def clear_protection(self) -> None:
        """Raise ``CannotDo``: no command for it is documented in the pages at hand."""
        raise CannotDo(
            f"{self._link.name}: an IT8600 is cleared at its front panel;"
            " no remote command for it is known"
        )

    def make_safe(self) -> None:
        """Stop loading whatever the error queue says, and verify it."""
        with self._link.transaction():
            self._link.write("SYST:REM;:INP 0")
            loading = self._scpi.ask_boolean("switching the input off", "INP?")
        if loading:
            raise self._scpi.misread("switching the input off", "INP? to answer 0", "1")

    def close(self) -> None:
        """Give the front panel back, close the link; the input stays as it is."""
        try:
            self._link.write("SYST:LOC")
        finally:
            self._in_ac = False
            self._link.close()

    def _set_shaped(
        self,
        function: Literal["CURR", "POW"],
        level: float,
        power_factor: float,
        crest_factor: float,
    ) -> None:
        rating = self._rating
        rating.check_shape(power_factor, crest_factor)
        full_scale = rating.current_a if function == "CURR" else rating.power_w
        unit = "A" if function == "CURR" else "W"
        self._apply(
            f"setting {level:g} {unit}",
            [
                f"FUNC {function}",
                f"SOUR:PFAC {show(power_factor)}",
                f"SOUR:CFAC {show(crest_factor)}",
                f"{function} {show(level)}",
            ],
            [
                Expected("FUNC?", function),
                Expected(f"{function}?", level, _RESOLUTION * full_scale),
                Expected("SOUR:PFAC?", power_factor, 0.01),
                Expected("SOUR:CFAC?", crest_factor, 0.01),
            ],
        )

    def _apply(self, doing: str, commands: list[str], expected: list[Expected]) -> None:
        with self._link.transaction():
            if not self._in_ac:
                self._scpi.apply(
                    "taking remote control",
                    ["*CLS", "SYST:REM", "SYST:MODE AC"],
                    [Expected("SYST:MODE?", "AC")],
                )
                self._in_ac = True
            self._scpi.apply(doing, commands, expected)
