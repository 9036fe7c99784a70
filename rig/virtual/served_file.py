"""A bench file for clients of a served bench: the same bench, with real addresses, in wall time."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import yaml

from rig.bench.model import BenchFile
from rig.bench.watchdog_model import Contactors, InstrumentWatchdog

__all__ = ["reachable", "served_bench"]

_HEAD = """\
# Written by rig serve: its boxes answer at these addresses for as long as that process lives.
"""

_CAN_ADAPTER = {
    "model": "Lawicel CAN232",
    "link": {"kind": "stream-serial", "address": "virtual"},
}
"""What other processes can reach in place of a bus within this one."""


def reachable(spec: BenchFile) -> BenchFile:
    """Return the bench with serial CAN adapters in place of buses within the process."""
    roles = {
        role: _CAN_ADAPTER for role, each in spec.roles.items() if each.link.kind == "can-python"
    }
    if not roles:
        return spec
    document = spec.model_dump(exclude_unset=True)
    return BenchFile.model_validate(document | {"roles": document["roles"] | roles})


def served_bench(spec: BenchFile, addresses: Mapping[str, str], console: str) -> str:
    """Return the YAML of a bench file that reaches the boxes of a served bench.

    Watchdogs get the times of a real bench: in wall time a holder can die between two feedings.
    """
    document: dict[str, Any] = spec.model_dump(
        mode="json", exclude_none=True, exclude_defaults=True
    )
    document |= {
        "schema_version": 1,
        "name": f"{spec.name} served by {os.getpid()}",
        "clock": "wall",
    }
    for role, each in document["roles"].items():
        each["link"]["address"] = addresses[role]
        if "watchdog" in each:
            each["watchdog"] |= _times(InstrumentWatchdog())
    if "console" in document["unit"]:
        document["unit"]["console"]["address"] = console
    if "contactors" in document["wiring"]:
        document["wiring"]["contactors"] |= _times(Contactors(board="any", relay=0))
    if "v2h" in document["wiring"]:
        document["wiring"]["v2h"]["contactor"] |= _times(Contactors(board="any", relay=0))
    return _HEAD + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)


def _times(watchdog: Contactors | InstrumentWatchdog) -> dict[str, float]:
    return {"timeout_s": watchdog.timeout_s, "feed_s": watchdog.feed_s}
