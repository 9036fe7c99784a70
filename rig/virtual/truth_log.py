"""Write down what is on, closed and live on a served bench, for observers in other processes."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path

from instruments.errors import UsageError
from rig.clock import VirtualClock
from rig.virtual.network import Network
from rig.virtual.network.observation import Observation

__all__ = ["TruthLog"]

_LOOK_S = 0.01


class TruthLog:
    """A line of JSON at each change, seen within 10 ms.

    ``monotonic_s`` is the system's monotonic clock, the same in every process of the machine.
    """

    def __init__(self, network: Network, clock: VirtualClock, file: Path) -> None:
        self._network, self._clock = network, clock
        try:
            self._out = file.open("w", encoding="utf-8", buffering=1)
        except OSError as error:
            raise UsageError(f"--truth {file}: cannot be written: {error.strerror}") from error
        self._last: Observation | None = None
        self._event = clock.call_every(_LOOK_S, self._look, first=clock.now())

    def close(self) -> None:
        """Look no more."""
        self._event.cancel()
        self._out.close()

    def _look(self) -> None:
        seen = self._network.observe()
        if seen == self._last:
            return
        self._last = seen
        line = {"monotonic_s": time.monotonic(), "t_s": self._clock.now(), **asdict(seen)}
        self._out.write(json.dumps(line) + "\n")
