"""What can go wrong on a link, and when: frozen models, so that a file can name them too."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = [
    "Corrupt",
    "Delay",
    "Drop",
    "Duplicate",
    "Fault",
    "FaultFile",
    "HalfClose",
    "Jitter",
    "Late",
    "Refuse",
    "Reset",
    "Stuck",
    "Truncate",
    "When",
]

_Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_Side = Literal["reply", "request"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class When(_Model):
    """Which exchanges a fault strikes: those for which everything given here holds.

    An exchange is counted where the fault acts: at a reply (also the protocol's own replies, such
    as those that open HiSLIP and VXI-11), at a burst of bytes from the client, or at a connection.
    """

    nth: int | None = Field(
        default=None, ge=1, description="only the nth since the fault was added"
    )
    times: int | None = Field(default=None, ge=1, description="no more often than this")
    probability: float = Field(default=1.0, gt=0, le=1, description="chance of each")
    from_s: float = Field(default=0.0, ge=0, description="not before this clock time, s")
    until_s: float | None = Field(default=None, gt=0, description="not from this clock time on, s")

    @model_validator(mode="after")
    def _window_is_open(self) -> When:
        if self.until_s is not None and self.until_s <= self.from_s:
            raise ValueError(f"until_s {self.until_s:g} must be above from_s {self.from_s:g}")
        return self


_ALWAYS = When()


class _Fault(_Model):
    when: When = _ALWAYS


class Delay(_Fault):
    """The reply takes longer by a fixed time."""

    kind: Literal["delay"] = "delay"
    by_s: _Seconds


class Jitter(_Fault):
    """The reply takes longer by a random time."""

    kind: Literal["jitter"] = "jitter"
    up_to_s: _Seconds


class Late(_Fault):
    """The reply comes after the client's nominal time-out has passed, by so much."""

    kind: Literal["late"] = "late"
    by_s: _Seconds


class Drop(_Fault):
    """The reply, or the request, is lost."""

    kind: Literal["drop"] = "drop"
    side: _Side = "reply"


class Duplicate(_Fault):
    """The reply, or the request, comes twice in a row."""

    kind: Literal["duplicate"] = "duplicate"
    side: _Side = "reply"


class Truncate(_Fault):
    """Only the beginning of the reply, or of the request, comes through."""

    kind: Literal["truncate"] = "truncate"
    side: _Side = "reply"
    keep: int | None = Field(
        default=None, ge=0, description="bytes that come through; random when absent"
    )


class Corrupt(_Fault):
    """Some bytes of the reply, or of the request, are changed."""

    kind: Literal["corrupt"] = "corrupt"
    side: _Side = "reply"
    count: int = Field(default=1, ge=1, description="how many bytes at most")


class HalfClose(_Fault):
    """The box ends its side of the connection after the reply, and goes on listening."""

    kind: Literal["half_close"] = "half_close"


class Reset(_Fault):
    """The connection is reset in place of the reply."""

    kind: Literal["reset"] = "reset"


class Refuse(_Fault):
    """A new connection is turned away at once."""

    kind: Literal["refuse"] = "refuse"


class Stuck(_Fault):
    """The connection hears nothing from now on; on a serial line, this one message is unheard."""

    kind: Literal["stuck"] = "stuck"


Fault = Annotated[
    Delay
    | Jitter
    | Late
    | Drop
    | Duplicate
    | Truncate
    | Corrupt
    | HalfClose
    | Reset
    | Refuse
    | Stuck,
    Field(discriminator="kind"),
]


class FaultFile(_Model):
    """Faults by role, for ``rig serve --faults``."""

    schema_version: Literal[1]
    faults: dict[str, tuple[Fault, ...]] = Field(min_length=1, description="by role")
