"""EA Elektro-Automatik PSB 10000 and 9000 bidirectional DC supplies over Modbus.

RTU on a serial line or inside TCP, or Modbus TCP where the box has that module. Facts:
facts/instruments.md section A1 and the register lists KE 3.10 and KE 2.31, which agree on every
register used here. The link's unit is 0 while the box is in *Limited* compliance (factory
setting), 0 or 1 in *Full*.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from instruments.capabilities import DcReading, Identity
from instruments.clock import Clock
from instruments.ea_status import EaStatus
from instruments.errors import BenchError, Refused
from instruments.links.api import RegisterLink
from instruments.ratings import SupplyRating
from instruments.supply_views import (
    QUANTITIES,
    TAKEN_BACK,
    Setting,
    SinkView,
    SourceView,
    await_output,
    check_nominal,
)

__all__ = ["EaPsb10000"]

_FULL_SCALE = 52428
"""Raw value of 100 % (0xCCCC)."""
_STEP = 2
"""Raw steps between two settings the box can tell apart (26214 of them)."""
_PROTECTION_RANGE = 1.1
"""Protections go to 110 % of nominal."""
_DEVICE_TYPE, _MANUFACTURER, _SERIAL, _FIRMWARE_KE, _TEXT_LENGTH = 1, 21, 151, 191, 20
_NOMINAL = {"V": 121, "A": 123, "W": 125}
_REMOTE, _OUTPUT, _ACKNOWLEDGE = 402, 405, 411
_STATUS, _ACTUAL = 505, 507
_SETTINGS: dict[Setting, int] = {
    "voltage": 500,
    "source_current": 501,
    "source_power": 502,
    "sink_current": 499,
    "sink_power": 498,
}
_OVP, _OCP, _OPP, _SINK_OCP, _SINK_OPP = 550, 553, 556, 569, 570
_DENIED, _LOCAL = 0x07, 0x17


class EaPsb10000:
    """One supply; remote control is taken by the first write that is denied without it.

    Control that is lost later (a communication time-out, another interface) is not taken back by
    a setting: each is refused until ``make_safe`` has found or put the terminals off.
    """

    def __init__(self, link: RegisterLink, clock: Clock, rating: SupplyRating) -> None:
        self._link, self._clock, self._rating = link, clock, rating
        self._nominal: dict[str, float] = {}
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
        """Return maker, type, serial number and firmware (KE) from the box's registers."""
        blocks = (_MANUFACTURER, _DEVICE_TYPE, _SERIAL, _FIRMWARE_KE)
        return Identity(*(self._read_text(register) for register in blocks))

    def read_status(self) -> EaStatus:
        """Return the decoded status word."""
        high, low = self._link.read_holding(_STATUS, 2)
        return EaStatus(high << 16 | low)

    def read_alarms(self) -> frozenset[str]:
        """Return the names of pending alarms; ``BY_SINK`` beside one that the sink side caused."""
        return self.read_status().alarms

    def acknowledge_alarms(self) -> None:
        """Acknowledge alarms whose cause is gone."""
        self._write(lambda: self._link.write_coil(_ACKNOWLEDGE, on=True))

    def set_ovp(self, voltage_v: float) -> None:
        """Set the over-voltage protection in V, 0 to 110 % of nominal."""
        self._set_register(_OVP, "voltage_v", voltage_v, "V", _PROTECTION_RANGE)

    def set_source_ocp(self, current_a: float) -> None:
        """Set the over-current protection of the source side in A, 0 to 110 % of nominal."""
        self._set_register(_OCP, "current_a", current_a, "A", _PROTECTION_RANGE)

    def set_source_opp(self, power_w: float) -> None:
        """Set the over-power protection of the source side in W, 0 to 110 % of nominal."""
        self._set_register(_OPP, "power_w", power_w, "W", _PROTECTION_RANGE)

    def set_sink_ocp(self, current_a: float) -> None:
        """Set the over-current protection of the sink side in A, 0 to 110 % of nominal."""
        self._set_register(_SINK_OCP, "current_a", current_a, "A", _PROTECTION_RANGE)

    def set_sink_opp(self, power_w: float) -> None:
        """Set the over-power protection of the sink side in W, 0 to 110 % of nominal."""
        self._set_register(_SINK_OPP, "power_w", power_w, "W", _PROTECTION_RANGE)

    def make_safe(self) -> None:
        """Switch the DC terminals off and verify it; harmless when they are off already."""
        try:
            self.switch_output(on=False)
        except Refused:
            self._took_remote = False
            if self.read_status().output_on:
                self.switch_output(on=False)

    def close(self) -> None:
        """Give remote control back unless the terminals are on: leaving remote may switch them off.

        The line stays open; it belongs to who opened it.
        """
        status = self.read_status()
        if self._took_remote and status.remote and not status.output_on:
            self._link.write_coil(_REMOTE, on=False)
        self._took_remote = False

    def apply_setting(self, setting: Setting, value: float) -> None:
        """Set one quantity of a view, given as a positive value in V, A or W, and verify it."""
        name, unit = QUANTITIES[setting]
        self._set_register(_SETTINGS[setting], name, value, unit)

    def switch_output(self, *, on: bool) -> None:
        """Switch the DC terminals, wait until the status says so; off again where they stay off."""
        doing = f"switching the DC terminals {'on' if on else 'off'}"
        self._write(lambda: self._link.write_coil(_OUTPUT, on))
        if missed := await_output(self._clock, lambda: self.read_status().output_on, on=on):
            status = self.read_status()
            alarms = ", ".join(sorted(status.alarms)) or "none"
            got = f"status {status.word:#010x}, alarms: {alarms}"
            if not on:
                raise self._error(doing, missed, got)
            self._link.write_coil(_OUTPUT, on=False)
            raise self._error(doing, missed, got, did=TAKEN_BACK)

    def measure(self) -> DcReading:
        """Measure volts, amps and watts at one instant, positive out of the box.

        The box measures without a sign: the direction is that of a moment later (about 10 ms).
        """
        with self._link.transaction():
            volts, amps, watts = self._link.read_holding(_ACTUAL, 3)
            sign = -1.0 if self.read_status().sinking else 1.0
            return DcReading(
                self._scaled(volts, "V"),
                sign * self._scaled(amps, "A"),
                sign * self._scaled(watts, "W"),
            )

    def _set_register(
        self, register: int, name: str, value: float, unit: str, share: float = 1.0
    ) -> None:
        """Write one scaled set value within ``share`` of the rating, verify it by reading back."""
        self._rating.check(name, value, unit, share)
        raw = round(value / self._read_nominal(unit) * _FULL_SCALE)
        with self._link.transaction():
            self._write(lambda: self._link.write_register(register, raw))
            kept = self._link.read_holding(register)[0]
        if abs(kept - raw) > _STEP:
            raise self._error(
                f"setting {name} to {value:g} {unit}",
                f"register {register} to hold {raw}",
                str(kept),
            )

    def _scaled(self, raw: int, unit: str) -> float:
        return raw * self._read_nominal(unit) / _FULL_SCALE

    def _read_nominal(self, unit: str) -> float:
        """Return a nominal value, read from the box once and held against the rating."""
        if unit not in self._nominal:
            registers = self._link.read_holding(_NOMINAL[unit], 2)
            nominal = struct.unpack(">f", struct.pack(">2H", *registers))[0]
            rated = self._rating.full_scale(unit)
            check_nominal(self._link.name, self._link.address, rated, nominal, unit)
            self._nominal[unit] = nominal
        return self._nominal[unit]

    def _read_text(self, register: int) -> str:
        words = self._link.read_holding(register, _TEXT_LENGTH)
        raw = struct.pack(f">{_TEXT_LENGTH}H", *words)
        return raw.split(b"\0")[0].decode("ascii", "replace").strip()

    def _write(self, write: Callable[[], None]) -> None:
        """Write; when the first one is denied for want of remote control, take it, write again."""
        with self._link.transaction():
            try:
                write()
            except Refused as refusal:
                if refusal.code == _LOCAL or (refusal.code == _DENIED and self._took_remote):
                    raise self._no_control("writing", refusal) from refusal
                if refusal.code != _DENIED:
                    raise
                self._take_remote()
                write()

    def _take_remote(self) -> None:
        doing = "taking remote control"
        try:
            self._link.write_coil(_REMOTE, on=True)
        except Refused as refusal:
            raise self._no_control(doing, refusal) from refusal
        if not self.read_status().remote:
            raise self._error(doing, "status bit 11 to say remote", "not remote")
        self._took_remote = True

    def _no_control(self, doing: str, refusal: Refused) -> Refused:
        holder = "Local" if refusal.code == _LOCAL else self.read_status().control_location
        return Refused(
            doing,
            box=self._link.name,
            address=self._link.address,
            expected="to have remote control",
            got=f"exception {refusal.code:#04x}, control is held by: {holder}",
            code=refusal.code,
        )

    def _error(self, doing: str, expected: str, got: str, **did: str) -> BenchError:
        link = self._link
        return BenchError(
            doing, box=link.name, address=link.address, expected=expected, got=got, **did
        )
