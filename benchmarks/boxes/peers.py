"""Other people's drivers at the same query, each in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from benchmarks.boxes.answering import scpi_answer, serving
from benchmarks.environments import environment
from benchmarks.paired import Medians

__all__ = ["DRIVER_MODULES", "QUERY_PEERS", "importing_s", "interpreter", "query_medians"]

ROOT = Path(__file__).parents[2]
QUERY_PEERS: Mapping[str, str] = {"PyMeasure": "pymeasure", "QCoDeS": "qcodes", "instro": "instro"}
"""Package by name; one that is missing is installed by ``pip install NAME`` into its folder."""
DRIVER_MODULES: Mapping[str, str] = {
    "PyMeasure": "pymeasure.instruments",
    "QCoDeS": "qcodes.instrument",
    "instro": "instro.psu.drivers.ea_psb10000",
}
"""What a script imports that drives one supply."""
_LASTS_S = 300.0


def interpreter(folder: Path, name: str) -> Path | None:
    """Return the interpreter that has a peer and PyVISA; None where it does not install."""
    return environment(folder, name.lower(), name, "pyvisa", "pyvisa-py")


def query_medians(python: Path, name: str, repetitions: int) -> list[Medians]:
    """Return the seconds of a query by a peer and by bare PyVISA beside it, by turns."""
    script = Path(__file__).parent / "peer_scripts" / f"query_{QUERY_PEERS[name]}.py"
    with serving(scpi_answer) as (port,):
        said = _run(python, str(script), str(port), str(repetitions))
    medians: list[Medians] = [(ours, bare) for ours, bare in json.loads(said)]
    return medians


def importing_s(python: Path | str, module: str) -> float:
    """Return the seconds that an import takes in a new interpreter."""
    code = (
        "from time import perf_counter as now; start = now();"
        f" import {module}; print(now() - start)"
    )
    return float(_run(python, "-W", "ignore", "-c", code))


def _run(python: Path | str, *arguments: str) -> str:
    done = subprocess.run(
        [str(python), *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
        timeout=_LASTS_S,
        text=True,
    )
    return done.stdout.splitlines()[-1]
