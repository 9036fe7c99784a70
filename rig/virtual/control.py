"""Break links of a served bench while it runs: for safety tests from other processes."""

from __future__ import annotations

from rig.virtual.bench import VirtualBench
from rig.virtual.wires import Response, Stuck

__all__ = ["ControlDevice"]


class ControlDevice:
    """Takes ``stick ROLE`` (its box hears nothing), ``mend ROLE`` and ``cut ROLE``.

    Answers ``ok``, or ``error`` and why. ``mend`` takes away what ``stick`` did, for connections
    that are opened from then on; a cut cable stays cut.
    """

    def __init__(self, bench: VirtualBench) -> None:
        self._bench = bench

    def execute(self, message: bytes) -> Response:
        """Carry out one command."""
        word, _, role = message.decode("ascii", "replace").strip().partition(" ")
        if role not in self._bench.faults:
            return Response(f"error: no role {role!r}".encode())
        faults = self._bench.faults[role]
        if word == "stick":
            faults.add(Stuck())
        elif word == "mend":
            faults.clear()
        elif word == "cut":
            self._bench.unplug(role)
        else:
            return Response(f"error: no command {word!r}".encode())
        return Response(b"ok")

    def status_byte(self) -> int:
        """Return 0: nothing is ever pending."""
        return 0

    def clear(self) -> None:
        """Do nothing."""

    def trigger(self) -> None:
        """Do nothing."""
