"""The two status registers of Delta SM15K supplies, bit by name; facts section A4."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DeltaStatus"]

_A = {
    0: "CV",
    1: "CC",
    2: "CP",
    3: "VLIM",
    4: "ILIM",
    5: "PLIM",
    6: "DCF",
    8: "OT",
    10: "ACF",
    11: "INTERLOCK",
    12: "RSD",
    13: "OUTPUT",
    14: "FRONT_LOCK",
}
_B = {
    0: "REMOTE_CV",
    1: "REMOTE_CC",
    2: "REMOTE_CP",
    3: "PROGRAM",
    4: "WAIT_TRIGGER",
    5: "MASTER",
    6: "SLAVE",
    7: "V_OVERLOAD",
    8: "I_OVERLOAD",
    10: "PROGRAM_OVERLOAD",
    11: "PROGRAM_OVERLOAD",
    14: "PROT",
    15: "OPEN_END",
}
_ALARMS = frozenset(
    {"DCF", "OT", "ACF", "INTERLOCK", "RSD", "V_OVERLOAD", "I_OVERLOAD", "PROT", "OPEN_END"}
)
_REMOTE = frozenset({"REMOTE_CV", "REMOTE_CC", "REMOTE_CP"})


@dataclass(frozen=True, slots=True)
class DeltaStatus:
    """One reading of ``STAT:REG:A?`` and ``STAT:REG:B?``.

    >>> sorted(DeltaStatus(a=0b1 << 13 | 1, b=0b111).alarms)
    []
    """

    a: int
    b: int

    @property
    def names(self) -> frozenset[str]:
        """Return the name of every bit that is set."""
        return frozenset(
            name
            for word, bits in ((self.a, _A), (self.b, _B))
            for bit, name in bits.items()
            if word >> bit & 1
        )

    @property
    def alarms(self) -> frozenset[str]:
        """Return the names of what keeps or made the box fail; DCF and ACF: DC or AC fail."""
        return self.names & _ALARMS

    @property
    def remote(self) -> bool:
        """Whether volts, amps and watts are all set from remote."""
        return self.names >= _REMOTE
