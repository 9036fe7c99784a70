"""One box's part of a recorded run, ready to be replayed as a link."""

from __future__ import annotations

from collections.abc import Iterator

from instruments.errors import UsageError
from instruments.links.wire import Exchange
from rig.recording.reader import Record, RecordedExchange
from rig.recording.schema import INLINE_BYTES

__all__ = ["conversation"]

_TO_THE_END = 1 << 62


def conversation(
    record: Record, box: str, *, first_event: int = 0, last_event: int = _TO_THE_END
) -> Iterator[Exchange]:
    """Yield a box's exchanges after one event and before another (by default: of the whole run).

    Raises ``UsageError`` at an exchange that was kept abbreviated, and for a box nothing was
    exchanged with.
    """
    silent = True
    for exchange in record.exchanges(first_event, last_event):
        if exchange.box == box:
            silent = False
            yield _whole(record, exchange)
    if silent:
        boxes = sorted({each.box for each in record.exchanges(first_event, last_event)})
        raise UsageError(
            f"{record.folder}: no exchange with {box!r} there; boxes: {', '.join(boxes) or 'none'}"
        )


def _whole(record: Record, exchange: RecordedExchange) -> Exchange:
    if exchange.received_bytes > len(exchange.received):
        raise _abbreviated(record, exchange, "reply", exchange.received_bytes)
    if len(exchange.sent) >= INLINE_BYTES:
        raise _abbreviated(record, exchange, "message", len(exchange.sent))
    return Exchange(
        exchange.t_s,
        exchange.box,
        exchange.address,
        exchange.sent,
        exchange.received,
        exchange.error,
    )


def _abbreviated(record: Record, exchange: RecordedExchange, what: str, length: int) -> UsageError:
    return UsageError(
        f"{record.folder}: the {what} of {length} bytes with {exchange.box} at"
        f" {exchange.t_s:.6f} s was kept abbreviated (the record keeps {INLINE_BYTES} bytes) and"
        " cannot be replayed; choose events before or after it"
    )
