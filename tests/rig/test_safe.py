"""``rig safe`` from the command line."""

from pathlib import Path

import pytest

from rig.cli import main

pytestmark = pytest.mark.wall_clock

ROOT = Path(__file__).parents[2]


def test_the_steps_of_the_virtual_bench_are_printed_one_by_one(capsys):
    assert main(["safe", str(ROOT / "benches" / "virtual.yaml")]) == 0
    out = capsys.readouterr().out
    assert "pack: off" in out
    assert out.splitlines()[-1].startswith("bench safe after ")


def test_a_bench_that_is_not_there_is_not_safe(capsys, tmp_path):
    text = (ROOT / "benches" / "example-lab.yaml").read_text()
    file = tmp_path / "bench.yaml"
    file.write_text(text.replace("192.168.1.", "127.0.0.").replace("/dev/ttyUSB", "/dev/none"))
    assert main(["safe", str(file)]) == 1
    out = capsys.readouterr().out
    assert "NOT SAFE" in out.splitlines()[-1]
    assert "load_a" in out.splitlines()[-1]


def test_a_bench_file_that_is_not_there_is_wrong_usage(capsys):
    assert main(["safe", "no-such.yaml"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("word", ["example:", "--help"])
def test_its_help_shows_an_example(capsys, word):
    with pytest.raises(SystemExit):
        main(["safe", "--help"])
    assert word in capsys.readouterr().out
