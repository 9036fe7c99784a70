"""The elements of the power analysers: averages over any span of the past."""

from __future__ import annotations

from math import sqrt

from rig.virtual.network.live import Live
from rig.virtual.network.world import AC_COLUMNS
from rig.virtual.ports import AcQuantities

__all__ = ["AcElement", "DcElement", "OpenElement", "dc_quantities"]


class AcElement:
    """One element wired behind a socket's relay."""

    def __init__(self, live: Live, socket: int) -> None:
        self._live = live
        self._columns = slice(socket * AC_COLUMNS, (socket + 1) * AC_COLUMNS)

    def average(self, start_s: float, end_s: float) -> AcQuantities:
        """Return steady quantities weighted by time: volts and amps by mean square."""
        ledger = self._live.world().ac_ledger
        mean = ledger.mean(start_s, end_s)[self._columns].tolist()
        top = ledger.highest(start_s, end_s)[self._columns].tolist()
        return AcQuantities(
            voltage_v=sqrt(mean[0]),
            current_a=sqrt(mean[1]),
            power_w=mean[2],
            reactive_var=mean[3],
            frequency_hz=top[4],
            voltage_peak_v=top[5],
            current_peak_a=top[6],
            voltage_thd_percent=mean[7],
            voltage_dc_v=mean[8],
            current_dc_a=mean[9],
        )


class DcElement:
    """The element at the pack's terminals."""

    def __init__(self, live: Live) -> None:
        self._live = live

    def average(self, start_s: float, end_s: float) -> AcQuantities:
        """Return mean volts, amps (positive out of the pack) and watts."""
        volts, amps, watts = self._live.world().dc_ledger.mean(start_s, end_s).tolist()
        return dc_quantities(volts, amps, watts)


class OpenElement:
    """An element at terminals without voltage and current."""

    def __init__(self, live: Live) -> None:
        self._live = live

    def average(self, start_s: float, end_s: float) -> AcQuantities:
        """Return nothing but zeros."""
        self._live.world()
        return dc_quantities(0.0, 0.0, 0.0)


def dc_quantities(volts: float, amps: float, watts: float) -> AcQuantities:
    """Return direct volts, amps and watts as an analyser's element gives them."""
    return AcQuantities(
        voltage_v=volts,
        current_a=amps,
        power_w=watts,
        reactive_var=0.0,
        frequency_hz=0.0,
        voltage_peak_v=abs(volts),
        current_peak_a=abs(amps),
        voltage_thd_percent=0.0,
        voltage_dc_v=volts,
        current_dc_a=amps,
    )
