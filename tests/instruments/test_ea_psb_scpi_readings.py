"""EA PSB over SCPI: what is read of it, its alarms and its interface monitoring."""

from functools import partial

import pytest
from ea_scpi_script import NO_ERROR, NOTE, RATING, REMOTE, scripted_supply, setting, switching
from hypothesis import given
from hypothesis import strategies as st

from instruments.capabilities import DcReading, WatchdogState
from instruments.ea_psb_scpi import EaPsbScpi
from instruments.errors import BenchError


@pytest.fixture
def make(scripted_scpi, clock):
    return partial(scripted_supply, scripted_scpi, clock)


def test_the_identity_keeps_all_firmware_versions(make):
    reply = (
        "EA Elektro-Automatik GmbH&Co.KG, PSB 10500-90, 2023120002,"
        " V3.06 24.05.2023 V3.03 05.10.2022 V1.0.0"
    )
    supply, _ = make(("*IDN?", reply))
    identity = supply.identify()
    assert (identity.model, identity.serial) == ("PSB 10500-90", "2023120002")
    assert identity.firmware == "V3.06 24.05.2023 V3.03 05.10.2022 V1.0.0"


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
