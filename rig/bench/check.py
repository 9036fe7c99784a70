"""Connect to every box of a bench, ask who it is, and say so in a table."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from instruments.capabilities import Instrument
from instruments.errors import BenchError
from instruments.registry import find_model
from rig.bench.model import BenchFile, Calibration
from rig.bench.roles import CONTROLLER, Roles
from rig.controller import Controller

__all__ = ["Finding", "calibration_state", "check_roles", "table", "unfitted"]

_WARN_DAYS = 30


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found on one role."""

    role: str
    model: str
    address: str
    answer: str
    calibration: str
    sound: bool


def check_roles(
    bench: BenchFile,
    roles: Roles,
    addresses: Mapping[str, str],
    today: dt.date,
) -> list[Finding]:
    """Identify the box on every role; a dead one keeps no other from answering."""
    findings = [
        _check(role, bench, driver, addresses[role], today)
        for role, driver in roles.drivers.items()
    ]
    if CONTROLLER not in bench.roles:
        return findings
    return [*findings, _check_unit(bench, roles.controller, addresses[CONTROLLER])]


def calibration_state(calibration: Calibration | None, today: dt.date) -> str:
    """Return ``none``, ``valid``, ``due in N days`` (30 or fewer) or ``overdue since DATE``."""
    if calibration is None:
        return "none"
    left = (calibration.due - today).days
    if left < 0:
        return f"overdue since {calibration.due}"
    return f"due in {left} days" if left <= _WARN_DAYS else "valid"


def _check(
    role: str, bench: BenchFile, driver: Instrument, address: str, today: dt.date
) -> Finding:
    spec = bench.roles[role]
    state = calibration_state(spec.calibration, today)
    try:
        who = driver.identify()
    except BenchError as error:
        return Finding(role, spec.model, address, f"NO ANSWER: {error.got}", state, sound=False)
    answer = " ".join(part for part in (who.maker, who.model, who.serial, who.firmware) if part)
    if spec.serial is not None and spec.serial != who.serial:
        answer = f"WRONG SERIAL: {who.serial}, expected {spec.serial}"
        return Finding(role, spec.model, address, answer, state, sound=False)
    if not re.search(find_model(spec.model).says, who.model):
        answer = f"WRONG MODEL: {who.maker} {who.model}, expected {spec.model}"
        return Finding(role, spec.model, address, answer, state, sound=False)
    return Finding(role, spec.model, address, answer, state, sound=True)


def _check_unit(bench: BenchFile, controller: Controller, address: str) -> Finding:
    model = bench.roles[CONTROLLER].model
    try:
        status = controller.read_status()
    except BenchError as error:
        return Finding(CONTROLLER, model, address, f"NO ANSWER: {error.got}", "none", sound=False)
    answer = f"firmware {status.firmware}, {status.state.name.lower()}"
    return Finding(CONTROLLER, model, address, answer, "none", sound=True)


def table(findings: Iterable[Finding]) -> str:
    """Lay findings out as an aligned table, one role a line."""
    rows = [("role", "model", "address", "answer", "calibration")]
    rows += [(f.role, f.model, f.address, f.answer, f.calibration) for f in findings]
    widths = [max(len(row[n]) for row in rows) for n in range(5)]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in rows]
    lines.insert(1, "  ".join("-" * w for w in widths))
    return "\n".join(line.rstrip() for line in lines)


def unfitted(bench: BenchFile) -> list[str]:
    """Name what a bench file may leave out, and what then nobody does for the bench."""
    silence = bench.supervision is not None and bench.supervision.plan_silence_s is not None
    parts = {
        "interlock": bench.interlock is not None,
        "contactors that let go by themselves": bench.wiring.contactors is not None
        or bench.wiring.v2h is not None,
        "supervision of the pack": bench.supervision is not None,
        "limit for a plan that hangs (supervision.plan_silence_s)": silence or bench.is_virtual,
    }
    return [name for name, fitted in parts.items() if not fitted]
