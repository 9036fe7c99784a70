"""Every box on the bench: capabilities, links, and one driver a file, found by model name."""

from instruments.clock import Clock, WallClock
from instruments.errors import (
    BenchError,
    CannotDo,
    LinkClosed,
    LinkTimeout,
    Refused,
    UsageError,
)
from instruments.ratings import (
    AcLoadRating,
    Probe,
    Rating,
    ScopeRating,
    SlcanDialect,
    SupplyRating,
)
from instruments.registry import (
    LineSettings,
    Model,
    create_driver,
    find_model,
    known_models,
    register_model,
)

__all__ = [
    "AcLoadRating",
    "BenchError",
    "CannotDo",
    "Clock",
    "LineSettings",
    "LinkClosed",
    "LinkTimeout",
    "Model",
    "Probe",
    "Rating",
    "Refused",
    "ScopeRating",
    "SlcanDialect",
    "SupplyRating",
    "UsageError",
    "WallClock",
    "create_driver",
    "find_model",
    "known_models",
    "register_model",
]
