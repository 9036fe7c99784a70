"""Exchanges with several boxes side by side: the whole set takes as long as the slowest box."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

from instruments.links.wire import Wires

__all__ = ["Together"]

_T = TypeVar("_T")


class Together:
    """Runs one call a box, side by side; to be closed, or used in a ``with`` block.

    In wall time each call has a thread of its own, kept from set to set; calls to boxes on one
    line still follow each other, as their lock wills. In virtual time they run in the order in
    which they are given, on the calling thread and at one instant, and the clock is charged the
    largest turnaround of them.
    """

    def __init__(self, wires: Wires) -> None:
        self._wires = wires
        self._threads: ThreadPoolExecutor | None = None
        self._size = 0

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the threads."""
        self.close()

    def run(self, calls: Mapping[str, Callable[[], _T]]) -> dict[str, _T]:
        """Make every call and return what each gave, in the order given.

        All are made even when some fail; then raises one ``ExceptionGroup`` with every failure.
        """
        with self._wires.together():
            done = self._in_threads(calls) if self._wires.concurrent else _in_turn(calls)
        errors = [error for one in done.values() if (error := one.exception()) is not None]
        for error in errors:
            if not isinstance(error, Exception):
                raise error  # an order to stop is no failure of a box
        if errors:
            names = ", ".join(name for name, one in done.items() if one.exception() is not None)
            kept = [error for error in errors if isinstance(error, Exception)]
            raise ExceptionGroup(f"exchanges with {names}", kept)
        return {name: one.result() for name, one in done.items()}

    def close(self) -> None:
        """End the threads; harmless when there are none."""
        threads, self._threads, self._size = self._threads, None, 0
        if threads is not None:
            threads.shutdown()

    def _in_threads(self, calls: Mapping[str, Callable[[], _T]]) -> dict[str, Future[_T]]:
        if self._threads is None or self._size < len(calls):
            self.close()
            self._size = len(calls)
            self._threads = ThreadPoolExecutor(self._size, thread_name_prefix="rig-together")
        threads = self._threads
        done = {name: threads.submit(call) for name, call in calls.items()}
        for one in done.values():
            one.exception()
        return done


def _in_turn(calls: Mapping[str, Callable[[], _T]]) -> dict[str, Future[_T]]:
    done: dict[str, Future[_T]] = {}
    for name, call in calls.items():
        one = done[name] = Future()
        try:
            one.set_result(call())
        except Exception as error:  # raised together with the others, once all were made
            one.set_exception(error)
    return done
