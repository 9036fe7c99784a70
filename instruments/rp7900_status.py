"""The status registers of Keysight RP7900 supplies, bit by name; facts section A3.

The ``QUES2`` register of the RP797x models has a layout of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Rp7900Status"]

_OPERATION = {
    0: "CV",
    1: "CC",
    2: "OFF",
    3: "WTG_MEAS",
    4: "WTG_TRAN",
    5: "MEAS_ACTIVE",
    6: "TRAN_ACTIVE",
}
_QUESTIONABLE_1 = {
    0: "OV",
    1: "OC",
    2: "PF",
    3: "CP+",
    4: "OT",
    5: "CP-",
    6: "OV-",
    7: "LIM+",
    8: "LIM-",
    9: "INH",
    10: "UNR",
    11: "PROT",
    12: "EDP",
}
_QUESTIONABLE_2 = {1: "IPK+", 2: "IPK-", 3: "CSF", 4: "MSP", 5: "SDP", 6: "UV"}
_QUESTIONABLE_2_RP797X = {
    4: "PSP",
    6: "UV",
    7: "OCF",
    8: "LOV",
    9: "DOV",
    10: "LIM2+",
    11: "LIM2-",
}
_NO_ALARMS = {"LIM+", "LIM-", "LIM2+", "LIM2-", "IPK+", "IPK-", "UNR"}
"""Regulating at a limit is ordinary work; all other questionable bits disabled the output."""


@dataclass(frozen=True, slots=True)
class Rp7900Status:
    """One reading of the condition registers ``STAT:OPER``, ``STAT:QUES1`` and ``STAT:QUES2``.

    >>> sorted(Rp7900Status(operation=0b1, questionable_1=1 << 11 | 1 << 7).alarms)
    ['PROT']
    """

    operation: int
    questionable_1: int
    questionable_2: int = 0
    rp797x: bool = False

    @property
    def names(self) -> frozenset[str]:
        """Return the name of every bit that is set."""
        second = _QUESTIONABLE_2_RP797X if self.rp797x else _QUESTIONABLE_2
        registers = (
            (self.operation, _OPERATION),
            (self.questionable_1, _QUESTIONABLE_1),
            (self.questionable_2, second),
        )
        return frozenset(
            name for word, bits in registers for bit, name in bits.items() if word >> bit & 1
        )

    @property
    def alarms(self) -> frozenset[str]:
        """Return the names of the protections that hold the output off; PROT: the watchdog."""
        return self.names - _NO_ALARMS - set(_OPERATION.values())
