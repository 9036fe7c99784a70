"""OpenHTF: one plug a box; ``tearDown`` switches off."""

import openhtf as htf
from openhtf.plugs import BasePlug
from raw_bench import Contactors, Load, Pack, happen


class ContactorsPlug(BasePlug):
    """The contactors."""

    def __init__(self) -> None:
        self.box = Contactors()
        self.box.on()

    def tearDown(self) -> None:  # OpenHTF's name
        """Switch off."""
        self.box.off()


class PackPlug(BasePlug):
    """The pack."""

    def __init__(self) -> None:
        self.box = Pack()
        self.box.on()

    def tearDown(self) -> None:
        """Switch off."""
        self.box.off()


class LoadPlug(BasePlug):
    """The load."""

    def __init__(self) -> None:
        self.box = Load()
        self.box.on()

    def tearDown(self) -> None:
        """Switch off."""
        self.box.off()


@htf.plug(contactors=ContactorsPlug)
@htf.plug(pack=PackPlug)
@htf.plug(load=LoadPlug)
def phase(test: htf.TestApi, contactors: ContactorsPlug, pack: PackPlug, load: LoadPlug) -> None:
    """Let happen what shall happen."""
    happen([contactors.box, pack.box, load.box])


if __name__ == "__main__":
    htf.Test(phase).execute(test_start=lambda: "unit")
