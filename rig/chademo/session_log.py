"""What a session leaves behind: frames as BLF, lines, volts and amperes beside them, our DBC.

Needs python-can (extra ``can``). Times in the CSV are those of the BLF: seconds UTC. Of a process
that is killed, the last second is lost and no more.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from instruments.can_frame import CanFrame
from instruments.clock import Clock
from instruments.errors import UsageError
from rig.chademo.roles import Line, Measured

__all__ = ["BLF_NAME", "CSV_NAME", "DBC_NAME", "SessionLog"]

BLF_NAME, CSV_NAME, DBC_NAME = "session.blf", "session.csv", "chademo.dbc"
_DBC = Path(__file__).with_name(DBC_NAME)
_CONTAINER_BYTES = 4096
"""What is written to the BLF at once: some 80 frames, about a second of both sides."""


class SessionLog:
    """Writes a folder while the session runs; a ``with`` block ends it.

    ``channel`` counts from 1, as Vector's tools do; python-can counts from 0.
    """

    def __init__(self, folder: Path, clock: Clock, *, channel: int = 1) -> None:
        if find_spec("can") is None:
            raise UsageError("a BLF log needs python-can: pip install 'outlet-rig[can]'")
        from can import BLFWriter  # optional, slow to load

        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_DBC, folder / DBC_NAME)
        self.folder, self._channel = folder, channel
        self._epoch_s = clock.utc().timestamp() - clock.now()
        # Unbuffered, and by the line: what is written shall be on the disk when the process dies.
        blf = (folder / BLF_NAME).open("wb", buffering=0)
        self._blf = BLFWriter(blf, max_container_size=_CONTAINER_BYTES)
        self._csv = (folder / CSV_NAME).open("w", newline="", encoding="ascii", buffering=1)
        self._rows: Any = csv.writer(self._csv)  # Any: the csv module does not name its writer
        self._rows.writerow(["utc_s", "volts", "amps", "set_amps", *Line])

    def __enter__(self) -> Self:
        """Return the log."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the files."""
        self.close()

    def frame(self, frame: CanFrame) -> None:
        """Write a frame; pre: it bears its clock time."""
        from can import Message

        if frame.t_s is None:
            raise UsageError(
                f"a frame to be logged needs its time, 0x{frame.identifier:X} has none"
            )
        self._blf.on_message_received(
            Message(
                timestamp=self._epoch_s + frame.t_s,
                arbitration_id=frame.identifier,
                is_extended_id=frame.extended,
                is_remote_frame=frame.remote,
                data=frame.data,
                dlc=frame.length,
                channel=self._channel - 1,
            )
        )

    def sample(
        self, t_s: float, measured: Measured, set_a: float, levels: Mapping[Line, bool]
    ) -> None:
        """Write what was measured, driven and switched at an instant."""
        numbers = f"{self._epoch_s + t_s:.6f}", f"{measured.volts:.3f}", f"{measured.amps:.3f}"
        self._rows.writerow([*numbers, f"{set_a:.3f}", *(int(levels[each]) for each in Line)])

    def close(self) -> None:
        """Close both files; harmless when they are."""
        if self._csv.closed:
            return
        try:
            self._csv.close()
        finally:
            self._blf.stop()
