from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.capabilities import ScopeSetup
from instruments.errors import BenchError, Refused, UsageError
from instruments.infiniivision_waveform import Preamble, scale_samples
from instruments.keysight_infiniivision import KeysightInfiniiVision
from instruments.ratings import Probe, ScopeRating

NO_ERROR = '+0,"No error"'
SETUP = ScopeSetup(
    channels=(1, 2),
    sample_rate_hz=100e3,
    pre_trigger_s=0.1,
    duration_s=0.5,
    trigger=2,
    level=0.5,
    full_scale={1: 400.0},
)
RATING = ScopeRating(channels=4, probes={1: Probe(100.0), 2: Probe(10.0, "A")})
SET_UP = (
    (":STOP;*CLS", None),
    (
        "CHAN1:DISP 1;:CHAN1:COUP DC;:CHAN1:INV 0;:CHAN1:UNIT VOLT;:CHAN1:PROB 100;"
        ":CHAN1:SCAL 125;:CHAN1:OFFS 0;:CHAN2:DISP 1;:CHAN2:COUP DC;:CHAN2:INV 0;"
        ":CHAN2:UNIT AMP;:CHAN2:PROB 10;:CHAN3:DISP 0;:CHAN4:DISP 0",
        None,
    ),
    ("SYST:ERR?", NO_ERROR),
    (
        "ACQ:MODE RTIM;:ACQ:TYPE NORM;:TIM:MODE MAIN;:TIM:REF CENT;:TIM:RANG 0.5;:TIM:POS 0.15",
        None,
    ),
    ("SYST:ERR?", NO_ERROR),
    (
        "TRIG:MODE EDGE;:TRIG:SWE NORM;:TRIG:HFR 0;:TRIG:NREJ 0;:TRIG:EDGE:SOUR CHAN2;"
        ":TRIG:EDGE:COUP DC;:TRIG:EDGE:SLOP POS;:TRIG:EDGE:LEV 0.5",
        None,
    ),
    ("SYST:ERR?", NO_ERROR),
    ("AER?;:TER?", "+0;+1"),
    (":SINGle", None),
)
ARMED = (*SET_UP, (":AER?", "+1"))
SELECT = (
    (
        "WAV:SOUR CHAN1;:WAV:POIN:MODE RAW;:WAV:POIN 50000;:WAV:FORM WORD;:WAV:BYT LSBF;:WAV:UNS 1",
        None,
    ),
    ("SYST:ERR?", NO_ERROR),
)
PREAMBLE = "1,0,50000,1,1.0E-05,-1.0E-01,0,1.5625E-02,0.0E+00,32768"
CODES = np.array([32768, 32769, 32768 - 64, 45568] * 12_500, dtype="<u2").tobytes()


@pytest.fixture
def make(scripted_scpi, clock):
    def make_scope(*steps, rating=RATING):
        link = scripted_scpi(*steps)
        return KeysightInfiniiVision(link, clock, rating), link

    return make_scope


def test_a_single_shot_is_set_up_started_and_waited_for(make, clock):
    scope, link = make(*SET_UP, (":AER?", "+0"), (":AER?", "+0"), (":AER?", "+1"))
    scope.arm(SETUP)
    link.finish()
    assert clock.now() == pytest.approx(0.01)
    assert link.depth_of[":SINGle"] == 1
    assert link.depth_of[":AER?"] == 0, "time stands still in a lock, so waiting must be outside"


def test_an_external_trigger_and_no_probes_leave_the_scales_as_the_scope_has_them(make):
    scope, link = make(
        (":STOP;*CLS", None),
        ("CHAN1:DISP 0;:CHAN2:DISP 1;:CHAN2:COUP DC;:CHAN2:INV 0", None),
        ("SYST:ERR?", NO_ERROR),
        (
            "ACQ:MODE RTIM;:ACQ:TYPE NORM;:TIM:MODE MAIN;:TIM:REF CENT;:TIM:RANG 0.02;"
            ":TIM:POS 0.01",
            None,
        ),
        ("SYST:ERR?", NO_ERROR),
        (
            "TRIG:MODE EDGE;:TRIG:SWE NORM;:TRIG:HFR 0;:TRIG:NREJ 0;:TRIG:EDGE:SOUR EXT;"
            ":TRIG:EDGE:COUP DC;:TRIG:EDGE:SLOP EITH;:TRIG:EDGE:LEV 1.5",
            None,
        ),
        ("SYST:ERR?", NO_ERROR),
        ("AER?;:TER?", "0;0"),
        (":SINGle", None),
        (":AER?", "1"),
        rating=ScopeRating(channels=2),
    )
    scope.arm(ScopeSetup((2,), 1e6, 0.0, 0.02, "external", 1.5, "either"))
    link.finish()


def test_a_scope_that_never_arms_is_stopped_and_a_bench_error(make, clock):
    scope, link = make(*SET_UP, *[(":AER?", "+0")] * 422, (":STOP", None))
    with pytest.raises(BenchError, match=r"trigger live within 2.1 s.*acquisition was stopped"):
        scope.arm(SETUP)
    assert clock.now() == pytest.approx(2.1, abs=0.01)
    assert len(link.steps) <= 1


def test_a_refused_setting_is_refused_and_leaves_nothing_armed(make):
    scope, link = make(
        *SET_UP[:2], ("SYST:ERR?", '-222,"Data out of range"'), ("SYST:ERR?", NO_ERROR)
    )
    with pytest.raises(Refused, match="Data out of range"):
        scope.arm(SETUP)
    link.finish()
    assert not scope.triggered()


def test_the_trigger_is_remembered_though_the_scope_forgets_it(make):
    scope, link = make(*ARMED, (":TER?", "+0"), (":TER?", "+1"))
    scope.arm(SETUP)
    assert [scope.triggered() for _ in range(3)] == [False, True, True]
    link.finish()


def test_complete_means_triggered_and_no_longer_running(make):
    scope, link = make(
        *ARMED,
        (":TER?", "+0"),
        (":TER?", "+1"),
        (":OPER:COND?", "+4136"),
        (":OPER:COND?", "+4128"),
    )
    scope.arm(SETUP)
    assert [scope.complete() for _ in range(3)] == [False, False, True]
    link.finish()


def test_a_trace_is_read_in_words_and_scaled_by_its_preamble(make):
    scope, link = make(
        *ARMED,
        (":TER?", "+1"),
        (":OPER:COND?", "0"),
        *SELECT,
        (":WAV:PRE?", PREAMBLE),
        (":WAV:DATA?", CODES),
    )
    scope.arm(SETUP)
    trace = scope.read_trace(1)
    link.finish()
    assert (trace.channel, trace.t0_s, trace.dt_s) == (1, -0.1, 1e-5)
    assert trace.values.size == 50_000
    assert trace.values[:4].tolist() == [0.0, 0.015625, -1.0, 200.0]
    assert trace.resolution == 0.015625
    assert not trace.clipped


@pytest.mark.parametrize(
    ("preamble", "codes", "words"),
    [
        (PREAMBLE, CODES[:-2], "expected 100000 bytes, got 99998"),
        (PREAMBLE, CODES[:-1], "expected 100000 bytes, got 99999"),
        (PREAMBLE.replace(",50000,", ",0,"), b"", "expected 0 bytes, got 0"),
        (PREAMBLE.replace("1.0E-05", "1.0E-03"), CODES, "at least 100000 samples a second"),
        (PREAMBLE.replace("-1.0E-01", "-0.9E-01"), CODES, "-0.1 to 0.4 s, got -0.09 to 0.41"),
        (PREAMBLE.replace("-1.0E-01", "-1.1E-01"), CODES, "-0.1 to 0.4 s, got -0.11 to 0.39"),
        (
            PREAMBLE.replace(",50000,", ",20000,"),
            CODES[:40_000],
            "-0.1 to 0.4 s, got -0.1 to 0.1",
        ),
    ],
)
def test_a_record_that_is_not_what_was_asked_for_is_a_bench_error(make, preamble, codes, words):
    scope, _ = make(
        *ARMED,
        (":TER?", "+1"),
        (":OPER:COND?", "0"),
        *SELECT,
        (":WAV:PRE?", preamble),
        (":WAV:DATA?", codes),
    )
    scope.arm(SETUP)
    with pytest.raises(BenchError, match=words):
        scope.read_trace(1)


def test_there_is_no_trace_before_arming(make):
    scope, _ = make()
    with pytest.raises(BenchError, match="never armed"):
        scope.read_trace(1)


def test_there_is_no_trace_without_a_trigger(make):
    scope, _ = make(*ARMED, (":TER?", "+0"))
    scope.arm(SETUP)
    with pytest.raises(BenchError, match="the trigger never came"):
        scope.read_trace(1)


def test_there_is_no_trace_while_the_record_is_filling(make):
    scope, _ = make(*ARMED, (":TER?", "+1"), (":OPER:COND?", "8"))
    scope.arm(SETUP)
    with pytest.raises(BenchError, match="still acquiring"):
        scope.read_trace(1)


def test_a_channel_that_was_not_recorded_is_an_error_of_the_plan(make):
    scope, _ = make(*ARMED)
    scope.arm(SETUP)
    with pytest.raises(UsageError, match="channel 3 was not recorded"):
        scope.read_trace(3)


@pytest.mark.parametrize(
    ("setup", "words"),
    [
        (ScopeSetup((5,), 1e5, 0.1, 0.5, "external"), "channel must be 1 to 4"),
        (ScopeSetup((1,), 1e5, 0.1, 0.5, 2), "trigger channel 2 is not among"),
        (ScopeSetup((1,), 1e5, 0.6, 0.5, 1), "pre_trigger_s must be 0 to 0.5 s"),
        (ScopeSetup((1,), 1e9, 0.1, 0.5, 1), "duration_s"),
        (ScopeSetup((1,), 1e5, 0.1, float("nan"), 1), "duration_s must be"),
    ],
)
def test_an_impossible_setup_is_refused_before_a_byte_is_sent(make, setup, words):
    scope, link = make()
    with pytest.raises(UsageError, match=words):
        scope.arm(setup)
    assert link.depth_of == {}


@pytest.mark.parametrize("code", [0, 0x0100, 0xFF00, 0xFFFF])
def test_an_outermost_code_means_clipped(code):
    preamble = Preamble(2, 1e-5, 0.0, 0.0, 0.01, 0.0, 32768.0)
    trace = scale_samples(1, preamble, np.array([32768, code], dtype=np.uint16))
    assert trace.clipped


@given(st.lists(st.integers(0x02, 0xFE), min_size=1, max_size=50), st.floats(1e-6, 1.0))
def test_the_resolution_is_a_step_that_every_sample_is_a_multiple_of(codes, y_increment):
    preamble = Preamble(len(codes), 1e-5, -1.0, 0.0, y_increment, 2.0, 32768.0)
    words = np.array(codes, dtype=np.uint16) * 256
    trace = scale_samples(1, preamble, words)
    steps = (trace.values - trace.values[0]) / trace.resolution
    assert np.allclose(steps, np.round(steps), atol=1e-6)
    assert trace.resolution >= 255.9 * y_increment


def test_the_reference_sample_shifts_the_time_axis():
    preamble = Preamble(1, 1e-3, 0.5, 100.0, 1.0, 0.0, 0.0)
    trace = scale_samples(3, preamble, np.array([7], dtype=np.uint16))
    assert trace.t0_s == pytest.approx(0.4)
    assert trace.values[0] == 7.0


def test_stopping_and_closing(make):
    scope, link = make((":STOP", None), (":STOP", None), ("*IDN?", "KEYSIGHT,DSOX4034A,MY1,07.30"))
    scope.stop()
    scope.make_safe()
    assert scope.identify().model == "DSOX4034A"
    scope.close()
    assert link.closed


@pytest.mark.parametrize(
    ("points", "asked"),
    [
        (10, 100),
        (150, 250),
        (500, 500),
        (501, 1000),
        (1001, 2000),
        (50_000, 50_000),
        (2_000_001, 4_000_000),
        (4_000_001, 8_000_000),
    ],
)
def test_as_many_points_are_asked_for_as_the_scope_can_be_asked_for(clock, points, asked):
    class Scope:
        name, address = "scope", "nowhere:1"

        def __init__(self):
            self.said = []

        @contextmanager
        def transaction(self):
            yield

        def write(self, command):
            pass

        def query(self, command, *, after=()):
            self.said += after
            return {"AER?;:TER?": "0;0", ":AER?": "1", ":TER?": "1"}.get(command, "0")

        def query_block(self, command):
            raise BenchError("-", box="-", address="-", expected="-", got="-")

    scope = KeysightInfiniiVision(link := Scope(), clock, RATING)
    scope.arm(ScopeSetup((1,), 1e6, 0.0, points / 1e6, 1))
    with pytest.raises(BenchError):
        scope.read_trace(1)
    assert f":WAV:POIN {asked};" in link.said[-1]
