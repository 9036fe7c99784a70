"""What a seeded defect is: a change to parameters, or a protection replaced."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from instruments.errors import UsageError
from rig.virtual.offboard.parameters import BoxParameters
from rig.virtual.unit.parameters import Parameters
from rig.virtual.unit.protections.base import Protection

__all__ = ["BoxChange", "Defect", "unchanged"]

BoxChange = Callable[[BoxParameters], BoxParameters]


def unchanged(parameters: Parameters) -> Parameters:
    """Return the parameters as they are."""
    return parameters


@dataclass(frozen=True, slots=True)
class Defect:
    """One way in which a controller falls short, and the requirement whose test must find it.

    ``change`` maps the nominal parameters, before the unit's tolerances are drawn. ``wrap``
    replaces protections by their names (see ``build_protections``): each callable gets the
    healthy one and returns what runs in its place.
    """

    id: str
    requirement: str
    text: str
    change: Callable[[Parameters], Parameters] = unchanged
    wrap: Mapping[str, Callable[[Protection], Protection]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    change_box: BoxChange | None = None
    """What it changes in an off-board box; None: it is a defect of a controller."""

    def apply_to_box(self, parameters: BoxParameters) -> BoxParameters:
        """Return the parameters of an off-board box with this defect."""
        if self.change_box is None:
            raise UsageError(f"defect {self.id!r} is one of a controller, not of an off-board box")
        return self.change_box(parameters)

    def apply(self, parameters: Parameters) -> Parameters:
        """Return the parameters of a unit with this defect."""
        if self.change_box is not None:
            raise UsageError(f"defect {self.id!r} is one of an off-board box, not of a controller")
        replaced = {**parameters.replaced, **self.wrap}
        return replace(self.change(parameters), replaced=replaced, defect=self.id)
