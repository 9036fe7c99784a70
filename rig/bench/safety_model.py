"""The safety parts of a bench file: envelopes, safe state, interlock, supervision."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from rig.bench.model_base import FrozenModel, Positive, RoleName

__all__ = ["BenchEnvelope", "Envelope", "Interlock", "SafeStep", "Supervision"]

InputNumber = Annotated[int, Field(ge=0, le=7)]


class Envelope(FrozenModel):
    """What a role may be asked for at most; checked before a byte leaves."""

    voltage_v: Positive | None = None
    current_a: Positive | None = None
    power_w: Positive | None = None
    ovp_v: Positive | None = Field(
        None,
        description="what a supply's own over-voltage protection is set to before power, V"
        " (default: 5 % above voltage_v)",
    )
    energy_wh: Positive | None = Field(
        None, description="most energy a load takes in one energising, Wh"
    )
    slew_v: Positive | None = Field(
        None, description="most the set voltage of a supply that is on may change within 1 s, V"
    )
    slew_a: Positive | None = Field(
        None, description="most the current of a load may rise within 1 s (off: 0 A), A"
    )
    short_hold_s: Positive | None = Field(None, description="longest short circuit, s")
    step_hold_s: Positive | None = Field(None, description="longest step-bank pulse, s")
    residual_hold_s: Positive | None = Field(None, description="longest residual current, s")
    relay_hold_s: Positive | None = Field(None, description="longest a relay stays closed, s")

    @model_validator(mode="after")
    def _protects_above(self) -> Envelope:
        if self.ovp_v is not None and self.voltage_v is not None and self.ovp_v < self.voltage_v:
            raise ValueError(
                f"ovp_v: expected at least voltage_v, {self.voltage_v:g}, got {self.ovp_v:g}"
            )
        return self


class BenchEnvelope(FrozenModel):
    """What all roles together may be asked for; checked before a byte leaves."""

    power_w: Positive | None = Field(
        default=None, description="most active power of all loads and step resistors at once, W"
    )
    energy_wh: Positive | None = Field(
        default=None,
        description="most energy of all loads and step resistors in one energising, Wh",
    )
    never_together: tuple[tuple[RoleName, RoleName], ...] = Field(
        default=(), description="pairs of roles of which only one may be on"
    )

    @model_validator(mode="after")
    def _pairs_are_of_two(self) -> BenchEnvelope:
        for one, other in self.never_together:
            if one == other:
                raise ValueError(f"never_together: expected two roles, got {one} twice")
        return self


class SafeStep(FrozenModel):
    """One role of the safe state and how long it may take."""

    role: RoleName
    within_s: Positive = Field(2.0, le=60, description="longest that it may take, s")
    tidy: bool = Field(False, description="carries no power by itself: made safe after the others")


class Interlock(FrozenModel):
    """Inputs that allow power: each is on while all is well, so that a broken wire reads as not.

    They are hard-wired to contactors and supplies as well; the rig only reads them.
    """

    board: RoleName
    emergency_stop: InputNumber | None = None
    door: InputNumber | None = None
    temperature: InputNumber | None = Field(None, description="thermal switch of the bench")

    @model_validator(mode="after")
    def _looks_at_something(self) -> Interlock:
        if not self.inputs:
            raise ValueError("emergency_stop, door or temperature: an input of the board")
        return self

    @property
    def inputs(self) -> dict[str, int]:
        """Return the inputs that are wired, by name."""
        wired = {
            "emergency_stop": self.emergency_stop,
            "door": self.door,
            "temperature": self.temperature,
        }
        return {name: number for name, number in wired.items() if number is not None}


class Supervision(FrozenModel):
    """What trips an energised bench besides its interlock."""

    pack_voltage_v: tuple[Positive, Positive] = Field(
        description="lowest and highest voltage the pack may have, V"
    )
    idle_current_a: Positive = Field(description="largest pack current while nothing draws any, A")
    plan_silence_s: Positive | None = Field(
        None,
        description="longest that an energised plan may neither speak to a box nor sleep, in wall"
        " time, s; above the longest time-out of a link and the longest evaluation under power",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Supervision:
        low, high = self.pack_voltage_v
        if low >= high:
            raise ValueError(f"pack_voltage_v: expected the lower voltage first, got {low}, {high}")
        return self
