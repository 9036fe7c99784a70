"""A session's folder: BLF, DBC and CSV, as a user of CAN tools finds them."""

import csv
import shutil
from pathlib import Path

import pytest

from instruments.capabilities import CanFrame
from instruments.errors import UsageError
from rig.chademo.check import check_log
from rig.chademo.roles import Line
from rig.chademo.session_log import BLF_NAME, CSV_NAME, DBC_NAME, SessionLog
from rig.clock import VirtualClock
from rig.virtual.chademo import run_session

can = pytest.importorskip("can", reason="python-can (extra 'can') is not installed")


@pytest.fixture(scope="module")
def logged(tmp_path_factory):
    """A session of V2H with its folder."""
    folder = tmp_path_factory.mktemp("session")
    clock = VirtualClock()
    with SessionLog(folder, clock) as log:
        result = run_session(
            clock=clock,
            want=lambda t: -9.0 if t < 12 else 7.0,
            meanwhile=lambda couple: setattr(couple, "log", log),
        )
    return result, folder


def test_the_blf_holds_every_frame_at_its_time(logged):
    result, folder = logged
    read = list(can.BLFReader(folder / BLF_NAME))
    assert len(read) == len(result.couple.frames)
    epoch_s = result.couple.clock.utc().timestamp() - result.couple.clock.now()
    for message, frame in zip(read, result.couple.frames, strict=True):
        assert (message.arbitration_id, bytes(message.data)) == (frame.identifier, frame.data)
        assert message.timestamp - epoch_s == pytest.approx(frame.t_s, abs=2e-3)


def test_cantools_reads_named_signals_from_the_blf_by_our_dbc(logged):
    cantools = pytest.importorskip("cantools", reason="cantools (extra 'can') is not installed")
    _, folder = logged
    database = cantools.database.load_file(folder / DBC_NAME, strict=True)
    signals = {}
    for message in can.BLFReader(folder / BLF_NAME):
        decoded = database.decode_message(message.arbitration_id, message.data)
        assert decoded
        for name, value in decoded.items():
            signals.setdefault((message.arbitration_id, name), []).append(value)
    volts = next(
        values
        for (identifier, name), values in signals.items()
        if identifier == 0x109 and "voltage" in name.lower()
    )
    assert max(volts) == 500  # the insulation test
    drawn = next(
        values
        for (identifier, name), values in signals.items()
        if identifier == 0x208 and "discharge" in name.lower() and "current" in name.lower()
    )
    assert max(drawn) == 9


def test_the_checker_finds_the_same_session_in_the_log(logged):
    result, folder = logged
    report = check_log(folder / BLF_NAME)
    (session,) = report.sessions
    assert session.verdict.held
    assert session.outcome == result.report.outcome
    assert session.energy.most_discharge_a == 9


def test_lines_volts_and_amperes_stand_beside_it(logged):
    result, folder = logged
    with (folder / CSV_NAME).open(encoding="ascii") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(result.couple.samples)
    assert {each["amps"] for each in rows} >= {"-9.000", "7.000", "0.000"}
    # d2 is never on without d1, and no current flows without both and k.
    for row in rows:
        assert not (row[Line.D2] == "1" and row[Line.D1] == "0")
        lines = (row[each] for each in (Line.D1, Line.D2, Line.LOCK))
        assert float(row["amps"]) == 0.0 or all(each == "1" for each in lines)


def test_a_log_that_is_never_closed_has_all_but_the_last_second(tmp_path):
    """A process that is killed closes nothing."""
    folder, clock = tmp_path / "killed", VirtualClock()
    with SessionLog(folder, clock) as log:
        result = run_session(clock=clock, meanwhile=lambda couple: setattr(couple, "log", log))
        left = Path(shutil.copytree(folder, tmp_path / "left"))
    frames = result.couple.frames
    report = check_log(left / BLF_NAME)
    read = list(can.BLFReader(left / BLF_NAME))
    assert frames[-1].t_s - frames[len(read)].t_s < 1.5
    assert report.frames == len(read)
    assert "never closed" in report.notes[0]
    with (left / CSV_NAME).open(encoding="ascii") as file:
        assert len(list(csv.DictReader(file))) == len(result.couple.samples)


def test_the_blf_counts_channels_as_vector_s_tools_do(logged):
    _, folder = logged
    assert check_log(folder / BLF_NAME).sessions[0].channel == "1"
    with can.BLFReader(folder / BLF_NAME) as reader:
        assert {message.channel for message in reader} == {0}  # python-can counts from 0


def test_a_frame_without_its_time_cannot_be_logged(tmp_path):
    with (
        SessionLog(tmp_path, VirtualClock()) as log,
        pytest.raises(UsageError, match="0x102 has none"),
    ):
        log.frame(CanFrame(0x102, bytes(8)))
