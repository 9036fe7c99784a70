"""The pack's discharge limit falls below what is taken: how soon less is taken, and from whom."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rig.bench.dc_meter import PowerWindow
from rig.bench.outlets import live_outlets
from rig.bench.proofs import count_of, prove_level
from rig.controller import SocketName
from rig.measure import Evidence, Measurement, Quantity, Requirement, StimulusProof

if TYPE_CHECKING:
    from rig.bench.bench import Bench

__all__ = ["DischargeLimit"]

_ROLES = ("analyser_dc", "analyser_ac", "controller")
_DIGIT_W = 10.0
_BEFORE = 3
"""Updates of the analyser before the limit falls."""


class DischargeLimit:
    """An energised unit with equal loads at all sockets, and what the vehicle says of its pack."""

    def __init__(self, bench: Bench, requirement: Requirement, order: Sequence[SocketName]) -> None:
        self._bench, self._order = bench, list(order)
        self._number = requirement.number
        bench.controller.set_priority(self._order)

    def fall(self, percent: float, sheds: int) -> list[Measurement]:
        """Let the limit fall until what is taken is ``percent`` of it.

        Return what was taken 0.5 s and 1 s later, in percent of it, and how many sockets went that
        were not among the ``sheds`` least important ones.
        """
        bench = self._bench
        bench.share_load(self._number("load_w"))
        bench.sleep(self._number("settling_s"))
        taken = bench.pack.meter.power()
        limit_w = round(100.0 * taken.value / percent / _DIGIT_W) * _DIGIT_W
        windows, said_s = self._watch(limit_w)
        gone = frozenset(bench.sockets) - live_outlets(bench)
        wrong = gone - frozenset(self._order[len(self._order) - sheds :])
        proof = prove_level(
            100.0 * taken.value / limit_w, "%", percent, self._number("percent_tolerance"),
            held_s=self._number("watch_s"),
        )  # fmt: skip
        return [
            _highest(f"power_after_{ms}_ms", windows, said_s + ms / 1000.0, limit_w, proof)
            for ms in (500, 1000)
        ] + [count_of("wrong_sheds", len(wrong), instruments=_ROLES, stimulus=proof)]

    def _watch(self, limit_w: float) -> tuple[list[PowerWindow], float]:
        """Say the limit while the analyser is followed; return its updates, and when it was said.

        Of the bounds on that instant it is the later one.
        """
        bench, windows, said_s = self._bench, list[PowerWindow](), math.inf
        for window in bench.pack.meter.follow(self._number("watch_s")):
            windows.append(window)
            if len(windows) == _BEFORE:
                text = f"discharge limit of the pack {limit_w:g} W"
                bench.journal.stimulus("controller", text, discharge_limit_w=limit_w)
                bench.unit.say_discharge_limit(limit_w)
                said_s = bench.clock.now()
        return windows, said_s


def _highest(
    name: str, windows: list[PowerWindow], from_s: float, limit_w: float, proof: StimulusProof
) -> Measurement:
    """Return the highest power of the updates that began after an instant, in % of the limit."""
    later = [window.power for window in windows if window.start_s >= from_s]
    problems = () if later else ("no reading of the pack's power so late",)
    highest = max(later, key=lambda power: power.value, default=Quantity(math.nan, "W", 0.0))
    share = 100.0 / limit_w
    return Measurement.of(
        name,
        Quantity(share * highest.value, "%", share * highest.u),
        evidence=Evidence(instruments=_ROLES),
        problems=problems,
        stimulus=proof,
    )
