"""The EA supply behind its two protocols: settings, output, measurement, alarms, status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from instruments.clock import Clock, ScheduledCall
from rig.virtual.boxes.ea_alarms import Alarm, EaAlarms
from rig.virtual.boxes.ea_registers import Series
from rig.virtual.boxes.ea_remote import RemoteControl
from rig.virtual.boxes.ea_settings import (
    ACTUAL_MAX,
    AUTO_AFTER_REMOTE,
    FULL_SCALE,
    SETPOINTS,
    EaRating,
    EaRefusal,
    EaSettings,
)
from rig.virtual.ports import SupplyPort, SupplyReading, SupplySetting

__all__ = ["EaIdentity", "EaSupply", "Measurement"]

_REGULATION = {"CV": 0b00, "CR": 0b01, "CC": 0b10, "CP": 0b11}
_RESTORE = 0xFFFE


@dataclass(frozen=True, slots=True)
class EaIdentity:
    """What the box says of itself (form of the strings: instruments.md A1.5)."""

    manufacturer: str = "EA Elektro-Automatik GmbH&Co.KG"
    model: str = "PSB 10500-90"
    article: str = "30000000"
    serial: str = "2023120002"
    firmware_ke: str = "V3.10 24.05.2023"
    firmware_hmi: str = "V3.03 05.10.2022"
    firmware_dr: str = "V1.0.0"
    device_class: int = 83
    series: Series = "10000"
    """The 9000 has fewer registers; for its SCPI that of the 10000 stands in."""

    @classmethod
    def psb_9000(cls) -> EaIdentity:
        """Return a PSB 9000 of the same rating (class 58, register list KE 2.31)."""
        return cls(
            model="PSB 9500-90", firmware_ke="V2.31 14.10.2020", device_class=58, series="9000"
        )


@dataclass(frozen=True, slots=True)
class Measurement:
    """What the box's own meters show; negative = sinking."""

    voltage_v: float
    current_a: float
    power_w: float


class EaSupply:
    """One PSB 10000 between its terminals and its interfaces.

    Meters have a fixed gain error (normal, 0.02 %) and noise (normal, ``meter_noise`` of nominal),
    drawn once per instant and reading, so that status and actual values agree. Protections are
    compared at every message and every ``supervision_s`` while the output is on.
    """

    def __init__(
        self,
        port: SupplyPort,
        clock: Clock,
        rng: np.random.Generator,
        *,
        rating: EaRating,
        identity: EaIdentity,
        meter_noise: float = 1e-4,
        supervision_s: float = 1.0,
    ) -> None:
        self._port, self._clock, self._rng = port, clock, rng
        self.rating, self.identity = rating, identity
        self.settings = EaSettings(rating)
        self.alarms = EaAlarms(self.settings)
        self.remote = RemoteControl(clock, self._remote_left)
        self.coils: dict[int, bool] = {}
        self.on = False
        self.restarts = 0
        self._meter_noise, self._supervision_s = meter_noise, supervision_s
        self._gains = 1.0 + rng.normal(0.0, 2e-4, 2)
        self._shown: tuple[float, SupplyReading, Measurement] | None = None
        self._supervision: ScheduledCall | None = None
        self._on_before: dict[Alarm, bool] = {}
        self._reset_coils()
        self._apply()

    def refresh(self) -> None:
        """Compare protections and supervision thresholds with what stands at the terminals."""
        if self.on and self.alarms.judge(self._port.read()):
            self._set_output(False)

    def switch(self, on: bool) -> None:
        """Switch the DC terminals; refused while an alarm waits for its acknowledgement."""
        if on and self.alarms.any:
            raise EaRefusal.not_now()
        self._set_output(on)

    def set_word(self, register: int, raw: int) -> None:
        """Set a register of the settings; set values act at once."""
        self.settings.set(register, raw)
        if register in SETPOINTS:
            self._apply()
        self.refresh()

    def acknowledge(self) -> None:
        """Acknowledge alarms whose cause is gone."""
        self.alarms.acknowledge(self._port.read())

    def measure(self) -> Measurement:
        """Return what the meters show at this instant."""
        now, reading = self._clock.now(), self._port.read()
        if self._shown is None or self._shown[:2] != (now, reading):
            self._shown = (now, reading, self._show(reading))
        return self._shown[2]

    def actual_words(self) -> list[int]:
        """Return voltage, current and power as registers 507 to 509 give them: unsigned."""
        shown, rating = self.measure(), self.rating
        return [
            _actual(shown.voltage_v, rating.voltage_v),
            _actual(shown.current_a, rating.current_a),
            _actual(shown.power_w, rating.power_w),
        ]

    def regulation(self) -> str | None:
        """Return CV, CC or CP; None while the output is off."""
        return self._port.read().regulation if self.on else None

    @property
    def sinking(self) -> bool:
        """Whether current flows into the box."""
        return self.on and self.measure().current_a < 0

    def status_word(self) -> int:
        """Return status register 505 (bits: instruments.md A1.4)."""
        word = self.remote.location
        word |= self.on << 7
        word |= _REGULATION[self.regulation() or "CV"] << 9
        word |= (self.remote.holder is not None) << 11
        word |= self.sinking << 12
        word |= self.alarms.any << 15
        word |= self.alarms.by_sink << 31
        for alarm in self.alarms.present:
            word |= 1 << alarm
        return word

    def reset(self) -> None:
        """Do what *RST does to the box: output off, alarms acknowledged."""
        self._set_output(False)
        self.acknowledge()

    def restart(self) -> None:
        """Start again, as after mains on: register 408 says what becomes of the output."""
        again = self.on and self.settings.words[408] == _RESTORE
        self.remote.drop()
        self._set_output(False)
        self.alarms.clear()
        self.restarts += 1
        if again:
            self._set_output(True)

    def factory_reset(self) -> None:
        """Go to the defaults with the output off."""
        self._set_output(False)
        self.settings.reset()
        self._reset_coils()
        self.remote.set_monitor(False)
        self.remote.set_monitor_timeout(5)
        self._apply()

    def set_cause(self, alarm: Literal[Alarm.OT, Alarm.PF], present: bool) -> None:
        """Let the box overheat or its mains fail, or end it.

        Whether the output then returns by itself: register 577 after heat, coil 407 after mains.
        """
        if present:
            self._on_before[alarm] = self.on
            self._set_output(False)
        self.alarms.set_standing(alarm, present)
        returns = self.settings.words[577] if alarm is Alarm.OT else self.coils[407]
        if not present and self._on_before.pop(alarm, False) and returns:
            self._set_output(True)

    def _reset_coils(self) -> None:
        self.coils = {
            407: False,
            409: False,
            AUTO_AFTER_REMOTE: False,
            10010: True,
            10011: True,
            10013: False,
        }

    def _remote_left(self) -> None:
        if not self.coils[AUTO_AFTER_REMOTE]:
            self._set_output(False)

    def _set_output(self, on: bool) -> None:
        self.on = on
        self._apply()
        if self._supervision is not None:
            self._supervision.cancel()
            self._supervision = None
        if on:
            self._supervision = self._clock.call_every(self._supervision_s, self.refresh)
        else:
            self.alarms.clear_signals()

    def _apply(self) -> None:
        real = self.settings.real
        self._port.apply(
            SupplySetting(
                on=self.on,
                voltage_v=real(500),
                source_current_a=real(501),
                source_power_w=real(502),
                sink_current_a=real(499),
                sink_power_w=real(498),
            )
        )

    def _show(self, reading: SupplyReading) -> Measurement:
        noise = self._rng.normal(0.0, self._meter_noise, 2)
        volts = reading.voltage_v * self._gains[0] + noise[0] * self.rating.voltage_v
        amps = reading.current_a * self._gains[1]
        if self.on:
            amps += noise[1] * self.rating.current_a
        volts = max(0.0, volts)
        return Measurement(float(volts), float(amps), float(volts * amps))


def _actual(value: float, nominal: float) -> int:
    """Return a reading in steps of two: the meters resolve 26214 steps (instruments.md A1.3)."""
    return min(ACTUAL_MAX, 2 * round(abs(value) / nominal * (FULL_SCALE // 2)))
