"""The simulated reference outlet controller: firmware for the circuit, registers for its port."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from rig.virtual.unit.contract import Actuators, Sensors
from rig.virtual.unit.events import EventLog, UnitClock
from rig.virtual.unit.firmware import FirmwareLoop
from rig.virtual.unit.frontend import FrontEnd
from rig.virtual.unit.holding_registers import HoldingRegisters
from rig.virtual.unit.input_registers import PORT_AT_REST, InputRegisters, Live
from rig.virtual.unit.levers import Levers
from rig.virtual.unit.memory import NonVolatile
from rig.virtual.unit.meters import Meters
from rig.virtual.unit.parameters import Parameters
from rig.virtual.unit.protections import Protection, build_protections
from rig.virtual.unit.spread import spread
from rig.virtual.unit.states import ARMED
from rig.virtual.unit.supervisor import Supervisor
from rig.virtual.unit.ticks import Agenda, tick_at_or_before
from rig.virtual.unit.v2h import CanNode, PortPins, V2hPort
from rig.virtual.unit.v2h.states import PortState
from rig.virtual.unit.vehicle import VehicleData

__all__ = ["SimulatedController"]

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_FACTORY_UTC_S = 946_684_800
"""Where a clock that has lost its time begins: 2000-01-01."""
_NOMINAL = Parameters()


class SimulatedController:
    """One unit: ``Firmware`` towards the circuit, ``ServicePort`` towards its service port.

    ``parameters`` are nominal (``Defect.apply`` gives those of a defective unit); the tolerances of
    ``unit_seed`` are drawn over them. ``seed`` moves the noise of the inputs. ``epoch_utc`` is UTC
    at clock time 0.
    """

    def __init__(
        self,
        parameters: Parameters = _NOMINAL,
        *,
        unit_seed: int,
        seed: int,
        epoch_utc: datetime = _EPOCH,
    ) -> None:
        self.parameters = spread(parameters, unit_seed)
        self._unit_seed, self._seed = unit_seed, seed
        self._memory = NonVolatile()
        self._clock = UnitClock(epoch_utc, self._memory)
        self._log = EventLog(
            self._clock, self._memory, self.parameters.unlogged_codes, self.parameters.log
        )
        self._openings = [0, 0, 0]
        self._advance: Callable[[], None] = _no_advance
        self._now: Callable[[], float] = _not_bound
        self._terminals: tuple[Sensors, Actuators] | None = None
        self._alive = self._ran = False
        self._plug: tuple[PortPins, CanNode] | None = None
        self._v2h: V2hPort | None = None

    def bind(self, advance: Callable[[], None], now: Callable[[], float]) -> None:
        """Bring the circuit up to the present by ``advance`` before each access to the port."""
        self._advance, self._now = advance, now

    def plug_in(self, pins: PortPins, can: CanNode) -> None:
        """Be wired to a CHAdeMO port; the unit is running."""
        self._plug = pins, can
        self._boot_v2h(self._now())

    def start(self, sensors: Sensors, actuators: Actuators, now_s: float) -> None:
        """Be wired to the circuit, and power up."""
        self._terminals = sensors, actuators
        self._boot(now_s)

    def _boot(self, now_s: float) -> None:
        """Power up at ``now_s``; what is non-volatile is as it was."""
        assert self._terminals is not None  # a unit is wired before it is powered
        sensors, actuators = self._terminals
        parameters, memory = self.parameters, self._memory
        self._forget(now_s)
        if not parameters.weld_kept:
            memory.forget_welds()
        self._alive = True
        self._started_s = now_s
        levers = Levers(actuators, parameters.sockets, self._openings)
        agenda, vehicle = Agenda(), VehicleData(any_message=parameters.vehicle_any_message)
        meters = Meters(parameters.pack_wh, memory)
        self._protections = self._build_protections()
        self._supervisor = Supervisor(parameters, memory, agenda, self._log, levers)
        self._loop = FirmwareLoop(
            front_end=FrontEnd(parameters, self._seed), protections=self._protections,
            supervisor=self._supervisor, agenda=agenda, levers=levers, meters=meters,
            memory=memory, vehicle=vehicle, sensors=sensors, heat=parameters.heat,
            evps_tests_insulation=self._evps_tests_insulation, now_s=now_s,
        )  # fmt: skip
        self._inputs = InputRegisters(parameters, memory, self._supervisor, meters, vehicle)
        self._holding = HoldingRegisters(
            memory, self._supervisor, self._clock, vehicle, self._loop.cause_standing
        )
        self._agenda, self._vehicle = agenda, vehicle
        self._boot_v2h(now_s)
        self._supervisor.power_up(now_s, resume=parameters.supply.resumes and self._ran)

    def _evps_tests_insulation(self) -> bool:
        """Say whether the EVPS does: from our permission until it closes d2."""
        return self._v2h is not None and self._v2h.state is PortState.PERMITTED

    def _boot_v2h(self, now_s: float) -> None:
        if self._plug is None:
            return
        pins, can = self._plug
        self._v2h = V2hPort(
            self.parameters.v2h, pins, can, agenda=self._agenda, memory=self._memory,
            log=self._log, vehicle=self._vehicle, capacity_wh=self.parameters.pack_wh,
            insulation_ohm=self._insulation_ohm,
        )  # fmt: skip
        self._v2h.power_up(now_s)

    def _forget(self, now_s: float) -> None:
        """Lose what a defective unit's memory loses without supply."""
        restart, log = self.parameters.restart, self.parameters.log
        if not restart.kept:
            self._memory.forget_restarts()
        if not restart.latches_kept:
            self._memory.latched.clear()
        if not log.kept:
            self._memory.events.clear()
        if not log.clock_kept:
            self._clock.set_utc(_FACTORY_UTC_S, now_s)

    @property
    def alive(self) -> bool:
        """Whether the processor runs now: it has its supply, and is not in reset."""
        self._advance()
        return self._alive

    def next_deadline(self, now_s: float) -> float:
        """Return when the unit will next act by itself under steady inputs."""
        return self._loop.next_deadline() if self._alive else math.inf

    def run_steady(self, start_s: float, end_s: float) -> None:
        """Live through steady inputs."""
        if self._lives(start_s):
            self._loop.run_steady(end_s)

    def run_block(self, start_s: float, end_s: float) -> float:
        """Live through a sampled block, up to the first act; dying is one."""
        was_alive = self._alive
        if self._lives(start_s):
            return self._loop.run_block(start_s, end_s)
        return start_s if was_alive else end_s

    def settled(self) -> bool:
        """Say whether steady steps may be used."""
        return not self._alive or self._loop.settled()

    def _lives(self, now_s: float) -> bool:
        """Follow supply and reset line, which act on the processor and on the drivers behind it."""
        assert self._terminals is not None  # the circuit has started the unit
        supply, inputs = self.parameters.supply, self._terminals[0].steady()
        alive = inputs.supply_12v > supply.lives_above_v and not inputs.reset
        if alive and not self._alive:
            self._boot(now_s)
        elif self._alive and not alive:
            self._ran = self._supervisor.state in ARMED
            if supply.drops_out:
                self._supervisor.output.switch_off(now_s)
            if self._v2h is not None:
                self._v2h.power_lost(now_s)
        self._alive = alive
        return alive

    def reduce_w(self, too_much_w: float) -> float:
        """Let the V2H port give way before sockets are shed; return what is left."""
        return too_much_w if self._v2h is None else self._v2h.reduce_w(too_much_w)

    def read_input(self, address: int, count: int) -> list[int]:
        """Return input registers as of now."""
        self._advance()
        return self._inputs.read(address, count, self._live())

    def read_holding(self, address: int, count: int) -> list[int]:
        """Return holding registers as of now."""
        self._advance()
        return self._holding.read(address, count, self._now())

    def write_holding(self, address: int, values: list[int]) -> None:
        """Write holding registers; what they change takes effect now."""
        self._advance()
        self._holding.write(address, values, self._now())
        if self._v2h is not None:
            self._v2h.settings_changed(self._now())

    def on_console_line(self, listener: Callable[[str], None]) -> None:
        """Call ``listener`` with each console line, without its end."""
        self._log.listen(listener)

    def describe(self) -> dict[str, Any]:
        """Return what a report says of this unit; any JSON types, the truth behind the tests."""
        parameters = self.parameters
        return {
            "unit": "simulated reference outlet controller",
            "firmware": parameters.firmware_x100 / 100.0,
            "unit_seed": self._unit_seed,
            "seed": self._seed,
            "defect": parameters.defect,
            "stages": [asdict(stage) for stage in parameters.stages],
            "socket_stages": [[asdict(s) for s in each.stages] for each in parameters.sockets],
            "inverter": asdict(parameters.inverter),
            "short_circuit": asdict(parameters.short_circuit),
        }  # fmt: skip

    def _build_protections(self) -> dict[str, Protection]:
        protections = build_protections(self.parameters, self._memory, relief=self)
        for name, wrap in self.parameters.replaced.items():
            protections[name] = wrap(protections[name])
        return protections

    def _live(self) -> Live:
        span, tick = self._loop.last_reading()
        now_s = self._now()
        return Live(
            chademo=PORT_AT_REST if self._v2h is None else self._v2h.registers(),
            span=span,
            tick=tick,
            uptime_s=int(now_s - self._started_s),
            now_tick=tick_at_or_before(now_s),
            overload_percent=self._overload_percent(),
            insulation_ohm=self._insulation_ohm(),
        )

    def _insulation_ohm(self) -> float:
        return float(getattr(self._protections["insulation_dc"], "reading_ohm", math.inf))

    def _overload_percent(self) -> tuple[float, float, float, float]:
        names = ("inverter_overload", *(f"socket_overload_{each}" for each in "abc"))
        a, b, c, d = (getattr(self._protections[n], "memory_percent", 0.0) for n in names)
        return a, b, c, d


def _no_advance() -> None:
    """Do nothing: a unit that was not bound is advanced by its circuit alone."""


def _not_bound() -> float:
    raise RuntimeError("the simulated controller was not bound to a clock")
