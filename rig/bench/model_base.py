"""What every part of a bench file is made of."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.fields import FieldInfo

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
    """Cannot be changed, knows every key it may have, and takes finite numbers only."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _true_is_no_number(cls, data: object) -> object:
        """Refuse ``door: true``, which would be input 1."""
        for name, value in data.items() if isinstance(data, dict) else ():
            field = cls.model_fields.get(name)
            if isinstance(value, bool) and field is not None and not _takes_bool(field):
                raise ValueError(f"{name}: got {value}, expected: a number or text")
        return data


def _takes_bool(field: FieldInfo) -> bool:
    return bool in (field.annotation, *get_args(field.annotation))


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
