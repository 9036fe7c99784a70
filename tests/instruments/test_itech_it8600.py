import pytest

from instruments.capabilities import AcReading
from instruments.errors import BenchError, CannotDo, UsageError
from instruments.itech_it8600 import ItechIt8600
from instruments.ratings import AcLoadRating

NO_ERROR = '0,"No error"'
ENTER_AC = (
    ("*CLS;:SYST:REM;:SYST:MODE AC", None),
    ("SYST:MODE?;:SYST:ERR?", f"AC;{NO_ERROR}"),
)


@pytest.fixture
def make(scripted_scpi, clock):
    def make_load(*steps):
        link = scripted_scpi(*steps)
        return ItechIt8600(link, clock, AcLoadRating(350.0, 30.0, 3600.0)), link

    return make_load


def test_constant_current_goes_remote_to_ac_and_verifies(make):
    load, link = make(
        *ENTER_AC,
        ("FUNC CURR;:SOUR:PFAC -0.9;:SOUR:CFAC 1.414;:CURR 16", None),
        (
            "FUNC?;:CURR?;:SOUR:PFAC?;:SOUR:CFAC?;:SYST:ERR?",
            f"CURR;1.600000E+01;-9.0E-01;1.414E+00;{NO_ERROR}",
        ),
    )
    load.set_current(16.0, power_factor=-0.9)
    link.then(
        ("FUNC POW;:SOUR:PFAC 1;:SOUR:CFAC 2;:POW 900", None),
        ("FUNC?;:POW?;:SOUR:PFAC?;:SOUR:CFAC?;:SYST:ERR?", f"POW;900;1;2;{NO_ERROR}"),
    )
    load.set_power(900.0, crest_factor=2.0)
    link.then(("FUNC RES;:RES 100", None), ("FUNC?;:RES?;:SYST:ERR?", f"RES;100.0;{NO_ERROR}"))
    load.set_resistance(100.0)
    link.finish()


def test_the_input_is_switched_with_digits(make):
    load, link = make(*ENTER_AC, ("INP 1", None), ("INP?;:SYST:ERR?", f"1;{NO_ERROR}"))
    load.input_on()
    link.then(("SYST:REM;:INP 0", None), ("INP?;:SYST:ERR?", f"0;{NO_ERROR}"))
    load.input_off()
    link.finish()


def test_all_readings_come_from_one_set_of_19_values(make):
    values = [0.0, 15.9, 0, 22.5, -22.5, 0.1, 230.4, 0, 3600.1, 3663.4, 680.0, 0, 14.5, 50.02]
    values += [1.41, 0.983, 1.2, 12.0, 38.5]
    load, _ = make(("MEAS?", ",".join(f"{v:.6E}" for v in values)))
    assert load.measure() == AcReading(230.4, 15.9, 3600.1, 3663.4, 0.983, 50.02)


def test_a_set_of_another_length_is_a_bench_error(make):
    load, _ = make(("MEAS?", "1,2,3"))
    with pytest.raises(BenchError, match="19 numbers"):
        load.measure()


def test_protections_are_named(make):
    load, _ = make(("STAT:QUES:COND?", "336"))
    assert load.read_protection() == {"OCPP", "OPP", "LDF"}


def test_clearing_a_protection_is_declined_before_a_byte_is_sent(make):
    load, _ = make()
    with pytest.raises(CannotDo, match="front panel"):
        load.clear_protection()


@pytest.mark.parametrize("amps", [-0.1, 30.1, float("inf")])
def test_current_beyond_the_rating_is_refused_before_a_byte_is_sent(make, amps):
    load, _ = make()
    with pytest.raises(UsageError, match="current_a must be 0 to 30 A"):
        load.set_current(amps)


def test_safe_means_off_and_proven_off(make):
    load, _ = make(
        ("SYST:REM;:INP 0", None), ("INP?", "0"), ("SYST:REM;:INP 0", None), ("INP?", "1")
    )
    load.make_safe()
    with pytest.raises(BenchError, match="switching the input off"):
        load.make_safe()


def test_closing_gives_the_front_panel_back(make):
    load, link = make(("SYST:LOC", None))
    load.close()
    link.finish()
    assert link.closed


def test_what_is_set_after_closing_takes_remote_control_anew(make):
    on = (("INP 1", None), ("INP?;:SYST:ERR?", f"1;{NO_ERROR}"))
    load, link = make(*ENTER_AC, *on, ("SYST:LOC", None))
    load.input_on()
    load.close()
    link.then(*ENTER_AC, *on)
    load.input_on()
    link.finish()
