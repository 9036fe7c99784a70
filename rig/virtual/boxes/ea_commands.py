"""The SCPI commands of a PSB 10000 that belong to the supply itself (instruments.md A1.5).

Function generator, battery test, energy counters and network settings have registers but no
commands here; their headers are unknown (-100).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from rig.virtual.boxes.ea_remote import Interface
from rig.virtual.boxes.ea_scpi import Command, number, spellings
from rig.virtual.boxes.ea_settings import AUTO_AFTER_REMOTE, Kind
from rig.virtual.boxes.ea_status import EaStatus
from rig.virtual.boxes.ea_supply import EaSupply
from rig.virtual.scpi.errors import ScpiError
from rig.virtual.scpi.status import RegisterGroup

__all__ = ["commands_of"]

_LEVELS = {
    "[SOURce:]VOLTage": 500,
    "[SOURce:]CURRent": 501,
    "[SOURce:]POWer": 502,
    "[SOURce:]RESistance": 503,
    "SINK:CURRent": 499,
    "SINK:POWer": 498,
    "SINK:RESistance": 504,
    "[SOURce:]VOLTage:PROTection": 550,
    "[SOURce:]CURRent:PROTection": 553,
    "[SOURce:]POWer:PROTection": 556,
    "SINK:CURRent:PROTection": 569,
    "SINK:POWer:PROTection": 570,
    "[SOURce:]VOLTage:LIMit:HIGH": 9000,
    "[SOURce:]VOLTage:LIMit:LOW": 9001,
    "[SOURce:]CURRent:LIMit:HIGH": 9002,
    "[SOURce:]CURRent:LIMit:LOW": 9003,
    "[SOURce:]POWer:LIMit:HIGH": 9004,
    "[SOURce:]RESistance:LIMit:HIGH": 9006,
    "SINK:POWer:LIMit:HIGH": 9005,
    "SINK:RESistance:LIMit:HIGH": 9007,
    "SINK:CURRent:LIMit:HIGH": 9008,
    "SINK:CURRent:LIMit:LOW": 9009,
    "SYSTem:CONFig:UVD": 559,
    "SYSTem:CONFig:OVD": 561,
    "SYSTem:CONFig:UCD": 563,
    "SYSTem:CONFig:OCD": 565,
    "SYSTem:CONFig:OPD": 567,
    "SYSTem:SINK:CONFig:UCD": 571,
    "SYSTem:SINK:CONFig:OCD": 573,
    "SYSTem:SINK:CONFig:OPD": 575,
}
_EVENT_THRESHOLDS = range(559, 577)
_COUNTERS = {
    "SYSTem:ALARm:COUNt:OVOLtage": 520,
    "SYSTem:ALARm:COUNt:OCURrent": 521,
    "SYSTem:ALARm:COUNt:OPOWer": 522,
    "SYSTem:ALARm:COUNt:OTEMperature": 523,
    "SYSTem:ALARm:COUNt:PFAil": 524,
    "SYSTem:SINK:ALARm:COUNt:OCURrent": 525,
    "SYSTem:SINK:ALARm:COUNt:OPOWer": 526,
}
_ACTIONS = {"NONE": 0, "SIGN": 1, "WARN": 2, "ALARM": 3}
_SWITCH = {"ON": 1, "OFF": 0, "1": 1, "0": 0}
_AUTO = {"AUTO": 1, "OFF": 0}
_MODE = {"UIP": 0, "UIR": 1}


def commands_of(supply: EaSupply, status: EaStatus) -> dict[str, Command]:
    """Return the commands of one box by every spelling of their headers."""
    table = {
        **_levels(supply),
        **_output(supply),
        **_configuration(supply),
        **_information(supply),
        **_reporting(supply, status),
    }
    return {
        spelling: command for pattern, command in table.items() for spelling in spellings(pattern)
    }


def _shown(supply: EaSupply, kind: Kind, value: float) -> str:
    """Return a value with its unit, four digits at nominal."""
    digits = len(str(int(supply.rating.nominal(kind))))
    return f"{value:.{max(0, 4 - digits)}f}{kind}"


def _levels(supply: EaSupply) -> dict[str, Command]:
    table: dict[str, Command] = {}
    for pattern, register in _LEVELS.items():
        table[pattern] = Command(
            partial(_read_level, supply, register), partial(_write_level, supply, register)
        )
        if register in _EVENT_THRESHOLDS:
            table[f"{pattern}:ACTion"] = _word_choice(supply, register + 1, _ACTIONS)
    return table


def _read_level(supply: EaSupply, register: int) -> str:
    settings = supply.settings
    return _shown(supply, settings.kind(register), settings.real(register))


def _write_level(supply: EaSupply, register: int, argument: str, _: Interface) -> None:
    settings = supply.settings
    low, high = settings.bounds(register)
    extremes = {"MIN": low, "MINIMUM": low, "MAX": high, "MAXIMUM": high}
    raw = extremes.get(argument.upper())
    if raw is None:
        raw = settings.raw(register, number(argument, settings.kind(register)))
    supply.set_word(register, raw)


def _choose(choices: Mapping[str, int], argument: str) -> int:
    chosen = choices.get(argument.strip().upper())
    if chosen is None:
        raise ScpiError(-224)
    return chosen


def _name(choices: Mapping[str, int], value: int) -> str:
    return next(name for name, number in choices.items() if number == value)


def _word_choice(supply: EaSupply, register: int, choices: Mapping[str, int]) -> Command:
    def write(argument: str, _: Interface) -> None:
        supply.set_word(register, _choose(choices, argument))

    return Command(lambda: _name(choices, supply.settings.words[register]), write)


def _coil_choice(supply: EaSupply, coil: int, choices: Mapping[str, int]) -> Command:
    def write(argument: str, _: Interface) -> None:
        supply.coils[coil] = bool(_choose(choices, argument))

    return Command(lambda: _name(choices, supply.coils[coil]), write)


def _output(supply: EaSupply) -> dict[str, Command]:
    def lock(argument: str, interface: Interface) -> None:
        act = supply.remote.take if _choose(_SWITCH, argument) else supply.remote.leave
        act(interface)

    def owner() -> str:
        if supply.remote.local:
            return "LOCAL"
        return "NONE" if supply.remote.holder is None else "REMOTE"

    def switch(argument: str, _: Interface) -> None:
        supply.switch(bool(_choose(_SWITCH, argument)))

    def measured(kind: Kind) -> str:
        shown = supply.measure()
        values = {"V": shown.voltage_v, "A": shown.current_a, "W": shown.power_w}
        return _shown(supply, kind, values[kind])

    return {
        "SYSTem:LOCK": Command(write=lock, remote=False),
        "SYSTem:LOCK:OWNer": Command(owner),
        "OUTPut": Command(lambda: "ON" if supply.on else "OFF", switch),
        "MEASure:VOLTage": Command(partial(measured, "V")),
        "MEASure:CURRent": Command(partial(measured, "A")),
        "MEASure:POWer": Command(partial(measured, "W")),
        "MEASure:ARRay": Command(lambda: f"{measured('V')}, {measured('A')}, {measured('W')}"),
    }


def _configuration(supply: EaSupply) -> dict[str, Command]:
    remote = supply.remote

    def monitor(argument: str, _: Interface) -> None:
        remote.set_monitor(bool(_choose(_SWITCH, argument)))

    def monitor_timeout(argument: str, _: Interface) -> None:
        remote.set_monitor_timeout(_integer(argument))

    def serial_timeout(argument: str, _: Interface) -> None:
        supply.set_word(10566, _integer(argument))

    def user_text(argument: str, _: Interface) -> None:
        if len(argument) < 2 or argument[0] != '"' or argument[-1] != '"':
            raise ScpiError(-220)
        if len(argument) > 42:
            raise ScpiError(-223)
        supply.settings.user_text = argument[1:-1]

    return {
        "[SOURce:]POWer:STAGe:AFTer:REMote": _coil_choice(supply, AUTO_AFTER_REMOTE, _AUTO),
        "SYSTem:CONFig:MODE": _coil_choice(supply, 409, _MODE),
        "SYSTem:CONFig:USER:TEXT": Command(lambda: f'"{supply.settings.user_text}"', user_text),
        "SYSTem:ALARm:ACTion:PFAil": _coil_choice(supply, 407, _AUTO),
        "SYSTem:ALARm:ACTion:OTEMperature": _word_choice(supply, 577, _AUTO),
        "SYSTem:COMMunicate:TIMeout": Command(
            lambda: str(supply.settings.words[10566]), serial_timeout
        ),
        "SYSTem:COMMunicate:MONitor:TIMeout": Command(
            lambda: str(remote.monitor_timeout_s), monitor_timeout
        ),
        "SYSTem:COMMunicate:MONitor:ACTion": Command(
            lambda: "ON" if remote.monitor_on else "OFF", monitor
        ),
    }


def _integer(argument: str) -> int:
    try:
        return int(argument)
    except ValueError:
        raise ScpiError(-220) from None


def _information(supply: EaSupply) -> dict[str, Command]:
    rating, identity = supply.rating, supply.identity

    def nominal(kind: Kind, value: float) -> Command:
        return Command(lambda: _shown(supply, kind, value))

    def count(register: int) -> Command:
        return Command(lambda: str(supply.alarms.counters[register]))

    return {
        "SYSTem:NOMinal:VOLTage": nominal("V", rating.voltage_v),
        "SYSTem:NOMinal:CURRent": nominal("A", rating.current_a),
        "SYSTem:NOMinal:POWer": nominal("W", rating.power_w),
        "SYSTem:NOMinal:RESistance:MINimum": nominal("OHM", rating.resistance_min_ohm),
        "SYSTem:NOMinal:RESistance:MAXimum": nominal("OHM", rating.resistance_max_ohm),
        "SYSTem:DEVice:CLASs": Command(lambda: str(identity.device_class)),
        **{pattern: count(register) for pattern, register in _COUNTERS.items()},
    }


def _reporting(supply: EaSupply, status: EaStatus) -> dict[str, Command]:
    def then_acknowledge(read: Callable[[], str]) -> str:
        errors = read()
        supply.acknowledge()
        return errors

    def reset(_: str, interface: Interface) -> None:
        supply.remote.take(interface)
        supply.reset()
        status.clear_events()

    def clear(_: str, __: Interface) -> None:
        status.clear()

    standard = status.standard
    return {
        "*IDN": Command(partial(_identification, supply)),
        "*RST": Command(write=reset, remote=False, argument=False),
        "*CLS": Command(write=clear, remote=False, argument=False),
        "*STB": Command(lambda: _status_byte(status)),
        "*ESR": Command(lambda: str(standard.read_event())),
        "*ESE": _mask(standard, "event_enable", 0xFF),
        "*SRE": _mask(standard, "service_enable", 0xFF),
        "SYSTem:ERRor[:NEXT]": Command(partial(then_acknowledge, status.next_error)),
        "SYSTem:ERRor:ALL": Command(partial(then_acknowledge, status.all_errors)),
        **_group("STATus:QUEStionable", status.questionable, status.update),
        **_group("STATus:OPERation", status.operation, status.update),
        **_group("STATus:SEC:QUEStionable", status.secondary, status.update),
    }


def _status_byte(status: EaStatus) -> str:
    status.update()
    return str(status.byte())


def _identification(supply: EaSupply) -> str:
    """Return maker, model, serial number, three firmware versions, user text when there is one."""
    who = supply.identity
    firmware = f"{who.firmware_ke} {who.firmware_hmi} {who.firmware_dr}"
    fields = [who.manufacturer, who.model, who.serial, firmware, supply.settings.user_text]
    return ", ".join(field for field in fields if field)


def _group(pattern: str, group: RegisterGroup, update: Callable[[], None]) -> dict[str, Command]:
    """Return the commands of one register; it follows the units before it in a message."""

    def event() -> str:
        update()
        return str(group.read_event())

    def condition() -> str:
        update()
        return str(group.condition)

    return {
        f"{pattern}[:EVENt]": Command(event),
        f"{pattern}:CONDition": Command(condition),
        f"{pattern}:ENABle": _mask(group, "enable", 0x7FFF),
    }


def _mask(holder: object, field: str, most: int) -> Command:
    """Return the command of an enable mask kept in an attribute."""

    def write(argument: str, _: Interface) -> None:
        value = _integer(argument)
        if not 0 <= value <= most:
            raise ScpiError(-222)
        setattr(holder, field, value)

    return Command(lambda: str(getattr(holder, field)), write, remote=False)
