"""Chroma 63804, as its manual and the drivers known to work talk to it (B1)."""

import numpy as np
import pytest
from box_client import ask

from rig.virtual.boxes.chroma_63800 import Chroma63800
from rig.virtual.ports import LoadSetting

NO_ERROR, CONFLICT = '0,"No error"', '-221,"Settings conflict"'


@pytest.fixture
def load(clock, mains):
    return Chroma63800(clock, mains, np.random.default_rng(1))


def numbers(box, message):
    return [float(word) for word in ask(box, message).split(";")]


def test_it_says_who_it_is_and_starts_unloaded(load, mains):
    assert ask(load, "*IDN?") == "Chroma,63804,0,1.00"
    assert ask(load, "LOAD?;MODE?;:SYST:SET:MODE?") == "OFF;CURR;AC"
    assert not mains.setting.on
    assert load.execute(b"LOAD?").turnaround_s == pytest.approx(0.05)


def test_constant_current_loads_and_is_measured_within_its_class(load):
    ask(load, "MODE CURR;CURR 10;:LOAD ON")
    amps, volts, watts, apparent = numbers(load, "MEAS:CURR?;VOLT?;POW?;POW:APP?")
    assert amps == pytest.approx(10.0, abs=0.05)
    assert volts == pytest.approx(230.0, abs=0.3)
    assert watts == pytest.approx(2300.0, abs=6.0)
    assert apparent == pytest.approx(amps * volts, abs=0.3)


def test_the_known_compound_query_works_by_path_memory(load):
    ask(load, "CURR 5;:LOAD ON")
    reply = ask(load, "MEAS:CURR?;FREQ?;POW?;RES?;VOLT?;TIME:HOLD?;TRAN?;:MODE?;:LOAD?")
    fields = reply.split(";")
    assert len(fields) == 9
    assert float(fields[1]) == pytest.approx(50.0, abs=0.02)
    assert float(fields[3]) == pytest.approx(46.0, rel=0.01)
    assert fields[7:] == ["CURR", "ON"]


def test_two_specimens_differ_and_one_seed_repeats(clock, mains):
    def reading(seed):
        box = Chroma63800(clock, mains, np.random.default_rng(seed))
        return ask(box, "MEAS:VOLT?;VOLT?")

    assert reading(1) == reading(1) != reading(2)


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        ("MODE POW;POW 2000", LoadSetting(True, "power", 2000.0, 1.0, 1.414)),
        ("MODE 3;:RES 52.9", LoadSetting(True, "resistance", 52.9)),
        ("CURR 8;CFAC 2;PFAC -0.8", LoadSetting(True, "current", 8.0, -0.8, 2.0)),
        ("CURR 8;CFAC 2;PFAC 0.8;:SYST:SET:CFPF:MODE CF",
         LoadSetting(True, "current", 8.0, 1.0, 2.0)),
        ("LOAD:CURR 20;CURR:HIGH 12", LoadSetting(True, "current", 12.0, 1.0, 1.414)),
        ("MODE RLCP;:RLC:POW 700;PFAC 0.7", LoadSetting(True, "power", 700.0, 0.7, 2.5)),
    ],
)  # fmt: skip
def test_settings_reach_the_terminals(load, mains, commands, expected):
    ask(load, f"{commands};:LOAD ON")
    assert ask(load, "SYST:ERR?") == NO_ERROR
    assert mains.setting == expected


def test_modes_answer_by_name_and_obey_the_ac_dc_rule(load):
    assert ask(load, "MODE RLCP;MODE?") == "RLCPOW"
    assert ask(load, "MODE VOLT;:SYST:ERR?;:MODE?") == f"{CONFLICT};RLCPOW"
    assert ask(load, "SYST:SET:MODE DC;:MODE?") == "CURR"
    assert ask(load, "MODE RLC;:SYST:ERR?;:MODE 7;MODE?") == f"{CONFLICT};RECT"
    assert ask(load, "SYST:SETU:MODE AC;:MODE?;:SYST:ERR?") == f"CURR;{NO_ERROR}"


def test_ac_and_dc_change_only_unloaded(load):
    assert ask(load, "LOAD ON;:SYST:SET:MODE DC;:SYST:ERR?;:SYST:SET:MODE?") == f"{CONFLICT};AC"


def test_a_mode_that_is_not_simulated_does_not_load(load, mains):
    reply = ask(load, "SYST:SET:MODE DC;:MODE VOLT;:LOAD ON;:SYST:ERR?;:LOAD?")
    assert reply == '-221,"Settings conflict;mode not simulated";OFF'
    assert not mains.setting.on


def test_lost_voltage_unloads_and_latches_until_cleared(load, mains):
    ask(load, "CURR 5;:LOAD ON;:STAT:QUES:ENAB 4")
    mains.volts = 20.0
    assert ask(load, "LOAD?;PROT?;:STAT:QUES:COND?") == "OFF;4;4"
    assert ask(load, "*STB?") == "8"
    assert ask(load, "STAT:QUES:EVEN?;EVEN?") == "4;0"
    assert not mains.setting.on
    mains.volts = 230.0
    assert ask(load, "LOAD ON;:SYST:ERR?;:LOAD?") == f"{CONFLICT};OFF"
    assert ask(load, "LOAD:PROT:CLE;:PROT?;:LOAD ON;:LOAD?") == "0;ON"


def test_no_voltage_is_no_fault_while_unloaded(load, mains):
    mains.volts = 0.0
    assert ask(load, "PROT?;:MEAS:CURR?;FREQ?") == "0;0.000;0.000"


@pytest.mark.parametrize(
    ("commands", "change", "bits"),
    [
        ("MODE RES;:RES 3;:CURR:MAX 45", {}, 0x40),
        ("CURR 5", {"volts": 360.0}, 0x08),
        ("CURR 5", {"hertz": 30.0}, 0x01),
        ("CURR 5", {"hertz": 60.0}, 0x400),
        ("CURR 45;CFAC 5", {"volts": 60.0}, 0x20),
    ],
)
def test_other_limits_unload_too(load, mains, commands, change, bits):
    ask(load, f"{commands};:LOAD ON")
    for name, value in change.items():
        setattr(mains, name, value)
    assert ask(load, "LOAD?;PROT?") == f"OFF;{bits}"


def test_hold_up_and_transfer_times_are_taken(load, mains, clock):
    ask(load, "CURR 5;:TIME:MODE TRAN;:TIME:VCUT 180;:LOAD ON")
    clock.call_at(0.5, lambda: setattr(mains, "volts", 0.0))
    clock.call_at(0.62, lambda: setattr(mains, "volts", 230.0))
    clock.sleep_until(1.0)
    hold, transfer = numbers(load, "MEAS:TIME:HOLD?;TRAN?")
    assert hold == pytest.approx(500.0, abs=6.0)
    assert transfer == pytest.approx(120.0, abs=6.0)
    assert clock.next_due() is None


def test_ranges_follow_the_model(clock, mains):
    small = Chroma63800(clock, mains, np.random.default_rng(1), model="63802")
    assert ask(small, "CURR 19;:SYST:ERR?;:CURR? MAX;*IDN?") == (
        '-222,"Data out of range";18.000;Chroma,63802,0,1.00'
    )


def test_settings_can_be_kept_and_reset(load, mains):
    ask(load, "CURR 5;*SAV 3;CURR 9;:LOAD ON;*RST")
    assert ask(load, "CURR?;:LOAD?") == "0.000;OFF"
    assert ask(load, "*RCL 3;:CURR?;*RCL 4;:SYST:ERR?") == f"5.000;{CONFLICT}"
    assert load.execute(b"SYST:DEF:RECA ON").turnaround_s == pytest.approx(2.05)


def test_every_setting_can_be_read_and_written_back(load):
    settings = [h for h in load.headers if h + "?" in load.headers and h[0] != "*"]
    assert len(settings) > 40
    for header in settings:
        spelled = header.replace("[", "").replace("]", "").split("|")[0].replace("LOAD:", "")
        if "|" in header:
            spelled += ":" + header.split("|")[1].partition(":")[2]
        value = ask(load, f"{spelled}?")
        ask(load, f"{spelled} {value}")
        assert ask(load, "SYST:ERR?") == NO_ERROR, f"{spelled} {value}"
        assert ask(load, f"{spelled}?") == value
