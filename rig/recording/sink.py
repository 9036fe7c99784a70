"""What writes to a record need of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from rig.recording.recorder import WaveformRef

__all__ = ["RecordSink"]


class RecordSink(Protocol):
    """Takes events and samples: a ``Recorder``, or what keeps nothing."""

    @property
    def folder(self) -> Path | None:
        """Where files may be put beside the record; None where nothing is kept."""

    def event(
        self, kind: str, data: Mapping[str, Any] | None = None, *, hashed: bool = True
    ) -> int:
        """Take one event at the present instant; return its sequence number."""

    def samples(
        self, name: str, samples: Mapping[str, NDArray[np.float64]], steps: Mapping[str, float]
    ) -> WaveformRef:
        """Take a capture's samples."""
