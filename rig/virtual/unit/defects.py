"""The seeded defects of the simulated controller, and how others are added from a file.

Each module ``defects_<subject>.py`` beside this one defines ``DEFECTS``, a sequence of ``Defect``,
and is found by its name. A file outside the project does the same; a defect changes the frozen
``Parameters`` or replaces protections by name, never the firmware's code.
"""

from __future__ import annotations

import runpy
from collections import Counter
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from instruments.errors import UsageError
from rig.virtual.unit.defect import Defect

__all__ = ["Defect", "defect_by_id", "list_defects", "load_defects"]

_HERE = Path(__file__).parent


@cache
def list_defects() -> tuple[Defect, ...]:
    """Return the defects that come with the project, subject by subject."""
    names = sorted(m.name for m in iter_modules([str(_HERE)]) if m.name.startswith("defects_"))
    modules = [import_module(f"{__package__}.{name}") for name in names]
    return _distinct([each for module in modules for each in module.DEFECTS], "the project")


def load_defects(path: Path) -> tuple[Defect, ...]:
    """Return the defects a file defines as ``DEFECTS``."""
    if not path.is_file():
        raise UsageError(f"no defect file at {path}")
    found = runpy.run_path(str(path)).get("DEFECTS")
    if not isinstance(found, list | tuple) or not all(isinstance(d, Defect) for d in found):
        raise UsageError(f"{path} must define DEFECTS, a list of rig.virtual.unit.Defect")
    return _distinct(found, str(path))


def defect_by_id(name: str) -> Defect:
    """Return the defect ``ID``, or ``FILE:ID`` from a file outside the project."""
    file, _, wanted = name.rpartition(":")
    known = load_defects(Path(file)) if file else list_defects()
    for defect in known:
        if defect.id == wanted:
            return defect
    ids = ", ".join(each.id for each in known)
    raise UsageError(f"no defect {wanted!r} in {file or 'the project'}; there are: {ids}")


def _distinct(defects: list[Defect] | tuple[Defect, ...], where: str) -> tuple[Defect, ...]:
    twice = [name for name, n in Counter(each.id for each in defects).items() if n > 1]
    if twice:
        raise UsageError(f"{where} defines defects of the same id: {', '.join(twice)}")
    return tuple(defects)
