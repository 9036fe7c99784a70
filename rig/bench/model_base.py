"""What every part of a bench file is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["FrozenModel", "Positive", "RoleName", "SocketName"]

Positive = Annotated[float, Field(gt=0)]
SocketName = Annotated[str, Field(pattern="^[A-Z]$")]
RoleName = Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]


class FrozenModel(BaseModel):
    """Cannot be changed, and knows every key it may have."""

    model_config = ConfigDict(frozen=True, extra="forbid")
