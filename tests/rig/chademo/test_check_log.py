"""Whole logs: sessions found among other traffic, and what the real recording shows."""

from dataclasses import replace

import pytest

from rig.chademo.check import PhaseName, Severity, Verdict, check_log
from rig.chademo.frames import CATALOGUE, decode
from rig.chademo.logs import LogReader


@pytest.fixture
def log_of(tmp_path):
    """Write frames as a candump log and judge it."""

    def judged(frames, *, stamp="({:.6f}) ", name="session.log"):
        path = tmp_path / name
        path.write_text(
            "".join(
                f"{stamp.format(f.t_s)}{f.channel} "
                f"{f.identifier:0{8 if f.extended else 3}X}#{f.data.hex()}\n"
                for f in frames
            )
        )
        return check_log(path)

    return judged


def at(plan, start, **changes):
    return replace(plan, start=start, **changes).frames()


def other(plan, identifier, period_s, *, extended=False, start=0.0, end=30.0):
    """Traffic of another kind on the same bus."""
    count = round((end - start) / period_s)
    template = plan.frames()[0]
    return [
        template._replace(t_s=start + n * period_s, identifier=identifier, extended=extended)
        for n in range(count)
    ]


def merged(*streams):
    return sorted((f for stream in streams for f in stream), key=lambda f: f.t_s)


def test_the_synthetic_log_is_sound_and_has_its_phases_where_it_was_made_to(data, plan):
    report = check_log(data / "synthetic-v2h.log")
    assert (report.verdict, report.format, report.frames) == (Verdict.SOUND, "candump", 1066)
    (session,) = report.sessions
    phases = {each.name: each.start_s - session.start_s for each in session.phases}
    assert phases[PhaseName.CLOSED] == pytest.approx(plan.close + 0.02, abs=1e-3)
    assert phases[PhaseName.WELD_CHECK] == pytest.approx(plan.clear + 0.0653, abs=1e-3)


def test_the_synthetic_log_encodes_to_the_same_bytes(data):
    frames = list(LogReader(data / "synthetic-v2h.log"))
    assert all(decode(f.identifier, f.data).encode() == f.data for f in frames)
    assert {f.identifier for f in frames} <= set(CATALOGUE)


def test_sessions_are_parted_by_silence(log_of, plan):
    report = log_of([*at(plan, 0.0), *at(plan, 30.0), *at(plan, 60.0)])
    assert [round(each.start_s) for each in report.sessions] == [0, 30, 60]
    assert report.verdict is Verdict.SOUND
    first, second = report.sessions[:2]
    assert second.first_line == first.last_line + 1


def test_other_traffic_is_passed_over(log_of, plan):
    traffic = other(plan, 0x7DF, 0.01), other(plan, 0x102, 0.05, extended=True)
    report = log_of(merged(at(plan, 5.0), *traffic))
    assert report.verdict is Verdict.SOUND
    assert report.other_frames == 3600


def test_frames_of_the_right_numbers_with_29_bits_are_named(log_of, plan):
    report = log_of([f._replace(extended=True) for f in at(plan, 0.0)])
    assert (report.sessions, report.verdict) == ((), Verdict.INCONCLUSIVE)
    assert report.notes == ("1066 frames bear numbers of CHAdeMO's, but as 29-bit identifiers",)


def test_a_gateway_that_sends_700_alone_is_no_session(log_of, plan):
    gateway = other(plan, 0x700, 0.1, end=20.0)
    report = log_of(merged(gateway, at(plan, 20.005)))
    (session,) = report.sessions
    assert session.start_s == pytest.approx(20.005)
    assert report.other_frames == len(gateway)


def test_a_log_without_a_session_is_inconclusive(log_of, plan):
    report = log_of(other(plan, 0x7DF, 0.01, end=1.0))
    assert (report.sessions, report.verdict) == ((), Verdict.INCONCLUSIVE)


def test_a_few_stray_frames_are_no_session(log_of, plan):
    report = log_of(other(plan, 0x102, 5.0))
    assert (report.sessions, report.other_frames) == ((), 6)


def test_times_may_be_negative(log_of, plan):
    report = log_of(at(plan, -5.0))
    assert report.verdict is Verdict.SOUND
    assert report.sessions[0].start_s == pytest.approx(-5.0)


def test_two_buses_in_one_log_are_judged_apart(log_of, plan):
    second = [f._replace(channel="can1") for f in at(plan, 0.003, stop=8.8)]
    report = log_of(merged(at(plan, 0.0), second))
    assert [each.channel for each in report.sessions] == ["can0", "can1"]
    assert report.verdict is Verdict.SOUND


def one_side(side, frames):
    mine = {identifier for identifier, kind in CATALOGUE.items() if side == kind.SENDER}
    return [f for f in frames if f.identifier in mine]


@pytest.mark.parametrize("recorded", ["vehicle", "charger"])
def test_a_log_of_one_side_only_blames_nobody_for_the_other(log_of, plan, recorded):
    report = log_of(one_side(recorded, at(plan, 0.0)))
    (session,) = report.sessions
    assert [(each.side, each.rule) for each in session.findings] == [("log", "one side")]
    assert session.outcome == f"only the {recorded}'s side was recorded"
    assert report.verdict is Verdict.INCONCLUSIVE


def test_a_log_of_one_side_only_still_shows_its_periods(log_of, plan):
    vehicle = one_side("vehicle", at(plan, 0.0))
    report = log_of([f for f in vehicle if not (f.identifier == 0x101 and 5.0 < f.t_s < 6.0)])
    assert {each.rule for each in report.sessions[0].of(Severity.ERROR)} == {"period of 0x101: gap"}
    assert report.verdict is Verdict.UNSOUND


def test_a_charger_that_never_answers_has_missed_its_deadline(log_of, plan):
    alone = one_side("vehicle", at(plan, 0.0))
    (session,) = log_of([f for f in alone if f.t_s < 2.0]).sessions
    assert {each.rule for each in session.of(Severity.ERROR)} == {"deadline: answer"}
    (session,) = log_of([f for f in alone if f.t_s < 4.5], name="enabled.log").sessions
    assert {(each.side, each.rule) for each in session.of(Severity.ERROR)} == {
        ("charger", "deadline: answer"),
        ("vehicle", "enabled before the charger answered"),
    }


def test_without_times_order_and_values_are_judged_and_periods_are_not(log_of, plan):
    report = log_of(at(plan, 0.0), stamp="")
    (session,) = report.sessions
    assert session.verdict is Verdict.SOUND
    assert session.end_s - session.start_s == pytest.approx(12.0, abs=0.3)
    late = log_of(at(plan, 0.0, clear=9.9), stamp="", name="late.log")
    assert {each.rule for each in late.sessions[0].findings} == {"deadline: clear charging"}


@pytest.mark.parametrize("wrap", [2**32, 2**31])
def test_a_time_counter_that_overflows_in_the_session_does_not_part_it(tmp_path, plan, wrap):
    path, rows = tmp_path / "wrap.csv", []
    for frame in at(plan, wrap / 1e6 - 7.0):
        t_us = round(frame.t_s * 1e6)
        stamp = t_us if t_us < wrap else t_us - 2**32
        cells = ",".join(f"{byte:02X}" for byte in frame.data)
        rows.append(f"{stamp},{frame.identifier:08X},false,Rx,0,8,{cells},")
    path.write_text(
        "\n".join(["Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8", *rows, ""])
    )
    report = check_log(path)
    assert report.verdict is Verdict.SOUND
    assert len(report.sessions) == 1
    assert "overflows" in report.notes[0]


def test_a_charger_that_goes_on_talking_does_not_join_two_sessions(log_of, plan):
    first = at(plan, 0.0, charger_ends=20.0)
    report = log_of([*first, *at(plan, 20.0)])
    assert [round(each.start_s) for each in report.sessions] == [0, 20]
    assert report.verdict is Verdict.SOUND


def test_both_sides_silent_in_transfer_are_lost(log_of, plan):
    cut = [f for f in at(plan, 0.0) if f.t_s < 7.0]
    report = log_of([*cut, *at(plan, 30.0)])
    first, second = report.sessions
    assert {each.rule for each in first.of(Severity.ERROR)} == {"CAN lost"}
    assert second.verdict is Verdict.SOUND
    assert report.verdict is Verdict.UNSOUND


def test_a_log_that_ends_in_transfer_holds_with_a_note(log_of, plan):
    report = log_of([f for f in at(plan, 0.0) if f.t_s < 7.0])
    assert report.verdict is Verdict.NOTED
    assert report.sessions[0].findings[0].message == "the log ends inside the session: transfer"


def test_the_verdict_of_a_log_is_that_of_its_worst_session(log_of, plan):
    good, bad = at(plan, 0.0), at(plan, 30.0, clear=9.9)
    assert log_of([*good, *bad]).verdict is Verdict.UNSOUND


def test_the_real_recording_is_sound_with_notes(real_log):
    report = check_log(real_log)
    assert (report.format, report.frames, report.other_frames) == ("SavvyCAN CSV", 4072, 0)
    assert report.verdict is Verdict.NOTED
    (session,) = report.sessions
    assert {(each.side, each.rule) for each in session.findings} == {
        ("charger", "deadline: start"),
        ("charger", "current ramp"),
        ("charger", "overshoot"),
        ("charger", "order of the stop"),
        ("vehicle", "sequence number"),
    }


def test_the_real_recording_is_who_the_facts_say_it_is(real_log):
    (session,) = check_log(real_log).sessions
    assert session.vehicle.name == "Nissan Leaf 24/30 kWh (AZE0 class)"
    assert session.charger.name == "V2H unit"
    assert (session.version, session.discharge) == ("1.x", True)
    assert session.energy.charge_percent == 73.0
    assert session.energy.most_charge_a == 14


# Facts: sections 1, 6, 7 and 8.1, times from the first frame of the recording.
STATED = {
    PhaseName.PARAMETERS: 0.065,
    PhaseName.ENABLED: 3.92,
    PhaseName.LOCKED: 3.92 + 8.74,
    PhaseName.REQUESTED: 17.34 + 1.70,
    PhaseName.TRANSFER: 19.56,
    PhaseName.STOPPING: 46.76,
    PhaseName.WELD_CHECK: 46.96,
    PhaseName.OPENED: 46.76 + 3.11,
    PhaseName.FINISHED: 46.76 + 3.80,
}


def test_the_real_recordings_phases_begin_when_the_facts_say(real_log):
    (session,) = check_log(real_log).sessions
    begins = {each.name: each.start_s - session.start_s for each in session.phases}
    for name, stated_s in STATED.items():
        assert begins[name] == pytest.approx(stated_s, abs=0.01), name
    # The insulation pulse of 489 to 505 V lasts 0.7 s, its flanks included 0.9 s.
    pulse = next(each for each in session.phases if each.name is PhaseName.INSULATION)
    assert pulse.duration_s == pytest.approx(0.9, abs=0.05)


def test_the_real_recordings_deadlines_are_those_of_the_facts(real_log):
    (session,) = check_log(real_log).sessions
    stated = {
        "answer": 0.065,
        "enable": 3.92,
        "lock": 8.74,
        "request": 1.70,
        "start": 0.524,
        "obey stop": 0.205,
        "weld check": 2.908,
    }
    for name, stated_s in stated.items():
        assert session.deadlines_s[name] == pytest.approx(stated_s, abs=0.005), name


def test_the_real_recordings_periods_are_those_of_the_facts(real_log):
    (session,) = check_log(real_log).sessions
    vehicle = [session.periods[n] for n in (0x100, 0x101, 0x102, 0x200)]
    charger = [session.periods[n] for n in (0x108, 0x109, 0x208, 0x209)]
    for period in vehicle:
        assert period.mean_s == pytest.approx(0.1001, abs=5e-5)
        assert period.longest_s <= 0.1023
    for period in charger:
        assert period.mean_s == pytest.approx(0.1000, abs=5e-5)
        assert period.shortest_s == pytest.approx(0.094, abs=1e-4)
        assert period.longest_s == pytest.approx(0.106, abs=1e-4)


def test_the_real_recording_encodes_to_the_same_bytes(real_log):
    frames = list(LogReader(real_log))
    assert len(frames) == 4072
    assert all(decode(f.identifier, f.data).encode() == f.data for f in frames)
