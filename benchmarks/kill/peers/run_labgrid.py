"""labgrid: a target with one driver a box; deactivation, at the end of its block, switches off."""

import attr
from labgrid import Target, target_factory
from labgrid.driver import Driver
from raw_bench import Contactors, Load, Pack, happen


@attr.s(eq=False)
class BoxDriver(Driver):
    """Switch a box on with activation and off with deactivation."""

    box_class = Pack

    def on_activate(self) -> None:
        """Switch on."""
        self.box = self.box_class()
        self.box.on()

    def on_deactivate(self) -> None:
        """Switch off."""
        self.box.off()


@target_factory.reg_driver
@attr.s(eq=False)
class ContactorsDriver(BoxDriver):
    """The contactors."""

    box_class = Contactors


@target_factory.reg_driver
@attr.s(eq=False)
class PackDriver(BoxDriver):
    """The pack."""

    box_class = Pack


@target_factory.reg_driver
@attr.s(eq=False)
class LoadDriver(BoxDriver):
    """The load."""

    box_class = Load


def main() -> None:
    """Activate everything, then let happen what shall happen."""
    with Target("bench") as target:
        drivers = [kind(target, name=None) for kind in (ContactorsDriver, PackDriver, LoadDriver)]
        for driver in drivers:
            target.activate(driver)
        happen([driver.box for driver in drivers])


if __name__ == "__main__":
    main()
