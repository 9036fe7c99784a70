"""One step of the safe state: literal bytes out, literal bytes expected back."""

from __future__ import annotations

import time

from rig.guardian.wire import Wire

__all__ = ["carry_out", "matches"]

_ANSWER_S = 0.3


def carry_out(step: dict[str, object], wire: Wire, gap_s: float, deadline: float) -> str | None:
    """Say everything a step has to say; return None when its last answer is as expected.

    An answer in between that is not as expected keeps nothing from being said: a box that is off
    already may refuse what would switch it off. Raises ``OSError`` when the connection fails.
    """
    trouble: str | None = "nothing was said"
    says = step["says"]
    assert isinstance(says, list)
    for exchange in says:
        wire.drain()
        wire.send(bytes.fromhex(exchange["send"]))
        expected = [_expectation(each) for each in exchange.get("expect", ())]
        trouble = _listen(wire, expected, deadline) if expected else None
        time.sleep(gap_s)  # the box takes no command sooner, and does not say when it would
    return trouble


def matches(data: bytes, expected: tuple[bytes, bytes]) -> bool:
    """Say whether bytes are those expected, wherever the mask has a bit."""
    wanted, mask = expected
    if len(data) != len(wanted):
        return False
    return all(d & m == w & m for d, w, m in zip(data, wanted, mask, strict=True))


def _expectation(each: dict[str, str]) -> tuple[bytes, bytes]:
    wanted = bytes.fromhex(each["bytes"])
    mask = bytes.fromhex(each["mask"]) if "mask" in each else b"\xff" * len(wanted)
    return wanted, mask


def _listen(wire: Wire, expected: list[tuple[bytes, bytes]], deadline: float) -> str | None:
    """Return None once an answer is as expected, else what came."""
    deadline = min(deadline, time.monotonic() + _ANSWER_S)
    heard = b""
    while data := wire.receive(deadline):
        heard += data
        if any(matches(heard, each) for each in expected):
            return None
    return f"answered {heard.hex(' ')}" if heard else "no answer"
