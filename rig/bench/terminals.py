"""Whether the terminals of the bench are dead: the pack's, and those of every socket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, cast

from instruments.capabilities import DcReading, PowerAnalyser
from instruments.clock import Clock
from instruments.errors import BenchError
from rig.bench.model import BenchFile

if TYPE_CHECKING:
    from instruments.capabilities import BidirectionalSupply

__all__ = ["DEAD_AC_V", "DEAD_DC_A", "DEAD_DC_V", "Terminals"]

DEAD_DC_V = 60.0
"""Safe to touch, DC; the limits for AC and for current are likewise those of the issue."""
DEAD_DC_A = 1.0
DEAD_AC_V = 30.0
_PACK, _ANALYSER_AC, _ANALYSER_DC = "pack", "analyser_ac", "analyser_dc"
_PACK_ELEMENT = 1
_PAUSE_S = 0.05
_DEAD_PACK = f"below {DEAD_DC_V:g} V and {DEAD_DC_A:g} A"
_DEAD_SOCKETS = f"below {DEAD_AC_V:g} V"


class Terminals:
    """Measure what stands at the terminals; a fresh finding that all are dead can be used again."""

    def __init__(
        self,
        bench: BenchFile,
        addresses: Mapping[str, str],
        drivers: Mapping[str, object],
        clock: Clock,
    ) -> None:
        self._bench, self._addresses, self._clock = bench, addresses, clock
        self._drivers = drivers
        self._dead_s = float("-inf")

    def dead_within(self, seconds: float) -> bool:
        """Say whether all terminals were found dead that lately, and not powered since."""
        return self._clock.now() - self._dead_s <= seconds

    def powered(self) -> None:
        """Take note that power is about to come: what was found before is worth nothing now."""
        self._dead_s = float("-inf")

    def found_dead(self) -> None:
        """Take note that all terminals have just been found dead."""
        self._dead_s = self._clock.now()

    def checks(self) -> list[tuple[str, Callable[[float], None]]]:
        """Return what can be measured on this bench: the role that measures, and the finding."""
        found: list[tuple[str, Callable[[float], None]]] = [(_PACK, self.pack_dead)]
        if self._bench.wiring.sockets:
            found.append((_ANALYSER_AC, self.sockets_dead))
        port = self._bench.wiring.v2h
        if port is not None and port.supply != _PACK:
            found.append((port.supply, partial(self._supply_dead, port.supply)))
        return found

    def pack_dead(self, within_s: float = 0.0) -> None:
        """Return when the pack's terminals carry less than 60 V and 1 A; else ``BenchError``.

        A pack that does not answer is measured by the DC analyser, where there is one.
        """
        self._await(_PACK, within_s, lambda: _pack_alive(self._read_pack()), _DEAD_PACK)

    def _supply_dead(self, role: str, within_s: float = 0.0) -> None:
        """Return when the terminals of another supply are dead; else ``BenchError``."""
        supply = cast("BidirectionalSupply", self._drivers[role])
        self._await(role, within_s, lambda: _pack_alive(supply.source.measure()), _DEAD_PACK)

    def sockets_dead(self, within_s: float = 0.0) -> None:
        """Return when every socket carries less than 30 V AC; else ``BenchError``."""
        self._await(
            _ANALYSER_AC, within_s, lambda: _sockets_alive(self._read_sockets()), _DEAD_SOCKETS
        )

    def _read_pack(self) -> DcReading:
        supply = cast("BidirectionalSupply", self._drivers[_PACK])
        try:
            return supply.source.measure()
        except BenchError:
            if _ANALYSER_DC not in self._drivers:
                raise
            analyser = cast("PowerAnalyser", self._drivers[_ANALYSER_DC])
            reading = analyser.measure((_PACK_ELEMENT,))[_PACK_ELEMENT]
            return DcReading(reading.voltage_dc_v, reading.current_dc_a, reading.power_w)

    def _read_sockets(self) -> Mapping[str, float]:
        analyser = cast("PowerAnalyser", self._drivers[_ANALYSER_AC])
        wired = {s: w.analyser_element for s, w in self._bench.wiring.sockets.items()}
        readings = analyser.measure(tuple(wired.values()))
        return {socket: readings[element].voltage_v for socket, element in wired.items()}

    def _await(self, role: str, within_s: float, alive: Callable[[], str], expected: str) -> None:
        deadline = self._clock.now() + within_s
        while got := alive():
            if self._clock.now() >= deadline:
                raise BenchError(
                    "finding the terminals dead",
                    box=role,
                    address=self._addresses[role],
                    expected=f"{expected} within {within_s:g} s" if within_s else expected,
                    got=got,
                    did="they may be live still" if within_s else "nothing was switched on",
                )
            self._clock.sleep_until(self._clock.now() + _PAUSE_S)


def _pack_alive(reading: DcReading) -> str:
    volts, amps = abs(reading.voltage_v), abs(reading.current_a)
    return "" if volts < DEAD_DC_V and amps < DEAD_DC_A else f"{volts:.1f} V, {amps:.2f} A"


def _sockets_alive(voltages_v: Mapping[str, float]) -> str:
    live = {socket: volts for socket, volts in voltages_v.items() if not abs(volts) < DEAD_AC_V}
    return ", ".join(f"{volts:.1f} V at socket {socket}" for socket, volts in live.items())
