"""Lid switch, water sensor and earth monitor of a socket (R-LID-01, R-PE-01)."""

from __future__ import annotations

from rig.virtual.unit.parameters import ContactParameters, OutletParameters
from rig.virtual.unit.protections.delayed import Delayed
from rig.virtual.unit.readings import Span
from rig.virtual.unit.trips import Decision, Restore, Trip, TripCode

__all__ = ["OutletInput", "lid", "protective_earth", "wet"]

_INPUTS = {TripCode.LID: "lid_open", TripCode.WET: "wet", TripCode.PE_LOST: "pe_lost"}


def lid(outlet: OutletParameters, socket: int) -> OutletInput:
    """Return what watches the lid."""
    return OutletInput(TripCode.LID, socket, outlet.lid)


def wet(outlet: OutletParameters, socket: int) -> OutletInput:
    """Return what watches the water sensor."""
    return OutletInput(TripCode.WET, socket, outlet.wet)


def protective_earth(outlet: OutletParameters, socket: int) -> OutletInput:
    """Return what watches the earth conductor."""
    return OutletInput(TripCode.PE_LOST, socket, outlet.pe)


class OutletInput:
    """Trip a socket that is on, or about to be, while a contact says so; the value is 1."""

    def __init__(self, code: TripCode, socket: int, settings: ContactParameters) -> None:
        self._code, self._socket, self._settings = code, socket, settings
        self._stands, self._gone = Delayed(settings.delay_s), Delayed(settings.delay_s)

    def find(self, span: Span) -> int | None:
        """Return when the contact has said so, or has been quiet, for long enough."""
        if self._waits(span):
            return self._gone.find(not self._says(span))
        return self._stands.find(self._says(span)) if self._watched(span) else None

    def live(self, span: Span, ticks: int) -> None:
        """Count the time, also of a socket that is off; after a trip the time of quiet."""
        if self._settings.while_off or self._watched(span):
            self._stands.live(self._says(span), ticks)
        else:
            self._stands.reset()
        if self._waits(span):
            self._gone.live(not self._says(span), ticks)
        else:
            self._gone.reset()

    def decide(self, span: Span, ticks: int) -> list[Decision]:
        """Trip the socket, or say that the cause is gone."""
        if self._waits(span):
            return [Restore(self._code, self._socket)]
        return [Trip(self._code, self._socket, 1)]

    def standing(self, span: Span) -> bool:
        """Say no: one socket's cause does not forbid the others a start."""
        return False

    def _watched(self, span: Span) -> bool:
        status, n = span.status, self._socket - 1
        chosen = status.sockets_ready if self._settings.while_off else status.sockets_on
        return status.armed and chosen[n]

    def _waits(self, span: Span) -> bool:
        return (self._code, self._socket) in span.status.waiting

    def _says(self, span: Span) -> bool:
        states: tuple[bool, bool, bool] = getattr(span, _INPUTS[self._code])
        return states[(self._settings.reads or self._socket) - 1]
