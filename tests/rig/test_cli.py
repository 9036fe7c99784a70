"""The ``rig`` command as a user meets it."""

import json
from pathlib import Path

import pytest

from rig.cli import main

BENCHES = Path(__file__).parents[2] / "benches"


def test_every_command_has_help_with_an_example(capsys):
    for command in (["bench", "check"], ["bench", "show"], ["bench", "schema"], ["serve"]):
        with pytest.raises(SystemExit) as stop:
            main([*command, "--help"])
        assert stop.value.code == 0
        assert f"example: rig {' '.join(command)}" in " ".join(capsys.readouterr().out.split())


def test_checking_the_virtual_bench_identifies_every_role(capsys):
    assert main(["bench", "check", str(BENCHES / "virtual.yaml")]) == 0
    out = capsys.readouterr().out
    assert "EA Elektro-Automatik" in out
    assert "YOKOGAWA" in out
    assert out.rstrip().endswith("roles answer")


def test_a_lab_bench_that_does_not_answer_falls_short_role_by_role(capsys, tmp_path):
    text = (BENCHES / "example-lab.yaml").read_text()
    for n in range(20, 28):
        text = text.replace(f"192.168.1.{n}", f"127.0.0.{n}")
    text = text.replace(":5025", ":1").replace("::5025::", "::1::").replace("30000", "1")
    text = text.replace("hislip0::", "hislip0,1::").replace("::inst0", ",1::inst0")
    file = tmp_path / "lab.yaml"
    file.write_text(text.replace("/dev/ttyUSB", str(tmp_path / "no-tty")))
    assert main(["bench", "check", str(file)]) == 1
    out, err = capsys.readouterr()
    assert out.count("NO ANSWER") == len(json.loads(shown(file, capsys))["roles"])
    assert "Traceback" not in out + err


def shown(file, capsys):
    assert main(["bench", "show", str(file)]) == 0
    return capsys.readouterr().out


def test_the_schema_describes_a_bench_file(capsys):
    assert main(["bench", "schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert {"roles", "wiring", "unit", "safe_state"} <= set(schema["required"])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("earthing: tn", "earthing: tt", "unit.earthing: got 'tt'"),
        ("clock: virtual", "clok: virtual", "clok"),
        ("unit: 33", "unit: 333", "333"),
        ("model: Chroma 63804", "model: Chroma 99999", "unknown model 'Chroma 99999'"),
    ],
)
def test_a_mistake_in_a_bench_file_is_one_readable_line(capsys, tmp_path, old, new, said):
    file = tmp_path / "bench.yaml"
    file.write_text((BENCHES / "virtual.yaml").read_text().replace(old, new))
    assert main(["bench", "check", str(file)]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.startswith("rig: ")
    assert "Traceback" not in err


def test_a_file_that_does_not_exist_is_named(capsys, tmp_path):
    assert main(["bench", "check", str(tmp_path / "none.yaml")]) == 2
    assert "none.yaml" in capsys.readouterr().err


def test_an_option_that_is_nearly_another_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        main(["serve", "--bench", "mine.yaml"])  # not --bench-file, which would write it
    assert caught.value.code == 2
    assert "--bench" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_what_a_bench_leaves_out_of_its_safety_is_named(capsys, tmp_path):
    text = (BENCHES / "virtual.yaml").read_text()
    file = tmp_path / "bench.yaml"
    file.write_text(text.replace("interlock: {", "# interlock: {"))
    assert main(["bench", "check", str(file)]) == 0
    assert "this bench has no interlock\n" in capsys.readouterr().out
    assert main(["bench", "check", str(BENCHES / "virtual.yaml")]) == 0
    assert "this bench has no" not in capsys.readouterr().out
