import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.capabilities import DcReading, WatchdogState
from instruments.ea_psb_scpi import EaPsbScpi
from instruments.errors import BenchError, Refused, UsageError
from instruments.ratings import SupplyRating

RATING = SupplyRating(500.0, 90.0, 15_000.0)
NO_ERROR = '0,"No error"'
NOTE = "STAT:QUES?;:STAT:QUES:COND?"
FREE, MINE = "0;0", "1024;1024"
REMOTE = (
    (NOTE, FREE),
    ("*CLS", None),
    ("SYST:LOCK ON", None),
    (f"{NOTE};:SYST:LOCK:OWN?;:SYST:ERR?", f"{MINE};REMOTE;{NO_ERROR}"),
)
NOMINAL_V, NOMINAL_A, NOMINAL_W = (
    ("SYST:NOM:VOLT?", "500V"),
    ("SYST:NOM:CURR?", "90.0A"),
    ("SYST:NOM:POW?", "15000W"),
)


def setting(command, query, reply, error=NO_ERROR, note=MINE):
    return (command, None), (f"{NOTE};:{query};:SYST:ERR?", f"{note};{reply};{error}")


def switching(word, note=MINE, error=NO_ERROR):
    return (f"OUTP {word}", None), (f"{NOTE};:SYST:ERR?", f"{note};{error}")


@pytest.fixture
def make(scripted_scpi, clock):
    def make_supply(*steps, rating=RATING):
        link = scripted_scpi(*steps)
        return EaPsbScpi(link, clock, rating), link

    return make_supply


def test_the_first_setting_takes_remote_control_and_reads_back_in_one_lock(make):
    supply, link = make(NOMINAL_V, *REMOTE, *setting("VOLT 400", "VOLT?", "400.0V"))
    supply.source.set_voltage(400.0)
    link.then(*setting("VOLT 350.5", "VOLT?", "350.5 V"))
    supply.source.set_voltage(350.5)
    link.finish()
    assert link.depth_of["VOLT 400"] >= 1
    assert link.depth_of["SYST:LOCK ON"] >= 1


@pytest.mark.parametrize(
    ("call", "nominal", "steps"),
    [
        (
            lambda s: s.source.set_current_limit(45.0),
            NOMINAL_A,
            setting("CURR 45", "CURR?", "45.0A"),
        ),
        (
            lambda s: s.source.set_power_limit(15_000.0),
            NOMINAL_W,
            setting("POW 15000", "POW?", "15000W"),
        ),
        (
            lambda s: s.sink.set_current_limit(0.0),
            NOMINAL_A,
            setting("SINK:CURR 0", "SINK:CURR?", "0.0A"),
        ),
        (
            lambda s: s.sink.set_power_limit(7500.0),
            NOMINAL_W,
            setting("SINK:POW 7500", "SINK:POW?", "7500W"),
        ),
        (lambda s: s.set_ovp(550.0), NOMINAL_V, setting("VOLT:PROT 550", "VOLT:PROT?", "550V")),
        (
            lambda s: s.set_source_ocp(99.0),
            NOMINAL_A,
            setting("CURR:PROT 99", "CURR:PROT?", "99.0A"),
        ),
        (
            lambda s: s.set_source_opp(16_500.0),
            NOMINAL_W,
            setting("POW:PROT 16500", "POW:PROT?", "16500W"),
        ),
        (
            lambda s: s.set_sink_ocp(90.0),
            NOMINAL_A,
            setting("SINK:CURR:PROT 90", "SINK:CURR:PROT?", "90.0A"),
        ),
        (
            lambda s: s.set_sink_opp(15_000.0),
            NOMINAL_W,
            setting("SINK:POW:PROT 15000", "SINK:POW:PROT?", "15000W"),
        ),
    ],
)
def test_every_setting_has_its_command_from_the_root(make, call, nominal, steps):
    supply, link = make(nominal, *REMOTE, *steps)
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


def test_current_out_of_the_box_is_positive_for_the_source_and_negative_for_the_sink(make):
    supply, _ = make(*[("MEAS:ARR?", "400.0V, -45.0A, -18000W")] * 2)
    assert supply.source.measure() == DcReading(400.0, -45.0, -18_000.0)
    assert supply.sink.measure() == DcReading(400.0, 45.0, 18_000.0)


@pytest.mark.parametrize("reply", ["400.0V, 45.0A", "400.0A, 45.0V, 1W", "", "1V, 2A, 3W, 4W"])
def test_a_reading_of_another_shape_is_a_bench_error(make, reply):
    supply, _ = make(("MEAS:ARR?", reply))
    with pytest.raises(BenchError, match="numbers in V, A, W"):
        supply.source.measure()


@given(*[st.floats(-1e5, 1e5) for _ in range(3)])
def test_every_reading_is_taken_apart(volts, amps, watts):
    class Link:
        name = address = "box"

        def query(self, command):
            return f"{volts:.2f}V, {amps:.1f} A, {watts:.0f}W"

    reading = EaPsbScpi(Link(), None, RATING).measure()
    assert reading.voltage_v == pytest.approx(volts, abs=0.0051)
    assert reading.current_a == pytest.approx(amps, abs=0.051)
    assert reading.power_w == pytest.approx(watts, abs=0.51)


def test_an_alarm_the_error_queue_would_acknowledge_is_kept(make):
    supply, link = make(*REMOTE, *switching("ON", note="2;1024"), ("OUTP?", "ON"))
    supply.source.output_on()
    link.then((NOTE, "0;1024"))
    assert supply.read_alarms() == {"OCP"}
    link.then((f"{NOTE};:SYST:ERR:ALL?", f"0;1024;{NO_ERROR}"), (NOTE, "0;1024"))
    supply.acknowledge_alarms()
    assert supply.read_alarms() == set()


def test_an_alarm_that_persists_is_pending_again_after_acknowledging(make):
    supply, link = make((NOTE, "0;8"), (f"{NOTE};:SYST:ERR:ALL?", f"0;8;{NO_ERROR}"), (NOTE, "0;8"))
    assert supply.read_alarms() == {"OT"}
    supply.acknowledge_alarms()
    assert supply.read_alarms() == {"OT"}
    link.finish()


def test_events_of_before_the_first_question_are_none_of_ours(make):
    supply, _ = make((NOTE, "31;0"), (NOTE, "0;0"))
    assert supply.read_alarms() == set()
    assert supply.read_alarms() == set()


@pytest.mark.parametrize(
    ("bits", "names"),
    [
        (0b1111, {"OVP", "OCP", "OPP", "OT"}),
        (0b1_1111_0000, {"OVD", "UVD", "OCD", "UCD", "OPD"}),
        (0b0001_1110_0000_0000, set()),
        (0b0110_0000_0000_0000, {"PF", "MSP"}),
    ],
)
def test_alarms_are_read_by_name(make, bits, names):
    supply, _ = make((NOTE, f"0;{bits}"))
    assert supply.read_alarms() == names


def test_bits_that_are_no_number_are_a_bench_error(make):
    supply, _ = make((NOTE, "0;ON"))
    with pytest.raises(BenchError, match="bits of a register"):
        supply.read_alarms()


def test_the_interface_monitoring_switches_off_what_it_leaves(make):
    supply, link = make(
        *REMOTE,
        *setting("POW:STAG:AFT:REM OFF", "POW:STAG:AFT:REM?", "OFF"),
        *setting("SYST:COMM:MON:TIM 5", "SYST:COMM:MON:TIM?", "5"),
        *setting("SYST:COMM:MON:ACT ON", "SYST:COMM:MON:ACT?", "ON"),
    )
    supply.arm_watchdog(5.0)
    link.then(*setting("SYST:COMM:MON:ACT OFF", "SYST:COMM:MON:ACT?", "OFF"))
    supply.disarm_watchdog()
    link.finish()


@pytest.mark.parametrize(
    ("active", "operation", "state"),
    [
        ("ON", "256", WatchdogState(5.0, expired=False)),
        ("ON", "128", WatchdogState(5.0, expired=True)),
        ("OFF", "0", WatchdogState(None, expired=False)),
    ],
)
def test_the_monitoring_is_read_with_what_became_of_it(make, active, operation, state):
    supply, _ = make(
        ("SYST:COMM:MON:ACT?", active),
        ("SYST:COMM:MON:TIM?", "5s"),
        ("STAT:OPER:COND?", operation),
    )
    assert supply.read_watchdog() == state


def test_the_identity_keeps_all_firmware_versions(make):
    reply = (
        "EA Elektro-Automatik GmbH&Co.KG, PSB 10500-90, 2023120002,"
        " V3.06 24.05.2023 V3.03 05.10.2022 V1.0.0"
    )
    supply, _ = make(("*IDN?", reply))
    identity = supply.identify()
    assert (identity.model, identity.serial) == ("PSB 10500-90", "2023120002")
    assert identity.firmware == "V3.06 24.05.2023 V3.03 05.10.2022 V1.0.0"


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
