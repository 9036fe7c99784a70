"""The same boxes as a lab drives them without this rig: PyVISA and literal frames, no watchdogs.

Needs PyVISA, PyVISA-py and pyserial only, so that it runs in every peer's own environment.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyvisa
import serial

from benchmarks.kill.happening import EVENT, energised

__all__ = ["Contactors", "Load", "Pack", "happen", "turns"]

_ROLES = json.loads(Path(os.environ["KILL_ADDRESSES"]).read_text())["roles"]
_COIL_ON, _COIL_OFF = bytes.fromhex("01050000ff008c3a"), bytes.fromhex("010500000000cdca")
_READ_COILS = bytes.fromhex("0101000000083dcc")
# The pace of the boxes, which take no command sooner and tell nobody when they do; a driver
# without a link of this rig keeps it by sleeping.
_PACK_GAP_S, _LOAD_GAP_S, _RELAY_GAP_S = 0.02, 0.06, 0.01
_TURN_S = 0.1
"""A long measurement looks at every box so often."""


def _broken(role: str) -> bool:
    return f"teardown {role}" == EVENT


class Pack:
    """The supply, over SCPI."""

    def __init__(self) -> None:
        host, _, port = _ROLES["pack"]["address"].rpartition(":")
        self._visa = _open(f"TCPIP0::{host}::{port}::SOCKET")

    def on(self) -> None:
        """Switch 360 V on."""
        for command in ("SYST:LOCK ON", "VOLT 360", "CURR 60", "POW 15000", "OUTP ON"):
            self._visa.write(command)
            time.sleep(_PACK_GAP_S)  # its pace: it does not tell when it takes more
        assert self._visa.query("OUTP?").strip() == "ON"

    def use(self) -> None:
        """Measure something."""
        self._visa.query("MEAS:VOLT?")

    def off(self) -> None:
        """Switch off."""
        if _broken("pack"):
            raise RuntimeError("a mistake in a driver")
        self._visa.write("OUTP OFF")
        assert self._visa.query("OUTP?").strip() == "OFF"


class Contactors:
    """The relay for the contactors' coils."""

    def __init__(self) -> None:
        self._line = serial.Serial(_ROLES["faults_1"]["address"], 9600, timeout=0.5)

    def on(self) -> None:
        """Close."""
        self._say(_COIL_ON)

    def use(self) -> None:
        """Read the coils."""
        self._say(_READ_COILS, answer=6)

    def off(self) -> None:
        """Open."""
        if _broken("faults_1"):
            raise RuntimeError("a mistake in a driver")
        self._say(_COIL_OFF)

    def _say(self, frame: bytes, answer: int = 8) -> None:
        self._line.write(frame)
        heard = self._line.read(answer)
        if len(heard) != answer:
            raise TimeoutError(f"relay board: {heard.hex()}")
        time.sleep(_RELAY_GAP_S)  # RTU frames are told apart by silence


class Load:
    """The load at socket A."""

    def __init__(self) -> None:
        self._visa = _open(_ROLES["load_a"]["address"], baud_rate=57600)

    def on(self) -> None:
        """Draw 4 A."""
        for command in ("SYST:SET:MODE AC", "MODE CURR", "CURR 4", "LOAD ON"):
            self._visa.write(command)
            time.sleep(_LOAD_GAP_S)  # its pace: it does not tell when it takes more

    def use(self) -> None:
        """Measure something."""
        self._visa.query("MEAS:CURR?")

    def off(self) -> None:
        """Switch off."""
        self._visa.write("LOAD OFF")


def happen(boxes: list[Any]) -> None:
    """Say that the bench is energised, then let happen what shall happen."""
    energised()
    for pause_s in turns(boxes):
        time.sleep(pause_s)  # a plan that holds its load, and is hit by the event meanwhile


def turns(boxes: list[Any]) -> Iterator[float]:
    """Use every box again and again while something shall be awaited; give each pause between."""
    for _ in range(100 if EVENT == "wait" else 0):
        for box in boxes:
            box.use()
        yield _TURN_S


def _open(resource: str, **more: Any) -> Any:  # noqa: ANN401  # PyVISA's resources have no base
    ends = {"read_termination": "\n", "write_termination": "\n", "timeout": 2000}
    return pyvisa.ResourceManager("@py").open_resource(resource, **ends, **more)
