"""The simulated unit against an EVPS that does almost anything: its rules hold at every instant.

The EVPS plays the part the unit waits for often enough to lead it into every state, and otherwise
sends random frames, leaves some out, and moves lines, currents, gear and voltage at random.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

from plugged_unit import BIT_RATE, OFF, PACK_V, POWER_W, PluggedUnit

from rig.virtual.boxes.slcan_bus import BusFrame
from rig.virtual.ports import SupplySetting
from rig.virtual.unit import Parameters
from rig.virtual.unit.v2h import PortState, V2hParameters

CYCLE_S, CYCLES = 0.1, 45
QUICK = V2hParameters(
    settle_s=0.05, permit_s=0.2, d2_within_s=2.0, close_after_s=0.1, request_after_s=0.2,
    matched_within_s=1.0, start_within_s=0.6, discharge_after_s=0.1, can_loss_s=0.5,
    over_current_s=0.5, low_current_s=0.5, weld_done_s=0.2, farewell_s=0.15, permit_within_s=2.0,
)  # fmt: skip
_S = PortState


class Broken(AssertionError):
    """A rule did not hold; the seed is in the message."""


class RandomEvps:
    """One sequence; ``run`` raises ``Broken``, ``states`` counts what the unit went through."""

    def __init__(self, seed: int):
        self.random, self.seed = random.Random(seed), seed
        self.plugged = PluggedUnit(replace(Parameters(), v2h=QUICK), unit_seed=seed % 5)
        self.node = self.plugged.bus.attach(lambda frame: None, bit_rate=BIT_RATE)
        self.supply = self.plugged.net.supply("evps")
        self.states: Counter[PortState] = Counter()
        self.helpful = self.random.choice((0.75, 0.9, 0.97))
        self._seen = 0

    def run(self) -> Counter[PortState]:
        """Play the sequence, then take the lines away: the unit must come to rest."""
        self.plugged.contact("proximity", True)
        for _ in range(CYCLES):
            if self.random.random() < self.helpful:
                self._help()
            else:
                self._disturb()
            self.plugged.run(CYCLE_S)
            self._check()
        for name in ("d1", "d2"):
            self.plugged.contact(name, False)
        self.plugged.run(1.5)
        self._check()
        self._hold(self._state in (_S.IDLE, _S.OFF), f"stuck in {self._state.name}")
        self._hold(not self.plugged.port.closed["vehicle"], "contactors stay")
        self._hold(not self.plugged.port.lines.k, "k stays")
        return self.states

    @property
    def _state(self) -> PortState:
        return PortState(self.plugged.registers[0])

    def _help(self) -> None:
        """Do what an EVPS does in the state that the unit is in."""
        state, contact = self._state, self.plugged.contact
        contact("proximity", True)
        contact("d1", state is not _S.FINISHED or self.random.random() < 0.3)
        contact("d2", state in (_S.PERMITTED, _S.CLOSING, _S.READY, _S.REQUESTING, _S.TRANSFER))
        transfer = state in (_S.REQUESTING, _S.TRANSFER)
        closed = self.plugged.port.closed["vehicle"]
        contact("contactor", closed)
        amps = self.random.choice((0, 5, 12, -5, -12)) if state is _S.TRANSFER else 0
        self._drive(amps)
        volts = round(PACK_V) if closed else 0
        status = 0x05 if transfer else 0x24
        if state is _S.STOPPING:
            status = 0x24
        self._send(0x108, [1, 0xF4, 1, 15, 0xB3, 1, 0, 0])
        self._send(0x109, [2, volts & 0xFF, volts >> 8, max(amps, 0), 1, status, 255, 60])
        self._send(0x208, [255 - max(-amps, 0), 0xF4, 1, 240, 0, 0, 0xFA, 0])

    def _disturb(self) -> None:
        """Do something that no EVPS should."""
        pick, plugged = self.random.randrange(9), self.plugged
        if pick == 0:
            plugged.contact("d1", self.random.random() < 0.5)
        elif pick == 1:
            plugged.contact("d2", self.random.random() < 0.5)
        elif pick == 2:
            plugged.contact("proximity", self.random.random() < 0.5)
        elif pick == 3:
            plugged.gear(self.random.choice((0, 0, 3)))
        elif pick == 4:
            self._drive(self.random.uniform(-40.0, 40.0))
        elif pick == 5:
            plugged.unit.write_holding(6, [self.random.randrange(4)])
        elif pick == 6:
            plugged.contact("contactor", self.random.random() < 0.5)
        else:
            identifier = self.random.choice((0x108, 0x109, 0x208, 0x209, 0x118))
            length = 8 if self.random.random() < 0.8 else self.random.randrange(8)
            self._send(identifier, [self.random.randrange(256) for _ in range(length)])

    def _drive(self, amps: float) -> None:
        volts = 500.0 if amps > 0 else 0.0
        source_a, sink_a = max(amps, 0.0), max(-amps, 0.0)
        setting = SupplySetting(True, volts, source_a, POWER_W, sink_a, POWER_W)
        self.supply.apply(setting if amps else OFF)

    def _send(self, identifier: int, data: list[int]) -> None:
        self.node.send(BusFrame(identifier, bytes(data)))

    def _check(self) -> None:
        """Hold what has happened since the last look against the rules."""
        plugged = self.plugged
        self.states[self._state] += 1
        for switching in plugged.port.switchings[self._seen :]:
            if switching.who == "vehicle" and switching.closed:
                told = [d for t, d in plugged.said(0x102) if t <= switching.t_s]
                self._hold(bool(told) and bool(told[-1][5] & 1), "closed without permission")
        self._seen = len(plugged.port.switchings)
        status, limits = plugged.said(0x102)[-1:], plugged.said(0x200)[-1:]
        if not status or status[0][1][5] & 1:
            return
        self._hold(status[0][1][3] == 0, "request without permission")
        if limits and limits[0][0] > status[0][0]:
            self._hold(limits[0][1][0] == 0xFF, "discharge limit without permission")

    def _hold(self, rule: bool, text: str) -> None:
        if not rule:
            raise Broken(f"seed {self.seed} at {self.plugged.clock.now():.1f} s: {text}")
