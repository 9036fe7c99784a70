"""Who a recorded test is: names and ids that stay the same from run to run."""

from __future__ import annotations

import hashlib
from typing import Any

from reports.sink import TestFacts

__all__ = ["facts_of", "suites_of"]


def facts_of(started: dict[str, Any]) -> TestFacts:
    """Return the identity of a test from its ``test.started`` event."""
    node_id = str(started["test"])
    parameters = {str(k): str(v) for k, v in (started.get("parameters") or {}).items()}
    package, classes, function = _parts(node_id)
    full_name = f"{'.'.join([*package, *classes])}#{function}"
    shown = sorted(f"{name}={value}" for name, value in parameters.items())
    return TestFacts(
        node_id=node_id,
        title=str(started.get("title") or function),
        full_name=full_name,
        test_case_id=_digest(full_name),
        history_id=_digest(full_name, *shown),
        title_path=(*node_id.split("::", maxsplit=1)[0].split("/"), *classes),
        parameters=parameters,
    )


def suites_of(node_id: str) -> dict[str, str]:
    """Return the suite labels of a test, from the place of its file.

    >>> suites_of("testplans/test_rcd.py::test_trips[A-90]")
    {'parentSuite': 'testplans', 'suite': 'test_rcd'}
    """
    package, classes, _ = _parts(node_id)
    suites = {
        "parentSuite": ".".join(package[:-1]),
        "suite": package[-1],
        "subSuite": " > ".join(classes),
    }
    return {name: value for name, value in suites.items() if value}


def _parts(node_id: str) -> tuple[list[str], list[str], str]:
    """Split a node id into package with module, classes, and function without parameters."""
    path, *names = node_id.split("[", 1)[0].split("::")
    package = path.removesuffix(".py").split("/")
    return package, names[:-1], names[-1] if names else package[-1]


def _digest(*parts: str) -> str:
    text = "\n".join(parts)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
