from collections.abc import Callable

import pytest

from rig.virtual.scpi import (
    Block,
    Boolean,
    Choice,
    CommonCommands,
    Dialect,
    ErrorQueries,
    Number,
    StatusRegisters,
    Text,
    command,
    query,
)
from rig.virtual.scpi.formats import block, nr3, quoted, zero_one


class Panel:
    def __init__(self) -> None:
        self.level, self.on, self.shape, self.label = 1.0, False, "SIN", ""


class Bench(CommonCommands, ErrorQueries, StatusRegisters):
    """A box with one command of each kind."""

    def __init__(self, dialect: Dialect) -> None:
        super().__init__(dialect, identity="Maker,Model,0,1.0", turnaround_s=0.01)
        self.panel = Panel()
        level = Number(-10.0, 45.0, unit="A", default=0.5)
        self.bind("[SOURce:]CURRent[:LEVel]", self.panel, "level", level, nr3(12))
        self.bind("OUTPut[:STATe]", self.panel, "on", Boolean(), zero_one)
        self.bind("SOURce:FUNCtion:SHAPe", self.panel, "shape", Choice("SINusoid", "DC"), str)
        self.bind("DISPlay:TEXT", self.panel, "label", Text(), quoted)
        self.kept = b""

    @query("MEASure:VOLTage:DC")
    def dc(self) -> str:
        return "12.0"

    @query("MEASure:VOLTage:AC")
    def ac(self) -> str:
        return "230.0"

    @query("CHANnel<1:4>:SCALe")
    def scale(self, channel: int) -> str:
        return str(channel)

    @command("DATA", Block())
    def keep(self, data: bytes) -> None:
        self.kept = data

    @query("DATA")
    def data(self) -> bytes:
        return block(self.kept)

    @command("SLOW")
    def slow(self) -> None:
        self.charge(1.5)


@pytest.fixture(scope="session")
def new_box() -> Callable[..., Bench]:
    def make(**options: object) -> Bench:
        return Bench(Dialect(power_on_event=False, **options))

    return make


@pytest.fixture
def box(new_box: Callable[..., Bench]) -> Bench:
    return new_box()


@pytest.fixture(scope="session")
def ask() -> Callable[[Bench, str], str]:
    return lambda box, message: box.execute(message.encode("latin-1")).data.decode("latin-1")
