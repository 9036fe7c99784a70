"""Environments of their own for other people's packages, whose needs differ from the rig's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

__all__ = ["environment"]

_INSTALLS_S = 600.0


def environment(folder: Path, name: str, *packages: str) -> Path | None:
    """Return the interpreter of the environment ``folder/name``, made when it is not there.

    None: the packages do not install here; one that exists is used as it is.
    """
    python = folder / name / "bin" / "python"
    if python.exists():
        return python
    try:
        _run(sys.executable, "-m", "venv", str(folder / name))
        _run(str(python), "-m", "pip", "install", "--quiet", *packages)
    except (subprocess.SubprocessError, OSError):
        python.unlink(missing_ok=True)  # so that the next run tries again
        return None
    return python


def _run(*command: str) -> None:
    subprocess.run(command, check=True, timeout=_INSTALLS_S, stdout=subprocess.DEVNULL)
