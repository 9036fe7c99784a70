"""What ends a V2H session from the vehicle's side (R-V2H-04 to 07, 10; chademo.md section 4)."""

from __future__ import annotations

from rig.virtual.unit.ticks import TICKS_PER_S, instant_of
from rig.virtual.unit.trips import TripCode, clamp_u16
from rig.virtual.unit.v2h.frames import EvpsFrames
from rig.virtual.unit.v2h.parameters import V2hParameters
from rig.virtual.unit.v2h.states import PortState, Stop, StopReason
from rig.virtual.unit.v2h.view import View

__all__ = ["Watch"]

_COIL_FED = frozenset(
    {PortState.CLOSING, PortState.READY, PortState.REQUESTING, PortState.TRANSFER}
)
_SYSTEM = frozenset({"system"})
_MALFUNCTION = 0b0010
"""109.5.1."""
_INCOMPATIBLE = 0b1000
"""109.5.3: the EVPS cannot work with this battery."""
_PACK_LOW_V, _PACK_HIGH_V = 250.0, 410.0


class Watch:
    """Looks at sensors, lines and frames on every decision while current is permitted."""

    def __init__(self, parameters: V2hParameters) -> None:
        self._parameters = parameters
        self._since: dict[str, int] = {}

    def stop(
        self, state: PortState, view: View, evps: EvpsFrames, told: tuple[int, int]
    ) -> Stop | None:
        """Return why to stop now; ``told`` = request and discharge limit last told, in A."""
        return (
            self._lines(state, view)
            or self._vehicle(view)
            or self._can(view, evps)
            or self._evps(state, evps)
            or self._pack(view)
            or (self._current(view, told) if state is PortState.TRANSFER else None)
            or (self._voltage(view, evps) if state is PortState.TRANSFER else None)
            or self._insulation(view)
        )

    def incompatible(self, view: View, evps: EvpsFrames) -> Stop | None:
        """Return what of the EVPS's capability forbids a session (R-V2H-11)."""
        parameters = self._parameters
        if stop := self._can(view, evps) or self._fault(evps):
            return stop
        if parameters.heeds_version and evps.protocol == 0:
            return Stop(StopReason.INCOMPATIBLE, faults=_SYSTEM)
        if parameters.heeds_voltage and evps.available_v < parameters.target_v:
            return Stop(StopReason.INCOMPATIBLE)
        if parameters.heeds_current and evps.available_a < parameters.min_charge_a:
            return Stop(StopReason.INCOMPATIBLE)
        takes = evps.may_discharge and evps.input_a > 0
        if view.mode == 1 and parameters.heeds_current and not takes:
            return Stop(StopReason.INCOMPATIBLE)
        return None

    def _lines(self, state: PortState, view: View) -> Stop | None:
        lost = (not view.d1) | (not view.plugged) << 2
        if state in _COIL_FED:
            lost |= (not view.d2) << 1
        return Stop(TripCode.V2H_LINE_LOST, lost, emergency=True) if lost else None

    def _vehicle(self, view: View) -> Stop | None:
        if self._parameters.heeds_gear and not view.parked:
            return Stop(TripCode.V2H_NOT_PARKED, 1)
        if view.data_age_s > self._parameters.stale_s:
            return Stop(TripCode.VEHICLE_STALE, clamp_u16(1000.0 * view.data_age_s))
        return Stop(StopReason.BY_COMMAND) if view.mode == 0 else None

    def _can(self, view: View, evps: EvpsFrames) -> Stop | None:
        silent_s = evps.silent_s(instant_of(view.tick))
        if silent_s <= self._parameters.can_loss_s:
            return None
        return Stop(TripCode.V2H_CAN_LOST, clamp_u16(1000.0 * silent_s), _SYSTEM)

    def _evps(self, state: PortState, evps: EvpsFrames) -> Stop | None:
        parameters, status = self._parameters, evps.status
        if stop := self._fault(evps):
            return stop
        if state is not PortState.TRANSFER:
            return None
        hidden = parameters.malfunction_hides_stop and status & _MALFUNCTION
        if parameters.heeds_stop and evps.stopping and not hidden:
            return Stop(StopReason.BY_EVPS)
        if parameters.heeds_lock and not evps.energizing:
            return Stop(TripCode.V2H_LOCK, status, _SYSTEM)
        return None

    def _fault(self, evps: EvpsFrames) -> Stop | None:
        status = evps.status & self._parameters.heeds
        if status & ~_INCOMPATIBLE:
            return Stop(TripCode.V2H_EMERGENCY_STOP, evps.status)
        return Stop(StopReason.INCOMPATIBLE) if status else None

    def _pack(self, view: View) -> Stop | None:
        low = view.pack_v < _PACK_LOW_V
        if self._lasts("pack", low or view.pack_v > _PACK_HIGH_V, 0.1, view):
            code = TripCode.DC_UNDER_VOLTAGE if low else TripCode.DC_OVER_VOLTAGE
            fault = "under_voltage" if low else "over_voltage"
            return Stop(code, clamp_u16(10.0 * view.pack_v), frozenset({fault}))
        return None

    def _current(self, view: View, told: tuple[int, int]) -> Stop | None:
        parameters, (request_a, discharge_a) = self._parameters, told
        value = clamp_u16(10.0 * abs(view.inlet_a))
        beyond = max(view.inlet_a - request_a, -view.inlet_a - discharge_a)
        over = beyond >= parameters.over_current_a
        if self._lasts("over", over, parameters.over_current_s, view):
            faults = frozenset({parameters.over_current_fault})
            return Stop(TripCode.V2H_OVER_CURRENT, value, faults)
        wrong_a = 0.0 if view.may_charge else view.inlet_a
        wrong_a = max(wrong_a, 0.0 if view.may_discharge else -view.inlet_a)
        if self._lasts("reverse", wrong_a > parameters.reverse_a, parameters.reverse_s, view):
            return Stop(TripCode.V2H_REVERSE_CURRENT, value, _SYSTEM)
        return None

    def _voltage(self, view: View, evps: EvpsFrames) -> Stop | None:
        parameters = self._parameters
        off = abs(evps.output_v - view.inlet_v) > parameters.voltage_deviation_v
        if self._lasts("volts", off, parameters.voltage_deviation_s, view):
            return Stop(StopReason.VOLTAGE_DEVIATION, faults=frozenset({"voltage_deviation"}))
        return None

    def _insulation(self, view: View) -> Stop | None:
        low = view.closed and view.insulation_ohm < self._parameters.insulation_ohm
        if self._lasts("insulation", low, self._parameters.insulation_s, view):
            kohm = clamp_u16(view.insulation_ohm / 1000.0)
            return Stop(TripCode.V2H_INSULATION, kohm, _SYSTEM)
        return None

    def _lasts(self, what: str, holds: bool, for_s: float, view: View) -> bool:
        """Say whether something has held for a time, looked at on each decision."""
        if not holds:
            self._since.pop(what, None)
            return False
        since = self._since.setdefault(what, view.tick)
        return view.tick - since >= for_s * TICKS_PER_S
