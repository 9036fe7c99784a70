"""The latch of a trip."""

from pathlib import Path

import pytest

from instruments.errors import UsageError
from rig.bench.latch import Latch, latch_of, state_folder
from rig.cli import main
from rig.safety import Trip

DOOR = Trip("door open", "2026-01-01T00:00:00.000+00:00")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    return tmp_path


def test_a_new_bench_is_not_latched():
    assert latch_of("lab").trip is None


def test_a_trip_is_there_for_the_next_run_and_for_this_bench_only():
    latch_of("lab").set(DOOR)
    assert latch_of("lab").trip == DOOR
    assert latch_of("lab 2").trip is None
    assert latch_of("lab-2").trip is None


def test_the_first_trip_stays():
    latch_of("lab").set(DOOR)
    assert latch_of("lab").set(Trip("something else", "later")) == DOOR
    assert latch_of("lab").trip == DOOR


def test_a_reset_says_what_it_was_and_clears_it():
    latch_of("lab").set(DOOR)
    assert latch_of("lab").reset() == DOOR
    assert latch_of("lab").trip is None
    assert latch_of("lab").reset() is None


def test_a_latch_in_memory_leaves_no_file(home):
    latch = Latch()
    latch.set(DOOR)
    assert latch.trip == DOOR
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cause": "x"}'])
def test_a_file_that_nobody_understands_keeps_the_bench_latched(home, text):
    latch_of("lab").set(DOOR)
    (file,) = (home / "outlet-rig").iterdir()
    file.write_text(text)
    assert "no trip that can be understood" in latch_of("lab").trip.cause
    latch_of("lab").reset()
    assert latch_of("lab").trip is None


def test_a_latch_that_cannot_be_written_says_so_and_holds_for_the_run(home):
    (home / "outlet-rig").write_text("a file where the folder should be")
    latch = latch_of("lab")
    assert "not latched beyond this run" in latch.set(DOOR).cause
    assert latch.trip is not None


def test_a_latch_that_cannot_be_reset_stays(home, monkeypatch):
    latch = latch_of("lab")
    latch.set(DOOR)
    monkeypatch.setattr("pathlib.Path.unlink", _refuse)
    with pytest.raises(UsageError, match="cannot be reset"):
        latch.reset()
    assert latch.trip == DOOR


def _refuse(*_args, **_options):
    raise PermissionError("not yours")


def test_rig_bench_reset_clears_the_bench_of_a_file(capsys):
    latch_of("virtual").set(DOOR)
    assert main(["bench", "reset"]) == 0
    assert (
        "cleared safety trip at 2026-01-01T00:00:00.000+00:00: door open" in capsys.readouterr().out
    )
    assert main(["bench", "reset"]) == 0
    assert "no trip is latched" in capsys.readouterr().out


def test_every_working_directory_of_a_user_has_the_same_latch(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", "state")  # must be ignored: it is relative
    monkeypatch.setenv("HOME", str(tmp_path))
    folders = set()
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        folders.add(state_folder().resolve())
    assert folders == {tmp_path / ".local" / "state" / "outlet-rig"}


def test_without_a_place_for_a_latch_the_variable_is_named(monkeypatch):
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError("no home")))
    with pytest.raises(UsageError, match="expected HOME or XDG_STATE_HOME"):
        latch_of("a bench")
