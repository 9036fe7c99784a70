import pytest

from instruments.capabilities import AcReading
from instruments.chroma_63800 import Chroma63800
from instruments.errors import BenchError, Refused, UsageError
from instruments.ratings import AcLoadRating

RATING = AcLoadRating(350.0, 36.0, 3600.0, 108.0)
NO_ERROR = '0,"No error"'
ENTER_AC = (("LOAD?", "OFF"), ("*CLS;:SYST:SET:MODE AC", None), ("SYST:ERR?", NO_ERROR))


@pytest.fixture
def make(scripted_scpi, clock):
    def make_load(*steps):
        link = scripted_scpi(*steps)
        return Chroma63800(link, clock, RATING), link

    return make_load


def test_constant_current_selects_ac_shapes_and_verifies(make):
    load, link = make(
        *ENTER_AC,
        ("SYST:SET:CFPF:MODE ALL;:CFAC 1.414;:PFAC 0.5;:MODE CURR;:CURR 17.6", None),
        ("MODE?;:CURR?;:CFAC?;:PFAC?;:SYST:ERR?", f"CURR;17.6000;1.414;0.500;{NO_ERROR}"),
    )
    load.set_current(17.6, power_factor=0.5)
    link.finish()


def test_a_leading_power_factor_is_sent_negative_and_ac_is_selected_once(make):
    load, link = make(
        *ENTER_AC,
        ("SYST:SET:CFPF:MODE ALL;:CFAC 3;:PFAC -0.9;:MODE POW;:POW 3000", None),
        ("MODE?;:POW?;:CFAC?;:PFAC?;:SYST:ERR?", f"POW;3000.0;3.000;-0.900;{NO_ERROR}"),
    )
    load.set_power(3000.0, power_factor=-0.9, crest_factor=3.0)
    link.then(
        ("MODE RES;:RES 52.9", None),
        ("MODE?;:RES?;:SYST:ERR?", f"RES;52.90;{NO_ERROR}"),
    )
    load.set_resistance(52.9)
    link.finish()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda load: load.set_current(36.1), "current_a must be 0 to 36 A, got 36.1 A"),
        (lambda load: load.set_current(-1.0), "current_a must be 0 to 36 A, got -1 A"),
        (lambda load: load.set_current(30.0, crest_factor=4.0), "0 to 108 A, got 120 A"),
        (lambda load: load.set_power(3601.0), "power_w must be 0 to 3600 W, got 3601 W"),
        (lambda load: load.set_power(float("nan")), "power_w must be"),
        (lambda load: load.set_power(100.0, power_factor=1.1), "power_factor must be -1 to 1"),
        (lambda load: load.set_power(100.0, crest_factor=1.0), "crest_factor must be 1.414 to 5"),
        (lambda load: load.set_resistance(1.0), "resistance_ohm must be 1.11 to 2500 ohm"),
    ],
)
def test_what_is_beyond_the_rating_is_refused_before_a_byte_is_sent(make, call, words):
    load, link = make()
    with pytest.raises(UsageError, match=words):
        call(load)
    assert link.depth_of == {}


def test_a_value_the_box_refuses_is_refused_with_its_own_error(make):
    load, _ = make(
        *ENTER_AC,
        ("SYST:SET:CFPF:MODE ALL;:CFAC 5;:PFAC 1;:MODE CURR;:CURR 10", None),
        (
            "MODE?;:CURR?;:CFAC?;:PFAC?;:SYST:ERR?",
            'CURR;0.0;1.414;1.000;-222,"Data out of range"',
        ),
        ("SYST:ERR?", NO_ERROR),
    )
    with pytest.raises(Refused, match="Data out of range"):
        load.set_current(10.0, crest_factor=5.0)


def test_a_load_found_loading_is_not_switched_to_ac_behind_the_plans_back(make):
    load, link = make(("LOAD?", "ON"))
    with pytest.raises(BenchError, match="load off before its first setting"):
        load.set_power(100.0)
    link.finish()


def test_measuring_is_one_compound_line_with_path_memory(make):
    load, link = make(
        (
            "MEAS:VOLT?;CURR?;FREQ?;POW?;POW:APP?;PFAC?",
            "230.12;15.998;50.01;1840.5;3681.4;0.4999",
        )
    )
    assert load.measure() == AcReading(230.12, 15.998, 1840.5, 3681.4, 0.4999, 50.01)
    link.finish()


@pytest.mark.parametrize(
    ("bits", "names"),
    [
        ("0", set()),
        ("2", {"UV"}),
        ("4", {"UV"}),
        ("160", {"OCP", "OTP"}),
        ("3841", {"FE", "FAN", "LDF", "FREQ", "PWR"}),
    ],
)
def test_protections_are_named(make, bits, names):
    load, _ = make(("LOAD:PROT?", bits))
    assert load.read_protection() == names


def test_protections_are_cleared(make):
    load, link = make(("LOAD:PROT:CLE", None), ("SYST:ERR?", NO_ERROR))
    load.clear_protection()
    link.finish()


def test_loading_starts_and_stops_verified(make):
    load, link = make(*ENTER_AC, ("LOAD ON", None), ("LOAD?;:SYST:ERR?", f"1;{NO_ERROR}"))
    load.input_on()
    link.then(("LOAD OFF", None), ("LOAD?;:SYST:ERR?", f"OFF;{NO_ERROR}"))
    load.input_off()
    link.finish()


def test_safe_means_off_and_proven_off(make):
    load, link = make(("LOAD OFF", None), ("LOAD?", "OFF"), ("LOAD OFF", None), ("LOAD?", "ON"))
    load.make_safe()
    with pytest.raises(BenchError, match="switching the load off"):
        load.make_safe()
    link.finish()


def test_the_identity_is_read_with_a_space_after_commas_too(make):
    load, _ = make(("*IDN?", "Chroma, 63804, 0, 1.00"))
    assert load.identify().model == "63804"


def test_closing_leaves_the_load_as_it_is(make):
    load, link = make()
    load.close()
    assert link.closed
