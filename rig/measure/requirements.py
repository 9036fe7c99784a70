"""The requirement file: what the unit must do, within which limits, and under which stimulus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from instruments.errors import UsageError
from rig.measure.limits import Kind, Limit, RuleName
from rig.yaml_lines import read_yaml

__all__ = ["Requirement", "Requirements", "load_requirements"]

_Text = Annotated[str, Field(min_length=1)]
_Number = Annotated[float, Field(allow_inf_nan=False)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _LimitData(_Frozen):
    """The bounds of one quantity, as the file has them."""

    unit: _Text
    min: _Number | None = None
    max: _Number | None = None
    kind: Kind = "window"
    rule: RuleName | None = None
    """None: the rule of the file."""

    @model_validator(mode="after")
    def _has_bounds(self) -> Self:
        if self.kind == "no_trip" and (self.min is None or self.max is not None):
            raise ValueError("a no_trip limit has min (the time to hold), and no max")
        if self.kind == "no_trip" and self.unit != "s":
            raise ValueError("the unit of a no_trip limit is s")
        if self.kind == "trip_time" and self.max is None:
            raise ValueError("a trip_time limit has a max: the trip must come")
        if self.min is None and self.max is None:
            raise ValueError("a limit has min, max, or both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min must not be above max")
        return self


_Stimulus = _Number | str | tuple[_Number, ...]


class _RequirementData(_Frozen):
    """One requirement, as the file has it."""

    id: Annotated[str, Field(pattern=r"^R-[A-Z0-9]+-[0-9]{2}$")]
    title: _Text
    text: _Text
    version: _Text
    source: _Text
    rationale: _Text
    limits: Annotated[dict[str, _LimitData], Field(min_length=1)]
    stimulus: dict[str, _Stimulus] = {}


class _RequirementFile(_Frozen):
    """A requirement file: the unit it is for, and the list."""

    unit: _Text
    version: _Text
    rule: RuleName = "guard_band"
    """What decides every limit that names no rule of its own."""
    ratings: dict[str, _Number] = {}
    requirements: Annotated[tuple[_RequirementData, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement with its limits by quantity, and the data of its stimulus."""

    id: str
    title: str
    text: str
    version: str
    source: str
    rationale: str
    limits: Mapping[str, Limit]
    stimulus: Mapping[str, float | str | tuple[float, ...]]

    def limit(self, quantity: str | None = None) -> Limit:
        """Return the limit of a quantity, or the only one; raise ``UsageError`` without it."""
        if quantity is None and len(self.limits) == 1:
            return next(iter(self.limits.values()))
        if quantity is None or quantity not in self.limits:
            known = ", ".join(self.limits)
            raise UsageError(f"{self.id} has no limit for {quantity!r}; it has {known}")
        return self.limits[quantity]

    def number(self, key: str) -> float:
        """Return a number of the stimulus; raise ``UsageError`` when it is not one."""
        value = self._value(key)
        if not isinstance(value, float):
            raise UsageError(f"{self.id}: stimulus {key} must be a number, got {value!r}")
        return value

    def numbers(self, key: str) -> tuple[float, ...]:
        """Return a list of numbers of the stimulus (a single one is a list of one)."""
        value = self._value(key)
        if isinstance(value, str):
            raise UsageError(f"{self.id}: stimulus {key} must be numbers, got {value!r}")
        return value if isinstance(value, tuple) else (value,)

    def word(self, key: str) -> str:
        """Return a text of the stimulus; raise ``UsageError`` when it is not one."""
        value = self._value(key)
        if not isinstance(value, str):
            raise UsageError(f"{self.id}: stimulus {key} must be text, got {value!r}")
        return value

    def _value(self, key: str) -> float | str | tuple[float, ...]:
        if key not in self.stimulus:
            known = ", ".join(self.stimulus) or "nothing"
            raise UsageError(f"{self.id}: no stimulus {key!r}; it has {known}")
        return self.stimulus[key]


@dataclass(frozen=True, slots=True)
class Requirements:
    """All requirements of a file, by id, in the file's order."""

    path: Path
    unit: str
    version: str
    ratings: Mapping[str, float]
    by_id: Mapping[str, Requirement]

    def rating(self, name: str) -> float:
        """Return a rating of the unit; raise ``UsageError`` when the file has none of that name."""
        if name not in self.ratings:
            raise UsageError(f"{self.path}: no rating {name!r}; it has {', '.join(self.ratings)}")
        return self.ratings[name]

    def get(self, requirement_id: str) -> Requirement:
        """Return a requirement; raise ``UsageError`` when the file has none of that id."""
        if requirement_id not in self.by_id:
            raise UsageError(f"{self.path}: no requirement {requirement_id!r}")
        return self.by_id[requirement_id]

    def limit(self, requirement_id: str, quantity: str | None = None) -> Limit:
        """Return a limit of a requirement; raise ``UsageError`` when there is none."""
        return self.get(requirement_id).limit(quantity)


def load_requirements(path: Path | str) -> Requirements:
    """Load a requirement file; raise ``UsageError`` naming the line of anything wrong."""
    document = read_yaml(path)
    data = document.model(_RequirementFile)
    by_id: dict[str, Requirement] = {}
    for index, item in enumerate(data.requirements):
        if item.id in by_id:
            raise document.error(("requirements", index, "id"), "an id that no other one has")
        by_id[item.id] = _requirement(item, data.rule)
    return Requirements(document.path, data.unit, data.version, data.ratings, by_id)


def _requirement(data: _RequirementData, rule: RuleName) -> Requirement:
    limits = {name: _limit(data, name, limit, rule) for name, limit in data.limits.items()}
    return Requirement(
        data.id,
        data.title,
        data.text,
        data.version,
        data.source,
        data.rationale,
        limits,
        data.stimulus,
    )


def _limit(data: _RequirementData, quantity: str, limit: _LimitData, rule: RuleName) -> Limit:
    return Limit(
        data.id,
        data.version,
        quantity,
        limit.unit,
        limit.min,
        limit.max,
        limit.kind,
        limit.rule or rule,
    )
