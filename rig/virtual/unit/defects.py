"""The seeded defects of the simulated controller, and how others are added from a file.

A file outside the project defines ``DEFECTS``, a sequence of ``Defect``; a defect changes the
frozen ``Parameters`` or replaces protections by name, never the firmware's code.
"""

from __future__ import annotations

import runpy
from pathlib import Path

from instruments.errors import UsageError
from rig.virtual.unit import defects_operation, defects_output, defects_protection
from rig.virtual.unit.defect import Defect

__all__ = ["Defect", "defect_by_id", "list_defects", "load_defects"]

_DEFECTS = (*defects_protection.DEFECTS, *defects_output.DEFECTS, *defects_operation.DEFECTS)


def list_defects() -> tuple[Defect, ...]:
    """Return the defects that come with the project."""
    return _DEFECTS


def load_defects(path: Path) -> tuple[Defect, ...]:
    """Return the defects a file defines as ``DEFECTS``."""
    if not path.is_file():
        raise UsageError(f"no defect file at {path}")
    found = runpy.run_path(str(path)).get("DEFECTS")
    if not isinstance(found, list | tuple) or not all(isinstance(d, Defect) for d in found):
        raise UsageError(f"{path} must define DEFECTS, a list of rig.virtual.unit.Defect")
    return tuple(found)


def defect_by_id(name: str) -> Defect:
    """Return the defect ``ID``, or ``FILE:ID`` from a file outside the project."""
    file, _, wanted = name.rpartition(":")
    known = load_defects(Path(file)) if file else _DEFECTS
    for defect in known:
        if defect.id == wanted:
            return defect
    ids = ", ".join(each.id for each in known)
    raise UsageError(f"no defect {wanted!r} in {file or 'the project'}; there are: {ids}")
