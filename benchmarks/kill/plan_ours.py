"""The plan that is killed: energise one socket, load it, then do or await what KILL_EVENT says."""

import json
import os
import time
from pathlib import Path
from typing import Any

EVENT, MARK = os.environ["KILL_EVENT"], Path(os.environ["KILL_MARK"])


def test_energised(bench: Any, rig_run: Any) -> None:  # noqa: ANN401
    """Energise, then let happen what shall happen."""
    with bench.energised("A"):
        bench.loads["A"].draw_power(1000)
        drivers = rig_run.opened.roles.drivers
        if EVENT == "memory":
            limit_memory()
        if EVENT.startswith("teardown "):
            drivers[EVENT.partition(" ")[2]].make_safe = broken
        mark(bench)
        if EVENT == "exception":
            raise RuntimeError("a mistake in the plan")
        if EVENT == "assertion":
            assert EVENT == "no assertion"
        if EVENT == "memory":
            hog = [bytearray(1 << 24)]
            while True:
                hog.append(bytearray(1 << 24))
        while EVENT == "hang":
            pass
        if EVENT == "wait":
            use_every_box(bench, drivers)


def use_every_box(bench: Any, drivers: Any) -> None:  # noqa: ANN401
    """Talk to every box again and again, as a long measurement does."""
    for _ in range(100):
        for driver in drivers.values():
            driver.identify()
        bench.controller.read_status()
        bench.sleep(0.1)


def broken() -> None:
    """Be a driver with a mistake in it."""
    raise RuntimeError("a mistake in a driver")


def limit_memory() -> None:
    """Let this process have 256 MB more, and no more."""
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * os.sysconf("SC_PAGESIZE") + (256 << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def mark(bench: Any) -> None:  # noqa: ANN401
    """Say that the bench is energised, when, and by whom."""
    guard = bench.power_hold.guard
    told = {"event_s": time.monotonic(), "pid": os.getpid(), "guardian": getattr(guard, "pid", 0)}
    MARK.with_suffix(".new").write_text(json.dumps(told))
    MARK.with_suffix(".new").rename(MARK)
