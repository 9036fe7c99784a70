"""Stand-ins for the boxes that carry power: they note what they are told, and do nothing."""

from __future__ import annotations

from instruments.capabilities import AcReading, DcReading, Identity, PointOnWaveShot, WatchdogState
from rig.dry.stimuli import Stimuli
from rig.dry.world import World

__all__ = ["DryBox", "DryLoad", "DryPointOnWave", "DryRelays", "DrySupply"]


class DryBox:
    """Any box: it has a role, and nothing to be afraid of."""

    def __init__(self, role: str, world: World, stimuli: Stimuli) -> None:
        self._role, self._world, self._stimuli = role, world, stimuli

    def identify(self) -> Identity:
        """Return that it is none."""
        return Identity("dry run", self._world.bench.roles[self._role].model, "0", "0")

    def make_safe(self) -> None:
        """Switch off."""

    def close(self) -> None:
        """Do nothing: nothing is open."""

    def _note(self, what: str) -> None:
        self._stimuli.note(self._role, what)


class DrySupply(DryBox):
    """A bidirectional supply, both of its views, and its watchdog."""

    @property
    def source(self) -> _DrySource:
        """The source view."""
        return _DrySource(self._role, self._world, self._stimuli)

    @property
    def sink(self) -> _DrySink:
        """The sink view."""
        return _DrySink(self._role, self._world, self._stimuli)

    def read_alarms(self) -> frozenset[str]:
        """Return none."""
        return frozenset()

    def acknowledge_alarms(self) -> None:
        """Do nothing."""

    def arm_watchdog(self, timeout_s: float) -> None:
        """Note it."""
        self._note(f"arm the watchdog with {timeout_s:g} s")

    def disarm_watchdog(self) -> None:
        """Do nothing."""

    def read_watchdog(self) -> WatchdogState:
        """Return that it is not armed."""
        return WatchdogState(timeout_s=None, expired=False)

    def make_safe(self) -> None:
        """Switch off."""
        if self._role == "pack":
            self._world.pack_on = False


class _DryView(DryBox):
    _side = "source"
    _sign = 1.0

    def set_current_limit(self, current_a: float) -> None:
        self._note(f"{self._side} at most {current_a:g} A")

    def set_power_limit(self, power_w: float) -> None:
        self._note(f"{self._side} at most {power_w:g} W")

    def measure(self) -> DcReading:
        world = self._world
        if self._role != "pack" or not world.pack_on:
            return DcReading(0.0, 0.0, 0.0)
        amps = world.power_w / world.pack_v if world.pack_v else 0.0
        return DcReading(world.pack_v, self._sign * amps, self._sign * world.power_w)


class _DrySource(_DryView):
    def set_voltage(self, voltage_v: float) -> None:
        self._note(f"set {voltage_v:g} V")
        if self._role == "pack":
            self._world.pack_v = voltage_v

    def output_on(self) -> None:
        self._note("output on")
        if self._role == "pack":
            self._world.pack_on = True

    def output_off(self) -> None:
        self._note("output off")
        if self._role == "pack":
            self._world.pack_on = False


class _DrySink(_DryView):
    _side = "sink"
    _sign = -1.0


class DryLoad(DryBox):
    """An electronic load."""

    def __init__(self, role: str, world: World, stimuli: Stimuli) -> None:
        super().__init__(role, world, stimuli)
        self._set = (0.0, 1.0)
        self._on = False

    def set_current(
        self, current_a: float, *, power_factor: float = 1.0, crest_factor: float = 1.414
    ) -> None:
        """Draw a constant RMS current."""
        self._note(f"set {current_a:.4g} A{_shape(power_factor, crest_factor)}")
        self._take(current_a, power_factor)

    def set_power(
        self, power_w: float, *, power_factor: float = 1.0, crest_factor: float = 1.414
    ) -> None:
        """Draw a constant active power."""
        self._note(f"set {power_w:.4g} W{_shape(power_factor, crest_factor)}")
        volts = self._world.bench.unit.nominal_voltage_v
        self._take(power_w / volts / abs(power_factor), power_factor)

    def set_resistance(self, resistance_ohm: float) -> None:
        """Behave as a resistor."""
        self._note(f"set {resistance_ohm:.4g} ohm")
        self._take(self._world.bench.unit.nominal_voltage_v / resistance_ohm, 1.0)

    def input_on(self) -> None:
        """Start loading."""
        self._note("input on")
        self._on = True
        self._take(*self._set)

    def input_off(self) -> None:
        """Stop loading."""
        self._note("input off")
        self.make_safe()

    def make_safe(self) -> None:
        """Stop loading."""
        self._on = False
        self._world.currents.pop(self._role, None)

    def measure(self) -> AcReading:
        """Return what it draws at nominal voltage."""
        wired = self._world.bench.wiring.sockets.items()
        volts = sum(self._world.voltage_v(s) for s, w in wired if w.load == self._role)
        amps, factor = self._set if self._on and volts else (0.0, 1.0)
        apparent = volts * amps
        hertz = self._world.bench.unit.nominal_frequency_hz
        return AcReading(volts, amps, apparent * abs(factor), apparent, factor, hertz)

    def read_protection(self) -> frozenset[str]:
        """Return none."""
        return frozenset()

    def clear_protection(self) -> None:
        """Do nothing."""

    def _take(self, current_a: float, power_factor: float) -> None:
        self._set = (current_a, power_factor)
        if self._on:
            self._world.currents[self._role] = self._set


class DryRelays(DryBox):
    """A relay board, with inputs that are all on."""

    size = 8

    def __init__(self, role: str, world: World, stimuli: Stimuli) -> None:
        super().__init__(role, world, stimuli)
        self._closed = [False] * self.size

    def set_relay(self, relay: int, closed: bool) -> None:
        """Drive one relay."""
        self._note(f"relay {relay} {'closed' if closed else 'open'}")
        self._closed[relay] = closed

    def pulse(self, relay: int, duration_s: float) -> None:
        """Close a relay for a time; a repetition while it is closed is not noted again."""
        if not self._closed[relay]:
            self._note(f"relay {relay} closed for {duration_s:g} s at a time")
        self._closed[relay] = True

    def read_relays(self) -> tuple[bool, ...]:
        """Return what it was told."""
        return tuple(self._closed)

    def read_inputs(self) -> tuple[bool, ...]:
        """Return that all is well."""
        return (True,) * self.size

    def all_off(self) -> None:
        """Release every relay."""
        self._closed = [False] * self.size

    def make_safe(self) -> None:
        """Release every relay."""
        self.all_off()


class DryPointOnWave(DryBox):
    """The point-on-wave trigger: it fires when it is armed."""

    _fired = False

    def arm(self, branches: int, *, delay_s: float, hold_s: float) -> None:
        """Note which branches would close, when and for how long."""
        self._note(
            f"branches {branches:#b} closed {delay_s * 1000:.4g} ms after zero, {hold_s:g} s"
        )
        self._world.branches = branches
        self._world.branches_until_s = self._world.clock.now() + hold_s
        self._fired = True

    def read_shot(self) -> PointOnWaveShot:
        """Return that it has fired, if it was armed."""
        over = self._world.clock.now() > self._world.branches_until_s
        state = (3 if over else 2) if self._fired else 0
        return PointOnWaveShot(fired=self._fired, angle_deg=0.0, state=state)

    def disarm(self) -> None:
        """Open all branches."""
        self._fired = False
        self._world.branches_until_s = float("-inf")

    def make_safe(self) -> None:
        """Open all branches."""
        self.disarm()


def _shape(power_factor: float, crest_factor: float) -> str:
    factor = "" if power_factor == 1.0 else f", power factor {power_factor:g}"
    return factor + ("" if crest_factor == 1.414 else f", crest factor {crest_factor:g}")
