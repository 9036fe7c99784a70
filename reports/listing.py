"""Samples, exchanges and lines of a test as files to attach."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import numpy as np

from reports.traces import Trace
from rig.recording import RecordedExchange

__all__ = ["CSV_ROWS", "samples_csv", "transcript"]

CSV_ROWS = 1000
"""A longer capture is attached as its envelope; the record keeps every sample."""
_EXCHANGES = 1000
"""At either end of a test; what is between stays in the record."""
_SHOWN_BYTES = 160


def samples_csv(traces: Sequence[Trace]) -> str:
    """Write the channels of a capture, one instant a row; a long one as lowest and highest.

    Header: ``t/s`` and ``name/unit``; of an envelope ``name min/unit`` and ``name max/unit``.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if all(trace.values.size <= CSV_ROWS for trace in traces):
        writer.writerow(["t/s", *(f"{t.name}/{t.unit}" for t in traces)])
        columns = [traces[0].times(), *(trace.values for trace in traces)]
    else:
        bands = [trace.envelope(CSV_ROWS) for trace in traces]
        names = [f"{t.name} {end}/{t.unit}" for t in traces for end in ("min", "max")]
        writer.writerow(["t/s", *names])
        columns = [bands[0].times_s]
        columns += [values for band in bands for values in (band.lowest, band.highest)]
    for row in np.column_stack(columns).tolist():
        writer.writerow([f"{row[0]:.9g}", *(f"{value:.6g}" for value in row[1:])])
    return out.getvalue()


def transcript(exchanges: Iterable[RecordedExchange]) -> str:
    """Write exchanges as text, one a line; the middle of a long conversation is left out."""
    lines = [_line(each) for each in exchanges]
    left_out = len(lines) - 2 * _EXCHANGES
    if left_out > 0:
        note = f"... {left_out} exchanges left out here; the record has them all"
        lines[_EXCHANGES:-_EXCHANGES] = [note]
    return "\n".join([*lines, ""]) if lines else ""


def _line(exchange: RecordedExchange) -> str:
    answer = _shown(exchange.received)
    if exchange.received_sha256:
        answer += f"... {exchange.received_bytes} bytes, SHA-256 {exchange.received_sha256}"
    if exchange.error:
        answer = f"{answer} ERROR: {exchange.error}".strip()
    return f"{exchange.t_s:12.6f} s  {exchange.box:<12} > {_shown(exchange.sent)}  < {answer}"


def _shown(message: bytes) -> str:
    """Write text as text and anything else as hex bytes."""
    text = message.rstrip(b"\r\n")
    cut = "..." if len(text) > _SHOWN_BYTES else ""
    text = text[:_SHOWN_BYTES]
    if text.isascii() and text.decode("ascii", "replace").isprintable():
        return text.decode("ascii") + cut
    return message[:_SHOWN_BYTES].hex(" ") + cut
