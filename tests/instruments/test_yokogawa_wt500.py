import math
import struct

import pytest

from instruments.errors import BenchError, Refused, UsageError
from instruments.yokogawa_wt500 import YokogawaWt500

NO_ERROR = '0,"No error"'
PREPARE = (
    ("COMM:REM ON;:COMM:HEAD OFF;:NUM:FORM FLO;:NUM:HOLD OFF;:STAT:FILT1 FALL", None),
    ("STAT:ERR?", NO_ERROR),
)
ITEMS_1 = (
    "NUM:NORM:NUM 10;:NUM:NORM:ITEM1 U,1;:NUM:NORM:ITEM2 I,1;:NUM:NORM:ITEM3 P,1;"
    ":NUM:NORM:ITEM4 U,1,DC;:NUM:NORM:ITEM5 I,1,DC;:NUM:NORM:ITEM6 S,1;:NUM:NORM:ITEM7 Q,1;"
    ":NUM:NORM:ITEM8 LAMB,1;:NUM:NORM:ITEM9 FU,1;:NUM:NORM:ITEM10 UTHD,1"
)
SELECT_1 = ((ITEMS_1, None), ("STAT:ERR?", NO_ERROR), (":STAT:EESR?", "1"))
VALUES = (230.0, 16.0, 3600.0, 0.02, 0.01, 3680.0, 763.0, 0.978, 50.0, 1.25)
NAN, INF = b"\x7e\x95\x1b\xee", b"\x7e\x94\xf5\x6a"


def block(*values):
    return struct.pack(f">{len(values)}f", *values)


def read(data):
    return ((":COMM:WAIT 1", None), (":NUM:NORM:VAL?", data), (":STAT:EESR?", "1"))


FULL_UPDATE = ((":STAT:EESR?", "0"), (":COMM:WAIT 1", None), (":STAT:EESR?", "1"))


@pytest.fixture
def make(scripted_scpi, clock):
    def make_analyser(*steps):
        link = scripted_scpi(*steps)
        return YokogawaWt500(link, clock), link

    return make_analyser


def test_a_measurement_waits_for_an_update_that_began_after_the_call(make):
    analyser, link = make(*PREPARE, *SELECT_1, *FULL_UPDATE, *read(block(*VALUES)))
    reading = analyser.measure([1])[1]
    link.finish()
    assert reading.voltage_v == 230.0
    assert reading.current_a == 16.0
    assert reading.power_w == 3600.0
    assert reading.apparent_va == 3680.0
    assert reading.reactive_var == 763.0
    assert reading.power_factor == pytest.approx(0.978)
    assert reading.frequency_hz == 50.0
    assert reading.voltage_thd_percent == 1.25
    assert reading.voltage_dc_v == pytest.approx(0.02)
    assert reading.current_dc_a == pytest.approx(0.01)


def test_waiting_is_never_inside_a_lock_where_time_stands_still(make):
    analyser, link = make(*PREPARE, *SELECT_1, *FULL_UPDATE, *read(block(*VALUES)))
    analyser.measure([1])
    assert link.depth_of[":COMM:WAIT 1"] == 0
    assert link.depth_of[":NUM:NORM:VAL?"] == 1


def test_following_updates_are_read_one_after_another(make):
    analyser, link = make(*PREPARE, *SELECT_1, *read(block(*VALUES)), *read(block(*VALUES)))
    analyser.measure_following([1])
    analyser.measure_following([1])
    link.finish()


def test_the_list_of_items_is_built_once_for_a_set_of_elements(make):
    analyser, link = make(*PREPARE, *SELECT_1, *read(block(*VALUES)))
    analyser.measure_following([1])
    link.then(*FULL_UPDATE, *read(block(*VALUES)))
    analyser.measure([1])
    link.then(
        (ITEMS_1.replace(",1", ",3"), None),
        ("STAT:ERR?", NO_ERROR),
        (":STAT:EESR?", "1"),
        *read(block(*VALUES)),
    )
    assert list(analyser.measure_following([3])) == [3]
    link.finish()


def test_two_elements_come_out_of_one_block_in_order(make):
    items = [
        item.format(e=e)
        for e in (2, 1)
        for item in (
            "U,{e}",
            "I,{e}",
            "P,{e}",
            "U,{e},DC",
            "I,{e},DC",
            "S,{e}",
            "Q,{e}",
            "LAMB,{e}",
            "FU,{e}",
            "UTHD,{e}",
        )
    ]
    listed = ";".join(f":NUM:NORM:ITEM{n} {item}" for n, item in enumerate(items, 1))
    analyser, _ = make(
        *PREPARE,
        (f"NUM:NORM:NUM 20;{listed}", None),
        ("STAT:ERR?", NO_ERROR),
        (":STAT:EESR?", "0"),
        *read(block(*VALUES, 120.0, *VALUES[1:])),
    )
    readings = analyser.measure_following([2, 1])
    assert (readings[2].voltage_v, readings[1].voltage_v) == (230.0, 120.0)


@pytest.mark.parametrize(("marker", "words"), [(NAN, r"NAN \(no data\)"), (INF, r"INF \(over")])
def test_a_missing_or_over_range_current_is_a_bench_error(make, marker, words):
    data = block(*VALUES)
    data = data[:4] + marker + data[8:]
    analyser, _ = make(*PREPARE, *SELECT_1, *read(data))
    with pytest.raises(BenchError, match=f"a value of I,1, got {words}"):
        analyser.measure_following([1])


def test_what_the_box_cannot_derive_is_nan(make):
    data = block(*VALUES)
    data = data[:28] + INF + NAN + data[36:]
    analyser, _ = make(*PREPARE, *SELECT_1, *read(data))
    reading = analyser.measure_following([1])[1]
    assert math.isnan(reading.power_factor)
    assert math.isnan(reading.frequency_hz)
    assert reading.voltage_thd_percent == 1.25


def test_a_short_block_is_a_bench_error(make):
    analyser, _ = make(*PREPARE, *SELECT_1, *read(block(1.0, 2.0)))
    with pytest.raises(BenchError, match="10 values of 4 bytes, got 8 bytes"):
        analyser.measure_following([1])


@pytest.mark.parametrize("elements", [[], [0], [4], [1, 1]])
def test_impossible_elements_are_refused_before_a_byte_is_sent(make, elements):
    analyser, link = make()
    with pytest.raises(UsageError, match="element"):
        analyser.measure(elements)
    assert link.depth_of == {}


def test_a_refused_list_is_built_again_next_time(make):
    analyser, link = make(
        *PREPARE, (ITEMS_1, None), ("STAT:ERR?", '113,"Undefined Header"'), ("STAT:ERR?", NO_ERROR)
    )
    with pytest.raises(Refused) as caught:
        analyser.measure([1])
    assert caught.value.code == 113
    link.then(*SELECT_1, *read(block(*VALUES)))
    analyser.measure_following([1])
    link.finish()


def test_the_update_period_is_set_and_verified(make):
    analyser, link = make(
        *PREPARE, ("RATE 0.25", None), ("RATE?;:STAT:ERR?", f"250.0E-03;{NO_ERROR}")
    )
    analyser.set_update_period(0.25)
    link.finish()


def test_a_period_the_box_has_not_is_refused_before_a_byte_is_sent(make):
    analyser, link = make()
    with pytest.raises(UsageError, match=r"0.05, 0.1, 0.25.*got 0.3 s"):
        analyser.set_update_period(0.3)
    assert link.depth_of == {}


STOPPED, INTEGRATING = (":STAT:COND?", "1"), (":STAT:COND?", "3")


def test_energy_is_summed_up_from_zero(make):
    analyser, link = make(
        *PREPARE,
        STOPPED,
        ("INTEG:RES;:INTEG:STAR", None),
        ("STAT:ERR?", NO_ERROR),
        INTEGRATING,
    )
    analyser.start_integration()
    link.then(INTEGRATING, ("INTEG:STOP", None), ("STAT:ERR?", NO_ERROR), STOPPED)
    analyser.stop_integration()
    link.finish()


def test_an_integration_under_way_is_ended_before_the_next(make):
    analyser, link = make(
        *PREPARE,
        INTEGRATING,
        ("INTEG:STOP", None),
        ("STAT:ERR?", NO_ERROR),
        ("INTEG:RES;:INTEG:STAR", None),
        ("STAT:ERR?", NO_ERROR),
        INTEGRATING,
    )
    analyser.start_integration()
    link.finish()


def test_an_integration_that_does_not_start_or_ended_before_is_a_bench_error(make):
    analyser, link = make(
        *PREPARE, STOPPED, ("INTEG:RES;:INTEG:STAR", None), ("STAT:ERR?", NO_ERROR), STOPPED
    )
    with pytest.raises(BenchError, match=r"starting the integration.*bit ITG"):
        analyser.start_integration()
    link.then(STOPPED)
    with pytest.raises(BenchError, match="to be integrating still, got ended before"):
        analyser.stop_integration()


def test_energy_is_read_beside_the_updates_which_go_on_without_a_gap(make):
    analyser, link = make(*PREPARE, *SELECT_1, *read(block(*VALUES)))
    analyser.measure_following([1])
    link.then(
        ("NUM:NORM:ITEM201 WH,1", None),
        ("STAT:ERR?", NO_ERROR),
        (":NUM:NORM:VAL? 201", block(12.5)),
        ("NUM:NORM:ITEM203 WH,3", None),
        ("STAT:ERR?", NO_ERROR),
        (":NUM:NORM:VAL? 203", block(-0.25)),
    )
    assert analyser.read_energy_wh([1, 3]) == {1: 12.5, 3: -0.25}
    link.then((":NUM:NORM:VAL? 201", block(13.0)), *read(block(*VALUES)))
    assert analyser.read_energy_wh([1]) == {1: 13.0}
    analyser.measure_following([1])
    link.finish()


def test_an_energy_that_is_missing_is_a_bench_error(make):
    listed = (("NUM:NORM:ITEM202 WH,2", None), ("STAT:ERR?", NO_ERROR))
    analyser, _ = make(*PREPARE, *listed, (":NUM:NORM:VAL? 202", NAN))
    with pytest.raises(BenchError, match=r"energy of element 2.*WH,2, got NAN"):
        analyser.read_energy_wh([2])
    analyser, _ = make(*PREPARE, *listed, (":NUM:NORM:VAL? 202", block(1.0, 2.0)))
    with pytest.raises(BenchError, match="1 values of 4 bytes, got 8 bytes"):
        analyser.read_energy_wh([2])


def test_impossible_elements_have_no_energy(make):
    analyser, link = make()
    with pytest.raises(UsageError, match="element"):
        analyser.read_energy_wh([4])
    assert link.depth_of == {}


def test_closing_gives_the_front_panel_back_only_where_it_was_taken(make):
    analyser, link = make()
    analyser.make_safe()
    analyser.close()
    assert link.closed
    analyser, link = make(*PREPARE, *SELECT_1, *read(block(*VALUES)), (":COMM:REM OFF", None))
    analyser.measure_following([1])
    analyser.close()
    link.finish()
    assert link.closed
    link.then(*PREPARE, *read(block(*VALUES)))
    analyser.measure_following([1])
    link.finish()


def test_values_that_were_left_frozen_are_let_go_before_anything_is_read(make):
    analyser, link = make(*PREPARE, *SELECT_1, *read(block(*VALUES)))
    analyser.measure_following([1])
    said = [message for message in link.depth_of if "HOLD" in message]
    assert said == [PREPARE[0][0]]
    assert list(link.depth_of).index(said[0]) < list(link.depth_of).index(":NUM:NORM:VAL?")
