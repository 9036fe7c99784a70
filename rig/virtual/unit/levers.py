"""The actuators as the firmware pulls them, with a note whether anything was moved."""

from __future__ import annotations

from rig.virtual.unit.contract import SOCKETS, Actuators
from rig.virtual.unit.parameters import SocketParameters

__all__ = ["Levers"]


class Levers:
    """Pass commands on; ``moved`` says that one was given since it was last cleared.

    ``openings`` counts how often each socket's relay has opened in its life.
    """

    def __init__(
        self,
        actuators: Actuators,
        sockets: tuple[SocketParameters, SocketParameters, SocketParameters],
        openings: list[int],
    ) -> None:
        self._actuators = actuators
        self._sockets, self._openings = sockets, openings
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
        parameters = self._sockets[socket - 1]
        worn = self._openings[socket - 1] >= parameters.wears_after
        self._openings[socket - 1] += 1
        delay_s = parameters.relay_delay_s + (parameters.worn_delay_s if worn else 0.0)
        self._actuators.drive_relay(SOCKETS[socket - 1], False, at_s + delay_s)
