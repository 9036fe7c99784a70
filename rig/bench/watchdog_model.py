"""What a bench file says of watchdogs: the contactors' relay, and those of the instruments."""

from __future__ import annotations

from pydantic import Field, model_validator

from rig.bench.model_base import FrozenModel, Positive, RoleName

__all__ = ["Contactors", "InstrumentWatchdog"]

_SPARE = 2.0
"""So often at least a watchdog is fed within its time: one feeding may be lost or late."""


class _Watchdog(FrozenModel):
    timeout_s: Positive = Field(
        default=2.0, le=60, description="silence after which it switches off, s"
    )
    feed_s: Positive = Field(default=0.5, description="how often it is fed while energised, s")

    @model_validator(mode="after")
    def _fed_often_enough(self) -> _Watchdog:
        if self.feed_s * _SPARE > self.timeout_s:
            raise ValueError(
                f"feed_s {self.feed_s:g} must be at most {self.timeout_s / _SPARE:g}: a watchdog"
                f" of {self.timeout_s:g} s is fed at least twice in its time"
            )
        return self


class Contactors(_Watchdog):
    """The watchdog relay whose contact supplies the contactors' coils."""

    board: RoleName
    relay: int = Field(ge=0, le=7)


class InstrumentWatchdog(_Watchdog):
    """A box's own watchdog, armed while energised."""

    model: str | None = Field(
        default=None,
        description="model whose driver arms it over a second connection to the same host and"
        " port; none: the role's own driver",
    )
