"""How outcomes and values are worded in every report."""

from __future__ import annotations

from reports.sink import Status

__all__ = ["CATEGORIES", "UNFINISHED", "number", "status_and_message"]

_INCONCLUSIVE = "INCONCLUSIVE: "
_RIG_FAULT = "RIG FAULT: "
_NOT_TESTED = "NOT TESTED: "

UNFINISHED = "the run ended before this test did"
"""What became of a test that the record knows no end of."""

CATEGORIES: tuple[tuple[str, Status, str], ...] = (
    ("Limit violated", Status.FAILED, ""),
    ("Rig fault", Status.BROKEN, ""),
    ("Inconclusive", Status.SKIPPED, f"^{_INCONCLUSIVE.strip()}"),
    ("Not tested", Status.SKIPPED, f"^{_NOT_TESTED.strip()}"),
)
"""Name, status, and how the message begins (a regular expression; empty: anyhow)."""

_BY_OUTCOME = {
    "passed": (Status.PASSED, ""),
    "failed": (Status.FAILED, ""),
    "broken": (Status.BROKEN, _RIG_FAULT),
    "inconclusive": (Status.SKIPPED, _INCONCLUSIVE),
    "skipped": (Status.SKIPPED, _NOT_TESTED),
}


def status_and_message(outcome: str, message: str) -> tuple[Status, str]:
    """Return Allure's status for an outcome, and the message with the word that tells which.

    >>> status_and_message("inconclusive", "scope_ac: not triggered")
    (<Status.SKIPPED: 'skipped'>, 'INCONCLUSIVE: scope_ac: not triggered')
    """
    status, prefix = _BY_OUTCOME[outcome]
    if status is Status.PASSED:
        return status, ""
    return status, prefix + message.removeprefix("Skipped: ").removeprefix(prefix)


def number(value: object) -> str:
    """Write a value as people read it: six digits at most.

    >>> number(0.1 + 0.2), number(True), number([1.0, 2.5]), number("B")
    ('0.3', 'yes', '1, 2.5', 'B')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list | tuple):
        return ", ".join(number(each) for each in value)
    return "-" if value is None else str(value)
