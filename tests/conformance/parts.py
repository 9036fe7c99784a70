"""What each kind of box is asked in the walk: legal and illegal settings, and the circuit's truth.

One class per role of the registry, in ``parts_power.py`` and ``parts_signals.py``. A driver of a
new role needs a class there, a driver of a known role needs nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from rig.controller import SocketState, VehicleData
from rig.virtual.ports import SupplySetting

Call = Callable[[], object]
LIVE = SupplySetting(True, 360.0, 60.0, 15_000.0, 0.0, 0.0)
NOT_NUMBERS = (math.nan, math.inf, -math.inf)


class Spy:
    """A port of the circuit that remembers what it was told last."""

    def __init__(self, port: Any) -> None:
        self._port = port
        self.applied: Any = None

    def apply(self, setting: Any) -> None:
        self.applied = setting
        self._port.apply(setting)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)


@dataclass(frozen=True)
class Legal:
    """One setting that every box of the kind takes, and what then is true in the circuit."""

    name: str
    call: Call
    true: Callable[[], bool] = lambda: True


class Part:
    """What the walk needs to know of one kind of box."""

    role = ""
    capabilities: ClassVar[dict[str, type]] = {}
    """Protocols by the name of the view that has them; "" is the driver itself."""
    carries_power = False

    def __init__(self, subject: Any) -> None:
        self.subject = subject

    @property
    def driver(self) -> Any:
        return self.subject.driver

    def legal(self) -> list[Legal]:
        return []

    def illegal(self) -> Iterator[Call]:
        yield from ()

    def energise(self) -> None:
        """Let the box carry power, or do whatever it must not do when it is safe."""

    def live(self) -> bool:
        """Return the truth of it."""
        return False

    def refused(self) -> tuple[Call, int] | None:
        """Return a call that the box, not the driver, refuses, and the box's code for it.

        None where the box refuses nothing in words.
        """
        return None

    def in_use(self) -> None:
        """Do what two threads may do to one driver at once, and check the answer."""
        self.driver.identify()

    def energise_sockets(self) -> None:
        """Start the unit under test with 360 V behind it, by its own service port."""
        subject = self.subject
        if subject.virtual.network.supply("pack").applied == LIVE:
            return
        subject.virtual.network.supply("pack").apply(LIVE)
        subject.pause(2.0)
        unit = subject.roles.controller
        unit.write_vehicle_data(VehicleData(80.0, alive=1))
        unit.set_power_limit(6000)
        unit.enable_sockets(["A", "B", "C"])
        unit.start()
        for alive in range(2, 40):
            if all(s.state is SocketState.ON for s in unit.read_sockets().values()):
                return
            unit.write_vehicle_data(VehicleData(80.0, alive=alive))
            subject.pause(0.5)
        raise AssertionError("the unit under test does not start")


PARTS: dict[str, type[Part]] = {}
"""By role; of a model with several the first that stands here."""


def part_of(model: Any) -> type[Part]:
    """Return the class of a model's first known role; fails for a role nobody has described."""
    for role, part in PARTS.items():
        if role in model.roles:
            return part
    raise AssertionError(f"{model.name}: no part in tests/conformance for {sorted(model.roles)}")
