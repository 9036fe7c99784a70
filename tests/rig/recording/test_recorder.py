"""The record of a run."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.errors import UsageError
from instruments.links.wire import Exchange
from rig.clock import VirtualClock
from rig.recording import Record, Recorder, RecordLost
from rig.recording.schema import canonical

ROOT = Path(__file__).parents[3]


@pytest.fixture
def clock():
    return VirtualClock()


def write_run(folder, clock, *, address="127.0.0.1:4711", angle=90):
    recorder = Recorder(folder, clock)
    recorder.event("run.started", {"seed": 1})
    recorder.event("run.environment", {"address": address}, hashed=False)
    clock.sleep_until(clock.now() + 1.5)
    recorder.event("stimulus", {"text": "short", "angle_deg": angle})
    return recorder


def test_events_are_read_back_in_order_with_their_times(tmp_path, clock):
    write_run(tmp_path / "run", clock).close()
    with Record(tmp_path / "run") as record:
        assert [(e.seq, e.t_s, e.kind) for e in record.events()] == [
            (1, 0.0, "run.started"),
            (2, 0.0, "run.environment"),
            (3, 1.5, "stimulus"),
        ]
        assert next(record.events("stimulus")).data == {"angle_deg": 90, "text": "short"}


def test_equal_runs_have_equal_digests_whatever_their_addresses(tmp_path):
    digests = set()
    for n, address in enumerate(("127.0.0.1:1", "127.0.0.1:2")):
        recorder = write_run(tmp_path / str(n), VirtualClock(), address=address)
        digests.add(recorder.digest())
        recorder.close()
    assert len(digests) == 1


def test_a_changed_value_changes_the_digest(tmp_path):
    first = write_run(tmp_path / "1", VirtualClock(), angle=90)
    second = write_run(tmp_path / "2", VirtualClock(), angle=91)
    assert first.digest() != second.digest()
    first.close()
    second.close()


def test_a_run_folder_that_holds_files_is_refused(tmp_path, clock):
    (tmp_path / "old.txt").write_text("kept")
    with pytest.raises(UsageError, match="expected a new or empty folder"):
        Recorder(tmp_path, clock)


def test_exchanges_are_kept_between_the_events_they_followed(tmp_path, clock):
    recorder = write_run(tmp_path / "run", clock)
    recorder.exchange(Exchange(1.5, "load_a", "pty", b"MEAS:CURR?\n", b"1.0\n"))
    last = recorder.event("test.ended")
    recorder.exchange(Exchange(1.6, "load_a", "pty", b"LOAD OFF\n", b"", "no answer"))
    recorder.close()
    with Record(tmp_path / "run") as record:
        (during,) = record.exchanges(3, last)
        assert (during.sent, during.received, during.error) == (b"MEAS:CURR?\n", b"1.0\n", None)
        (after,) = record.exchanges(last, last + 1)
        assert after.error == "no answer"


def test_a_long_reply_is_kept_as_beginning_length_and_digest(tmp_path, clock):
    recorder = Recorder(tmp_path / "run", clock)
    block = bytes(range(256)) * 1000
    recorder.exchange(Exchange(0.0, "scope_ac", "x", b":WAV:DATA?\n", block))
    recorder.close()
    with Record(tmp_path / "run") as record:
        (kept,) = record.exchanges(0, 1)
        assert (len(kept.received), kept.received_bytes) == (64, 256_000)
        assert kept.received_sha256 is not None


def test_waveforms_come_back_bit_by_bit_and_names_are_never_overwritten(tmp_path, clock):
    recorder = Recorder(tmp_path / "run", clock)
    first = recorder.waveform("trip", {"i": np.arange(5, dtype=np.int16)})
    second = recorder.waveform("trip", {"i": np.arange(5, 10, dtype=np.int16)})
    recorder.close()
    assert first.file != second.file
    assert first.sha256 != second.sha256
    with Record(tmp_path / "run") as record:
        np.testing.assert_array_equal(record.waveform(second.file)["i"], np.arange(5, 10))


def test_a_listener_sees_an_event_after_it_is_on_disk(tmp_path, clock):
    recorder = Recorder(tmp_path / "run", clock)
    seen = []

    def listener(event):
        with Record(tmp_path / "run") as record:
            seen.append([e.kind for e in record.events()][-1] == event.kind)

    recorder.subscribe(listener)
    recorder.event("note", {"text": "hello"})
    recorder.close()
    assert seen == [True]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a POSIX signal")
def test_what_event_returned_from_survives_a_kill(tmp_path):
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from rig.clock import VirtualClock\n"
        "from rig.recording import Recorder\n"
        "recorder = Recorder(Path(sys.argv[1]), VirtualClock())\n"
        "for n in range(50):\n"
        "    recorder.event('note', {'text': str(n)})\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "run")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
        timeout=30,
    )
    assert done.returncode == -signal.SIGKILL
    with Record(tmp_path / "run") as record:
        assert [e.data["text"] for e in record.events("note")] == [str(n) for n in range(50)]


def test_a_folder_without_a_record_is_named_in_the_error(tmp_path):
    with pytest.raises(UsageError, match="expected a run folder"):
        Record(tmp_path)


def test_a_value_that_is_not_json_is_refused_before_anything_is_stored(tmp_path, clock):
    recorder = Recorder(tmp_path / "run", clock)
    with pytest.raises(ValueError, match="not JSON compliant"):
        recorder.event("reading", {"values": {"current_a": float("nan")}})
    recorder.event("note", {"text": "the record goes on"})
    recorder.close()
    db = sqlite3.connect(tmp_path / "run" / "record.sqlite")
    assert db.execute("select kind from events").fetchall() == [("note",)]
    db.close()


@given(st.dictionaries(st.text(), st.integers() | st.floats(allow_nan=False, allow_infinity=False)))
def test_the_canonical_form_does_not_depend_on_the_order_of_keys(data):
    assert canonical(data) == canonical(dict(reversed(data.items())))


def test_threads_may_write_at_once_and_nothing_is_lost(tmp_path):
    recorder = Recorder(tmp_path / "run", VirtualClock())

    def write(n):
        for k in range(50):
            recorder.exchange(Exchange(0.0, f"box {n}", "there", b"?", b"!"))
            recorder.event("note", {"text": f"{n}:{k}"})

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recorder.close()
    with Record(tmp_path / "run") as record:
        texts = [event.data["text"] for event in record.events("note")]
        exchanges = list(record.exchanges(0, 10**9))
    assert sorted(texts) == sorted(f"{n}:{k}" for n in range(4) for k in range(50))
    assert len(exchanges) == 200


def disk_has_room(recorder, pages):
    recorder._db.execute(f"pragma max_page_count = {pages}")


def test_a_full_disk_is_told_by_the_next_event_and_nothing_is_half_stored(tmp_path, clock):
    recorder = Recorder(tmp_path / "run", clock)
    disk_has_room(recorder, 1)
    for _ in range(450):  # no box may be kept from its safe state by this
        recorder.exchange(Exchange(0.0, "pack", "there", b"OUTP OFF\n", b"x" * 4000))
    with pytest.raises(RecordLost, match=r"writing the event note on the record at .*full"):
        recorder.event("note", {"text": "lost"})
    disk_has_room(recorder, 1_000_000)
    recorder.event("note", {"text": "there is room again"})
    recorder.close()
    with Record(tmp_path / "run") as record:
        assert [e.data["text"] for e in record.events()] == ["there is room again"]
        assert len(list(record.exchanges(0, 10))) == 450


def test_samples_that_do_not_fit_are_told_as_well(tmp_path, clock):
    recorder = Recorder(tmp_path / "run", clock)
    (tmp_path / "run" / "waveforms").write_text("in the way")
    with pytest.raises(RecordLost, match=r"writing the samples trip\.npz"):
        recorder.waveform("trip", {"i": np.arange(5)})
    recorder.close()


def test_an_interrupt_within_an_event_leaves_a_record_that_goes_on(tmp_path, clock):
    recorder = Recorder(tmp_path / "run", clock)
    real = recorder._db

    class Interrupting:
        def execute(self, statement, *values):
            if statement.startswith("insert into wall"):
                raise KeyboardInterrupt
            return real.execute(statement, *values)

    recorder._db = Interrupting()
    with pytest.raises(KeyboardInterrupt):
        recorder.event("note", {"text": "interrupted"})
    recorder._db = real
    recorder.event("note", {"text": "bench made safe"})
    recorder.close()
    with Record(tmp_path / "run") as record:
        assert [e.data["text"] for e in record.events()] == ["bench made safe"]


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_folder_that_cannot_be_made_is_named(tmp_path, clock, place):
    (tmp_path / "file").write_text("kept")
    with pytest.raises(UsageError, match=f"run folder .*{place}: expected a folder that can be"):
        Recorder(tmp_path / place, clock)


def damaged(folder, kept):
    recorder = Recorder(folder, VirtualClock())
    for n in range(300):
        recorder.event("note", {"text": "x" * 200, "n": n})
    recorder.waveform("trip", {"i": np.arange(500)})
    recorder.close()
    path = folder / "record.sqlite"
    path.write_bytes(kept(path.read_bytes()))
    return folder


@pytest.mark.parametrize(
    "kept",
    [
        lambda data: b"",
        lambda data: b"no database " * 500,
        lambda data: data[:20_000],
        lambda data: data[:20_480] + b"\xff" * (len(data) - 20_480),
    ],
    ids=["empty", "other", "cut", "overwritten"],
)
def test_a_damaged_record_is_told_as_that(tmp_path, kept):
    folder = damaged(tmp_path / "run", kept)
    told = pytest.raises(UsageError, match=r"run.record\.sqlite: expected the record of a run")
    with told, Record(folder) as record:
        list(record.events())


def test_samples_that_are_cut_off_are_told_with_their_file(tmp_path):
    folder = damaged(tmp_path / "run", lambda data: data)
    path = folder / "waveforms" / "trip.npz"
    path.write_bytes(path.read_bytes()[:100])
    with Record(folder) as record:
        for file in ("waveforms/trip.npz", "waveforms/none.npz"):
            with pytest.raises(UsageError, match=f"{file}: expected the samples of a capture"):
                record.waveform(file)


def test_no_exchange_waits_for_an_event_that_hangs_on_its_disk(tmp_path, clock):
    recorder = Recorder(tmp_path / "run", clock)
    hangs, goes_on = threading.Event(), threading.Event()

    def hang(_event):
        hangs.set()
        assert goes_on.wait(10)

    recorder.subscribe(hang)
    writer = threading.Thread(target=recorder.event, args=("note",))
    writer.start()
    assert hangs.wait(10)
    for _ in range(450):  # else this thread would hang here
        recorder.exchange(Exchange(0.0, "pack", "there", b"OUTP OFF\n", b""))
    goes_on.set()
    writer.join(10)
    recorder.close()
    with Record(tmp_path / "run") as record:
        assert len(list(record.exchanges(0, 10))) == 450
