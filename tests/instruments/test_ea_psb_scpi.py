"""EA PSB over SCPI: settings, remote control and switching, as literal messages."""

from functools import partial

import pytest
from ea_scpi_script import (
    FREE,
    MINE,
    NO_ERROR,
    NOMINAL_A,
    NOMINAL_V,
    NOMINAL_W,
    NOTE,
    REMOTE,
    scripted_supply,
    setting,
    switching,
)

from instruments.errors import BenchError, Refused, UsageError


@pytest.fixture
def make(scripted_scpi, clock):
    return partial(scripted_supply, scripted_scpi, clock)


def test_the_first_setting_takes_remote_control_and_reads_back_in_one_lock(make):
    supply, link = make(NOMINAL_V, *REMOTE, *setting("VOLT 400", "VOLT?", "400.0V"))
    supply.source.set_voltage(400.0)
    link.then(*setting("VOLT 350.5", "VOLT?", "350.5 V"))
    supply.source.set_voltage(350.5)
    link.finish()
    assert link.depth_of["VOLT 400"] >= 1
    assert link.depth_of["SYST:LOCK ON"] >= 1


@pytest.mark.parametrize(
    ("call", "nominal", "command", "reply"),
    [
        (lambda s: s.source.set_current_limit(45.0), NOMINAL_A, "CURR 45", "45.0A"),
        (lambda s: s.source.set_power_limit(15_000.0), NOMINAL_W, "POW 15000", "15000W"),
        (lambda s: s.sink.set_current_limit(0.0), NOMINAL_A, "SINK:CURR 0", "0.0A"),
        (lambda s: s.sink.set_power_limit(7500.0), NOMINAL_W, "SINK:POW 7500", "7500W"),
        (lambda s: s.set_ovp(550.0), NOMINAL_V, "VOLT:PROT 550", "550V"),
        (lambda s: s.set_source_ocp(99.0), NOMINAL_A, "CURR:PROT 99", "99.0A"),
        (lambda s: s.set_source_opp(16_500.0), NOMINAL_W, "POW:PROT 16500", "16500W"),
        (lambda s: s.set_sink_ocp(90.0), NOMINAL_A, "SINK:CURR:PROT 90", "90.0A"),
        (lambda s: s.set_sink_opp(15_000.0), NOMINAL_W, "SINK:POW:PROT 15000", "15000W"),
    ],
)
def test_every_setting_has_its_command_from_the_root(make, call, nominal, command, reply):
    query = f"{command.split()[0]}?"
    supply, link = make(nominal, *REMOTE, *setting(command, query, reply))
    call(supply)
    link.finish()


def test_no_message_has_more_than_five_units(make):
    supply, link = make(
        NOMINAL_V,
        *REMOTE,
        *setting("VOLT 400", "VOLT?", "400.0V"),
        *switching("ON"),
        ("OUTP?", "ON"),
    )
    supply.source.set_voltage(400.0)
    supply.source.output_on()
    link.then((f"{NOTE};:SYST:ERR:ALL?", f"{MINE};{NO_ERROR}"))
    supply.acknowledge_alarms()
    assert max(message.count(";") for message in link.depth_of) <= 4


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda s: s.source.set_voltage(500.1), "voltage_v must be 0 to 500 V, got 500.1 V"),
        (lambda s: s.sink.set_current_limit(-1.0), "current_a must be 0 to 90 A, got -1 A"),
        (lambda s: s.set_ovp(551.0), "voltage_v must be 0 to 550 V"),
        (lambda s: s.arm_watchdog(0.5), "timeout_s must be 1 to 36000 s"),
    ],
)
def test_what_is_out_of_range_is_refused_before_a_byte_is_sent(make, call, words):
    supply, link = make()
    with pytest.raises(UsageError, match=words):
        call(supply)
    assert link.depth_of == {}


def test_a_bench_file_that_rates_the_box_too_high_is_an_error_of_the_file(make):
    supply, _ = make(("SYST:NOM:VOLT?", "80.0V"))
    with pytest.raises(UsageError, match=r"rated 500 V in the bench file.*says 80 V"):
        supply.source.set_voltage(60.0)


def test_a_value_the_box_kept_silently_is_a_bench_error(make):
    supply, _ = make(NOMINAL_V, *REMOTE, *setting("VOLT 500", "VOLT?", "480.0V"))
    with pytest.raises(BenchError, match=r"VOLT\? to answer 500.0, got '480.0V'"):
        supply.source.set_voltage(500.0)


def test_a_value_in_another_unit_is_a_bench_error(make):
    supply, _ = make(NOMINAL_V, *REMOTE, *setting("VOLT 400", "VOLT?", "400.0A"))
    with pytest.raises(BenchError, match=r"got '400\.0A'"):
        supply.source.set_voltage(400.0)


def test_a_value_out_of_the_adjustable_limits_stays_the_boxs_refusal(make):
    supply, link = make(
        NOMINAL_V,
        *REMOTE,
        *setting("VOLT 500", "VOLT?", "0.0V", '-222,"Data out of range"'),
        ("SYST:ERR?", NO_ERROR),
    )
    with pytest.raises(Refused, match="Data out of range") as caught:
        supply.source.set_voltage(500.0)
    assert caught.value.code == -222
    link.finish()


def test_control_held_in_local_is_named(make):
    supply, link = make(
        (NOTE, "512;512"),
        ("*CLS", None),
        ("SYST:LOCK ON", None),
        (
            f"{NOTE};:SYST:LOCK:OWN?;:SYST:ERR?",
            '512;512;LOCAL;-201,"Invalid while in local"',
        ),
        ("SYST:ERR?", NO_ERROR),
        ("SYST:LOCK:OWN?", "LOCAL"),
        ("STAT:OPER:COND?", "0"),
    )
    with pytest.raises(Refused, match="control is held by: LOCAL") as caught:
        supply.source.output_on()
    assert caught.value.code == -201
    link.finish()


def test_a_request_that_changes_no_owner_is_a_bench_error(make):
    supply, _ = make(*REMOTE[:3], (f"{NOTE};:SYST:LOCK:OWN?;:SYST:ERR?", f"{FREE};NONE;{NO_ERROR}"))
    with pytest.raises(BenchError, match=r"OWN\? to answer REMOTE, got NONE"):
        supply.source.output_on()


def test_control_lost_to_a_time_out_is_not_taken_back_by_a_setting(make):
    supply, link = make(*REMOTE, *switching("ON"), ("OUTP?", "ON"))
    supply.source.output_on()
    link.then(
        *switching("ON", note=FREE, error='-221,"Settings conflict"'),
        ("SYST:ERR?", NO_ERROR),
        ("SYST:LOCK:OWN?", "NONE"),
        ("STAT:OPER:COND?", "128"),
    )
    with pytest.raises(Refused, match=r"held by: NONE \(after a communication time-out\)"):
        supply.source.output_on()
    link.finish()


def test_safe_takes_lost_control_back_to_switch_off(make):
    supply, link = make(*REMOTE, *switching("ON"), ("OUTP?", "ON"))
    supply.source.output_on()
    link.then(
        *switching("OFF", error='-221,"Settings conflict"'),
        ("SYST:ERR?", NO_ERROR),
        ("SYST:LOCK:OWN?", "NONE"),
        ("STAT:OPER:COND?", "0"),
        ("OUTP?", "ON"),
        *REMOTE,
        *switching("OFF"),
        ("OUTP?", "OFF"),
    )
    supply.make_safe()
    link.finish()


def test_the_terminals_may_take_a_moment_and_are_awaited_outside_the_lock(make, clock):
    supply, link = make(*REMOTE, *switching("ON"), ("OUTP?", "OFF"), ("OUTP?", "ON"))
    supply.source.output_on()
    link.finish()
    assert clock.now() == pytest.approx(0.01)
    assert link.depth_of["OUTP?"] == 0


def test_terminals_that_stay_off_are_a_bench_error_with_the_alarms(make, clock):
    supply, link = make(
        *REMOTE,
        *switching("ON"),
        *[("OUTP?", "OFF")] * 51,
        (NOTE, "1;1025"),
        ("OUTP OFF", None),
    )
    with pytest.raises(BenchError, match="alarms: OVP"):
        supply.source.output_on()
    link.finish()
    assert clock.now() == pytest.approx(0.5, abs=0.02)


def test_closing_gives_remote_control_back_only_with_the_terminals_off(make):
    supply, link = make(*REMOTE, *switching("OFF"), ("OUTP?", "OFF"))
    supply.source.output_off()
    link.then(("OUTP?", "OFF"), ("SYST:LOCK OFF", None))
    supply.close()
    link.finish()
    assert link.closed
    supply, link = make(*REMOTE, *switching("ON"), ("OUTP?", "ON"), ("OUTP?", "ON"))
    supply.source.output_on()
    supply.close()
    link.finish()
    assert link.closed


def test_closing_a_box_that_was_never_controlled_sends_nothing(make):
    supply, link = make()
    supply.close()
    assert link.depth_of == {}
    assert link.closed
