"""Models by name: what a bench file may say, and which driver that means.

Drivers are imported when one is made, so that reading a bench file stays quick.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from instruments.clock import Clock
from instruments.errors import UsageError
from instruments.ratings import (
    AcLoadRating,
    Rating,
    ScopeRating,
    SlcanDialect,
    SupplyRating,
    TemperatureRegister,
)

if TYPE_CHECKING:  # numpy and the libraries of the links are not needed to read a bench file
    from instruments.capabilities import Instrument
    from instruments.links.api import RegisterLink, ScpiLink
    from instruments.links.byte_stream import ByteLink
    from instruments.python_can_port import CanInterface

    Link = ScpiLink | RegisterLink | ByteLink | CanInterface

__all__ = [
    "LineSettings",
    "LinkKind",
    "Model",
    "Role",
    "create_driver",
    "find_model",
    "known_models",
    "register_model",
]

LinkKind = Literal["visa", "modbus", "stream", "can"]
"""Which kind of link a driver takes: a stream is a `ByteLink`, can a `CanInterface`."""
Role = Literal[
    "ac_load",
    "supply",
    "scope",
    "analyser",
    "relays",
    "inputs",
    "point_on_wave",
    "can",
    "thermometer",
    "watchdog",
]


@dataclass(frozen=True, slots=True)
class LineSettings:
    """What a link to such a box needs, unless the bench file says otherwise."""

    timeout_s: float = 2.0
    min_gap_s: float = 0.0
    """Least time between two messages."""
    baud_rate: int | None = None
    unit_id: int | None = None
    """Modbus unit as delivered."""
    lead: bytes = b""
    """Sent on opening a Modbus serial line: ends what the box may have half heard."""
    serial_only: bool = False
    """Whether it has no LAN port: at a TCP address it stands behind a device server."""


@dataclass(frozen=True, slots=True)
class Model:
    """One model that a bench file may name."""

    name: str
    link: LinkKind
    roles: frozenset[Role]
    driver: str
    """``module:Class``; called with the link, the clock and the rating."""
    line: LineSettings = LineSettings()
    rating: Rating | None = None
    says: str = ""
    """A pattern found in the model that such a box says it is; empty: it says nothing of it."""


_models: dict[str, Model] = {}


def register_model(model: Model) -> None:
    """Add a model, also of a lab's own; a name can be given once."""
    if model.name in _models:
        raise UsageError(f"the model {model.name!r} is registered already")
    _models[model.name] = model


def known_models() -> tuple[Model, ...]:
    """Return every model, by name."""
    return tuple(_models[name] for name in sorted(_models))


def find_model(name: str) -> Model:
    """Return a model by its name; raises ``UsageError`` listing the known ones."""
    try:
        return _models[name]
    except KeyError:
        known = ", ".join(sorted(_models))
        raise UsageError(f"unknown model {name!r}; known models: {known}") from None


def create_driver(model: str, link: Link, clock: Clock, rating: Rating | None = None) -> Instrument:
    """Return a driver over a link, which it does not open; ``rating`` replaces the model's own.

    What more than an instrument it is, `Model.roles` says.
    """
    found = find_model(model)
    if rating is not None and type(rating) is not type(found.rating):
        wanted = "none" if found.rating is None else type(found.rating).__name__
        raise UsageError(f"{model} takes as rating: {wanted}, got {type(rating).__name__}")
    module, _, name = found.driver.partition(":")
    make: Callable[..., Instrument] = getattr(import_module(module), name)
    return make(link, clock, rating or found.rating)


def _load_model(number: int, amps: float, watts: float) -> Model:
    return Model(
        f"Chroma {number}",
        "visa",
        frozenset({"ac_load"}),
        "instruments.chroma_63800:Chroma63800",
        LineSettings(timeout_s=2.0, min_gap_s=0.05, baud_rate=57600, serial_only=True),
        AcLoadRating(voltage_v=350.0, current_a=amps, power_w=watts, peak_current_a=3 * amps),
    )


def _ea_model(name: str, *, scpi: bool) -> Model:
    """Return an EA supply of 500 V, 90 A, 15 kW over Modbus, or over SCPI with its watchdog."""
    rating = SupplyRating(voltage_v=500.0, current_a=90.0, power_w=15_000.0)
    if scpi:
        return Model(
            name,
            "visa",
            frozenset({"supply", "watchdog"}),
            "instruments.ea_psb_scpi:EaPsbScpi",
            LineSettings(timeout_s=1.0, min_gap_s=0.01, baud_rate=115_200),
            rating,
        )
    return Model(
        name,
        "modbus",
        frozenset({"supply"}),
        "instruments.ea_psb10000:EaPsb10000",
        # It reads text on the same line, up to a line feed.
        LineSettings(timeout_s=0.5, min_gap_s=0.01, unit_id=0, lead=b"\n"),
        rating,
    )


def _slcan_model(name: str, dialect: SlcanDialect) -> Model:
    line = LineSettings(timeout_s=0.5, baud_rate=115_200)
    return Model(name, "stream", frozenset({"can"}), "instruments.slcan:Slcan", line, dialect)


_BUILT_IN = (
    _load_model(63802, 18.0, 1800.0),
    _load_model(63803, 36.0, 3600.0),
    _load_model(63804, 45.0, 4500.0),
    _ea_model("EA PSB 10000", scpi=False),
    _ea_model("EA PSB 10000 SCPI", scpi=True),
    _ea_model("EA PSB 9000", scpi=False),
    _ea_model("EA PSB 9000 SCPI", scpi=True),
    Model(
        "Delta SM15K",
        "visa",
        frozenset({"supply", "watchdog"}),
        "instruments.delta_sm15k:DeltaSm15k",
        LineSettings(timeout_s=2.0),
        SupplyRating(voltage_v=500.0, current_a=90.0, power_w=15_000.0),
    ),
    Model(
        "Keysight RP7900",
        "visa",
        frozenset({"supply", "watchdog"}),
        "instruments.keysight_rp7900:KeysightRp7900",
        LineSettings(timeout_s=5.0),
        SupplyRating(voltage_v=500.0, current_a=40.0, power_w=10_000.0),
    ),
    Model(
        "ITECH IT6000C",
        "visa",
        frozenset({"supply", "watchdog"}),
        "instruments.itech_it6000c:ItechIt6000c",
        LineSettings(timeout_s=2.0, min_gap_s=0.02, baud_rate=115_200),
        SupplyRating(voltage_v=800.0, current_a=225.0, power_w=54_000.0),
    ),
    Model(
        "ITECH IT8600",
        "visa",
        frozenset({"ac_load"}),
        "instruments.itech_it8600:ItechIt8600",
        LineSettings(timeout_s=2.0, min_gap_s=0.02),
        AcLoadRating(voltage_v=350.0, current_a=30.0, power_w=3600.0),
    ),
    Model(
        "Keysight InfiniiVision",
        "visa",
        frozenset({"scope"}),
        "instruments.keysight_infiniivision:KeysightInfiniiVision",
        LineSettings(timeout_s=10.0),
        ScopeRating(),
    ),
    Model(
        "Siglent SDS HD",
        "visa",
        frozenset({"scope"}),
        "instruments.siglent_sds:SiglentSds",
        LineSettings(timeout_s=10.0),
        ScopeRating(),
    ),
    Model(
        "Yokogawa WT500",
        "visa",
        frozenset({"analyser"}),
        "instruments.yokogawa_wt500:YokogawaWt500",
        LineSettings(timeout_s=25.0),
    ),
    Model(
        "Waveshare Modbus RTU Relay 8",
        "modbus",
        frozenset({"relays"}),
        "instruments.waveshare_relay:WaveshareRelay",
        LineSettings(timeout_s=0.5, baud_rate=9600, unit_id=1, serial_only=True),
    ),
    Model(
        "Waveshare Modbus RTU IO 8 (D)",
        "modbus",
        frozenset({"relays", "inputs"}),
        "instruments.waveshare_relay:WaveshareIo",
        LineSettings(timeout_s=0.5, baud_rate=9600, unit_id=1, serial_only=True),
    ),
    Model(
        "Point-on-wave trigger",
        "modbus",
        frozenset({"point_on_wave"}),
        "instruments.point_on_wave:PointOnWaveTrigger",
        LineSettings(timeout_s=0.5, baud_rate=9600, unit_id=33, serial_only=True),
    ),
    Model(
        "Register thermometer",
        "modbus",
        frozenset({"thermometer"}),
        "instruments.register_thermometer:RegisterThermometer",
        LineSettings(timeout_s=0.5, baud_rate=9600, unit_id=1, serial_only=True),
        TemperatureRegister(),
    ),
    _slcan_model("SLCAN adapter", SlcanDialect()),
    _slcan_model("CANable", SlcanDialect(listen_only="M1")),
    _slcan_model(
        "Lawicel CAN232", SlcanDialect(acknowledges=True, timestamps=True, status_flags=True)
    ),
    Model("python-can", "can", frozenset({"can"}), "instruments.python_can_port:PythonCanPort"),
)
_SAYS = {
    "Chroma 63802": r"63802",
    "Chroma 63803": r"63803",
    "Chroma 63804": r"63804",
    "Delta SM15K": r"SM\d+-CP-\d+",
    "EA PSB 10000": r"PSBE? 1\d{4}-",
    "EA PSB 10000 SCPI": r"PSBE? 1\d{4}-",
    "EA PSB 9000": r"PSBE? 9\d{3}-",
    "EA PSB 9000 SCPI": r"PSBE? 9\d{3}-",
    "ITECH IT6000C": r"IT60\d\dC",
    "ITECH IT8600": r"IT86\d\d",
    "Keysight InfiniiVision": r"[DM]SO-?X|EDUX",
    "Keysight RP7900": r"RP79\d\d",
    "Siglent SDS HD": r"SDS\d+X",
    "Yokogawa WT500": r"76\d{4}|WT\d+",
}
for _model in _BUILT_IN:
    register_model(replace(_model, says=_SAYS.get(_model.name, "")))
