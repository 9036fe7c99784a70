"""Siglent SDS HD: single shots over a known circuit (C3, programming guide EN11)."""

import math
import struct

import numpy as np
import pytest
from box_client import ask
from hypothesis import given, settings
from hypothesis import strategies as st
from known_sines import PEAK_V

from rig.clock import VirtualClock
from rig.virtual.boxes.sds_panel import TIME_BASES_S
from rig.virtual.boxes.siglent_sds import SiglentSds


@pytest.fixture
def scope(clock, sines):
    return SiglentSds(clock, sines, np.random.default_rng(3), pace_error=0.0)


def payload(data):
    assert data[:1] == b"#"
    digits = int(data[1:2])
    assert int(data[2 : 2 + digits]) == len(data) - 2 - digits
    return data[2 + digits :]


def set_up(box, *, delay=-0.15, source="EX"):
    """0.5 s at 1 MSa/s, 800 V full scale; 0.1 s before the trigger needs a delay of -0.15 s."""
    ask(box, ":CHAN1:PROB VAL,100;SCAL 100;OFFS 0;SWIT ON;UNIT V")
    ask(box, f":TIM:SCAL 0.05;DEL {delay}")
    ask(box, ":ACQ:MMAN FSR;SRAT 1E6;TYPE NORM")
    ask(box, f":TRIG:TYPE EDGE;EDGE:SOUR {source};SLOP RIS;LEV 0")
    ask(box, ":WAV:SOUR C1;WIDT WORD;STAR 0;INT 1;POIN 0")
    assert not box.errors


def descriptor(box):
    data = box.execute(b":WAV:PRE?").data
    assert data[:11] == b"#9000000346"
    block = data[11:]
    assert len(block) == 346

    def at(code, offset):
        return struct.unpack_from(code, block, offset)[0]

    assert block[:9] == b"WAVEDESC\0"
    return at


def read_all(box):
    """Read a trace as the guide's example does: scale from the block, samples in pieces."""
    at = descriptor(box)
    total, piece = at("<i", 0x74), int(ask(box, ":WAV:MAXP?"))
    codes = b""
    for start in range(0, total, piece):
        ask(box, f":WAV:STAR {start}")
        codes += payload(box.execute(b":WAV:DATA?").data)
    probe = at("<f", 0x148)
    raw = np.frombuffer(codes, "<i2" if at("<h", 0x20) else "i1").astype(float)
    volts = raw * at("<f", 0x9C) * probe / at("<f", 0xA4) - at("<f", 0xA0) * probe
    division = TIME_BASES_S[at("<h", 0x144)]
    times = -at("<d", 0xB4) - 5 * division + np.arange(raw.size) * at("<f", 0xB0)
    return times, volts


def test_it_says_who_it_is_and_starts_stopped(scope):
    assert ask(scope, "*IDN?") == "Siglent Technologies,SDS2104X HD,SDS2HAAA000001,1.2.2.9"
    assert ask(scope, ":TRIG:STAT?;:TRIG:MODE?;:CHAN1:SWIT?;:CHAN2:SWIT?") == "Stop;AUTO;ON;OFF"
    assert ask(scope, ":WAV:SOUR?;WIDT?;STAR?;POIN?;INT?") == "C1;BYTE;0;0;1"
    assert ask(scope, "*OPC?") == "1"


def test_there_is_no_error_query_and_mistakes_pass_in_silence(scope):
    for message in ("SYST:ERR?", "*ESR?", "*STB?", "*TST?", "FOO", "FOO?", ":CHAN5:SCAL 1"):
        assert ask(scope, message) == ""
    assert ask(scope, "*IDN?").startswith("Siglent")


def test_mnemonics_are_answered_as_the_guide_prints_them(scope):
    ask(scope, ":CHAN1:IMP FIFTY;COUP AC;BWL 20M;UNIT A;:ACQ:MMAN FMDEPTH;MDEP 2M")
    assert ask(scope, ":CHAN1:IMP?;COUP?;BWL?;UNIT?;:ACQ:MMAN?;MDEP?;TYPE?") == (
        "FIFTy;AC;20M;A;FMDepth;2M;NORMal"
    )
    ask(scope, ":TRIG:EDGE:SOUR EX5;SLOP FALLING;COUP LFREJ")
    assert ask(scope, ":TRIG:EDGE:SOUR?;SLOP?;COUP?") == "EX5;FALLing;LFREJect"


def test_numbers_have_three_digits_unless_told_otherwise(scope):
    ask(scope, ":TIM:DEL -0.123456")
    assert ask(scope, ":TIM:DEL?") == "-1.23E-01"
    ask(scope, ":TIM:SCAL 0.05;DEL -0.123456;:FORM:DATA DOUBLE")
    assert ask(scope, ":TIM:DEL?;:FORM:DATA?") == "-1.2345600000000E-01;CUSTom,14"
    ask(scope, ":FORM:DATA CUST,5")
    assert ask(scope, ":ACQ:SRAT?") == "2.0000E+07"


def test_a_single_shot_fills_gets_ready_triggers_and_stops(scope, clock, sines):
    set_up(scope)
    sines.edges = [0.05, 1.2]
    ask(scope, ":TRIG:MODE SINGLE")
    assert ask(scope, ":TRIG:STAT?;MODE?") == "Arm;SINGle"
    clock.sleep_until(0.099)
    assert ask(scope, ":TRIG:STAT?") == "Arm"
    clock.sleep_until(0.1)
    assert ask(scope, ":TRIG:STAT?") == "Ready"
    clock.sleep_until(1.3)
    assert ask(scope, ":TRIG:STAT?") == "Trig'd"
    clock.sleep_until(1.5999)
    assert ask(scope, ":TRIG:STAT?") == "Trig'd"
    clock.sleep_until(1.6)
    assert ask(scope, ":TRIG:STAT?") == "Stop"


def test_the_trace_lies_on_the_triggers_instant_and_has_the_truths_values(scope, clock, sines):
    set_up(scope)
    sines.edges = [1.2345]
    ask(scope, ":TRIG:MODE SING")
    clock.sleep_until(2.0)
    times, volts = read_all(scope)
    assert len(times) == 500_000
    assert times[0] == pytest.approx(-0.1, abs=1e-9)
    assert times[1] - times[0] == pytest.approx(1e-6, rel=1e-6)
    true = PEAK_V * np.sin(2 * np.pi * 50 * (times + 1.2345))
    gain, offset = np.polyfit(true, volts, 1)
    assert abs(gain - 1.0) < 0.0055
    assert abs(offset) < 0.06 * 100.0
    assert np.std(volts - gain * true - offset) < 0.004 * 800.0


def test_pieces_intervals_and_points_choose_the_same_samples(scope, clock, sines):
    set_up(scope)
    sines.edges = [1.0]
    ask(scope, ":TRIG:MODE SING")
    clock.sleep_until(2.0)
    assert ask(scope, ":WAV:MAXP?;:ACQ:POIN?") == "250000;5.00E+05"
    whole = payload(scope.execute(b":WAV:DATA?").data)
    assert len(whole) == 2 * 250_000
    ask(scope, ":WAV:STAR 1000;INT 7;POIN 300")
    some = np.frombuffer(payload(scope.execute(b":WAV:DATA?").data), "<i2")
    assert (some == np.frombuffer(whole, "<i2")[1000 : 1000 + 7 * 300 : 7]).all()
    at = descriptor(scope)
    assert (at("<i", 0x3C), at("<i", 0x84), at("<i", 0x88)) == (600, 1000, 7)
    ask(scope, ":WAV:STAR 499999;INT 1;POIN 0")
    assert len(payload(scope.execute(b":WAV:DATA?").data)) == 2
    ask(scope, ":WAV:STAR 500000")
    assert scope.execute(b":WAV:DATA?").data == b"#10"


def test_bytes_are_the_upper_half_of_words(scope, clock, sines):
    set_up(scope)
    sines.edges = [1.0]
    ask(scope, ":TRIG:MODE SING")
    clock.sleep_until(2.0)
    ask(scope, ":WAV:POIN 5000")
    words = np.frombuffer(payload(scope.execute(b":WAV:DATA?").data), "<i2")
    assert not (words & 0xF).any()
    assert (words & 0xF0).any()
    assert descriptor(scope)("<f", 0xA4) == 7680.0
    ask(scope, ":WAV:WIDT BYTE")
    assert descriptor(scope)("<f", 0xA4) == 30.0
    octets = np.frombuffer(payload(scope.execute(b":WAV:DATA?").data), "i1")
    assert (octets == words >> 8).all()


def test_the_block_tells_division_offset_bits_and_probe(scope):
    ask(scope, ":CHAN2:PROB VAL,50;SCAL 20;OFFS -30;COUP AC;:WAV:SOUR C2;WIDT WORD")
    ask(scope, ":TIM:SCAL 0.002;DEL 0.003")
    at = descriptor(scope)
    assert at("<f", 0x9C) == pytest.approx(0.4)
    assert at("<f", 0xA0) == pytest.approx(-0.6)
    assert (at("<h", 0xAC), at("<h", 0x144), at("<f", 0x148)) == (12, 21, 50.0)
    assert at("<d", 0xB4) == pytest.approx(0.003)
    assert at("<h", 0x158) == 1
    assert TIME_BASES_S[21] == 0.002


def test_an_offset_moves_the_trace_and_not_the_values(scope, clock, sines):
    set_up(scope)
    ask(scope, ":CHAN1:OFFS 50")
    sines.edges = [1.0]
    ask(scope, ":TRIG:MODE SING")
    clock.sleep_until(2.0)
    _, volts = read_all(scope)
    assert volts.max() == pytest.approx(PEAK_V, abs=15.0)
    assert volts.min() == pytest.approx(-PEAK_V, abs=15.0)


def test_a_channel_triggers_at_its_level_which_is_clamped_to_the_screen(scope, clock):
    set_up(scope, delay=0.0, source="C1")
    ask(scope, ":TRIG:EDGE:LEV 900")
    assert ask(scope, ":TRIG:EDGE:LEV?") == "4.10E+02"
    ask(scope, ":TRIG:EDGE:LEV 162.5;SLOP FALL;:TRIG:MODE SING")
    clock.sleep_until(1.0)
    times, volts = read_all(scope)
    at = np.argmin(np.abs(times))
    assert volts[at] == pytest.approx(162.5, abs=12.0)
    assert volts[at + 2000] < volts[at - 2000]


def test_auto_goes_on_by_itself_normal_waits_and_a_frame_can_be_forced(scope, clock):
    set_up(scope, delay=0.0)
    ask(scope, ":TRIG:MODE AUTO")
    clock.sleep_until(0.26)
    assert ask(scope, ":TRIG:STAT?") == "Auto"
    clock.sleep_until(0.5)
    assert ask(scope, ":TRIG:STAT?") == "Trig'd"
    ask(scope, ":TRIG:MODE NORM")
    clock.sleep_until(9.0)
    assert ask(scope, ":TRIG:STAT?") == "Ready"
    ask(scope, ":TRIG:MODE FTRIG")
    assert ask(scope, ":TRIG:STAT?") == "Trig'd"
    ask(scope, ":TRIG:STOP")
    assert ask(scope, ":TRIG:STAT?") == "Stop"


@pytest.mark.parametrize("prepare", ["", ":TRIG:MODE SING", ":TRIG:MODE SING;:TRIG:STOP"])
def test_without_a_record_the_block_of_samples_is_empty(scope, prepare):
    set_up(scope)
    ask(scope, prepare)
    assert scope.execute(b":WAV:DATA?").data == b"#10"
    assert descriptor(scope)("<i", 0x74) == 0


def test_rst_takes_everything_back(scope, clock, sines):
    set_up(scope)
    ask(scope, ":TRIG:MODE SING;:FORM:DATA SING")
    ask(scope, "*RST")
    assert sines.kept[-1] is None
    assert ask(scope, ":CHAN1:PROB?;SCAL?;:TIM:SCAL?;:TRIG:EDGE:SOUR?;:WAV:WIDT?;:TRIG:STAT?") == (
        "1.00E+00;1.00E+00;1.00E-03;C1;BYTE;Stop"
    )


def test_a_transfer_takes_its_time_on_the_wire(scope, clock, sines):
    set_up(scope)
    sines.edges = [1.0]
    ask(scope, ":TRIG:MODE SING")
    clock.sleep_until(2.0)
    response = scope.execute(b":WAV:DATA?")
    assert response.turnaround_s == pytest.approx(0.005 + 500_000 / 20e6, rel=1e-3)


@given(st.floats(1e-9, 500.0), st.sampled_from(["AUTO", "FSR", "FMD"]))
@settings(max_examples=60, deadline=None)
def test_the_screen_is_ten_divisions_at_any_time_base(division, memory):
    box = SiglentSds(VirtualClock(), None, np.random.default_rng(1))
    ask(box, f":TIM:SCAL {division:.6E};:ACQ:MMAN {memory};MDEP 2M;SRAT 1E6")
    layout = box.panel.state.layout()
    shown = box.panel.state.division_s
    assert division * 0.999 <= shown <= division * 2.51
    assert layout.points == max(math.floor(10 * shown * layout.rate_hz * (1 + 1e-12)), 1)
    assert layout.origin_s == pytest.approx(-5 * shown)
