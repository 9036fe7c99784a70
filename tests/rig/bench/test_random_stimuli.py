"""Whatever a plan asks for: nothing outside the envelope reaches a wire, by the wires' own word."""

import math
import os
import random
import re
import struct

import pytest

from instruments.errors import BenchError, UsageError
from rig.bench import Bench, Journal
from rig.bench.envelope import OutsideEnvelope
from rig.recording import Recorder
from rig.session import DEFAULT_BENCH, load_bench, open_bench

STIMULI = 10_000 if int(os.environ.get("RIG_SOAK", "1")) > 1 else 2_500
"""Ten thousand in `make soak`; a sample otherwise."""
CURRENT_A, POWER_W, SLEW_A, WHOLE_W = 20.0, 3000.0, 25.0, 8000.0
VOLTAGE_V, PACK_A, PACK_W, SLEW_V = 400.0, 50.0, 12_000.0, 60.0
SHORT_S, STEP_S, RELAY_S = 0.2, 30.0, 20.0
LOADS = ("load_a", "load_b", "load_c")
EXACT = 1 + 1e-3
"""Boxes keep whole steps of their own: what is asked for at the limit may be rounded up to one."""


@pytest.fixture(scope="module")
def tight():
    """The virtual bench, with limits far inside the ratings of its boxes."""
    text = {
        "envelope": {
            **{
                load: {"current_a": CURRENT_A, "power_w": POWER_W, "slew_a": SLEW_A}
                for load in LOADS
            },
            "pack": {
                "voltage_v": VOLTAGE_V,
                "current_a": PACK_A,
                "power_w": PACK_W,
                "slew_v": SLEW_V,
            },
            "point_on_wave": {"short_hold_s": SHORT_S, "step_hold_s": STEP_S},
            "faults_3": {"relay_hold_s": RELAY_S},
        },
        "bench_envelope": {"power_w": WHOLE_W},
    }
    spec = load_bench(DEFAULT_BENCH)
    return type(spec).model_validate({**spec.model_dump(exclude_unset=True), **text})


def near(rng, limit):
    """Return a value on either side of a limit, often close to it, sometimes none at all."""
    return rng.choice(
        [
            rng.uniform(0, limit),
            limit * rng.uniform(0.98, 1.02),
            limit * rng.uniform(1, 3),
            -limit * rng.uniform(0, 2),
            math.nan,
            math.inf,
        ]
    )


def stimuli(bench, drivers, rng):
    """Return one random stimulus of every way that a plan has."""
    socket, load = rng.choice("ABC"), drivers[rng.choice(LOADS)]
    shape = {"power_factor": rng.choice([1.0, 0.5, -0.9, 0.0]), "crest_factor": 1.414}
    pack, relays = drivers["pack"], drivers["faults_3"]
    trigger = drivers["point_on_wave"]
    hold = near(rng, rng.choice([SHORT_S, STEP_S]))
    return rng.choice(
        [
            lambda: bench.loads[socket].draw_power(near(rng, POWER_W), **shape),
            lambda: bench.loads[socket].draw_current(near(rng, CURRENT_A), **shape),
            bench.loads[socket].stop,
            lambda: bench.share_load(near(rng, 3 * POWER_W)),
            lambda: load.set_resistance(1 / near(rng, CURRENT_A / 230)),
            lambda: load.set_current(near(rng, CURRENT_A)),
            load.input_on,
            lambda: pack.source.set_voltage(near(rng, VOLTAGE_V)),
            lambda: pack.source.set_current_limit(near(rng, PACK_A)),
            lambda: pack.sink.set_current_limit(near(rng, PACK_A)),
            lambda: pack.source.set_power_limit(near(rng, PACK_W)),
            lambda: pack.sink.set_power_limit(near(rng, PACK_W)),
            pack.source.output_on,
            pack.source.output_off,
            lambda: bench.faults.step([(s, rng.randint(0, 3)) for s in "ABC"], hold_s=hold),
            lambda: bench.faults.short_circuit(socket, angle_deg=0, hold_s=near(rng, SHORT_S)),
            lambda: trigger.arm(rng.randrange(1 << 16), delay_s=0.0, hold_s=hold),
            lambda: bench.faults.cut_12v(near(rng, RELAY_S)),
            lambda: relays.pulse(7, near(rng, RELAY_S)),
            lambda: bench.sleep(rng.uniform(0, 2)),
        ]
    )


class Wires:
    """What stood on the wires, decoded from its bytes alone; every finding outside is kept."""

    def __init__(self):
        self.outside = []
        self.on = dict.fromkeys(LOADS, False)
        self.set = dict.fromkeys(LOADS, ("CURR", 0.0))
        self.factor = dict.fromkeys(LOADS, 1.0)
        self.rises = {load: [] for load in LOADS}
        self.mask = self.hold_ms = 0
        self.pack_on, self.volts, self.moves = False, 0.0, []
        self.counts = {}

    def take(self, exchange):
        self.counts[exchange.box] = self.counts.get(exchange.box, 0) + 1
        if exchange.box in LOADS:
            self.load(exchange)
        elif exchange.box == "pack":
            self.pack(exchange)
        elif exchange.box == "point_on_wave":
            self.point_on_wave(exchange.sent)
        elif exchange.box == "faults_3":
            self.relays(exchange.sent)

    def check(self, what, value, limit):
        if not value <= limit * EXACT:
            self.outside.append(f"{what}: {value:g} > {limit:g}")

    def draws(self, load):
        mode, level = self.set[load]
        if mode == "POW":
            return level, level / 230
        if mode == "RES":
            return 230**2 / level, 230 / level
        return level * 230 * self.factor[load], level

    def load(self, exchange):
        load = exchange.box
        before_a = self.draws(load)[1] if self.on[load] else 0.0
        for command in exchange.sent.decode().split(";"):
            words = command.strip().lstrip(":").split()
            if len(words) != 2:
                continue
            if words[0].endswith("PFAC"):
                self.factor[load] = abs(float(words[1]))
            elif words[0] in ("CURR", "POW", "RES"):
                self.set[load] = (words[0], float(words[1]))
                watts, amps = self.draws(load)
                self.check(f"{load} current", amps, CURRENT_A)
                self.check(f"{load} power", watts, POWER_W)
                self.together()
            elif words[0] in ("LOAD", "INP"):
                self.on[load] = words[1] in ("ON", "1")
                self.together()
        now_a = self.draws(load)[1] if self.on[load] else 0.0
        if now_a > before_a:
            self.rises[load].append((exchange.t_s, now_a - before_a))
            recent = sum(a for t, a in self.rises[load] if t > exchange.t_s - 1.0)
            self.check(f"{load} rise within a second", recent, SLEW_A)

    def together(self):
        whole = sum(self.draws(load)[0] for load in LOADS if self.on[load])
        self.check("all loads together", whole, WHOLE_W)

    def pack(self, exchange):
        sent = exchange.sent
        if len(sent) < 6 or sent[1] not in (5, 6):
            return
        register, raw = struct.unpack(">HH", sent[2:6])
        if sent[1] == 5 and register == 405:
            self.pack_on = raw == 0xFF00
        if sent[1] != 6:
            return
        part = raw / 52428
        if register == 500:
            if self.pack_on:
                self.moves.append((exchange.t_s, abs(part * 500 - self.volts)))
                recent = sum(v for t, v in self.moves if t > exchange.t_s - 1.0)
                self.check("pack slew", recent, SLEW_V)
            self.volts = part * 500
            self.check("pack volts", self.volts, VOLTAGE_V)
        elif register in (499, 501):
            self.check("pack amps", part * 90, PACK_A)
        elif register in (498, 502):
            self.check("pack watts", part * 15_000, PACK_W)

    def point_on_wave(self, sent):
        if sent[1] == 16 and sent[2:4] == b"\0\0":
            self.mask = struct.unpack(">H", sent[9:11])[0]
        elif sent[1] == 6:
            register, value = struct.unpack(">HH", sent[2:6])
            if register == 3:
                self.hold_ms = value
            elif register == 2 and value == 1:
                self.armed()

    def armed(self):
        assert self.mask < 1 << 9
        if self.mask & 0b111000000:
            self.check("short hold", self.hold_ms / 1000, SHORT_S)
        if self.mask & 0b111111:
            self.check("step hold", self.hold_ms / 1000, STEP_S)

    def relays(self, sent):
        if sent[1] == 5 and sent[2] == 0x02:
            self.check("relay hold", struct.unpack(">H", sent[4:6])[0] / 10, RELAY_S)


def test_of_all_random_stimuli_none_outside_reaches_a_wire(tight, tmp_path):
    rng, wires, seen = random.Random(20), Wires(), []

    def keep(exchange):
        seen.append(exchange)
        wires.take(exchange)

    refused = other = 0
    with open_bench(tight, DEFAULT_BENCH, transcript=keep) as opened:
        recorder = Recorder(tmp_path / "run", opened.clock)
        bench = Bench(tight, "bench.yaml", opened.roles, opened.clock, Journal(recorder))
        for _ in range(STIMULI):
            stimulus, before = stimuli(bench, opened.roles.drivers, rng), len(seen)
            try:
                stimulus()
            except OutsideEnvelope as error:
                refused += 1
                assert re.search(
                    r" outside the envelope .* at most [\d.e+inf]+ \(.*yaml: ", str(error)
                )
                assert str(error).endswith("; nothing was sent")
                assert len(seen) == before or stimulus.__code__.co_names[0] == "share_load"
            except (UsageError, BenchError, ValueError):
                other += 1  # refused for other reasons, by rig or box
            seen.clear()
        recorder.close()
    assert wires.outside == []
    assert refused > STIMULI / 4
    assert STIMULI - refused - other > STIMULI / 4
    boxes = (*LOADS, "pack", "point_on_wave", "faults_3")
    assert all(wires.counts[box] > STIMULI / 100 for box in boxes)
