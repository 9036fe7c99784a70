"""The CHAdeMO port of a bench file: which box moves power, CAN, and what each line hangs on."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from rig.bench.model_base import Contact, FrozenModel, InputContact, RoleName
from rig.bench.watchdog_model import Contactors

__all__ = ["EvpsWiring", "V2hWiring", "VehicleWiring"]


class _Plug(FrozenModel):
    supply: RoleName = Field(description="bidirectional supply behind the port")
    can: RoleName = Field(description="CAN adapter on the plug's bus")
    analyser_element: int = Field(
        2, ge=1, description="element of analyser_dc whose voltage input is at the port"
    )
    proximity: Contact = Field(description="closed = the plug is in (pin 7 low)")
    contactor: Contactors = Field(
        description="relay for the rig's own contactor between the supply and the port"
    )

    @property
    def contacts(self) -> dict[str, Contact | InputContact | Contactors]:
        """Return every contact of the port, by its key."""
        named = {name: getattr(self, name) for name in type(self).model_fields}
        kinds = (Contact, InputContact, Contactors)
        return {name: each for name, each in named.items() if isinstance(each, kinds)}

    @model_validator(mode="after")
    def _contacts_differ(self) -> _Plug:
        taken: dict[tuple[str, str, int], str] = {}
        for name, each in self.contacts.items():
            kind, number = (
                ("input", each.input) if isinstance(each, InputContact) else ("relay", each.relay)
            )
            if taken.setdefault((each.board, kind, number), name) != name:
                raise ValueError(
                    f"{name}: {kind} {number} of {each.board} is that of"
                    f" {taken[each.board, kind, number]} already"
                )
        return self

    def named_roles(self) -> list[tuple[str, str]]:
        """Return each role that is named, with the key that names it."""
        named = [("wiring.v2h.supply", self.supply), ("wiring.v2h.can", self.can)]
        contacts = self.contacts.items()
        return [*named, *((f"wiring.v2h.{name}.board", each.board) for name, each in contacts)]


class EvpsWiring(_Plug):
    """The rig is the home's power conditioner, the unit under test the vehicle."""

    rig: Literal["evps"]
    d1: Contact = Field(description="closed = +12 V on pin 2")
    d2: Contact = Field(description="closed = pin 10 to ground")
    lock: Contact = Field(description="closed = the connector's lock is energised")
    k: InputContact = Field(description="on = the vehicle pulls pin 4 low")
    locked: InputContact = Field(description="on = the lock has caught")


class VehicleWiring(_Plug):
    """The rig is the vehicle, the unit under test an off-board box."""

    rig: Literal["vehicle"]
    k: Contact = Field(description="closed = pin 4 to ground")
    d1: InputContact = Field(description="on = +12 V on pin 2")
    d2: InputContact = Field(description="on = pin 10 is low")
    start: Contact = Field(description="closed for a moment = the box's start button")
    stop: Contact = Field(description="closed for a moment = the box's stop button")
    emergency: Contact = Field(description="closed = the box's emergency stop is pressed")
    discharge: Contact = Field(
        description="closed = the home asks the box for power, so that it discharges the vehicle;"
        " open = it charges"
    )


V2hWiring = Annotated[EvpsWiring | VehicleWiring, Field(discriminator="rig")]
