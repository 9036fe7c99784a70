"""The simulated Delta SM15K: bidirectional DC supply on TCP 8462 (facts/instruments.md A4).

Not published, so stood in for: the numbers of the errors (those of SCPI-99), the turnaround, what
``SYST:WAR?`` has to say (nothing here), the replies of ``SYST:LIM``, ``SYST:REM`` and ``WAT SET?``
when the watchdog is off. Left out: password, date and time, calibration, functions (Ri and others),
master/slave, running a sequence (-221).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from instruments.clock import Clock
from rig.virtual.boxes.dc_meters import SupplyRating
from rig.virtual.boxes.delta_box import DeltaBox
from rig.virtual.boxes.delta_commands import commands_of
from rig.virtual.boxes.delta_grammar import Command, Unit, read, spellings
from rig.virtual.boxes.delta_panel import Cause
from rig.virtual.boxes.delta_session import DeltaSession
from rig.virtual.boxes.delta_slots import Card
from rig.virtual.ports import SupplyPort
from rig.virtual.scpi import ScpiError
from rig.virtual.wires.contract import Line, Service

__all__ = ["RATING", "Cause", "DeltaSm15k"]

RATING = SupplyRating(voltage_v=500.0, current_a=90.0, power_w=15000.0)

_TURNAROUND_S = 0.005
_CARDS: Mapping[int, Card] = {1: "DIO", 2: "ICO"}


class DeltaSm15k(DeltaBox):
    """One box on its terminals; ``service()`` is its LAN port."""

    def __init__(
        self,
        clock: Clock,
        port: SupplyPort,
        rng: np.random.Generator,
        *,
        rating: SupplyRating = RATING,
        model: str = "SM500-CP-90",
        serial: str = "000010207248",
        firmware: str = "H0_P0150",
        cards: Mapping[int, Card] = _CARDS,
        turnaround_s: float = _TURNAROUND_S,
    ) -> None:
        super().__init__(clock, port, rng, rating, cards)
        self.identity = f"DELTA ELEKTRONIKA BV,{model},{serial},{firmware},0"
        self.turnaround_s = turnaround_s
        self._commands: dict[str, Command] = {}
        self._table = commands_of(self)
        for pattern, command in self._table.items():
            self._commands.update(dict.fromkeys(spellings(pattern), command))

    @property
    def headers(self) -> list[str]:
        """All headers that the box takes, in the manual's notation."""
        asked = {f"{pattern}?" for pattern, command in self._table.items() if command.query}
        return sorted(asked | {p for p, command in self._table.items() if command.write})

    def service(self) -> Service:
        """Return the service of the LAN port."""

        def connect(line: Line) -> DeltaSession:
            return DeltaSession(line, self)

        return connect

    def answer(self, message: str) -> str | None:
        """Carry out one message; any valid one starts the watchdog's time anew."""
        self._shown = None
        try:
            reply = self._run(read(message))
        except ScpiError as error:
            self.errors.push(error.code)
            return None
        self._watchdog.feed()
        return reply

    def too_long(self) -> None:
        """Report a message longer than the input buffer."""
        self.errors.push(-363)

    def set_cause(self, cause: Cause, present: bool) -> None:
        """Let a fault of the box itself begin or end."""
        self.panel.set_cause(cause, present)

    def _run(self, unit: Unit) -> str | None:
        command = self._commands.get(unit.header)
        if command is None or (command.query if unit.query else command.write) is None:
            raise ScpiError(-113)
        if unit.query:
            assert command.query is not None
            return command.query(unit)
        assert command.write is not None
        command.write(unit)
        return None
