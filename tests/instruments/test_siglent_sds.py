import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.capabilities import ScopeSetup
from instruments.errors import BenchError, UsageError
from instruments.ratings import Probe, ScopeRating
from instruments.siglent_sds import SiglentSds
from instruments.siglent_waveform import Wavedesc, scale_codes

RATING = ScopeRating(channels=2, probes={1: Probe(100.0), 2: Probe(10.0, "A")})
SETUP = ScopeSetup(
    channels=(1, 2),
    sample_rate_hz=100e3,
    pre_trigger_s=0.1,
    duration_s=0.5,
    trigger=2,
    level=0.5,
    full_scale={1: 400.0},
)
CHANNELS = (
    (":CHAN1:SWIT ON", None),
    (":CHAN1:SWIT?", "ON"),
    (":CHAN1:UNIT V", None),
    (":CHAN1:PROB VALue,100", None),
    (":CHAN1:SCAL 125", None),
    (":CHAN1:OFFS 0", None),
    (":CHAN1:SCAL?", "1.25E+02"),
    (":CHAN1:OFFS?", "0.00E+00"),
    (":CHAN2:SWIT ON", None),
    (":CHAN2:SWIT?", "ON"),
    (":CHAN2:UNIT A", None),
    (":CHAN2:PROB VALue,10", None),
)
TIME = (
    (":ACQ:MODE YT", None),
    (":TIM:SCAL 0.1", None),
    (":TIM:DEL 0", None),
    (":TIM:SCAL?", "1.00E-01"),
    (":TIM:DEL?", "0.00E+00"),
)
MEMORY = (
    (":ACQ:TYPE NORMal", None),
    (":ACQ:MMAN AUTO", None),
    (":ACQ:MDEP 100k", None),
    (":ACQ:SRAT?", "1.00E+05"),
)
TRIGGER = (
    (":CHAN2:SCAL?", "1.00E+01"),
    (":TRIG:TYPE EDGE", None),
    (":TRIG:EDGE:SOUR C2", None),
    (":TRIG:EDGE:SLOP RISing", None),
    (":TRIG:EDGE:LEV 0.5", None),
    (":TRIG:EDGE:SOUR?", "C2"),
    (":TRIG:EDGE:LEV?", "4.00E-01"),
)
RUN = ((":TRIG:MODE AUTO", None), (":TRIG:RUN", None))
SINGLE = ((":TRIG:MODE SINGle", None), (":TRIG:RUN", None))
SET_UP = (*RUN, *CHANNELS, *TIME, *MEMORY, *TRIGGER, *SINGLE)


def state(word):
    return (":TRIG:STAT?", word)


ARMED = (*SET_UP, state("Ready"))
SELECT = (
    (":WAV:SOUR C1", None),
    (":WAV:WIDT WORD", None),
    (":WAV:BYT LSB", None),
    (":WAV:STAR 0", None),
)


def wavedesc(**changes):
    fields = {
        "per_division": 1.25,
        "offset": 0.0,
        "codes": 7680.0,
        "bits": 12,
        "interval": 1e-5,
        "delay": 0.0,
        "probe": 100.0,
    } | changes
    block = bytearray(346)
    block[:8] = b"WAVEDESC"
    vertical = (fields[name] for name in ("per_division", "offset", "codes"))
    struct.pack_into("<fff", block, 0x9C, *vertical)
    struct.pack_into("<h", block, 0xAC, fields["bits"])
    struct.pack_into("<fd", block, 0xB0, fields["interval"], fields["delay"])
    struct.pack_into("<f", block, 0x148, fields["probe"])
    return bytes(block)


@pytest.fixture
def make(scripted_scpi, clock):
    def make_scope(*steps, rating=RATING):
        link = scripted_scpi(*steps)
        return SiglentSds(link, clock, rating), link

    return make_scope


def test_a_single_shot_is_set_up_started_and_waited_for(make, clock):
    scope, link = make(*SET_UP, state("Auto"), state("Arm"), state("Ready"))
    scope.arm(SETUP)
    link.finish()
    assert clock.now() == pytest.approx(0.02)
    assert link.depth_of[":TRIG:RUN"] >= 1  # sent with the lock held


def test_a_trigger_that_comes_while_arming_counts_only_after_the_free_run(make):
    scope, link = make(*SET_UP, state("Trig'd"), state("Arm"), state("Trig'd"), state("Trig'd"))
    scope.arm(SETUP)
    assert scope.triggered()
    link.finish()


def test_a_shot_that_is_over_at_once_is_complete(make):
    scope, _ = make(*SET_UP, *[state("Stop")] * 3)
    scope.arm(SETUP)
    assert scope.complete()


def test_the_depth_grows_until_the_scope_samples_fast_enough(make, clock):
    scope, link = make(
        *RUN,
        *CHANNELS,
        *TIME,
        *MEMORY[:3],
        *[(":ACQ:SRAT?", "5.00E+04")] * 5,
        (":ACQ:MDEP 1M", None),
        (":ACQ:SRAT?", "1.00E+06"),
        *TRIGGER,
        *SINGLE,
        state("Ready"),
    )
    scope.arm(SETUP)
    link.finish()
    assert clock.now() == 1.0


def test_a_scope_that_never_samples_fast_enough_is_a_bench_error(make):
    scope, _ = make(
        *RUN,
        *CHANNELS,
        *TIME,
        *MEMORY[:2],
        *[
            step
            for depth in ("100k", "1M", "10M", "100M")
            for step in ((f":ACQ:MDEP {depth}", None), *[(":ACQ:SRAT?", "5E+04")] * 5)
        ],
    )
    with pytest.raises(BenchError, match="at least 100000 samples a second, got 50000 at most"):
        scope.arm(SETUP)


def test_an_external_trigger_and_no_probes_leave_the_inputs_as_the_scope_has_them(make):
    scope, link = make(
        *RUN,
        (":CHAN1:SWIT OFF", None),
        (":CHAN1:SWIT?", "OFF"),
        (":CHAN2:SWIT ON", None),
        (":CHAN2:SWIT?", "ON"),
        (":ACQ:MODE YT", None),
        (":TIM:SCAL 0.005", None),
        (":TIM:DEL 0", None),
        (":TIM:SCAL?", "5.00E-03"),
        (":TIM:DEL?", "0"),
        *MEMORY[:2],
        (":ACQ:MDEP 100k", None),
        (":ACQ:SRAT?", "2.00E+06"),
        (":TRIG:TYPE EDGE", None),
        (":TRIG:EDGE:SOUR EX", None),
        (":TRIG:EDGE:SLOP ALTernate", None),
        (":TRIG:EDGE:LEV 1.5", None),
        (":TRIG:EDGE:SOUR?", "EX"),
        (":TRIG:EDGE:LEV?", "1.50E+00"),
        *SINGLE,
        state("Ready"),
        rating=ScopeRating(channels=2),
    )
    scope.arm(ScopeSetup((2,), 1e6, 0.0, 0.02, "external", 1.5, "either"))
    link.finish()


def test_a_setting_that_did_not_take_is_a_bench_error_and_leaves_nothing_armed(make):
    scope, _ = make(*RUN, *CHANNELS, *TIME[:3], (":TIM:SCAL?", "5.00E-02"), (":TIM:DEL?", "0"))
    with pytest.raises(BenchError, match=r":TIM:SCAL\? to answer 0.1"):
        scope.arm(SETUP)
    assert not scope.triggered()


def test_a_scope_that_never_arms_is_stopped_and_a_bench_error(scripted_scpi, clock):
    class NeverReady(scripted_scpi):
        def query(self, command, *, after=()):
            return super().query(command, after=after) if self.steps else "Arm"

        def write(self, command):
            if self.steps:
                super().write(command)
            else:
                self.last = command

    link = NeverReady(*SET_UP)
    scope = SiglentSds(link, clock, RATING)
    with pytest.raises(BenchError, match=r"trigger live within 2.5 s.*answers ARM"):
        scope.arm(SETUP)
    assert clock.now() == pytest.approx(2.5, abs=0.02)
    assert link.last == ":TRIG:STOP"


def test_the_trigger_is_remembered(make):
    scope, link = make(*ARMED, state("Ready"), state("Trig'd"))
    scope.arm(SETUP)
    assert [scope.triggered() for _ in range(3)] == [False, True, True]
    link.finish()


def test_complete_means_triggered_and_stopped_by_itself(make):
    scope, link = make(*ARMED, state("Ready"), state("Trig'd"), state("Trig'd"), state("Stop"))
    scope.arm(SETUP)
    assert [scope.complete() for _ in range(3)] == [False, False, True]
    link.finish()


def test_a_scope_stopped_before_its_trigger_was_not_triggered(make):
    scope, link = make(*ARMED, state("Ready"), (":TRIG:STOP", None))
    scope.arm(SETUP)
    scope.stop()
    assert not scope.triggered()
    assert not scope.complete()
    link.finish()


def test_the_asked_part_of_the_record_is_read_in_blocks_and_scaled(make):
    words = np.zeros(50_000, dtype="<i2")
    words[0], words[10_000], words[-1] = -7680, 3840, 16
    scope, link = make(
        *ARMED,
        state("Stop"),
        state("Stop"),
        *SELECT,
        (":WAV:PRE?", wavedesc(offset=-0.5)),
        (":WAV:MAXP?", "30000"),
        (":WAV:STAR 40000", None),
        (":WAV:POIN 30000", None),
        (":WAV:DATA?", words[:30_000].tobytes()),
        (":WAV:STAR 70000", None),
        (":WAV:POIN 20000", None),
        (":WAV:DATA?", words[30_000:].tobytes()),
    )
    scope.arm(SETUP)
    trace = scope.read_trace(1)
    link.finish()
    assert link.depth_of[":WAV:DATA?"] == 1
    assert (trace.channel, trace.t0_s, trace.dt_s) == (1, pytest.approx(-0.1), pytest.approx(1e-5))
    assert trace.values[0] == pytest.approx(-75.0)
    assert trace.values[10_000] == pytest.approx(112.5)
    assert trace.values[-1] == pytest.approx(50.0 + trace.resolution)
    assert trace.resolution == pytest.approx(16 * 125 / 7680)
    assert not trace.clipped


@pytest.mark.parametrize(
    ("descriptor", "block", "words"),
    [
        (wavedesc()[:300], b"", "a sound WAVEDESC, got a descriptor of 300 bytes"),
        (wavedesc(codes=0.0), b"", "a sound WAVEDESC"),
        (wavedesc(interval=float("nan")), b"", "a sound WAVEDESC"),
        (wavedesc(interval=1e-3), b"", "at least 100000 samples a second, got 1000"),
        (wavedesc(delay=0.02), b"", "trigger in the middle, got 0.02 s off it"),
        (wavedesc(), b"1234", "expected 100000 bytes, got 4"),
    ],
)
def test_a_record_that_is_not_what_was_asked_for_is_a_bench_error(make, descriptor, block, words):
    reading = (
        (":WAV:MAXP?", "1E+07"),
        (":WAV:STAR 40000", None),
        (":WAV:POIN 50000", None),
        (":WAV:DATA?", block),
    )
    scope, _ = make(
        *ARMED, state("Stop"), state("Stop"), *SELECT, (":WAV:PRE?", descriptor), *reading
    )
    scope.arm(SETUP)
    with pytest.raises(BenchError, match=words):
        scope.read_trace(1)


def test_there_is_no_trace_before_arming_without_a_trigger_or_while_filling(make):
    scope, _ = make()
    with pytest.raises(BenchError, match="never armed"):
        scope.read_trace(1)
    scope, link = make(*ARMED, state("Ready"))
    scope.arm(SETUP)
    with pytest.raises(BenchError, match="the trigger never came"):
        scope.read_trace(1)
    link.then(state("Trig'd"), state("Trig'd"))
    with pytest.raises(BenchError, match="still acquiring"):
        scope.read_trace(1)
    with pytest.raises(UsageError, match="channel 3 was not recorded"):
        scope.read_trace(3)


@pytest.mark.parametrize(
    ("setup", "words"),
    [
        (ScopeSetup((3,), 1e5, 0.1, 0.5, "external"), "channel must be 1 to 2"),
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


@given(st.lists(st.integers(-2048, 2047), min_size=1, max_size=40), st.booleans())
def test_codes_mean_the_same_left_aligned_sign_extended_or_not(codes, signed):
    left = Wavedesc.from_block(wavedesc(codes=7680.0))
    right = Wavedesc.from_block(wavedesc(codes=480.0))
    plain = np.array(codes, dtype=np.int16)
    shifted = scale_codes(1, left, plain * 16, 0.0)
    cut = scale_codes(1, right, plain if signed else plain & 0x0FFF, 0.0)
    assert np.allclose(shifted.values, cut.values)
    assert shifted.resolution == pytest.approx(cut.resolution)
    assert shifted.clipped == cut.clipped == any(c in (-2048, 2047) for c in codes)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_descriptor_or_a_value_error(block):
    try:
        found = Wavedesc.from_block(block)
    except ValueError:
        return
    assert found.interval_s > 0
    assert found.codes_per_division > 0


def test_stopping_and_closing(make):
    scope, link = make((":TRIG:STOP", None), ("*IDN?", "Siglent Technologies,SDS814X HD,S1,1.1"))
    scope.make_safe()
    assert scope.identify().model == "SDS814X HD"
    scope.close()
    assert link.closed
