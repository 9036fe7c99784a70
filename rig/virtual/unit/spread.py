"""The tolerances of one healthy unit: every threshold, time and sensor a little off its nominal."""

from __future__ import annotations

from dataclasses import replace

from rig.virtual.unit.parameters import (
    AcWindow,
    InsulationParameters,
    InverterParameters,
    Limit,
    OutletParameters,
    Parameters,
    ResidualParameters,
    SensorParameters,
    ShortCircuitParameters,
    SocketParameters,
    Stage,
)
from rig.virtual.unit.streams import stream

__all__ = ["spread"]

_THRESHOLD, _TIME, _SENSOR, _RESIDUAL_SENSOR = 0.01, 0.05, 0.005, 0.03
# Power is voltage times current: both at the full sensor tolerance would add up to the whole 1 %
# that the unit's energy meters may be off.
_AC_VOLTAGE_SENSOR = 0.0025
_AC_WINDOW_THRESHOLD = 0.005
_OFFSET_OF_RANGE = 0.0003
_QUARTZ = 50e-6
_OUTPUT_VOLTAGE = 0.004
_DC_OFFSET_V = 0.2


class _Unit:
    """Draws by name, so that a parameter's tolerance does not hang on what was drawn before it."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def off(self, name: str, tolerance: float) -> float:
        return 1.0 + self.between(name, tolerance)

    def between(self, name: str, bound: float) -> float:
        return float(stream(f"unit/tolerance/{name}", self._seed).uniform(-bound, bound))

    def stage(self, name: str, stage: Stage) -> Stage:
        percent = stage.percent * self.off(f"{name}/threshold", _THRESHOLD)
        return Stage(percent, stage.time_s * self.off(f"{name}/time", _TIME))

    def limit(self, name: str, limit: Limit, tolerance: float) -> Limit:
        value = limit.value * self.off(f"{name}/threshold", tolerance)
        return Limit(value, limit.time_s * self.off(f"{name}/time", _TIME))

    def sensor(self, name: str, sensor: SensorParameters, tolerance: float) -> SensorParameters:
        bound = _OFFSET_OF_RANGE * sensor.range
        return replace(
            sensor,
            gain=sensor.gain * self.off(f"{name}/gain", tolerance),
            offset=sensor.offset + self.between(f"{name}/offset", bound),
        )

    def socket(self, name: str, socket: SocketParameters) -> SocketParameters:
        stages = tuple(self.stage(f"{name}/{n}", each) for n, each in enumerate(socket.stages))
        current = self.sensor(f"{name}/current", socket.current, _SENSOR)
        return replace(socket, stages=stages, current=current)

    def residual(self, name: str, nominal: ResidualParameters) -> ResidualParameters:
        def stages(kind: str, all_: tuple[Stage, ...]) -> tuple[Stage, ...]:
            return tuple(
                self.stage(f"residual/{name}/{kind}/{n}", each) for n, each in enumerate(all_)
            )

        return replace(
            nominal,
            sensor=self.sensor(f"residual/{name}", nominal.sensor, _RESIDUAL_SENSOR),
            ac_stages=stages("ac", nominal.ac_stages),
            dc_stages=stages("dc", nominal.dc_stages),
        )

    def insulation(self, name: str, nominal: InsulationParameters) -> InsulationParameters:
        warn_ohm = nominal.warn_ohm
        if warn_ohm is not None:
            warn_ohm *= self.off(f"insulation/{name}/warn", _THRESHOLD)
        return replace(
            nominal,
            trip_ohm=nominal.trip_ohm * self.off(f"insulation/{name}/trip", _THRESHOLD),
            warn_ohm=warn_ohm,
            settles_s=nominal.settles_s * self.off(f"insulation/{name}/time", _TIME),
            per_farad_s=nominal.per_farad_s * self.off(f"insulation/{name}/ohm", _TIME),
            gain=nominal.gain * self.off(f"insulation/{name}/gain", _SENSOR),
        )

    def comparator(self, nominal: ShortCircuitParameters) -> ShortCircuitParameters:
        return replace(
            nominal,
            inverter_a=nominal.inverter_a * self.off("comparator/inverter", _THRESHOLD),
            socket_a=nominal.socket_a * self.off("comparator/socket", _THRESHOLD),
            gate_block_s=nominal.gate_block_s * self.off("comparator/gate_block", _TIME),
        )

    def ac_window(self, nominal: AcWindow) -> AcWindow:
        def one(name: str, limit: Limit) -> Limit:
            return self.limit(f"ac/{name}", limit, _AC_WINDOW_THRESHOLD)

        return replace(
            nominal,
            over_slow=one("over_slow", nominal.over_slow),
            over_fast=one("over_fast", nominal.over_fast),
            under_slow=one("under_slow", nominal.under_slow),
            under_fast=one("under_fast", nominal.under_fast),
            frequency=one("frequency", nominal.frequency),
        )

    def outlet(self, name: str, nominal: OutletParameters) -> OutletParameters:
        def slower(what: str, seconds: float) -> float:
            return seconds * self.off(f"{name}/{what}", _TIME)

        weld = self.limit(f"{name}/weld", nominal.weld.voltage, _THRESHOLD)
        return replace(
            nominal,
            lid=replace(nominal.lid, delay_s=slower("lid", nominal.lid.delay_s)),
            wet=replace(nominal.wet, delay_s=slower("wet", nominal.wet.delay_s)),
            pe=replace(nominal.pe, delay_s=slower("pe", nominal.pe.delay_s)),
            voltage=self.sensor(f"{name}/voltage", nominal.voltage, _SENSOR),
            foreign_voltage=self.limit(f"{name}/foreign", nominal.foreign_voltage, _THRESHOLD),
            reverse_power=self.limit(f"{name}/reverse", nominal.reverse_power, _THRESHOLD),
            weld=replace(nominal.weld, voltage=weld),
        )

    def inverter(self, nominal: InverterParameters) -> InverterParameters:
        return replace(
            nominal,
            voltage_v=nominal.voltage_v * self.off("inverter/voltage", _OUTPUT_VOLTAGE),
            frequency_hz=nominal.frequency_hz * self.off("inverter/frequency", _QUARTZ),
            dc_offset_v=nominal.dc_offset_v + self.between("inverter/dc_offset", _DC_OFFSET_V),
        )


def spread(nominal: Parameters, unit_seed: int) -> Parameters:
    """Return the parameters of the unit ``unit_seed``: the nominal ones within healthy tolerances.

    Thresholds +-1 % (AC voltage and frequency windows +-0.5 %), times +-5 %, sensors +-0.5 % (AC
    voltage +-0.25 %, residual current +-3 %), offsets +-0.03 % of range, output voltage +-0.4 %
    with up to +-0.2 V DC, quartz +-50 ppm.
    """
    unit = _Unit(unit_seed)
    a, b, c = nominal.sockets
    power, pack, heat, supply = (
        nominal.power_limit, nominal.pack_limit, nominal.heat, nominal.supply,
    )  # fmt: skip
    x, y, z = nominal.outlets
    dc = nominal.dc_window
    return replace(
        nominal,
        v2h=replace(
            nominal.v2h,
            voltage_gain=nominal.v2h.voltage_gain * unit.off("v2h/voltage", _AC_VOLTAGE_SENSOR),
            current_gain=nominal.v2h.current_gain * unit.off("v2h/current", _SENSOR),
        ),
        inverter=unit.inverter(nominal.inverter),
        stages=tuple(unit.stage(f"stage/{n}", each) for n, each in enumerate(nominal.stages)),
        sockets=(unit.socket("A", a), unit.socket("B", b), unit.socket("C", c)),
        outlets=(unit.outlet("A", x), unit.outlet("B", y), unit.outlet("C", z)),
        ac_voltage=unit.sensor("ac_voltage", nominal.ac_voltage, _AC_VOLTAGE_SENSOR),
        ac_current=unit.sensor("ac_current", nominal.ac_current, _SENSOR),
        dc_voltage=unit.sensor("dc_voltage", nominal.dc_voltage, _SENSOR),
        dc_current=unit.sensor("dc_current", nominal.dc_current, _SENSOR),
        clock_gain=nominal.clock_gain * unit.off("quartz", _QUARTZ),
        short_circuit=unit.comparator(nominal.short_circuit),
        ac_window=unit.ac_window(nominal.ac_window),
        dc_window=replace(
            dc,
            under=unit.limit("dc/under", dc.under, 0.0),
            over=unit.limit("dc/over", dc.over, 0.0),
        ),
        heat=replace(
            heat,
            sensor=unit.sensor("heatsink", heat.sensor, _SENSOR),
            trip=unit.limit("heat/trip", heat.trip, 0.0),
        ),
        supply=replace(
            supply,
            sensor=unit.sensor("supply_12v", supply.sensor, _SENSOR),
            brown_out=unit.limit("brown_out", supply.brown_out, _THRESHOLD),
        ),
        pack_limit=replace(
            pack,
            far_s=pack.far_s * unit.off("pack_limit/far", _TIME),
            near_s=pack.near_s * unit.off("pack_limit/near", _TIME),
        ),
        residual=(
            unit.residual("A", nominal.residual[0]),
            unit.residual("B", nominal.residual[1]),
            unit.residual("C", nominal.residual[2]),
        ),
        pack_insulation=unit.insulation("pack", nominal.pack_insulation),
        output_insulation=unit.insulation("output", nominal.output_insulation),
        power_limit=replace(power, shed_s=power.shed_s * unit.off("power_limit/time", _TIME)),
    )
