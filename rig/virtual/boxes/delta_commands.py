"""The commands of a Delta SM15K (facts/instruments.md A4), one function a chapter of the manual."""

from __future__ import annotations

from collections.abc import Callable

from rig.virtual.boxes.delta_box import DeltaBox
from rig.virtual.boxes.delta_counters import Counter, Direction
from rig.virtual.boxes.delta_grammar import Command, Unit, boolean, integer, number
from rig.virtual.boxes.delta_panel import Loop, Quantity
from rig.virtual.boxes.delta_slots import RELAYS, DeltaSlots
from rig.virtual.boxes.delta_words import TERMINATORS, programming_source
from rig.virtual.scpi import ScpiError

__all__ = ["commands_of"]

_QUANTITIES: dict[str, Quantity] = {
    "VOLtage": "VOL",
    "CURrent": "CUR",
    "CURrent:NEGative": "CUR:NEG",
    "POWer": "POW",
    "POWer:NEGative": "POW:NEG",
}
_STEP_SIZES = ("VOLtage", "CURrent", "POWer")
_LOOPS: tuple[Loop, ...] = ("CV", "CC", "CP")
_DIRECTIONS: dict[str, Direction] = {"POS": "POS", "NEG": "NEG"}
_LONGEST_TEXT = 72
_WATCHDOG_MS = (20, 10000)
_SLOTS = 4


def commands_of(box: DeltaBox) -> dict[str, Command]:
    """Return the commands of one box by the manual's spelling of their headers."""
    return {
        **_general(box),
        **_source(box),
        **_measure(box),
        **_system(box),
        **_watchdog(box),
        **_slots(box.slots),
        **_sequencer(box),
    }


def _word(unit: Unit) -> str:
    """Return the only word of a command."""
    words = unit.words
    if len(words) != 1:
        raise ScpiError(-109 if not words else -108)
    return words[0]


def _split(unit: Unit, count: int) -> list[str]:
    words = unit.words
    if len(words) != count:
        raise ScpiError(-109 if len(words) < count else -108)
    return words


def _asked(read: Callable[[], str]) -> Callable[[Unit], str]:
    """Refuse words behind a question that takes none."""

    def ask(unit: Unit) -> str:
        if unit.rest:
            raise ScpiError(-108)
        return read()

    return ask


def _told(act: Callable[[], None]) -> Callable[[Unit], None]:
    """Refuse words behind a command that takes none."""

    def tell(unit: Unit) -> None:
        if unit.rest:
            raise ScpiError(-108)
        act()

    return tell


def _flag(read: Callable[[], bool], write: Callable[[bool], None]) -> Command:
    return Command(_asked(lambda: str(int(read()))), lambda unit: write(boolean(_word(unit))))


def _general(box: DeltaBox) -> dict[str, Command]:
    def store(unit: Unit) -> None:
        if len(unit.rest) > _LONGEST_TEXT:
            raise ScpiError(-223)
        box.user_text = unit.rest

    return {
        "*IDN": Command(_asked(lambda: box.identity)),
        "*PUD": Command(_asked(lambda: box.user_text), store),
        "*SAV": Command(write=lambda unit: None),
        "*CLS": Command(write=_told(box.errors.clear)),
        "*RST": Command(write=_told(box.panel.reset)),
    }


def _source(box: DeltaBox) -> dict[str, Command]:
    panel = box.panel

    def value(quantity: Quantity) -> Command:
        def write(unit: Unit) -> None:
            panel.set(quantity, number(_word(unit), -1e9, 1e9))

        return Command(_asked(lambda: f"{panel.get(quantity):.4f}"), write)

    def most(quantity: Quantity) -> Command:
        return Command(_asked(lambda: f"{panel.end(quantity):.0f}"))

    def step(quantity: Quantity) -> Command:
        return Command(_asked(lambda: f"{panel.step(quantity):.15E}"))

    return {
        **{f"SOURce:{node}": value(quantity) for node, quantity in _QUANTITIES.items()},
        **{f"SOURce:{node}:MAXimum": most(quantity) for node, quantity in _QUANTITIES.items()},
        **{f"SOURce:{node}:STEpsize": step(_QUANTITIES[node]) for node in _STEP_SIZES},
    }


def _measure(box: DeltaBox) -> dict[str, Command]:
    def instrument(unit: Unit) -> Counter:
        name = unit.words[0].upper() if unit.words else ""
        if name not in box.counters:
            raise ScpiError(-224 if name else -109)
        return box.counters[name]

    def tell(unit: Unit) -> None:
        counter = instrument(unit)
        _, item, word = _split(unit, 3)
        if item.upper() != "STATE":
            raise ScpiError(-224)
        counter.command(word.upper())

    return {
        "MEASure:VOLtage": Command(_asked(lambda: f"{box.shown.voltage_v:z.4f}")),
        "MEASure:CURrent": Command(_asked(lambda: f"{box.shown.current_a:z.4f}")),
        "MEASure:POWer": Command(_asked(lambda: f"{box.shown.power_w:z.2f}")),
        "MEASure:TEMperature": Command(_asked(lambda: f"{box.temperature_c:.1f}")),
        "MEASure:INStrument": Command(lambda unit: _counted(instrument(unit), unit), tell),
    }


def _counted(counter: Counter, unit: Unit) -> str:
    name, *items = (word.upper() for word in unit.words)
    match items:
        case ["STATE"]:
            return counter.state
        case ["TIMEHR"]:
            return f"{counter.seconds / 3600.0:.3f}"
        case ["TIMESEC"]:
            return f"{counter.seconds:.1f}"
        case [side, "TOTAL"] if side in _DIRECTIONS:
            return f"{counter.total(_DIRECTIONS[side]):.6E}"
        case [side, item] if side in _DIRECTIONS and item == _extreme(name, "MIN"):
            return f"{counter.least(_DIRECTIONS[side]):.4f}"
        case [side, item] if side in _DIRECTIONS and item == _extreme(name, "MAX"):
            return f"{counter.most(_DIRECTIONS[side]):.4f}"
    raise ScpiError(-224)


def _extreme(name: str, end: str) -> str:
    """Return IMIN, IMAX for amps and PMIN, PMAX for watts."""
    return ("I" if name == "AH" else "P") + end


def _system(box: DeltaBox) -> dict[str, Command]:
    panel = box.panel

    def source(loop: Loop) -> Command:
        def write(unit: Unit) -> None:
            panel.set_source(loop, programming_source(_word(unit)))

        return Command(_asked(lambda: panel.sources[loop]), write)

    def limit(quantity: Quantity) -> Command:
        def read() -> str:
            value, on = panel.limits[quantity]
            return f"{value:.4f},{'ON' if on else 'OFF'}"

        def write(unit: Unit) -> None:
            value, on = _split(unit, 2)
            ends = sorted((0.0, panel.end(quantity)))
            panel.set_limit(quantity, number(value, *ends), boolean(on))

        return Command(_asked(read), write)

    def reaction(name: str) -> tuple[Callable[[], bool], Callable[[bool], None]]:
        return lambda: box.sink_reactions[name], lambda on: box.sink_reactions.update({name: on})

    def sink(unit: Unit) -> tuple[Callable[[], bool], Callable[[bool], None]]:
        name = unit.words[0].upper() if unit.words else ""
        if name not in box.sink_reactions:
            raise ScpiError(-224 if name else -109)
        return reaction(name)

    def ask_sink(unit: Unit) -> str:
        _split(unit, 1)
        return str(int(sink(unit)[0]()))

    def terminator(unit: Unit) -> None:
        word = _word(unit).upper()
        if word not in TERMINATORS:
            raise ScpiError(-224)
        box.terminator = word

    return {
        **{f"SYSTem:REMote:{loop}[:STAtus]": source(loop) for loop in _LOOPS},
        **{f"SYSTem:LIMits:{node}": limit(quantity) for node, quantity in _QUANTITIES.items()},
        "OUTPut": _flag(lambda: panel.on, panel.switch),
        "SYSTem:RSD[:STAtus]": _flag(lambda: panel.rsd, panel.set_rsd),
        "SYSTem:FROntpanel[:STAtus]": _flag(lambda: panel.locked, box.lock),
        "SYSTem:FROntpanel:CONtrols": _flag(lambda: panel.controls_locked, box.lock_controls),
        "SYSTem:FROntpanel:HIGhlight": Command(write=_told(lambda: None)),
        "SYSTem:POWersink": Command(
            ask_sink, lambda unit: sink(unit)[1](boolean(_split(unit, 2)[1]))
        ),
        "SYSTem:COMmunicate:TERminator": Command(_asked(lambda: box.terminator), terminator),
        "SYSTem:ERRor": Command(_asked(box.next_error)),
        "SYSTem:WARning": Command(_asked(box.next_warning)),
        "STATus:REGister:A": Command(_asked(lambda: str(panel.register_a()))),
        "STATus:REGister:B": Command(_asked(lambda: str(panel.register_b()))),
    }


def _watchdog(box: DeltaBox) -> dict[str, Command]:
    def ask(unit: Unit) -> str:
        if unit.rest.upper() == "SET":
            return str(box.watchdog_ms or 0)
        if unit.rest:
            raise ScpiError(-224)
        return str(box.read_watchdog())

    def tell(unit: Unit) -> None:
        match [word.upper() for word in unit.words]:
            case ["STOP"]:
                box.stop_watchdog()
            case ["TEST"]:
                box.test_watchdog()
            case ["SET", period]:
                box.set_watchdog(integer(period, *_WATCHDOG_MS))
            case []:
                raise ScpiError(-109)
            case _:
                raise ScpiError(-224)

    return {"SYSTem:COMmunicate:WATchdog": Command(ask, tell)}


def _slots(slots: DeltaSlots) -> dict[str, Command]:
    def slot(word: str) -> int:
        return integer(word, 1, _SLOTS)

    def set_outputs(unit: Unit) -> None:
        number_of, value = _split(unit, 2)
        slots.digital(slot(number_of)).outputs = integer(value, 0, 255)

    def set_relay(unit: Unit) -> None:
        number_of, relay, value = _split(unit, 3)
        card = slots.relays(slot(number_of))
        card.closed[integer(relay, 1, RELAYS) - 1] = bool(integer(value, 0, 1))

    def ask_relay(unit: Unit) -> str:
        words = unit.words
        if not 1 <= len(words) <= 2:
            raise ScpiError(-109 if not words else -108)
        card = slots.relays(slot(words[0]))
        if len(words) == 2:
            return str(int(card.closed[integer(words[1], 1, RELAYS) - 1]))
        return ",".join(str(int(closed)) for closed in card.closed)

    return {
        "SYSTem:INTerface:DIO:OUTput": Command(
            lambda unit: str(slots.digital(slot(_word(unit))).outputs), set_outputs
        ),
        "SYSTem:INTerface:DIO:INPut": Command(
            lambda unit: str(slots.digital(slot(_word(unit))).inputs)
        ),
        "SYSTem:INTerface:ICOntacts:RELay": Command(ask_relay, set_relay),
    }


def _sequencer(box: DeltaBox) -> dict[str, Command]:
    memory = box.sequences

    def run(unit: Unit) -> None:
        if _word(unit).upper() != "STOP":
            raise ScpiError(-221)

    return {
        "PROGram:CATalog": Command(_asked(memory.catalog)),
        "PROGram:SELected:NAMe": Command(
            _asked(lambda: memory.selected), lambda unit: memory.select(_word(unit))
        ),
        "PROGram:SELected:STEp": Command(
            lambda unit: memory.recall(unit.rest), lambda unit: memory.store(unit.rest)
        ),
        "PROGram:SELected:STAte": Command(_asked(lambda: "STOP"), run),
    }
