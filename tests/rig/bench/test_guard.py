"""The guardian as its holder sees it."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from instruments.clock import WallClock
from rig.bench import guard as guard_module
from rig.bench.guard import GuardianLost, Unguarded, guarded
from rig.bench.lock import BenchHeld, hold_bench
from rig.clock import VirtualClock
from rig.session import DEFAULT_BENCH, load_bench

SPEC = load_bench(DEFAULT_BENCH)
STEP = next(step for step in SPEC.safe_state if step.role == "load_c")
ONE_BOX = SPEC.model_copy(update={"safe_state": (STEP,)})
NOBODY = {"load_c": "TCPIP0::127.0.0.1::9::SOCKET"}
pytestmark = [
    pytest.mark.wall_clock,
    pytest.mark.skipif(sys.platform == "win32", reason="the guardian needs POSIX"),
]


@pytest.fixture
def clock():
    clock = WallClock()
    yield clock
    clock.close()


def sleep(clock, seconds):
    clock.sleep_until(clock.now() + seconds)


def test_in_virtual_time_there_is_no_process(tmp_path):
    with guarded(ONE_BOX, NOBODY, tmp_path, VirtualClock()) as guard, guard.watching():
        assert isinstance(guard, Unguarded)
        assert guard.alive()


def test_a_guarded_block_that_ends_in_order_leaves_no_process_and_no_log(tmp_path, clock):
    with guarded(ONE_BOX, NOBODY, tmp_path, clock) as guard:
        with guard.watching():
            guard.beat()
            sleep(clock, 0.7)
            guard.made_safe()
        pid = guard.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert (tmp_path / "guardian.log").read_text() == ""


def test_the_first_answer_of_a_guardian_ends_the_wait_for_it(tmp_path, clock):
    with guarded(ONE_BOX, NOBODY, tmp_path, clock) as guard:
        began = time.monotonic()
        assert guard.alive()
        assert time.monotonic() - began < guard_module._STARTS_S / 2


def test_a_guardian_lost_while_it_starts_ends_the_wait_for_it(tmp_path, clock, monkeypatch):
    dumb = [sys.executable, "-I", "-c", "import time; time.sleep(30)"]
    monkeypatch.setattr(guard_module, "guardian_command", lambda: dumb)
    with (
        guarded(ONE_BOX, NOBODY, tmp_path, clock) as guard,
        ThreadPoolExecutor(1) as waiter,
    ):
        alive = waiter.submit(guard.alive)
        with pytest.raises(TimeoutError):
            alive.result(0.2)
        os.kill(guard.pid, signal.SIGKILL)
        assert alive.result(1.0) is False


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGSTOP])
def test_a_lost_guardian_ends_the_sleep_of_an_energised_test(tmp_path, by):
    clock = WallClock()
    with guarded(ONE_BOX, NOBODY, tmp_path, clock) as guard:
        began = time.monotonic()
        with (
            pytest.raises(GuardianLost, match="guarding the bench on guardian at pid"),
            guard.watching(),
        ):
            os.kill(guard.pid, by)
            began = time.monotonic()
            sleep(clock, 10.0)
        assert time.monotonic() - began < (0.5 if by is signal.SIGKILL else 2.0)
        assert not guard.alive()
        with pytest.raises(GuardianLost), guard.watching():
            pass


def test_a_bench_that_was_not_made_safe_is_left_to_the_guardian(tmp_path, clock):
    with guarded(ONE_BOX, NOBODY, tmp_path, clock) as guard, guard.watching():
        pass
    log = (tmp_path / "guardian.log").read_text()
    assert "the holder could not do it: making the bench safe" in log
    assert "killed" not in log
    assert "NOT SAFE" in log


def test_a_busy_holder_is_not_taken_for_a_dead_one(tmp_path, clock):
    with guarded(ONE_BOX, NOBODY, tmp_path, clock) as guard, guard.watching():
        ends = time.monotonic() + 1.0
        while time.monotonic() < ends:
            sum(range(1000))
        assert guard.alive()
        guard.made_safe()


HOLDER = """
import os, sys, time
from pathlib import Path
from instruments.clock import WallClock
from rig.bench.guard import guarded
from rig.bench.lock import hold_bench
from rig.session import DEFAULT_BENCH, load_bench
spec = load_bench(DEFAULT_BENCH)
spec = spec.model_copy(update={"safe_state": [s for s in spec.safe_state if s.role == "load_c"]})
folder, clock = Path(sys.argv[1]), WallClock()
nobody = {"load_c": "TCPIP0::127.0.0.1::9::SOCKET"}
with hold_bench(spec, nobody, folder=folder) as lock:
    with guarded(spec, nobody, folder, clock, lock=lock) as guard, guard.watching():
        print(guard.pid, flush=True)
        time.sleep(30)
"""


def test_the_bench_is_held_until_the_guardian_of_a_dead_holder_is_done(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    guardian = int(holder.stdout.readline())
    os.kill(guardian, signal.SIGSTOP)
    holder.kill()
    holder.wait(5)
    holder.stdout.close()
    with pytest.raises(BenchHeld), hold_bench(SPEC, NOBODY, folder=tmp_path, patience_s=0.2):
        pass
    os.kill(guardian, signal.SIGCONT)
    with hold_bench(SPEC, NOBODY, folder=tmp_path):
        assert "NOT SAFE" in (tmp_path / "guardian.log").read_text()
