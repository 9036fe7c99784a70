"""What every part of a bench file is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "Contact",
    "FrozenModel",
    "InputContact",
    "NetworkContact",
    "Positive",
    "RoleName",
    "SocketName",
]

Positive = Annotated[float, Field(gt=0)]
SocketName = Annotated[str, Field(pattern="^[A-Z]$")]
RoleName = Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]


class FrozenModel(BaseModel):
    """Cannot be changed, and knows every key it may have."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Contact(FrozenModel):
    """One relay of one board."""

    board: RoleName
    relay: int = Field(ge=0, le=7)


class NetworkContact(Contact):
    """One relay of one board that puts a fault network in."""

    triggers: bool = Field(
        False, description="a second contact of it is on the scopes' trigger line; closing counts"
    )


class InputContact(FrozenModel):
    """One digital input of one board."""

    board: RoleName
    input: int = Field(ge=0, le=7)
