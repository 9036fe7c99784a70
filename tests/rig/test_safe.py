"""``rig safe`` from the command line."""

import os
import subprocess
import sys
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


def test_a_file_with_other_mistakes_keeps_nothing_on(capsys, tmp_path):
    text = (ROOT / "benches" / "virtual.yaml").read_text()
    file = tmp_path / "bench.yaml"
    file.write_text(
        text.replace("envelope:\n  pack:", "envelope:\n  evps:").replace(
            "  evps: {voltage_v: 500, current_a: 32, power_w: 12500}\n", ""
        )
    )
    assert main(["bench", "show", str(file)]) == 2
    assert main(["safe", str(file)]) == 0
    assert "pack: off" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_whoever_reads_its_words_may_go_away(tmp_path):
    command = [sys.executable, "-c", "import sys; from rig.cli import main; sys.exit(main())"]
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*command, "safe"], stdout=writer, stderr=subprocess.PIPE, cwd=ROOT, check=False, timeout=60
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")
