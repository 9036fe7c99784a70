"""Whatever a box replies, a driver gives a value or an error of ours, never Python's own.

``RIG_SOAK`` times as many conversations in a soak run.
"""

import inspect
import os
import random
from contextlib import contextmanager

import pytest

from instruments import create_driver, find_model, known_models
from instruments.capabilities import ScopeSetup
from instruments.errors import BenchError, LinkTimeout, Refused, UsageError

SOAK = int(os.environ.get("RIG_SOAK", "1"))
NAMES = [model.name for model in known_models() if model.link in ("visa", "modbus")]
NONSENSE = (
    "", "0", "-1", "+1.5E+02", "9.91E37", "NAN", "1e400", "99999999999999999999", "0x12", "ON",
    "1;2", "1,2,3", "12.5V, 33.3A, 420W", "LOCAL", "Stop", "Auto", "#", "true", "65535", "-32768",
    "1,0,10,1,1e-5,-2e-5,0,1,0,32768", "1,0,0,1,0,0,0,0,0,0", ",".join(["1"] * 19),
)  # fmt: skip
USUAL = {
    "*IDN": "Keysight Technologies,RP7972A,1,2",
    "SYST:ERR": '0,"No error"',
    "STAT:ERR": '0,"No error"',
    "SYST:LOCK:OWN": "REMOTE",
    "STAT:REG:B": "7",
    "AER": "1",
    "TER": "1",
    "OPER:COND": "0",
    "TRIG:STAT": "Stop",
    "ACQ:SRAT": "1E5",
    "MEAS:ARR": "1V, 2A, 3W",
    "WAV:PRE": "1,0,10,1,1E-5,-2E-5,0,1,0,32768",
}
SHOT = ScopeSetup((1, 2), 1e5, 2e-5, 1e-4, 2, 0.5, full_scale={1: 10.0})
ARGUMENTS = {
    "set_voltage": (100.0,), "set_current_limit": (10.0,), "set_power_limit": (1000.0,),
    "set_current": (5.0,), "set_power": (500.0,), "set_resistance": (50.0,),
    "set_update_period": (0.25,), "pulse": (1, 0.5), "set_relay": (1, True), "slot": (1,),
    "arm_watchdog": (2.0,), "set_ovp": (120.0,), "set_source_ocp": (11.0,),
    "set_source_opp": (100.0,), "set_sink_ocp": (11.0,), "set_sink_opp": (100.0,),
    "set_limit": ("voltage", 100.0), "read_trace": (1,), "apply_setting": ("voltage", 100.0),
    "measure_following": ([1, 2],), "read_energy_wh": ([1, 2],),
}  # fmt: skip
NAMED = {"switch_output": {"on": True}, "set_ocp": {"enabled": True}}
MOST_QUESTIONS = 2000


class Babbler:
    """A box that keeps what it is told, and now and then talks nonsense."""

    name, address = "box", "nowhere:1"

    def __init__(self, rng):
        self.rng, self.kept, self.asked = rng, dict(USUAL), 0

    @contextmanager
    def transaction(self):
        yield

    def close(self):
        pass

    def write(self, command):
        for unit in command.split(";"):
            header, _, value = unit.lstrip(":").partition(" ")
            self.kept[header] = value

    def query(self, command, *, after=()):
        for each in after:
            self.write(each)
        self.count()
        if self.rng.random() < 0.05:
            return self.rng.choice(NONSENSE)
        return ";".join(self.one(unit.lstrip(":").rstrip("?")) for unit in command.split(";"))

    def one(self, header):
        return self.rng.choice(NONSENSE) if self.rng.random() < 0.03 else self.kept.get(header, "1")

    def query_block(self, command):
        return self.rng.randbytes(self.rng.choice([0, 1, 19, 20, 21, 40, 80, 346]))

    def count(self):
        self.asked += 1
        if self.asked > MOST_QUESTIONS:
            raise LinkTimeout("asking", box="box", address="nowhere:1", expected="-", got="-")

    def hear(self, *words):
        assert all(0 <= word <= 0xFFFF for word in words)
        self.count()
        if self.rng.random() < 0.1:
            code = self.rng.choice([1, 2, 3, 4, 5, 6, 7, 0x17])
            raise Refused("-", box="box", address="-", expected="-", got="-", code=code)

    def read_holding(self, address, count=1):
        self.hear(address)
        usual = [0, 1, 0x43FA, 0x466A, 0x7FC0, 0x0880, 0xFFFF, self.rng.randrange(0x10000)]
        return [self.rng.choice(usual) for _ in range(count)]

    def read_coils(self, address, count=1):
        self.hear(address)
        return [self.rng.random() < 0.5 for _ in range(count)]

    def write_register(self, address, value):
        self.hear(address, int(value))

    def write_registers(self, address, values):
        self.hear(address, *map(int, values))

    def write_coil(self, address, on):
        self.hear(address, int(on))

    read_input, read_discrete_inputs = read_holding, read_coils
    write_coil_raw, write_coils = write_register, write_registers


def calls(driver):
    """Return everything that can be asked of a driver and of its views, ready to be made."""
    made = []
    for part in (driver, getattr(driver, "source", None), getattr(driver, "sink", None)):
        for name, method in inspect.getmembers(part, inspect.ismethod):
            if name.startswith("_"):
                continue
            words = inspect.signature(method).parameters
            given, named = ARGUMENTS.get(name, ()), NAMED.get(name, {})
            if name == "arm":
                given, named = (
                    ((1,), {"delay_s": 0.001, "hold_s": 0.1})
                    if "branches" in words
                    else ((SHOT,), {})
                )
            if "elements" in words:
                given = ([1, 2],)
            made.append(lambda m=method, g=given, n=named: m(*g, **n))
    return made


@pytest.mark.parametrize("name", NAMES)
def test_any_reply_ends_in_a_value_or_an_error_of_ours(name, clock):
    for seed in range(8 * SOAK):
        rng = random.Random(seed)
        box = Babbler(rng)
        possible = calls(create_driver(name, box, clock, find_model(name).rating))
        for _ in range(30):
            box.asked = 0
            try:
                rng.choice(possible)()
            except (BenchError, UsageError):
                continue
