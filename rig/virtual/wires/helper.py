"""One thread that stands in for the client's while the client waits inside a library."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

__all__ = ["Helper"]


class Helper:
    """A parked thread that does one job at a time, each handed over and acknowledged."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._results: SimpleQueue[BaseException | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def start(self, job: Callable[[], None]) -> None:
        """Begin ``job`` on the thread; ``finish`` must follow before the next one."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="rig-wires", daemon=True)
            self._thread.start()
        self._jobs.put(job)

    def finish(self) -> None:
        """Wait for the job's end; raise what it raised."""
        error = self._results.get()
        if error is not None:
            raise error

    def close(self) -> None:
        """End the thread."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except BaseException as error:  # carried over to the client's thread
                self._results.put(error)
            else:
                self._results.put(None)
