"""An AC circuit for the simulated loads, whose every quantity follows from what they ask."""

import math

from rig.virtual.ports import AcQuantities, LoadSetting


class KnownMains:
    """230 V 50 Hz that carries whatever is asked."""

    def __init__(self):
        self.volts, self.hertz = 230.0, 50.0
        self.setting = LoadSetting(False, "current", 0.0)

    def apply(self, setting):
        self.setting = setting

    def amps(self):
        s = self.setting
        if not s.on or self.volts < 1.0 or s.level == 0.0:
            return 0.0
        return {
            "current": s.level,
            "power": s.level / self.volts / max(abs(s.power_factor), 0.01),
            "resistance": self.volts / s.level,
        }[s.mode]

    def read(self):
        amps, factor = self.amps(), self.setting.power_factor
        return AcQuantities(
            voltage_v=self.volts,
            current_a=amps,
            power_w=self.volts * amps * abs(factor),
            reactive_var=self.volts * amps * math.sqrt(1 - factor * factor),
            frequency_hz=self.hertz if self.volts > 1 else 0.0,
            voltage_peak_v=self.volts * math.sqrt(2),
            current_peak_a=amps * self.setting.crest_factor,
            voltage_thd_percent=1.2,
        )
