"""The supplies and the Siglent on the bench's own circuit, asked through VISA on real wires."""

import copy
from pathlib import Path

import numpy as np
import pytest
import yaml

from instruments.links import VisaLink
from rig.bench.model import BenchFile
from rig.virtual.bench import VirtualBench

SPEC = yaml.safe_load((Path(__file__).parents[4] / "benches" / "virtual.yaml").read_text("utf-8"))

SUPPLIES = {
    "Delta SM15K": (
        ("visa-socket",),
        ("SYST:REM:CV Ethernet", "SYST:REM:CC Ethernet", "SYST:REM:CP Ethernet", "SOUR:VOL 360",
         "SOUR:CUR 10", "SOUR:POW 15000", "OUTP 1"),
        "MEAS:VOL?", "MEAS:CUR?", "OUTP 0",
    ),
    "EA PSB 10000 SCPI": (
        ("visa-socket",),
        ("SYST:LOCK ON", "VOLT 360", "CURR 10", "OUTP ON"),
        "MEAS:VOLT?", "MEAS:CURR?", "OUTP OFF",
    ),
    "Keysight RP7900": (
        ("visa-socket", "visa-hislip", "visa-vxi11"),
        ("VOLT 360", "CURR:LIM 10", "OUTP ON"),
        "MEAS:VOLT?", "MEAS:CURR?", "OUTP OFF",
    ),
    "ITECH IT6000C": (
        ("visa-socket", "visa-serial"),
        ("SYST:REM", "FUNC VOLT", "VOLT 360", "CURR:LIM 10", "OUTP ON"),
        "MEAS:VOLT?", "MEAS:CURR?", "OUTP OFF",
    ),
}  # fmt: skip
CASES = [(model, kind) for model, (kinds, *_) in SUPPLIES.items() for kind in kinds]


def bench_with(role, model, kind):
    spec = copy.deepcopy(SPEC)
    spec["roles"][role] = {"model": model, "link": {"kind": kind, "address": "virtual"}}
    return VirtualBench(BenchFile(**spec))


def link_to(bench, role):
    return VisaLink(bench.addresses[role], name=role, clock=bench.clock, wires=bench.wires)


@pytest.mark.parametrize(("model", "kind"), CASES)
def test_at_open_terminals_the_voltage_follows_the_set_value_while_on(model, kind):
    """What stands behind the terminals takes a second or so to fill and to empty."""
    _, commands, volts, amps, off = SUPPLIES[model]
    bench = bench_with("evps", model, kind)
    link = link_to(bench, "evps")
    try:
        for command in commands:
            link.write(command)
        bench.clock.sleep_until(bench.clock.now() + 2.0)
        assert float(link.query(volts).rstrip("V")) == pytest.approx(360.0, abs=0.7)
        assert float(link.query(amps).rstrip("A")) == pytest.approx(0.0, abs=0.05)
        link.write(off)
        bench.clock.sleep_until(bench.clock.now() + 2.0)
        assert float(link.query(volts).rstrip("V")) == pytest.approx(0.0, abs=0.2)
    finally:
        link.close()
        bench.close()


def test_the_watchdog_of_the_delta_runs_on_the_benchs_clock():
    bench = bench_with("evps", "Delta SM15K", "visa-socket")
    link = link_to(bench, "evps")
    try:
        for command in (*SUPPLIES["Delta SM15K"][1], "SYST:COM:WAT SET,500"):
            link.write(command)
        bench.clock.sleep_until(bench.clock.now() + 0.49)
        assert link.query("OUTP?") == "1"
        bench.clock.sleep_until(bench.clock.now() + 0.51)
        assert link.query("SYST:COM:WAT?") == "0"
        assert link.query("OUTP?") == "0"
    finally:
        link.close()
        bench.close()


def test_the_siglent_sees_the_pack_through_its_probe():
    bench = bench_with("scope_dc", "Siglent SDS HD", "visa-socket")
    link, pack = link_to(bench, "scope_dc"), bench.network.supply("pack")
    try:
        for command in (":CHAN3:PROB VAL,100", ":CHAN3:SCAL 100", ":CHAN3:OFFS -300",
                        ":CHAN3:SWIT ON", ":TIM:SCAL 0.01", ":ACQ:MMAN FSR", ":ACQ:SRAT 1E5",
                        ":TRIG:MODE SING", ":TRIG:MODE FTRIG", ":WAV:SOUR C3",
                        ":WAV:WIDT WORD"):  # fmt: skip
            link.write(command)
        bench.clock.sleep_until(bench.clock.now() + 1.0)
        assert link.query(":TRIG:STAT?") == "Stop"
        assert len(link.query_block(":WAV:PRE?")) == 346
        codes = np.frombuffer(link.query_block(":WAV:DATA?"), "<i2")
        shown = codes.mean() * 100.0 / 7680.0 + 300.0
        assert len(codes) == 10_000
        assert shown == pytest.approx(pack.read().voltage_v, abs=8.0)
    finally:
        link.close()
        bench.close()
