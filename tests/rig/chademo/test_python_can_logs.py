"""Logs that python-can writes, and Vector BLF, which it reads."""

import struct

import pytest

import rig.chademo.logs.blf
from instruments.errors import UsageError
from rig.chademo.logs import LogReader


@pytest.mark.parametrize("suffix", [".log", ".asc", ".trc", ".blf"])
def test_logs_that_python_can_writes_are_read_back(tmp_path, plan, suffix):
    can = pytest.importorskip("can", reason="python-can is not installed (extra 'can')")
    path, frames = tmp_path / f"session{suffix}", plan.frames()[:200]
    with can.Logger(path) as logger:
        for frame in frames:
            logger.on_message_received(
                can.Message(
                    timestamp=1767225600.0 + frame.t_s,
                    arbitration_id=frame.identifier,
                    is_extended_id=False,
                    data=frame.data,
                    channel=1,
                )
            )
    read = list(LogReader(path))
    assert [(f.identifier, f.data) for f in read] == [(f.identifier, f.data) for f in frames]
    gaps = [f.t_s - read[0].t_s for f in read]
    assert gaps == pytest.approx([f.t_s - frames[0].t_s for f in frames], abs=1e-3)


@pytest.fixture
def blf(tmp_path, plan):
    """Make a BLF log of which the header and a share of all is left."""
    can = pytest.importorskip("can", reason="python-can is not installed (extra 'can')")

    def make(share, level=-1):
        path = tmp_path / "session.blf"
        with can.BLFWriter(path, max_container_size=2048, compression_level=level) as writer:
            for f in plan.frames():
                writer.on_message_received(
                    can.Message(
                        timestamp=1767225600.0 + f.t_s,
                        arbitration_id=f.identifier,
                        is_extended_id=False,
                        data=f.data,
                    )
                )
        data = path.read_bytes()
        path.write_bytes(data[: max(round(share * len(data)), 144)])
        return LogReader(path)

    return make


def test_a_blf_log_that_is_cut_short_says_so(blf):
    log = blf(0.5)
    assert 300 < len(list(log)) < 800
    assert "it was cut short or never closed" in log.notes[0]
    whole = blf(1.0)
    assert len(list(whole)) == 1066
    assert whole.notes == []


def test_a_blf_log_of_which_nothing_is_left_is_refused(blf):
    with pytest.raises(UsageError, match=r"got no frame; the file has 144 bytes"):
        list(blf(0.0))


def test_a_broken_blf_log_is_refused(tmp_path):
    pytest.importorskip("can", reason="python-can is not installed (extra 'can')")
    path = tmp_path / "x.blf"
    path.write_bytes(b"LOGG" + bytes(20))
    with pytest.raises(UsageError, match="expected a Vector BLF log"):
        list(LogReader(path))


def test_a_blf_log_with_an_object_that_leads_nowhere_is_refused(blf):
    """Of a size of 0, and a kind of header unknown to python-can, which would go on for ever."""
    log = blf(1.0, level=0)
    data = bytearray(log.path.read_bytes())
    first = data.index(b"LOBJ", data.index(b"LOBJ") + 4)
    data[first + 6 : first + 12] = struct.pack("<HL", 512, 0)
    log.path.write_bytes(data)
    with pytest.raises(UsageError, match="frame 1: expected a Vector BLF log, got broken data"):
        list(log)


def test_without_python_can_a_blf_log_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setattr(rig.chademo.logs.blf, "find_spec", lambda _name: None)
    path = tmp_path / "x.blf"
    path.write_bytes(b"LOGG" + bytes(200))
    with pytest.raises(UsageError, match=r"pip install 'outlet-rig\[can\]'"):
        list(LogReader(path))
