"""The actuators as the firmware pulls them, with a note whether anything was moved."""

from __future__ import annotations

from rig.virtual.unit.contract import SOCKETS, Actuators

__all__ = ["Levers"]


class Levers:
    """Pass commands on; ``moved`` says that one was given since it was last cleared."""

    def __init__(self, actuators: Actuators, relay_delays_s: tuple[float, float, float]) -> None:
        self._actuators = actuators
        self._relay_delays_s = relay_delays_s
        self.moved = False

    def start_inverter(self, at_s: float) -> None:
        """Ramp the output up."""
        self.moved = True
        self._actuators.start_inverter(at_s)

    def stop_inverter(self, at_s: float) -> None:
        """Switch the output off."""
        self.moved = True
        self._actuators.stop_inverter(at_s)

    def block_gates(self, at_s: float) -> None:
        """Block the gates after a short circuit."""
        self.moved = True
        self._actuators.block_gates(at_s)

    def release_gates(self, at_s: float) -> None:
        """Ramp up again after a block."""
        self.moved = True
        self._actuators.release_gates(at_s)

    def close_relay(self, socket: int, at_s: float) -> None:
        """Close the relay of socket 1 to 3."""
        self.moved = True
        self._actuators.drive_relay(SOCKETS[socket - 1], True, at_s)

    def open_relay(self, socket: int, at_s: float) -> None:
        """Open the relay of socket 1 to 3, after the socket's own delay."""
        self.moved = True
        delay_s = self._relay_delays_s[socket - 1]
        self._actuators.drive_relay(SOCKETS[socket - 1], False, at_s + delay_s)
