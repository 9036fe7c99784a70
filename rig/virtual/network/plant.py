"""The numbers of the simulated power stage: inverter, output capacitor, DC side, heat sink."""

from __future__ import annotations

from dataclasses import dataclass

from rig.virtual.network.randomness import rng_for

__all__ = ["Plant"]


@dataclass(frozen=True, slots=True)
class Plant:
    """One unit's power stage (controller.md section 1; losses: domain.md section 5.4)."""

    rated_va: float = 6000.0
    open_voltage_v: float = 231.2
    """RMS without load; with the output resistance 230 V within 1 % from 0 to 100 % load."""
    output_ohm: float = 0.08
    third_harmonic: float = -0.008
    fifth_harmonic: float = 0.005
    dc_offset_v: float = 0.0
    """DC part of the source voltage."""
    limit_a: float = 80.0
    """Peak; above it the voltage follows the current."""
    frequency_hz: float = 50.0
    phase_cycles: float = 0.0
    """Phase of the output at clock time 0."""
    ramp_s: float = 0.015
    block_s: float = 20e-6
    """From the blocking of the gates to the end of the current."""
    capacitor_f: float = 10e-6
    earth_capacitance_f: float = 10e-9
    """Of line and of neutral, each, against earth."""
    short_h: float = 0.5e-6
    """Inductance of the loop from the output capacitor through a short-circuit branch."""
    collapse_s: float = 0.3e-3
    """Time in which an electronic load loses its current once the voltage collapsed."""
    dip_per_rated: float = 0.09
    """Voltage missing at once, as a fraction, after a load step of 100 %."""
    dip_tau_s: float = 0.012
    load_slew_s: float = 0.001
    inverter_idle_w: float = 50.0
    vehicle_overhead_w: float = 150.0
    loss_linear: float = 0.02
    loss_square: float = 0.02
    lowest_dc_v: float = 200.0
    """Below it the output sinks in proportion to the DC voltage."""
    ambient_c: float = 25.0
    full_load_rise_k: float = 25.0
    thermal_tau_s: float = 600.0

    @staticmethod
    def drawn(seed: int, unit_seed: int) -> Plant:
        """Return the plant of one unit: tolerances by ``unit_seed``, the phase by ``seed``."""
        unit = rng_for(unit_seed, "plant")
        return Plant(
            open_voltage_v=231.2 * (1.0 + unit.uniform(-0.002, 0.002)),
            output_ohm=0.08 * (1.0 + unit.uniform(-0.1, 0.1)),
            phase_cycles=float(rng_for(seed, "phase").uniform(0.0, 1.0)),
        )

    @property
    def full_load_loss_w(self) -> float:
        """Inverter losses at rated active power in W."""
        return self.inverter_loss_w(self.rated_va)

    def inverter_loss_w(self, ac_w: float) -> float:
        """Return what the running inverter turns into heat at ``ac_w``."""
        square = self.loss_square * ac_w * ac_w / self.rated_va
        return self.inverter_idle_w + self.loss_linear * abs(ac_w) + square

    def dc_power_w(self, ac_w: float, *, running: bool) -> float:
        """Return the power at the unit's DC terminals, vehicle overhead included."""
        if not running:
            return self.vehicle_overhead_w
        return self.vehicle_overhead_w + ac_w + self.inverter_loss_w(ac_w)
