"""Seeded defects of what watches a socket: lid, water, earth, voltage from outside, its relay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rig.virtual.unit.defect import Defect
from rig.virtual.unit.defect_changes import Change, restart_kind, unlogged
from rig.virtual.unit.defect_fields import fields_of
from rig.virtual.unit.defect_wraps import blind_while
from rig.virtual.unit.parameters import Limit, OutletParameters, Parameters
from rig.virtual.unit.readings import Span
from rig.virtual.unit.trips import TripCode

__all__ = ["DEFECTS"]

_NEVER_S = 1e6
_NEVER_V = 1e6
_HOT_C, _LOW_V, _FULL_V, _EMPTY_PERCENT = 55.0, 260.0, 400.0, 20.0
_Outlet = Callable[[OutletParameters], OutletParameters]


def _hot(span: Span) -> bool:
    return span.heatsink_c > _HOT_C


def _low_pack(span: Span) -> bool:
    return span.dc_voltage_v < _LOW_V


def _full_pack(span: Span) -> bool:
    return span.dc_voltage_v > _FULL_V


def _nearly_empty(span: Span) -> bool:
    return span.status.vehicle.soc_percent < _EMPTY_PERCENT


def _at(sockets: str, change: _Outlet) -> Change:
    """Change what watches some sockets."""

    def changed(parameters: Parameters) -> Parameters:
        a, b, c = (
            change(each) if name in sockets else each
            for name, each in zip("ABC", parameters.outlets, strict=True)
        )
        return replace(parameters, outlets=(a, b, c))

    return changed


_lid = fields_of(OutletParameters, "lid")
_wet = fields_of(OutletParameters, "wet")
_pe = fields_of(OutletParameters, "pe")
_weld = fields_of(OutletParameters, "weld")


def _foreign(volts: float, seconds: float = 0.15) -> _Outlet:
    return lambda outlet: replace(outlet, foreign_voltage=Limit(volts, seconds))


def _reverse(percent: float, seconds: float) -> _Outlet:
    return lambda outlet: replace(outlet, reverse_power=Limit(percent, seconds))


DEFECTS = (
    Defect(
        "lid-a-just-late", "R-LID-01", "the lid of socket A is debounced for 0.55 s",
        _at("A", _lid(delay_s=0.55)),
    ),
    Defect(
        "lid-b-missing", "R-LID-01", "the lid of socket B is not looked at",
        _at("B", _lid(delay_s=_NEVER_S)),
    ),
    Defect(
        "lid-a-under-load-only", "R-LID-01", "an open lid opens socket A and lets it close again",
        _at("A", _lid(while_off=False)),
    ),
    Defect(
        "lid-comes-back", "R-LID-01", "a socket comes on by itself when its lid is closed",
        _at("AB", lambda outlet: replace(outlet, lid_needs_enable=False)),
    ),
    Defect(
        "lids-swapped", "R-LID-01", "the lid of socket A opens socket B, and that of B socket A",
        lambda p: _at("B", _lid(reads=1))(_at("A", _lid(reads=2))(p)),
    ),
    Defect(
        "water-b-late", "R-LID-01", "water at socket B is debounced for 0.8 s",
        _at("B", _wet(delay_s=0.8)),
    ),
    Defect(
        "water-a-missing", "R-LID-01", "water at socket A is not looked at",
        _at("A", _wet(delay_s=_NEVER_S)),
    ),
    Defect(
        "water-b-under-load-only", "R-LID-01", "water opens socket B and lets it close again",
        _at("B", _wet(while_off=False)),
    ),
    Defect(
        "earth-c-missing", "R-PE-01", "the earth conductor of socket C is not looked at",
        _at("C", _pe(delay_s=_NEVER_S)),
    ),
    Defect(
        "earth-b-just-late", "R-PE-01", "a lost earth at socket B counts after 5.4 s",
        _at("B", _pe(delay_s=5.4)),
    ),
    Defect(
        "earth-a-from-b", "R-PE-01", "socket A follows the earth conductor of socket B",
        _at("A", _pe(reads=2)),
    ),
    Defect(
        "earth-a-under-load-only", "R-PE-01", "a lost earth opens socket A and lets it close again",
        _at("A", _pe(while_off=False)),
    ),
    Defect(
        "earth-shown-as-trip", "R-PE-01", "socket B without earth is shown as any other trip",
        _at("B", lambda outlet: replace(outlet, pe_inhibits=False)),
    ),
    Defect(
        "foreign-voltage-30", "R-BF-01", "voltage at a dead socket counts from 30 V on",
        _at("ABC", _foreign(30.0)),
    ),
    Defect(
        "foreign-voltage-b-missing", "R-BF-01", "nobody looks for voltage at socket B",
        _at("B", _foreign(_NEVER_V)),
    ),
    Defect(
        "foreign-voltage-slow", "R-BF-01", "voltage at a dead socket counts after 8 s",
        _at("ABC", _foreign(24.0, 8.0)),
    ),
    Defect(
        "reverse-power-just-late", "R-BF-02", "reverse power is debounced for 1.1 s",
        _at("ABC", _reverse(4.7, 1.1)),
    ),
    Defect(
        "reverse-power-c-missing", "R-BF-02", "nobody looks for reverse power at socket C",
        _at("C", _reverse(200.0, 0.7)),
    ),
    Defect(
        "reverse-power-7-percent", "R-BF-02", "reverse power counts from 7 % on",
        _at("ABC", _reverse(7.0, 0.7)),
    ),
    Defect(
        "reverse-power-hasty", "R-BF-02", "reverse power opens a socket after 0.4 s",
        _at("A", _reverse(4.7, 0.4)),
    ),
    Defect(
        "weld-late", "R-WLD-01", "a weld is found 0.25 s after the opening",
        _at("ABC", _weld(voltage=Limit(50.0, 0.25))),
    ),
    Defect(
        "weld-c-missing", "R-WLD-01", "nobody looks for a weld at socket C",
        _at("C", _weld(voltage=Limit(_NEVER_V, 0.1))),
    ),
    Defect(
        "weld-by-current", "R-WLD-01", "a weld is looked for by current, so one pole is missed",
        _at("ABC", _weld(by_current=True)),
    ),
    Defect(
        "weld-looks-end", "R-WLD-01", "a relay that opened three times is looked at no more",
        _at("ABC", _weld(most_looks=3)),
    ),
    Defect(
        "weld-acknowledged", "R-WLD-01", "a weld is a trip that can be acknowledged",
        restart_kind(TripCode.WELD, "M"),
    ),
    Defect(
        "weld-forgotten", "R-WLD-01", "a power cycle lifts the lock-out after a weld",
        lambda p: replace(p, weld_kept=False),
    ),
    Defect(
        "water-restarts", "R-REC-02", "a socket comes back by itself when it is dry",
        restart_kind(TripCode.WET, "C"),
    ),
    Defect(
        "earth-restarts", "R-REC-02", "a socket comes back by itself with its earth",
        restart_kind(TripCode.PE_LOST, "C"),
    ),
    Defect(
        "backfeed-restarts", "R-REC-02", "a socket comes back by itself when nothing feeds it",
        restart_kind(TripCode.BACKFEED, "C"),
    ),
    Defect(
        "water-logged-as-lid", "R-LOG-01", "water at a socket is written as an open lid",
        lambda p: replace(p, log=replace(p.log, codes={TripCode.WET: TripCode.LID})),
    ),
    Defect(
        "earth-not-logged", "R-LOG-01", "a lost earth conductor is not written to the log",
        unlogged(TripCode.PE_LOST),
    ),
    Defect(
        "weld-not-logged", "R-LOG-01", "a weld is not written to the log",
        unlogged(TripCode.WELD),
    ),
    Defect(
        "lid-not-when-hot", "R-LID-01", "nobody looks at the lids of a hot unit",
        wrap=blind_while(_hot, "lid_a", "lid_b"),
    ),
    Defect(
        "water-not-when-nearly-empty", "R-LID-01", "water at socket A counts for a full pack only",
        wrap=blind_while(_nearly_empty, "wet_a"),
    ),
    Defect(
        "earth-not-at-low-voltage", "R-PE-01", "a low pack blinds the earth monitor of socket C",
        wrap=blind_while(_low_pack, "protective_earth_c"),
    ),
    Defect(
        "reverse-power-not-when-hot", "R-BF-02", "a hot socket C may be fed from outside",
        wrap=blind_while(_hot, "reverse_power_c"),
    ),
    Defect(
        "weld-not-at-full-voltage", "R-WLD-01", "at a full pack no weld of socket A is seen",
        wrap=blind_while(_full_pack, "weld_a"),
    ),
)  # fmt: skip
