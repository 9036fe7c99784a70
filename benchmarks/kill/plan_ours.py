"""The plan that is killed: energise one socket, load it, then do or await what KILL_EVENT says."""

from typing import Any

from benchmarks.kill.happening import EVENT, energised


def test_energised(bench: Any, rig_run: Any) -> None:  # noqa: ANN401
    """Energise, then let happen what shall happen."""
    with bench.energised("A"):
        bench.loads["A"].draw_power(1000)
        drivers = rig_run.opened.roles.drivers
        if EVENT.startswith("teardown "):
            drivers[EVENT.partition(" ")[2]].make_safe = broken
        energised(guardian=getattr(bench.power_hold.guard, "pid", 0))
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
