"""A small DC circuit for the simulated supplies: nothing, a resistor, or a battery."""

from rig.virtual.ports import SupplyReading


class DcCircuit:
    """Open terminals, or ``emf_v`` behind ``ohm``."""

    def __init__(self):
        self.emf_v, self.ohm = 0.0, None
        self.applied = []

    @property
    def setting(self):
        return self.applied[-1]

    def apply(self, setting):
        self.applied.append(setting)

    def read(self):
        s = self.setting
        if not s.on:
            return SupplyReading(self.emf_v, 0.0, 0.0, "CV")
        if self.ohm is None:
            return SupplyReading(s.voltage_v, 0.0, 0.0, "CV")
        wanted = (s.voltage_v - self.emf_v) / self.ohm
        amps = min(max(wanted, -s.sink_current_a), s.source_current_a)
        volts = self.emf_v + amps * self.ohm
        return SupplyReading(volts, amps, volts * amps, "CV" if amps == wanted else "CC")
