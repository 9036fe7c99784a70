"""Every port of the circuit in one, which holds its box to what a port may be asked."""

import numpy as np

from rig.virtual.ports import AcQuantities, SupplyReading, SupplySetting

DEAD = AcQuantities(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
LIVE = AcQuantities(230.0, 5.0, 1150.0, 10.0, 50.0, 325.0, 7.0, 1.0)


class AnyCircuit:
    """Dead in even seconds of the clock, live in odd ones: mains, or a battery at a supply."""

    def __init__(self, clock):
        self.clock, self.supply = clock, None

    @property
    def live(self):
        return int(self.clock.now()) % 2 == 1

    def apply(self, setting):
        if isinstance(setting, SupplySetting):
            amounts = (setting.voltage_v, setting.source_current_a, setting.sink_current_a)
            assert min(*amounts, setting.source_power_w, setting.sink_power_w) >= 0.0
            self.supply = setting
        else:
            assert setting.level >= 0.0

    def read(self):
        if self.supply is None:
            return LIVE if self.live else DEAD
        volts, amps = (400.0, -5.0 if self.supply.on else 0.0) if self.live else (0.0, 0.0)
        return SupplyReading(volts, amps, volts * amps, "CC" if self.live else "CV")

    def average(self, start_s, end_s):
        assert start_s < end_s <= self.clock.now() + 1e-9
        return self.read()

    def samples(self, channel, t_s):
        assert t_s[-1] <= self.clock.now() + 1e-9
        return np.zeros(len(t_s))

    def crossing(self, channel, level, slope, start_s, end_s):
        assert start_s <= end_s <= self.clock.now()
        return end_s

    def external_trigger(self, start_s, end_s):
        return self.crossing(0, 0.0, "rising", start_s, end_s)

    def keep_from(self, start_s):
        assert start_s is None or start_s <= self.clock.now()

    def drive(self, relay, closed):
        assert 0 <= relay < 8

    def next_zero_crossing(self):
        return self.clock.now() if self.live else None

    def phase_deg(self, t_s):
        return 0.0

    def switch(self, branches, closed, at_s):
        assert at_s >= self.clock.now()

    def trigger(self, at_s):
        assert at_s >= self.clock.now()

    def read_input(self, address, count):
        return [7] * count

    read_holding = read_input

    def write_holding(self, address, values):
        assert values

    def on_console_line(self, listener):
        pass
