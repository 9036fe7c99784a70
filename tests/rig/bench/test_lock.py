"""One holder of a bench: who, since when, and freed by the kernel."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from instruments.errors import UsageError
from rig.bench.lock import BenchHeld, hold_bench
from rig.session import DEFAULT_BENCH, load_bench

ROOT = Path(__file__).parents[3]
SPEC = load_bench(DEFAULT_BENCH)
ADDRESSES = {"load_a": "TCPIP0::127.0.0.1::30000::SOCKET", "pack": "127.0.0.1:5025"}
HOLD = """
import sys, time
from pathlib import Path
from rig.bench.lock import hold_bench
from rig.session import DEFAULT_BENCH, load_bench
with hold_bench(load_bench(DEFAULT_BENCH), {"x": sys.argv[2]}, folder=Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(30)
"""


@pytest.fixture
def holder(tmp_path):
    """Hold the bench and one address from a process of its own."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path), "127.0.0.1:5025"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert child.stdout.readline() == "held\n"
    yield child
    child.kill()
    child.wait(5)
    child.stdout.close()


def test_a_held_bench_says_who_holds_it_and_since_when(tmp_path, holder):
    with pytest.raises(BenchHeld) as caught, hold_bench(SPEC, ADDRESSES, folder=tmp_path):
        pass
    text = str(caught.value)
    assert text.startswith("bench virtual is held by ")
    assert f"pid {holder.pid}" in text
    assert "since 20" in text
    assert isinstance(caught.value, UsageError)


def test_another_bench_with_a_box_in_common_is_held_too(tmp_path, holder):
    other = SPEC.model_copy(update={"name": "other"})
    with (
        pytest.raises(BenchHeld, match=r"127\.0\.0\.1:5025 is held by"),
        hold_bench(other, {"pack": "TCPIP0::127.0.0.1::5025::SOCKET"}, folder=tmp_path),
    ):
        pass


def test_benches_without_a_box_in_common_do_not_disturb_each_other(tmp_path, holder):
    other = SPEC.model_copy(update={"name": "other"})
    with hold_bench(other, {"load_a": ADDRESSES["load_a"]}, folder=tmp_path) as lock:
        assert len(lock.descriptors) == 2


def test_the_death_of_the_holder_frees_the_bench(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait(5)
    with hold_bench(SPEC, ADDRESSES, folder=tmp_path):
        texts = [json.loads(file.read_text()) for file in tmp_path.iterdir()]
    assert {text["pid"] for text in texts} == {os.getpid()}


def test_leaving_frees_the_bench_also_after_an_error(tmp_path):
    with pytest.raises(RuntimeError), hold_bench(SPEC, ADDRESSES, folder=tmp_path):
        raise RuntimeError
    with hold_bench(SPEC, ADDRESSES, folder=tmp_path):
        pass


def test_an_orderly_end_leaves_no_files(tmp_path):
    with hold_bench(SPEC, ADDRESSES, folder=tmp_path):
        assert len(list(tmp_path.iterdir())) == 3
    assert list(tmp_path.iterdir()) == []


def test_many_at_once_hold_one_after_another_and_never_two(tmp_path):
    """Each waits for its turn; a lock file that is removed must not be held by two."""
    inside, most, done = [], [], []

    def work():
        held = False
        while not held:
            with suppress(BenchHeld), hold_bench(SPEC, {}, folder=tmp_path):
                held = True
                inside.append(1)
                most.append(len(inside))
                time.sleep(0.001)  # for another to come in, if it could
                inside.pop()
        done.append(1)

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(done) == 16
    assert max(most) == 1


def test_two_names_of_one_serial_line_are_one_wire(tmp_path):
    (tmp_path / "line").write_text("")
    (tmp_path / "alias").symlink_to(tmp_path / "line")
    other = SPEC.model_copy(update={"name": "other"})
    locks = tmp_path / "locks"
    locks.mkdir()
    with (
        hold_bench(SPEC, {"a": f"ASRL{tmp_path / 'line'}::INSTR"}, folder=locks),
        pytest.raises(BenchHeld),
        hold_bench(other, {"b": str(tmp_path / "alias")}, folder=locks),
    ):
        pass


def test_a_disk_too_full_to_say_who_holds_a_bench_keeps_nobody_from_holding_it(
    tmp_path, monkeypatch
):
    def full(_file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rig.bench.lock._write", full)
    with (
        hold_bench(SPEC, ADDRESSES, folder=tmp_path),
        pytest.raises(BenchHeld, match="held by unknown user"),
        hold_bench(SPEC, ADDRESSES, folder=tmp_path, patience_s=0.0),
    ):
        pytest.fail("it was held twice")


def test_locks_that_have_no_folder_are_told(tmp_path, monkeypatch):
    def no_folder(*_args, **_how):
        raise FileExistsError(17, "File exists")

    monkeypatch.setattr(Path, "mkdir", no_folder)
    with pytest.raises(UsageError, match=r"locks of benches: .*outlet-rig-locks: expected a fold"):
        hold_bench(SPEC, ADDRESSES).__enter__()


def test_a_lock_file_that_others_make_and_remove_meanwhile_is_tried_again(tmp_path, monkeypatch):
    real, tries = os.open, []

    def never_as_hoped(path, flags, mode=0o777):
        """Be gone whenever it is opened, and there whenever it is made, ten times."""
        if len(tries) >= 10 or not str(path).startswith(str(tmp_path)):
            return real(path, flags, mode)
        tries.append(flags)
        raise FileExistsError if flags & os.O_CREAT else FileNotFoundError

    monkeypatch.setattr(os, "open", never_as_hoped)
    with hold_bench(SPEC, {}, folder=tmp_path) as lock:
        assert len(lock.descriptors) == 1
    assert len(tries) == 10
