import pytest

from instruments.capabilities import DcReading, WatchdogState
from instruments.errors import BenchError, Refused, UsageError
from instruments.itech_it6000c import ItechIt6000c
from instruments.ratings import SupplyRating

NO_ERROR = ("SYST:ERR?", '0,"No error"')
FIXED = ("FUNC:MODE?", "FIXed")
READY = (("*CLS", None), ("SYST:REM", None), ("FUNC?", "VOLTage"), FIXED)


def setting(command, reply):
    header = command.rpartition(" ")[0]
    return (command, None), (f"{header}?", reply), NO_ERROR


@pytest.fixture
def make(scripted_scpi, clock):
    def make_supply(*steps):
        link = scripted_scpi(*steps)
        return ItechIt6000c(link, clock, SupplyRating(800.0, 225.0, 54_000.0)), link

    return make_supply


def test_the_first_setting_takes_remote_and_selects_voltage_priority(make):
    supply, link = make(
        *READY[:2],
        ("FUNC?", "CURR"),
        ("OUTP?", "0"),
        ("FUNC VOLT", None),
        NO_ERROR,
        ("FUNC?", "VOLT"),
        FIXED,
        *setting("VOLT 400", "400.00"),
    )
    supply.source.set_voltage(400.0)
    link.then(*setting("VOLT 350", "350.00"))
    supply.source.set_voltage(350.0)
    link.finish()


def test_a_box_left_in_a_list_is_brought_back_to_fixed_values(make):
    supply, link = make(
        *READY[:3],
        ("FUNC:MODE?", "LIST"),
        ("OUTP?", "0"),
        ("FUNC:MODE FIX", None),
        NO_ERROR,
        FIXED,
        *setting("VOLT 400", "400.00"),
    )
    supply.source.set_voltage(400.0)
    link.finish()


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ((("OUTP?", "1"),), "the output off before"),
        (
            (("OUTP?", "0"), ("FUNC:MODE FIX", None), NO_ERROR, ("FUNC:MODE?", "LIST")),
            r"FUNC:MODE\? to answer FIX, got LIST",
        ),
    ],
)
def test_a_box_that_plays_a_list_is_not_switched_on(make, found, words):
    supply, link = make(*READY[:3], ("FUNC:MODE?", "LIST"), *found)
    with pytest.raises(BenchError, match=words):
        supply.source.output_on()
    link.finish()


def test_the_priority_is_never_changed_with_the_output_on(make):
    supply, link = make(*READY[:2], ("FUNC?", "CURR"), ("OUTP?", "1"))
    with pytest.raises(BenchError, match="the output off before"):
        supply.source.set_voltage(400.0)
    link.finish()


@pytest.mark.parametrize(
    ("call", "sent", "reply"),
    [
        (lambda s: s.source.set_current_limit(30.0), "CURR:LIM 30", "30.00"),
        (lambda s: s.source.set_power_limit(15e3), "POW:LIM 15000", "15000"),
        (lambda s: s.sink.set_current_limit(2.27), "CURR:LIM:NEG -2.27", "-2.27"),
        (lambda s: s.sink.set_power_limit(15e3), "POW:LIM:NEG -15000", "-15000"),
        (lambda s: s.sink.set_current_limit(0.0), "CURR:LIM:NEG 0", "0.00"),
    ],
)
def test_every_limit_has_its_command_and_the_sink_is_negative(make, call, sent, reply):
    supply, link = make(*READY, *setting(sent, reply))
    call(supply)
    link.finish()
    assert not any(";" in message for message in link.depth_of)


def test_a_settings_conflict_says_which_priority_the_box_is_in(make):
    supply, link = make(
        *READY,
        ("CURR:LIM 30", None),
        ("CURR:LIM?", "0.00"),
        ("SYST:ERR?", '-221,"Settings conflict"'),
        NO_ERROR,
        ("FUNC?", "CURR"),
    )
    with pytest.raises(Refused, match="Settings conflict, FUNC\\? answers CURR") as caught:
        supply.source.set_current_limit(30.0)
    assert caught.value.code == -221
    link.finish()


def test_another_refusal_stays_the_boxs_own(make):
    supply, _ = make(
        *READY,
        ("VOLT 800", None),
        ("VOLT?", "0.00"),
        ("SYST:ERR?", '-222,"Data out of range"'),
        NO_ERROR,
    )
    with pytest.raises(Refused, match="Data out of range"):
        supply.source.set_voltage(800.0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda s: s.source.set_voltage(801.0), "voltage_v must be 0 to 800 V"),
        (lambda s: s.sink.set_power_limit(-1.0), "power_w must be 0 to 54000 W"),
        (lambda s: s.arm_watchdog(0.0), "timeout_s must be 0.1"),
    ],
)
def test_what_is_out_of_range_is_refused_before_a_byte_is_sent(make, call, words):
    supply, link = make()
    with pytest.raises(UsageError, match=words):
        call(supply)
    assert link.depth_of == {}


def test_the_output_is_switched_and_awaited_outside_the_lock(make, clock):
    supply, link = make(*READY, ("OUTP ON", None), NO_ERROR, ("OUTP?", "0"), ("OUTP?", "1"))
    supply.source.output_on()
    link.finish()
    assert clock.now() == pytest.approx(0.01)
    assert link.depth_of["OUTP?"] == 0


def test_an_output_that_stays_off_is_a_bench_error_with_the_alarms(make):
    supply, _ = make(
        *READY,
        ("OUTP ON", None),
        NO_ERROR,
        *[("OUTP?", "0")] * 51,
        ("STAT:QUES:COND?", "9"),
        ("OUTP OFF", None),
    )
    with pytest.raises(BenchError, match="alarms: OV, UV"):
        supply.source.output_on()


def test_sinking_is_negative_for_the_source_and_positive_for_the_sink(make):
    steps = (("MEAS:VOLT?", "11.8643"), ("MEAS:CURR?", "-3.99986"), ("MEAS:POW?", "-47.4584"))
    supply, _ = make(*steps, *steps)
    assert supply.source.measure() == DcReading(11.8643, -3.99986, -47.4584)
    assert supply.sink.measure() == DcReading(11.8643, 3.99986, 47.4584)


def test_status_and_alarms_are_read_by_name(make):
    supply, _ = make(("STAT:OPER:COND?", "528"), ("STAT:QUES:COND?", "4096"))
    assert supply.read_status() == {"CV", "ON", "UNR"}
    supply, _ = make(("STAT:QUES:COND?", str(1 << 4 | 1 << 12 | 1 << 13)))
    assert supply.read_alarms() == {"OT", "WDOG"}


def test_clearing_protections_leaves_the_output_off(make):
    supply, link = make(
        *READY,
        ("OUTP OFF", None),
        NO_ERROR,
        ("OUTP?", "0"),
        ("OUTP:PROT:CLE", None),
        NO_ERROR,
    )
    supply.acknowledge_alarms()
    link.finish()


def test_the_watchdog_is_armed_with_its_delay_first(make):
    supply, link = make(
        *READY,
        ("OUTP:PROT:WDOG:DEL 10", None),
        ("OUTP:PROT:WDOG:STAT ON", None),
        ("OUTP:PROT:WDOG:DEL?", "10.0"),
        ("OUTP:PROT:WDOG:STAT?", "1"),
        NO_ERROR,
    )
    supply.arm_watchdog(10.0)
    link.then(("OUTP:PROT:WDOG:STAT OFF", None), ("OUTP:PROT:WDOG:STAT?", "0"), NO_ERROR)
    supply.disarm_watchdog()
    link.finish()


def test_the_over_voltage_protection_is_set_before_it_is_switched_on(make):
    supply, link = make(
        *READY,
        ("VOLT:PROT 441", None),
        ("VOLT:PROT:STAT ON", None),
        ("VOLT:PROT?", "441.00"),
        ("VOLT:PROT:STAT?", "1"),
        NO_ERROR,
    )
    supply.set_ovp(441.0)
    link.finish()


def test_an_over_voltage_protection_that_stays_off_is_an_error(make):
    supply, _ = make(
        *READY,
        ("VOLT:PROT 441", None),
        ("VOLT:PROT:STAT ON", None),
        ("VOLT:PROT?", "441.00"),
        ("VOLT:PROT:STAT?", "0"),
        NO_ERROR,
    )
    with pytest.raises(BenchError, match=r"VOLT:PROT:STAT"):
        supply.set_ovp(441.0)


@pytest.mark.parametrize(
    ("armed", "questionable", "state"),
    [
        ("1", "0", WatchdogState(30.0, expired=False)),
        ("1", "8192", WatchdogState(30.0, expired=True)),
        ("0", "0", WatchdogState(None, expired=False)),
    ],
)
def test_the_watchdog_is_read(make, armed, questionable, state):
    supply, _ = make(
        ("OUTP:PROT:WDOG:STAT?", armed),
        ("OUTP:PROT:WDOG:DEL?", "30"),
        ("STAT:QUES:COND?", questionable),
    )
    assert supply.read_watchdog() == state


def test_an_identity_of_six_fields_is_read(make):
    supply, _ = make(("*IDN?", "ITECH Electronics,IT6054C-800-225,8001,000.006.101,640.R,132.R"))
    identity = supply.identify()
    assert (identity.maker, identity.model) == ("ITECH Electronics", "IT6054C-800-225")
    assert (identity.serial, identity.firmware) == ("8001", "000.006.101,640.R,132.R")


def test_safe_means_off_and_proven_off_and_closing_gives_the_panel_back(make):
    supply, link = make(("SYST:REM", None), ("OUTP OFF", None), ("OUTP?", "0"))
    supply.make_safe()
    link.then(("SYST:REM", None), ("OUTP OFF", None), *[("OUTP?", "1")] * 51)
    with pytest.raises(BenchError, match="switching the output off"):
        supply.make_safe()
    link.then(("SYST:LOC", None))
    supply.close()
    link.finish()
    assert link.closed


@pytest.mark.parametrize("volts", [-1.0, float("nan"), float("inf")])
def test_an_over_voltage_protection_that_cannot_be_is_refused_before_a_byte_is_sent(make, volts):
    supply, link = make()
    with pytest.raises(UsageError, match="voltage_v must be"):
        supply.set_ovp(volts)
    assert link.depth_of == {}
