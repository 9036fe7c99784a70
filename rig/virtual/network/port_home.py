"""The port of an off-board box: the box is the home, the bench the vehicle."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

from rig.virtual.network.dc import OFF
from rig.virtual.network.port import Port
from rig.virtual.network.port_coil import ContactorPair
from rig.virtual.network.world import World
from rig.virtual.offboard.contract import BoxInputs, Button
from rig.virtual.ports import SupplySetting

__all__ = ["HomePins", "wire_vehicle"]

_BUTTONS: tuple[Button, ...] = ("start", "stop", "emergency", "discharge")
_HOLD_A, _HIGHEST_V, _POWER_W = 0.5, 500.0, 7_500.0
_OWN_S = 0.03
"""The box's own contactor follows its coil."""


def wire_vehicle(port: Port, pair: ContactorPair) -> HomeButtons:
    """Let the bench's contacts drive lines, the vehicle's contactors and the box's buttons."""
    port.on_contact("k", partial(port.lines.move, "k"))
    port.on_contact("proximity", partial(port.lines.move, "proximity"))
    port.on_contact("contactor", pair.drive)
    buttons = HomeButtons()
    for name in _BUTTONS:
        port.on_contact(name, partial(buttons.move, name))
    return buttons


class HomeButtons:
    """The buttons of the box, in the place of which the bench has relays."""

    def __init__(self) -> None:
        self.pressed: frozenset[Button] = frozenset()
        self.heard: Callable[[float], None] = lambda t_s: None

    def move(self, button: Button, on: bool, t_s: float) -> None:
        """Press or release one."""
        self.pressed = self.pressed | {button} if on else self.pressed - {button}
        self.heard(t_s)


class HomePins:
    """What the box drives and sees."""

    def __init__(
        self,
        world: World,
        port: Port,
        buttons: HomeButtons,
        wake_at: Callable[[float], None],
        insulation_ohm: float = 1e6,
    ) -> None:
        self._world, self._port, self._buttons = world, port, buttons
        self.wake_at, self.insulation_ohm = wake_at, insulation_ohm

    def read(self) -> BoxInputs:
        """Return the true values now."""
        t_s, piece, lines = self._world.t_s, self._port.pieces.last, self._port.lines
        return BoxInputs(
            k=lines.k,
            plugged=lines.plugged,
            pressed=self._buttons.pressed,
            plug_v=piece.inlet.at(t_s),
            output_v=piece.output.at(t_s),
            amps=piece.amps,
            insulation_ohm=self.insulation_ohm,
        )

    def drive_line(self, line: Literal["d1", "d2"], on: bool, at_s: float) -> None:
        """Drive a line."""
        self._world.at(at_s, partial(self._port.lines.move, line, on))

    def lock(self, on: bool, at_s: float) -> None:
        """Lock the connector, or release it."""
        self._world.at(at_s, partial(self._port.lines.move, "lock", on))

    def close_contactor(self, on: bool, at_s: float) -> None:
        """Move the box's own contactor."""
        self._world.at(at_s + _OWN_S, partial(self._move, on))

    def hold_voltage(self, volts: float, at_s: float) -> None:
        """Hold a voltage with next to no current."""
        self._supply(SupplySetting(True, volts, _HOLD_A, _POWER_W, 0.0, _POWER_W), at_s)

    def drive_current(self, amps: float, at_s: float) -> None:
        """Drive a current, positive into the vehicle."""
        volts = _HIGHEST_V if amps >= 0.0 else 0.0
        into_a, out_of_a = max(amps, 0.0), max(-amps, 0.0)
        self._supply(SupplySetting(True, volts, into_a, _POWER_W, out_of_a, _POWER_W), at_s)

    def rest(self, at_s: float) -> None:
        """Switch the converter off."""
        self._supply(OFF, at_s)

    def on_change(self, listener: Callable[[float], None]) -> None:
        """Call ``listener`` when a line or a button changes; the last one given."""
        self._port.lines.heard = self._buttons.heard = listener

    def _move(self, on: bool, t_s: float) -> None:
        self._port.move("evps", on, t_s, self._world.pack.last.voltage_v)

    def _supply(self, setting: SupplySetting, at_s: float) -> None:
        if setting != self._port.setting:
            self._world.at(at_s, partial(self._port.supply, setting))
