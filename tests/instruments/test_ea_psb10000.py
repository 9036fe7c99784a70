import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.ea_psb10000 import EaPsb10000
from instruments.ea_status import EaStatus
from instruments.errors import BenchError, Refused, UsageError
from instruments.ratings import SupplyRating

RATING = SupplyRating(500.0, 90.0, 15_000.0)
OFF, REMOTE, ON = (0x0000, 0x0806), (0x0000, 0x0806), (0x0000, 0x0886)


def nominal(value):
    return list(struct.unpack(">2H", struct.pack(">f", value)))


def numbers(reading):
    return reading.voltage_v, reading.current_a, reading.power_w


NOMINAL_V = ((3, 121, 2), nominal(500.0))
NOMINAL_A = ((3, 123, 2), nominal(90.0))
NOMINAL_W = ((3, 125, 2), nominal(15_000.0))


@pytest.fixture
def make(scripted_registers, clock):
    def make_supply(*steps, rating=RATING):
        link = scripted_registers(*steps)
        return EaPsb10000(link, clock, rating), link

    return make_supply


@pytest.mark.parametrize("volts", [float("nan"), float("inf"), 0.0, -500.0])
def test_a_nominal_voltage_that_cannot_be_is_an_error_and_not_kept(make, volts):
    supply, _ = make(*[((3, 121, 2), nominal(volts))] * 2)
    for _ in range(2):
        with pytest.raises(UsageError, match="is rated 500 V in the bench file"):
            supply.source.set_voltage(100.0)


def test_the_nominal_voltage_is_the_float_of_the_guides_frame(make):
    supply, _ = make(
        ((3, 121, 2), [0x42A0, 0x0000]),
        ((6, 500, 0xCCCC), None),
        ((3, 500, 1), [0xCCCC]),
        rating=SupplyRating(80.0, 340.0, 10_000.0),
    )
    supply.source.set_voltage(80.0)


def test_half_the_current_is_raw_6666_hex(make):
    supply, link = make(NOMINAL_A, ((6, 501, 0x6666), None), ((3, 501, 1), [0x6666]))
    supply.source.set_current_limit(45.0)
    link.finish()
    assert link.depth_of[6, 501, 0x6666] == link.depth_of[3, 501, 1] + 1


@pytest.mark.parametrize(
    ("call", "nominal_step", "register", "raw"),
    [
        (lambda s: s.source.set_voltage(400.0), NOMINAL_V, 500, 41942),
        (lambda s: s.source.set_power_limit(15_000.0), NOMINAL_W, 502, 52428),
        (lambda s: s.sink.set_power_limit(7500.0), NOMINAL_W, 498, 26214),
        (lambda s: s.sink.set_current_limit(0.0), NOMINAL_A, 499, 0),
        (lambda s: s.set_ovp(550.0), NOMINAL_V, 550, 0xE147),
        (lambda s: s.set_source_ocp(99.0), NOMINAL_A, 553, 0xE147),
        (lambda s: s.set_source_opp(16_500.0), NOMINAL_W, 556, 0xE147),
        (lambda s: s.set_sink_ocp(90.0), NOMINAL_A, 569, 0xCCCC),
        (lambda s: s.set_sink_opp(15_000.0), NOMINAL_W, 570, 0xCCCC),
    ],
)
def test_every_setting_goes_to_its_register(make, call, nominal_step, register, raw):
    supply, link = make(nominal_step, ((6, register, raw), None), ((3, register, 1), [raw]))
    call(supply)
    link.finish()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda s: s.source.set_voltage(500.1), "voltage_v must be 0 to 500 V, got 500.1 V"),
        (lambda s: s.sink.set_current_limit(-1.0), "current_a must be 0 to 90 A, got -1 A"),
        (lambda s: s.source.set_power_limit(15_001.0), "power_w must be 0 to 15000 W"),
        (lambda s: s.set_ovp(551.0), "voltage_v must be 0 to 550 V"),
    ],
)
def test_what_is_beyond_the_rating_is_refused_before_a_byte_is_sent(make, call, words):
    supply, link = make()
    with pytest.raises(UsageError, match=words):
        call(supply)
    assert link.depth_of == {}


def test_a_bench_file_that_rates_the_box_too_high_is_an_error_of_the_file(make):
    supply, _ = make(((3, 121, 2), [0x42A0, 0x0000]))
    with pytest.raises(UsageError, match=r"rated 500 V in the bench file.*says 80 V"):
        supply.source.set_voltage(60.0)


def test_a_value_the_box_kept_silently_is_a_bench_error(make):
    supply, _ = make(NOMINAL_V, ((6, 500, 52428), None), ((3, 500, 1), [50000]))
    with pytest.raises(BenchError, match="register 500 to hold 52428, got 50000"):
        supply.source.set_voltage(500.0)


def test_a_reading_back_within_one_step_of_the_box_is_accepted(make):
    supply, _ = make(NOMINAL_V, ((6, 500, 41942), None), ((3, 500, 1), [41940]))
    supply.source.set_voltage(400.0)


def test_the_first_denied_write_takes_remote_control_and_is_sent_again(make, refusal):
    supply, link = make(
        ((5, 405, 0xFF00), refusal(0x07)),
        ((5, 402, 0xFF00), None),
        ((3, 505, 2), REMOTE),
        ((5, 405, 0xFF00), None),
        ((3, 505, 2), ON),
    )
    supply.source.output_on()
    link.finish()


def test_control_lost_later_is_not_taken_back_by_a_setting(make, refusal):
    supply, link = make(
        ((5, 411, 0xFF00), refusal(0x07)),
        ((5, 402, 0xFF00), None),
        ((3, 505, 2), REMOTE),
        ((5, 411, 0xFF00), None),
    )
    supply.acknowledge_alarms()
    link.then(((5, 405, 0xFF00), refusal(0x07)), ((3, 505, 2), (0x0000, 0x001C)))
    with pytest.raises(Refused, match="communication time-out"):
        supply.source.output_on()
    link.finish()


def test_safe_takes_lost_control_back_to_switch_off(make, refusal):
    supply, link = make(
        ((5, 405, 0), refusal(0x07)),
        ((5, 402, 0xFF00), refusal(0x07)),
        ((3, 505, 2), (0x0000, 0x0083)),
        ((3, 505, 2), (0x0000, 0x0083)),
        ((5, 405, 0), refusal(0x07)),
        ((5, 402, 0xFF00), None),
        ((3, 505, 2), ON),
        ((5, 405, 0), None),
        ((3, 505, 2), OFF),
    )
    supply.make_safe()
    link.finish()


def test_safe_is_content_when_another_interface_has_switched_off(make, refusal):
    supply, link = make(
        ((5, 405, 0), refusal(0x07)),
        ((5, 402, 0xFF00), refusal(0x07)),
        ((3, 505, 2), (0x0000, 0x0803)),
        ((3, 505, 2), (0x0000, 0x0803)),
    )
    supply.make_safe()
    link.finish()


def test_control_held_by_another_interface_is_named(make, refusal):
    supply, _ = make(
        ((5, 405, 0xFF00), refusal(0x07)),
        ((5, 402, 0xFF00), refusal(0x07)),
        ((3, 505, 2), (0x0000, 0x0803)),
    )
    with pytest.raises(Refused, match="control is held by: USB") as caught:
        supply.source.output_on()
    assert caught.value.code == 0x07


def test_a_box_in_local_says_so(make, refusal):
    supply, _ = make(((5, 405, 0xFF00), refusal(0x07)), ((5, 402, 0xFF00), refusal(0x17)))
    with pytest.raises(Refused, match="control is held by: Local"):
        supply.source.output_on()


def test_a_value_out_of_the_adjustable_limits_stays_the_boxs_refusal(make, refusal):
    supply, link = make(NOMINAL_V, ((6, 500, 52428), refusal(0x03)))
    with pytest.raises(Refused) as caught:
        supply.source.set_voltage(500.0)
    assert caught.value.code == 0x03
    link.finish()


def test_current_out_of_the_box_is_positive_for_the_source_and_negative_for_the_sink(make):
    actual = ((3, 507, 3), [41942, 26214, 26214])
    supply, link = make(
        actual, ((3, 505, 2), ON), NOMINAL_V, NOMINAL_A, NOMINAL_W, actual, ((3, 505, 2), ON)
    )
    assert numbers(supply.source.measure()) == pytest.approx((400.0, 45.0, 7500.0), rel=1e-4)
    assert numbers(supply.sink.measure()) == pytest.approx((400.0, -45.0, -7500.0), rel=1e-4)
    link.finish()


def test_the_sink_bit_turns_the_sign(make):
    supply, _ = make(
        ((3, 507, 3), [41942, 26214, 26214]),
        ((3, 505, 2), (0x0000, 0x1886)),
        NOMINAL_V,
        NOMINAL_A,
        NOMINAL_W,
    )
    assert numbers(supply.sink.measure()) == pytest.approx((400.0, 45.0, 7500.0), rel=1e-4)


def test_switching_on_waits_for_the_status_bit_and_names_the_alarms_if_it_never_comes(make, clock):
    tripped = ((3, 505, 2), (0x0001, 0x8806))
    supply, link = make(((5, 405, 0xFF00), None), *[tripped] * 52, ((5, 405, 0), None))
    with pytest.raises(BenchError, match="alarms: OVP"):
        supply.source.output_on()
    assert clock.now() == pytest.approx(0.5, abs=0.02)
    link.finish()


def test_the_terminals_may_take_a_moment_to_switch(make, clock):
    supply, link = make(
        ((5, 405, 0), None), ((3, 505, 2), ON), ((3, 505, 2), ON), ((3, 505, 2), OFF)
    )
    supply.source.output_off()
    link.finish()
    assert clock.now() == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("high", "names"),
    [
        (0x0000, set()),
        (0x002F, {"OVP", "OCP", "OPP", "OT", "PF"}),
        (0x8002, {"OCP", "BY_SINK"}),
        (0x8000, set()),
        (0x7F00, {"UVD", "OVD", "UCD", "OCD", "OPD", "MSP", "REM_SB"}),
    ],
)
def test_alarms_are_read_by_name_without_acknowledging(make, high, names):
    supply, link = make(((3, 505, 2), (high, 0x8806)))
    assert supply.read_alarms() == names
    link.finish()


def test_alarms_are_acknowledged_by_coil_411(make):
    supply, link = make(((5, 411, 0xFF00), None))
    supply.acknowledge_alarms()
    link.finish()


def test_the_identity_comes_from_four_text_blocks(make):
    def text(words):
        raw = words.encode().ljust(40, b"\0")
        return list(struct.unpack(">20H", raw))

    supply, _ = make(
        ((3, 21, 20), text("EA Elektro-Automatik")),
        ((3, 1, 20), text("PSB 10500-90")),
        ((3, 151, 20), text("2023120002")),
        ((3, 191, 20), text("V3.10")),
    )
    identity = supply.identify()
    assert (identity.maker, identity.model) == ("EA Elektro-Automatik", "PSB 10500-90")
    assert (identity.serial, identity.firmware) == ("2023120002", "V3.10")


def test_closing_gives_remote_control_back_only_with_the_terminals_off(make, refusal):
    taking = (
        ((5, 411, 0xFF00), refusal(0x07)),
        ((5, 402, 0xFF00), None),
        ((3, 505, 2), REMOTE),
        ((5, 411, 0xFF00), None),
    )
    supply, link = make(*taking)
    supply.acknowledge_alarms()
    link.then(((3, 505, 2), OFF), ((5, 402, 0), None))
    supply.close()
    link.then(*taking)
    supply.acknowledge_alarms()
    link.then(((3, 505, 2), ON))
    supply.close()
    link.finish()


@given(st.integers(0, 0xFFFF_FFFF))
def test_every_status_word_can_be_read(word):
    status = EaStatus(word)
    assert status.regulation in {"CV", "CR", "CC", "CP"}
    assert status.control_location
    assert status.output_on == bool(word & 0x80)
    assert ("BY_SINK" in status.alarms) <= bool(word >> 31)
