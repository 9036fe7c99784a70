"""What the DC scope's probes see of the CHAdeMO port: volts and amps at the inlet, and line k."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from rig.virtual.network.crossings import ProbePiece
from rig.virtual.network.port import Port, PortPiece
from rig.virtual.network.waveforms import Array

__all__ = ["LINE_K", "PORT_CURRENT", "PORT_VOLTAGE", "port_pieces", "port_values"]

PORT_VOLTAGE, PORT_CURRENT, LINE_K = 1, 2, 4
_TIME_CONSTANTS = 10.0
_LONGEST_S = 2.0


def port_values(port: Port, channel: int, t_s: Array) -> Array:
    """Return a channel's values at ascending instants."""
    out = np.zeros(t_s.size)
    if channel == LINE_K:
        for part, volts in port.lines.k_volts.slices(t_s):
            out[part] = volts
        return out
    for part, piece in port.pieces.slices(t_s):
        out[part] = _seen(piece, channel, t_s[part])
    return out


def port_pieces(port: Port, channel: int, start_s: float, end_s: float) -> Iterator[ProbePiece]:
    """Yield the pieces of a channel over a span, each with the instant it is steady from."""
    if channel == LINE_K:
        for begin, end, volts in port.lines.k_volts.pieces(start_s, end_s):
            yield ProbePiece(begin, end, begin, partial(_constant, volts))
        return
    for begin, end, piece in port.pieces.pieces(start_s, end_s):
        yield ProbePiece(
            begin, end, _steady_s(piece, channel, begin), partial(_seen, piece, channel)
        )


def _steady_s(piece: PortPiece, channel: int, begin_s: float) -> float:
    """Return from when on a piece stands still, or is too slow for a trigger to matter."""
    if channel == PORT_CURRENT:
        lasts_s = _TIME_CONSTANTS * piece.surge_tau_s if piece.surge_a else 0.0
        return max(begin_s, piece.surge_s + lasts_s) if lasts_s else begin_s
    rail = piece.inlet
    moves = rail.begin_v != rail.target_v
    lasts_s = min(_LONGEST_S, _TIME_CONSTANTS * rail.tau_s) if moves else 0.0
    return max(begin_s, rail.start_s + lasts_s)


def _seen(piece: PortPiece, channel: int, t_s: Array) -> Array:
    return piece.currents(t_s) if channel == PORT_CURRENT else piece.inlet.samples(t_s)


def _constant(value: float, t_s: Array) -> Array:
    return np.full(t_s.size, value)
