"""``rig chademo check``."""

import argparse
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

import rig.chademo.cli
from instruments.errors import UsageError
from rig.chademo.cli import register


@pytest.fixture
def run(capsys):
    """Run a command; return its exit code and what it wrote; ``aside``: what of it to stderr."""

    def ran(*arguments):
        parser = argparse.ArgumentParser(prog="rig")
        register(parser.add_subparsers(required=True))
        options = parser.parse_args([str(each) for each in arguments])
        code, captured = options.run(options), capsys.readouterr()
        ran.aside = captured.err
        return code, captured.out

    return ran


@pytest.fixture
def sound(data):
    return data / "synthetic-v2h.log"


@pytest.fixture
def unsound(plan, tmp_path):
    path = tmp_path / "late.log"
    frames = replace(plan, clear=9.9).frames()
    lines = [f"({f.t_s:.6f}) can0 {f.identifier:03X}#{f.data.hex()}\n" for f in frames]
    path.write_text("".join(lines))
    return path


def test_a_sound_log_exits_0_and_ends_with_the_verdict(run, sound):
    code, out = run("chademo", "check", sound)
    assert code == 0
    assert out.splitlines()[-1] == f"{sound}: sound"
    assert "     3.520     1.000  contactor closed" in out
    assert "     6.566  discharge begins (380 V, -10 A)" in out
    assert "nothing found" in out


def test_no_line_is_wider_than_the_terminal(run, real_log):
    _, out = run("chademo", "check", real_log)
    told = [line for line in out.splitlines() if str(real_log) not in line]
    assert max(len(line) for line in told) <= 100


def test_an_unsound_log_exits_1_and_says_why(run, unsound):
    code, out = run("chademo", "check", unsound)
    assert code == 1
    assert "ERROR 9.820 s charger, deadline: clear charging: not within 0.5 s after" in out
    assert out.splitlines()[-1].endswith(": fell short")


def test_a_log_without_a_session_exits_1(run, tmp_path):
    path = tmp_path / "other.log"
    path.write_text("(1.000000) can0 7DF#0102\n")
    code, out = run("chademo", "check", path)
    assert code == 1
    assert "no CHAdeMO session" in out


def test_json_holds_what_the_text_says(run, sound, tmp_path):
    out = tmp_path / "report.json"
    run("chademo", "check", sound, "--json", out)
    report = json.loads(out.read_text())
    assert (report["verdict"], report["held"], report["frames"]) == ("sound", True, 1066)
    (session,) = report["sessions"]
    assert session["roles"] == ["vehicle", "charger"]
    assert session["phases"][0] == {"name": "wake-up", "start_s": 0.0, "end_s": 0.265}
    assert {"t_s": 3.52, "what": "vehicle contactor closed", "detail": "0 V at the output"} in (
        session["timeline"]
    )
    (period,) = [each for each in session["periods"] if each["id"] == "0x109"]
    assert (period["name"], period["mean_s"], period["lost"]) == ("ChargerStatus", 0.1, 0)


def test_json_names_every_finding_with_time_side_and_source(run, unsound, tmp_path):
    out = tmp_path / "report.json"
    assert run("chademo", "check", unsound, "--json", out)[0] == 1
    report = json.loads(out.read_text())
    assert not report["held"]
    (finding,) = report["sessions"][0]["findings"]
    assert finding["severity"] == "error"
    assert finding["side"] == "charger"
    assert finding["t_s"] == pytest.approx(9.82, abs=1e-4)
    assert finding["source"] == "§8.3"


def test_png_is_drawn_one_file_a_session(run, plan, tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed (extra 'plots')")
    path, out = tmp_path / "two.log", tmp_path / "two.png"
    frames = [*replace(plan, start=0.0).frames(), *replace(plan, start=40.0).frames()]
    lines = [f"({f.t_s:.6f}) can0 {f.identifier:03X}#{f.data.hex()}\n" for f in frames]
    path.write_text("".join(lines))
    assert run("chademo", "check", path, "--png", out)[0] == 0
    for picture in (out, tmp_path / "two-2.png"):
        assert picture.read_bytes().startswith(b"\x89PNG")


def test_png_without_matplotlib_names_the_extra(run, sound, tmp_path, monkeypatch):
    monkeypatch.setattr(rig.chademo.cli, "find_spec", lambda _name: None)
    with pytest.raises(UsageError, match=r"pip install 'outlet-rig\[plots\]'"):
        run("chademo", "check", sound, "--png", tmp_path / "x.png")


def test_what_cannot_be_written_is_a_usage_error(run, sound, tmp_path):
    out = tmp_path / "none" / "x.json"
    with pytest.raises(UsageError, match=f"{re.escape(str(out))}: cannot be written"):
        run("chademo", "check", sound, "--json", out)


def test_without_a_session_there_is_no_picture_and_the_command_says_so(run, tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed (extra 'plots')")
    log, out = tmp_path / "other.log", tmp_path / "other.png"
    log.write_text("(1.000000) can0 7DF#0102030405060708\n")
    _, told = run("chademo", "check", log, "--png", out)
    assert told.splitlines()[-1] == f"{log}: inconclusive"
    assert run.aside == f"rig: {out}: not drawn, there is no session\n"
    assert not out.exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_disk_is_told_with_the_name_of_the_file(run, sound):
    with pytest.raises(UsageError, match="/dev/full: cannot be written: No space left"):
        run("chademo", "check", sound, "--json", Path("/dev/full"))


def test_help_shows_an_example_and_the_exit_codes(run, capsys):
    with pytest.raises(SystemExit) as caught:
        run("chademo", "check", "--help")
    assert caught.value.code == 0
    told = capsys.readouterr().out
    assert "example: rig chademo check session.log" in told
    assert "Exit code 0" in told
