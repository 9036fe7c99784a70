"""A session on boxes that take their time: what the rig's end of the plug does with them."""

from functools import partial
from itertools import pairwise

import pytest
from port_bench import CONTACTOR, PortBench, take

from instruments.errors import BenchError, CannotDo
from rig.bench.v2h.errands import Errands
from rig.chademo.frames import ChargerStatus, DischargeCapability, DischargeLimits, VehicleStatus
from rig.chademo.roles import EvpsState, Excess, Line, Missing
from rig.chademo.session_log import BLF_NAME, CSV_NAME
from rig.clock import VirtualClock
from rig.virtual.chademo.bus import BusPort
from rig.virtual.chademo.cable import Who

SETTING_AND_CYCLE_S = 0.25
"""A setting that goes over zero takes three commands; what was measured is told a cycle later."""


def in_transfer(amps=0.0, **how):
    bench = PortBench(**how)
    bench.session.begin()
    assert bench.session.await_state(EvpsState.TRANSFER), bench.session.ending
    bench.session.want(amps)
    bench.session.sleep(3.0)
    return bench


def latest(traffic, kind, t_s):
    found = [each for at_s, each in traffic.of(kind, before_s=t_s)]
    return found[-1] if found else kind()


def test_a_session_comes_to_transfer_and_to_its_end_and_keeps_to_every_rule():
    bench = in_transfer(-10)
    bench.session.want(8)
    bench.session.sleep(3.0)
    bench.session.stop()
    report = bench.session.finish()
    assert bench.session.over and report.verdict == "sound", report.findings
    assert not bench.failures
    assert not any(bench.cable.closed.values()) and not bench.supply.now["on"]


def test_set_points_and_frames_tell_one_story_at_every_instant():
    """No current is set that frames of a moment ago did not allow; what flows is what is told."""
    bench, wanted = in_transfer(), [-15, 15, -3, 0, 9, -15, 4]
    for amps in wanted:
        bench.session.want(amps)
        bench.session.sleep(2.5)
    bench.session.stop()
    traffic, slack_s = bench.session.traffic, SETTING_AND_CYCLE_S
    for t_s, told in bench.supply.told:
        amps = told["source_a"] if told["on"] else 0.0
        drawn = told["sink_a"] if told["on"] else 0.0
        before = [each for _, each in traffic.of(VehicleStatus, t_s - slack_s, t_s)]
        limits = [each for _, each in traffic.of(DischargeLimits, t_s - slack_s, t_s)]
        held = 0.4  # what only holds or bleeds a voltage
        assert amps <= max([held, *(each.current_request_a for each in before)])
        assert drawn <= max([held, *(each.max_discharge_current_a for each in limits)])
    points = [(0.0, 0.0), *((t_s, each.amps) for t_s, each in bench.session.power.set_points)]
    for t_s, status in traffic.of(ChargerStatus):
        intake = latest(traffic, DischargeCapability, t_s)
        earlier = [amps for at_s, amps in points if at_s <= t_s - slack_s]
        recent = [earlier[-1], *(amps for at_s, amps in points if t_s - slack_s < at_s <= t_s)]
        assert not (status.current_a and intake.discharge_current_a)
        told_a = status.current_a - intake.discharge_current_a
        assert min(recent) - 0.5 <= told_a <= max(recent) + 0.5


def test_the_current_that_flows_is_the_one_that_frames_tell():
    bench = in_transfer(-11)
    bench.session.sleep(1.0)
    now_s = bench.clock.now()
    intake = latest(bench.session.traffic, DischargeCapability, now_s)
    assert intake.discharge_current_a == 11 == -bench.cable.amps
    assert latest(bench.session.traffic, ChargerStatus, now_s).current_a == 0


def test_frames_keep_their_pace_whatever_the_boxes_take():
    bench = in_transfer(-10)
    times = bench.session.traffic.times(ChargerStatus.IDENTIFIER)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert min(gaps) == pytest.approx(0.1) and max(gaps) == pytest.approx(0.1)


def test_an_emergency_stop_has_the_current_below_five_amperes_within_a_tenth_of_a_second():
    bench = in_transfer(-14)
    pressed_s = bench.session.emergency_stop()
    bench.clock.sleep_until(pressed_s + 0.1)
    assert abs(bench.cable.amps) <= 5.0
    bench.session.await_end()
    assert not bench.cable.closed[Who.EVPS]


def test_a_lost_line_is_let_go_once_and_stays_so():
    bench = in_transfer(-10)
    lost_s = bench.session.lose(Line.D2)
    bench.session.sleep(0.5)
    change = bench.session.lines.change(Line.D2, on=False, after_s=lost_s)
    assert lost_s < change.earliest_s < change.latest_s < lost_s + 0.1
    assert not bench.cable.levels[Line.D2] and not bench.cable.closed[Who.VEHICLE]


def test_a_fault_that_is_made_for_a_time_ends_by_itself():
    bench = in_transfer(-10)
    bench.session.inject(partial(Missing, ChargerStatus.IDENTIFIER), 0.15)
    bench.session.sleep(1.0)
    times = bench.session.traffic.times(ChargerStatus.IDENTIFIER)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert max(gaps) == pytest.approx(0.2) or max(gaps) == pytest.approx(0.3)
    assert bench.session.state is EvpsState.TRANSFER


def test_an_excess_is_driven_beyond_what_is_allowed():
    bench = in_transfer(-15)
    bench.session.inject(partial(Excess, -4.0))
    bench.session.sleep(0.5)
    assert bench.cable.amps == pytest.approx(-19.0)


def test_the_log_has_every_frame_and_the_lines_beside_it(tmp_path):
    bench = in_transfer(-5, folder=tmp_path / "log")
    bench.session.stop()
    bench.session.finish()
    rows = (tmp_path / "log" / CSV_NAME).read_text().splitlines()
    assert rows[0].startswith("utc_s,volts,amps,set_amps,d1,d2,k") and len(rows) > 100
    can = pytest.importorskip("can")
    frames = list(can.BLFReader(tmp_path / "log" / BLF_NAME))
    assert len(frames) == len(bench.session.traffic.frames)


def test_a_box_that_fails_in_an_errand_is_told_of_and_left_alone():
    bench = in_transfer(-5)
    error = BenchError("measuring", box="evps", address="x", expected="volts", got="silence")

    def fails():
        raise error

    bench.supply.source.measure = fails
    bench.session.sleep(1.0)
    assert bench.failures == [error]


def test_letting_go_ends_frames_lines_and_settings():
    bench = in_transfer(-5)
    bench.session.let_go()
    frames, told = len(bench.bus_frames), len(bench.supply.told)
    bench.session.sleep(2.0)
    assert len([f for f in bench.bus_frames[frames:] if f.identifier in {0x108, 0x109}]) == 0
    assert len(bench.supply.told) == told


def test_an_errand_slower_than_its_pace_lets_time_go_on():
    clock, made = VirtualClock(), []
    errands = Errands(clock, 0.1, lambda: (made.append(clock.now()), take(clock, 0.25)), print)
    errands.start()
    clock.sleep_until(2.0)
    errands.stop()
    assert 6 <= len(made) <= 9


def test_an_errand_that_is_hastened_while_under_way_is_made_again_at_once():
    clock, made = VirtualClock(), []
    errands = Errands(clock, 10.0, lambda: (made.append(clock.now()), take(clock, 0.2)), print)
    errands.start()
    clock.call_at(0.1, errands.hasten)
    clock.sleep_until(1.0)
    errands.stop()
    assert made == pytest.approx([0.0, 0.2])


def test_the_contactor_s_relay_is_refreshed_until_it_is_let_go():
    bench = in_transfer(-5)
    pulses, before = bench.board.pulses, len(bench.board.pulses)
    bench.session.sleep(2.0)
    assert len(bench.board.pulses) >= before + 3 and CONTACTOR in {n for _, n in pulses}
    bench.session.stop()
    count = len(bench.board.pulses)
    bench.session.sleep(2.0)
    assert len(bench.board.pulses) == count


def test_the_contactor_opens_when_the_supply_has_ended_the_current():
    bench = in_transfer(-14)
    bench.session.stop()
    opened = [each for each in bench.cable.switchings if each.who is Who.EVPS and not each.closed]
    assert abs(opened[-1].amps) < 1.0


def test_what_the_adapter_says_of_the_session_is_kept_and_what_it_says_of_before_is_not(
    monkeypatch,
):
    says = iter([frozenset({"OVERRUN"}), frozenset({"BUS_OFF"})])
    monkeypatch.setattr(BusPort, "read_status", lambda _port: next(says))
    bench = in_transfer()
    assert bench.session.adapter_flags == frozenset()
    bench.session.stop()
    bench.session.finish()
    assert bench.session.adapter_flags == {"BUS_OFF"}


def test_an_adapter_that_tells_no_status_is_believed(monkeypatch):
    def cannot(_port):
        raise CannotDo("this adapter tells no status")

    monkeypatch.setattr(BusPort, "read_status", cannot)
    bench = in_transfer()
    bench.session.stop()
    assert bench.session.finish().verdict.held
    assert bench.session.adapter_flags == frozenset()


def test_a_supply_that_was_silent_is_not_told_the_rest_when_the_session_is_let_go():
    bench = PortBench()
    power, set_voltage = bench.session.power, bench.supply.source.set_voltage

    def answers_too_late(volts):
        bench.session.let_go()
        set_voltage(volts)

    bench.supply.source.set_voltage = answers_too_late
    power.hold_voltage(500.0)
    power.visit()
    assert bench.supply.now == {"on": False, "volts": 500.0, "source_a": 0.0, "sink_a": 0.0}
    assert not power.applied.on


def test_a_board_that_was_silent_is_not_told_the_rest_when_the_session_is_let_go():
    bench, told = PortBench(), []

    def answers_too_late(relay, _closed):
        bench.session.let_go()
        told.append(relay)

    bench.board.set_relay = answers_too_late
    for line in (Line.D1, Line.D2):
        bench.session.lines.set(line, on=True)
    bench.session.lines.visit()
    assert told == [0]
