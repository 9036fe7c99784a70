"""What the guardian does when its holder falls silent, and what cannot stop it."""

import json
import os
import signal
import subprocess
import sys
import termios
import threading
import time
import tty
from contextlib import suppress
from pathlib import Path

import pytest
from patience import wait_until

from rig.guardian.safe import make_safe

pytestmark = pytest.mark.wall_clock

ROOT = Path(__file__).parents[3]
GUARDIAN = [sys.executable, "-S", "-E", "-I", str(ROOT / "rig" / "guardian")]


def test_a_closed_pipe_switches_off(make_box, start, tmp_path):
    box = make_box()
    guardian = start(box.link("pack"))
    began = time.monotonic()
    guardian.hang_up()
    assert guardian.end() == 0
    assert not box.on
    assert box.heard[0][0] - began < 0.5
    assert "the holder's pipe is closed" in (tmp_path / "guardian.log").read_text()
    assert "pack: off" in (tmp_path / "guardian.log").read_text()


def test_an_orderly_end_touches_nothing(make_box, start):
    box = make_box()
    guardian = start(box.link("pack"))
    guardian.say(b"e...iq")
    assert guardian.end() == 0
    assert box.heard == []


def test_silence_while_energised_switches_off(make_box, start):
    box = make_box()
    guardian = start(box.link("pack"), deadline_s=0.3)
    guardian.say(b"e")
    last = time.monotonic()
    assert guardian.end() == 0
    assert not box.on
    assert 0.25 < box.heard[0][0] - last < 0.8


def test_beats_keep_it_quiet_and_silence_while_idle_does_too(make_box, start):
    box = make_box()
    guardian = start(box.link("pack"), deadline_s=0.3)
    guardian.say(b"e")
    for _ in range(8):
        time.sleep(0.05)
        guardian.say(b".")
    guardian.say(b"i")
    time.sleep(0.5)  # well past its deadline
    assert box.heard == []
    guardian.say(b"q")
    assert guardian.end() == 0


def test_signals_to_it_change_nothing(make_box, start):
    box = make_box()
    guardian = start(box.link("pack"))
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGTSTP):
        guardian.process.send_signal(number)
    guardian.hang_up()
    assert guardian.end() == 0
    assert not box.on


def test_what_a_box_said_unasked_is_not_taken_for_its_answer(make_box, start, tmp_path):
    guardian = start(make_box(chatty=True).link("pack", gap_s=0.05))
    guardian.hang_up()
    assert guardian.end() == 0
    assert "bench safe" in (tmp_path / "guardian.log").read_text()


def test_a_dead_and_a_silent_box_keep_no_other_on(make_box, start, tmp_path):
    sound, silent, gone = make_box(), make_box(deaf=True), make_box()
    dead = gone.link("gone")
    gone.close()
    guardian = start(dead, silent.link("silent"), sound.link("sound"))
    began = time.monotonic()
    guardian.hang_up()
    wait_until(lambda: not sound.on)
    assert time.monotonic() - began < 0.6
    assert guardian.end() == 1
    assert time.monotonic() - began < 15.0
    log = (tmp_path / "guardian.log").read_text()
    assert "NOT SAFE" in log
    assert "gone, silent" in log.splitlines()[-1]


def test_a_holder_that_hangs_while_making_safe_is_helped(make_box, start, tmp_path):
    box = make_box()
    guardian = start(box.link("pack"), safe_within_s=0.3)
    guardian.say(b"es")

    def beat_until_it_is_done():
        with suppress(BrokenPipeError):
            guardian.say(b".")
        return guardian.process.poll() is not None

    wait_until(beat_until_it_is_done)
    assert guardian.end() == 0
    assert not box.on
    assert "still making the bench safe after 0.3 s" in (tmp_path / "guardian.log").read_text()


def test_a_holder_that_has_made_safe_in_time_is_left_alone(make_box, start):
    box = make_box()
    guardian = start(box.link("pack"), safe_within_s=0.2)
    guardian.say(b"es")
    guardian.say(b"i")
    time.sleep(0.5)  # well past the time it gives
    guardian.say(b"q")
    assert guardian.end() == 0
    assert box.heard == []


def test_a_call_for_help_is_answered_beside_the_watching(make_box, start):
    box = make_box()
    guardian = start(box.link("pack"))
    guardian.say(b"esh")
    wait_until(lambda: not box.on)
    box.on = True
    guardian.hang_up()
    assert guardian.end() == 0
    assert not box.on


def test_a_full_disk_does_not_stop_it(make_box, start):
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    box = make_box()
    guardian = start(box.link("pack"), log="/dev/full")
    guardian.hang_up()
    assert guardian.end() == 0
    assert not box.on


def test_a_box_that_comes_back_is_tried_again(make_box, start):
    box = make_box(deaf=True)
    guardian = start(box.link("pack"))
    guardian.hang_up()
    wait_until(lambda: box.heard)
    box.deaf = False
    assert guardian.end() == 0
    assert not box.on


def test_a_serial_box_is_reached_whatever_was_left_half_said(start):
    box, theirs = os.openpty()
    tty.setraw(theirs)
    heard = bytearray()

    def play():
        while b"LOAD?\n" not in heard:
            heard.extend(os.read(box, 100))
        os.write(box, b"OFF\r\n")

    threading.Thread(target=play, daemon=True).start()
    answer = {"send": b"LOAD?\n".hex(), "expect": [{"bytes": b"OFF\r\n".hex()}]}
    says = [{"send": b"LOAD OFF\n".hex()}, answer]
    link = {
        "kind": "serial",
        "path": os.ttyname(theirs),
        "baud": 57600,
        "lead": "0a",
        "steps": [{"role": "load_a", "says": says}],
    }
    guardian = start(link)
    guardian.hang_up()
    assert guardian.end() == 0
    assert bytes(heard) == b"\nLOAD OFF\nLOAD?\n"
    assert termios.tcgetattr(theirs)[4] == termios.B57600
    os.close(box)
    os.close(theirs)


def test_of_an_answer_only_the_bits_that_count_are_compared(start):
    from rig.guardian.exchange import matches

    expected = (bytes.fromhex("0003040000000000 00"), bytes.fromhex("ffffff000000800000"))
    assert matches(bytes.fromhex("000304123456 7a1234"), expected)
    assert not matches(bytes.fromhex("000304123456 fa1234"), expected)
    assert not matches(bytes.fromhex("000304123456"), expected)


def test_it_needs_the_standard_library_and_its_own_modules_only():
    script = (
        "import sys, runpy; sys.argv = ['guardian'];"
        f"sys.stdin.close(); runpy.run_path({str(ROOT / 'rig' / 'guardian')!r}, run_name='x');"
        "print([m for m in sys.modules if m.partition('.')[0] not in sys.stdlib_module_names"
        " and not m.startswith('_')])"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-I", "-c", script], capture_output=True, text=True, check=True
    )
    found = {name for name in json.loads(done.stdout.replace("'", '"')) if name != "x"}
    assert {name for name in found if not name.startswith("rig.guardian")} <= {"rig"}


def test_a_holder_that_was_stopped_is_killed_first_and_nobody_else(make_box, tmp_path):
    box = make_box()
    plan = {"deadline_s": 0.3, "log": str(tmp_path / "log"), "links": [box.link("pack")]}
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, json.dumps(GUARDIAN), json.dumps(plan)]
    )
    wait_until((tmp_path / "log.energised").exists)
    os.kill(holder.pid, signal.SIGSTOP)
    assert holder.wait(10) == -signal.SIGKILL
    wait_until(lambda: not box.on)
    wait_until(lambda: "bench safe" in (tmp_path / "log").read_text())
    assert "killed the holder" in (tmp_path / "log").read_text()


def test_a_holder_that_runs_and_is_merely_late_gets_more_time(make_box, tmp_path):
    box = make_box()
    plan = {"deadline_s": 0.2, "log": str(tmp_path / "log"), "links": [box.link("pack")]}
    late = HOLDER.replace("while True:", "while time.sleep(0.4) is None:")
    command = [sys.executable, "-c", late, json.dumps(GUARDIAN), json.dumps(plan)]
    with subprocess.Popen(command) as holder:
        wait_until((tmp_path / "log.energised").exists)
        time.sleep(1.2)  # three beats, each twice as late as they may be
        assert holder.poll() is None
        assert box.heard == []
        holder.kill()
    wait_until(lambda: not box.on)
    wait_until(lambda: "bench safe" in (tmp_path / "log").read_text())


def test_every_step_is_done_though_what_is_said_of_it_reaches_nobody(make_box):
    box = make_box()
    link = box.link("pack")
    link["steps"] = [{**link["steps"][0], "role": role} for role in ("pack", "evps")]

    def closed_pipe(_text):
        raise BrokenPipeError

    assert make_safe([link], closed_pipe)
    assert not box.on
    assert sum(b"OUTP OFF" in data for _, data in box.heard) == 2


HOLDER = """
import json, os, subprocess, sys, time
from pathlib import Path
plan = json.loads(sys.argv[2]) | {"holder": os.getpid()}
child = subprocess.Popen(
    json.loads(sys.argv[1]), stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
)
child.stdin.write(json.dumps(plan).encode() + b"\\ne")
child.stdin.flush()
os.read(child.stdout.fileno(), 1)
Path(plan["log"] + ".energised").touch()
while True:
    time.sleep(0.05)
    child.stdin.write(b".")
    child.stdin.flush()
"""
