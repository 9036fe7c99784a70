"""SIGINT, SIGTERM and SIGHUP end a plan in order; a second one hastens that, no more.

The first signal is raised in the plan's thread, so that every ``with`` block is left as after any
error. Where the bench is powered, those that follow wait until the power path has been cut: they
can cut short what comes after it, never the cutting.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["Interrupted", "orderly_signals", "power_path", "powered", "undisturbed"]

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


class Interrupted(KeyboardInterrupt):
    """Say which signal asked for the end."""


class _State:
    """What the next signal may do; signals belong to the process, so there is one of these."""

    def __init__(self) -> None:
        self.powered = False
        self.cut = False
        self.waiting: list[str] = []

    def take(self, number: int, _frame: FrameType | None) -> None:
        """Raise a signal, or let it wait for the end of the power path."""
        name = signal.Signals(number).name
        if not self.powered or self.cut:
            raise Interrupted(name)
        self.waiting.append(name)
        if len(self.waiting) == 1:
            raise Interrupted(name)


_state = _State()


@contextmanager
def orderly_signals() -> Iterator[None]:
    """Take the signals of this process inside; elsewhere than in the main thread do nothing.

    A hang-up that the process was told to ignore (nohup) stays ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with _handled(_state.take):
        yield


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ignore the signals of this process inside, for work that ends by itself and must end."""
    with _handled(signal.SIG_IGN):
        yield


@contextmanager
def _handled(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> Iterator[None]:
    """Handle the signals in the main thread, but those that are ignored already."""
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    taken = [each for each in numbers if signal.getsignal(each) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handler) for number in taken}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


@contextmanager
def powered() -> Iterator[None]:
    """Bracket everything from before power is switched on until after the safe state."""
    _state.waiting.clear()
    _state.powered, _state.cut = True, False
    try:
        yield
    finally:
        _state.powered = False


@contextmanager
def power_path() -> Iterator[None]:
    """Bracket the cutting of the power path; what waited for its end is raised then."""
    yield
    _state.cut = True
    if len(_state.waiting) > 1:
        raise Interrupted(f"{_state.waiting[-1]}, again")
