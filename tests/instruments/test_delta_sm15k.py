import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.capabilities import DcReading, WatchdogState
from instruments.delta_sm15k import DeltaSm15k
from instruments.delta_status import DeltaStatus
from instruments.errors import BenchError, Refused, UsageError
from instruments.ratings import SupplyRating

RATING = SupplyRating(500.0, 90.0, 15_000.0)
EMPTY = ("SYST:ERR?", "0,None")
STATUS = (("STAT:REG:A?", "1"), ("STAT:REG:B?", "7"))
REMOTE = (
    ("*CLS", None),
    ("SYST:REM:CV Ethernet", None),
    ("SYST:REM:CC Ethernet", None),
    ("SYST:REM:CP Ethernet", None),
    EMPTY,
    *STATUS,
)


def ranged(header, most, step="0.008000000000000"):
    return (f"{header}:MAX?", most), (f"{header.removesuffix(':NEG')}:STE?", step)


def setting(command, reply):
    header = command.rpartition(" ")[0]
    return (command, None), (f"{header}?", reply), EMPTY, *STATUS


@pytest.fixture
def make(scripted_scpi, clock):
    def make_supply(*steps, rating=RATING):
        link = scripted_scpi(*steps)
        return DeltaSm15k(link, clock, rating), link

    return make_supply


def test_the_first_setting_selects_ethernet_for_all_three_quantities(make):
    supply, link = make(*REMOTE, *ranged("SOUR:VOL", "500"), *setting("SOUR:VOL 400", "400.0000"))
    supply.source.set_voltage(400.0)
    link.then(*setting("SOUR:VOL 380.5", "380.4960"))
    supply.source.set_voltage(380.5)
    link.finish()
    assert link.depth_of["SOUR:VOL 400"] >= 1


@pytest.mark.parametrize(
    ("call", "most", "sent", "reply"),
    [
        (lambda s: s.source.set_current_limit(30.0), "90", "SOUR:CUR 30", "30.0000"),
        (lambda s: s.source.set_power_limit(6e3), "15000", "SOUR:POW 6000", "6000.0000"),
        (lambda s: s.sink.set_current_limit(30.0), "-90", "SOUR:CUR:NEG -30", "-30.0000"),
        (lambda s: s.sink.set_power_limit(6e3), "-15000", "SOUR:POW:NEG -6000", "-6000.0000"),
        (lambda s: s.sink.set_current_limit(0.0), "90", "SOUR:CUR:NEG 0", "0.0000"),
    ],
)
def test_sink_settings_are_negative_on_the_wire(make, call, most, sent, reply):
    supply, link = make(*REMOTE, *ranged(sent.split()[0], most), *setting(sent, reply))
    call(supply)
    link.finish()


def test_every_command_is_a_message_of_its_own(make):
    supply, link = make(*REMOTE, *ranged("SOUR:VOL", "500"), *setting("SOUR:VOL 400", "400.0000"))
    supply.source.set_voltage(400.0)
    assert not any(";" in message for message in link.depth_of)


def test_a_source_that_does_not_change_over_is_a_bench_error(make):
    supply, _ = make(*REMOTE[:-1], ("STAT:REG:B?", "3"))
    with pytest.raises(BenchError, match=r"remote CV, CC and CP, got CV, REMOTE_CC, REMOTE_CV"):
        supply.source.set_voltage(1.0)


def test_a_source_that_was_changed_at_the_front_is_a_bench_error_and_stays_so(make):
    supply, link = make(*REMOTE, *ranged("SOUR:CUR", "90"), *setting("SOUR:CUR 5", "5.0000"))
    supply.source.set_current_limit(5.0)
    for _ in range(2):
        link.then(*setting("SOUR:CUR 6", "6.0000")[:-1], ("STAT:REG:B?", "5"))
        with pytest.raises(BenchError, match="set values to come from Ethernet"):
            supply.source.set_current_limit(6.0)
    link.finish()


def test_a_refused_setting_empties_the_queue(make):
    supply, link = make(
        *REMOTE,
        *ranged("SOUR:VOL", "500"),
        ("SOUR:VOL 500", None),
        ("SOUR:VOL?", "0.0000"),
        ("SYST:ERR?", "-222,Data out of range"),
        ("SYST:ERR?", "-113,Undefined header"),
        EMPTY,
    )
    with pytest.raises(Refused, match="-222 Data out of range") as caught:
        supply.source.set_voltage(500.0)
    assert caught.value.code == -222
    link.finish()


def test_a_value_more_than_a_step_off_is_a_bench_error(make):
    supply, _ = make(
        *REMOTE, *ranged("SOUR:VOL", "500"), ("SOUR:VOL 400", None), ("SOUR:VOL?", "399.9"), EMPTY
    )
    with pytest.raises(BenchError, match=r"SOUR:VOL\? to answer 400.0"):
        supply.source.set_voltage(400.0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda s: s.source.set_voltage(501.0), "voltage_v must be 0 to 500 V"),
        (lambda s: s.sink.set_current_limit(-1.0), "current_a must be 0 to 90 A"),
        (lambda s: s.set_limit("sink_power", 15_001.0), "power_w must be 0 to 15000 W"),
        (lambda s: s.arm_watchdog(0.019), "timeout_s must be 0.02 to 10 s"),
        (lambda s: s.slot(5), "slot must be 1 to 4"),
        (lambda s: s.slot(1).write_outputs(256), "mask must be 0 to 255"),
        (lambda s: s.slot(1).set_relay(-1, closed=True), "relay must be 0"),
    ],
)
def test_what_is_out_of_range_is_refused_before_a_byte_is_sent(make, call, words):
    supply, link = make()
    with pytest.raises(UsageError, match=words):
        call(supply)
    assert link.depth_of == {}


def test_a_box_without_the_rated_sink_is_an_error_of_the_file(make):
    supply, _ = make(*REMOTE, ("SOUR:CUR:NEG:MAX?", "0"))
    with pytest.raises(UsageError, match="says 0 A"):
        supply.sink.set_current_limit(10.0)


def test_limits_are_set_and_lifted(make):
    supply, link = make(
        ("SYST:LIM:VOL 450,ON", None), EMPTY, ("SYST:LIM:CUR:NEG -50,OFF", None), EMPTY
    )
    supply.set_limit("voltage", 450.0)
    supply.set_limit("sink_current", 50.0, enabled=False)
    link.finish()


@pytest.mark.parametrize(("on", "off"), [("1", "0"), ("ON", "OFF")])
def test_the_terminals_are_switched_and_awaited(make, clock, on, off):
    live = (("STAT:REG:A?", str(1 << 13)), ("STAT:REG:B?", "7"))
    supply, link = make(*REMOTE, ("OUTP ON", None), EMPTY, *STATUS, *live)
    supply.source.output_on()
    link.then(("OUTP OFF", None), EMPTY, ("OUTP?", on), ("OUTP?", off))
    supply.source.output_off()
    link.finish()
    assert link.depth_of["OUTP?"] == 0
    assert clock.now() == pytest.approx(0.02)


def test_terminals_held_off_name_what_holds_them(make):
    supply, _ = make(
        *REMOTE,
        ("OUTP ON", None),
        EMPTY,
        *(("STAT:REG:A?", str(1 << 11 | 1 << 12)), ("STAT:REG:B?", "7")) * 52,
        ("OUTP OFF", None),
    )
    with pytest.raises(BenchError, match="status: INTERLOCK, RSD"):
        supply.source.output_on()


def test_current_out_of_the_box_is_positive_for_the_source_and_negative_for_the_sink(make):
    reading = (("MEAS:VOL?", "399.9871"), ("MEAS:CUR?", "-12.5000"), ("MEAS:POW?", "-4999.84"))
    supply, link = make(*reading, *reading)
    assert supply.source.measure() == DcReading(399.9871, -12.5, -4999.84)
    assert supply.sink.measure() == DcReading(399.9871, 12.5, 4999.84)
    assert link.depth_of["MEAS:VOL?"] == 1


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
def test_every_status_can_be_read(a, b):
    status = DeltaStatus(a, b)
    assert status.alarms <= status.names
    assert status.remote == (b & 7 == 7)
    assert ("OUTPUT" in status.names) == bool(a >> 13 & 1)
    assert ("OT" in status.alarms) == bool(a >> 8 & 1)
    assert ("PROT" in status.alarms) == bool(b >> 14 & 1)


def test_an_open_end_error_is_kept_though_reading_clears_it(make):
    supply, link = make(("STAT:REG:A?", "0"), ("STAT:REG:B?", "32775"))
    assert supply.read_alarms() == {"OPEN_END"}
    link.then(*STATUS)
    assert supply.read_alarms() == {"OPEN_END"}
    supply.acknowledge_alarms()
    link.then(*STATUS)
    assert supply.read_alarms() == set()


def test_the_watchdog_is_armed_in_milliseconds_and_stopped(make):
    supply, link = make(("SYST:COM:WAT SET,1500", None), ("SYST:COM:WAT SET?", "1500"), EMPTY)
    supply.arm_watchdog(1.5)
    link.then(("SYST:COM:WAT STOP", None), ("SYST:COM:WAT?", "-1"), EMPTY)
    supply.disarm_watchdog()
    link.finish()


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ([("SYST:COM:WAT?", "-1")], WatchdogState(None, expired=False)),
        (
            [("SYST:COM:WAT?", "1498"), ("SYST:COM:WAT SET?", "1500")],
            WatchdogState(1.5, expired=False),
        ),
        ([("SYST:COM:WAT?", "0")], WatchdogState(None, expired=True)),
    ],
)
def test_the_watchdog_is_read(make, steps, state):
    supply, link = make(*steps)
    assert supply.read_watchdog() == state
    link.finish()


def test_the_cards_in_the_slots_have_their_commands(make):
    supply, link = make(
        ("SYST:INT:DIO:OUT 2,129", None),
        EMPTY,
        ("SYST:INT:DIO:INP 2?", "5"),
        ("SYST:INT:ICO:REL 3,1,1", None),
        EMPTY,
    )
    supply.slot(2).write_outputs(0b1000_0001)
    assert supply.slot(2).read_inputs() == (True, False, True, *[False] * 5)
    supply.slot(3).set_relay(1, closed=True)
    link.finish()


def test_safe_means_off_and_proven_off_whatever_the_error_queue_says(make):
    supply, link = make(("OUTP OFF", None), ("OUTP?", "1"), ("OUTP?", "0"))
    supply.make_safe()
    link.then(("OUTP OFF", None), *[("OUTP?", "1")] * 51)
    with pytest.raises(BenchError, match="switching the DC terminals off"):
        supply.make_safe()


def test_closing_gives_the_set_values_back_only_with_the_terminals_off(make):
    taken = (*REMOTE, *ranged("SOUR:VOL", "500"), *setting("SOUR:VOL 0", "0.0000"))
    front = [(f"SYST:REM:{quantity} Front", None) for quantity in ("CV", "CC", "CP")]
    for answer, released in (("0", front), ("1", [])):
        supply, link = make(*taken)
        supply.source.set_voltage(0.0)
        link.then(("OUTP?", answer), *released)
        supply.close()
        link.finish()
        assert link.closed


def test_an_identity_of_five_fields_is_read(make):
    supply, _ = make(("*IDN?", "DELTA ELEKTRONIKA BV,SM500-CP-90,000010207248,H0_P0150,0"))
    identity = supply.identify()
    assert (identity.model, identity.serial) == ("SM500-CP-90", "000010207248")
    assert identity.firmware == "H0_P0150,0"
