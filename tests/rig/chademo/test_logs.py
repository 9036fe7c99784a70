"""Logs of every make, read as a stream."""

import gzip
import os

import pytest

from instruments.errors import UsageError
from rig.chademo.logs import LogReader

# One and the same four frames: 0x100, 0x102, a frame with a 29-bit identifier, 0x109.
FRAMES = [
    (0x100, "00000000B301F000", False),
    (0x102, "029A010000C80300", False),
    (0x18FF50E5, "0102", True),
    (0x109, "020000000120FFFF", False),
]
TIMES = [0.0, 0.02, 0.03, 0.065]

LITERAL = {
    "candump -L": """\
(1767225600.000000) can0 100#00000000B301F000
(1767225600.020000) can0 102#029A010000C80300 R
(1767225600.030000) can0 18FF50E5#0102
(1767225600.065000) can0 109#020000000120FFFF T
""",
    "candump -t a": """\
 (1767225600.000000)  can0  100   [8]  00 00 00 00 B3 01 F0 00
 (1767225600.020000)  can0  102   [8]  02 9A 01 00 00 C8 03 00
 (1767225600.030000)  can0  18FF50E5   [2]  01 02
 (1767225600.065000)  can0  109   [8]  02 00 00 00 01 20 FF FF
""",
    "candump -t z": """\
 (000.000000)  can0  100   [8]  00 00 00 00 B3 01 F0 00
 (000.020000)  can0  102   [8]  02 9A 01 00 00 C8 03 00
 (000.030000)  can0  18FF50E5   [2]  01 02
 (000.065000)  can0  109   [8]  02 00 00 00 01 20 FF FF
""",
    "candump -t d": """\
 (000.000000)  can0  100   [8]  00 00 00 00 B3 01 F0 00
 (000.020000)  can0  102   [8]  02 9A 01 00 00 C8 03 00
 (000.010000)  can0  18FF50E5   [2]  01 02
 (000.035000)  can0  109   [8]  02 00 00 00 01 20 FF FF
""",
    "candump -t A -x": """\
 (2026-01-01 00:00:00.000000)  can0  RX - -  100   [8]  00 00 00 00 B3 01 F0 00   '........'
 (2026-01-01 00:00:00.020000)  can0  TX - -  102   [8]  02 9A 01 00 00 C8 03 00   '........'
 (2026-01-01 00:00:00.030000)  can0  RX - -  18FF50E5   [2]  01 02   '..'
 (2026-01-01 00:00:00.065000)  can0  RX - -  109   [8]  02 00 00 00 01 20 FF FF   '........'
""",
    "SavvyCAN": """\
Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8
3016672,00000100,false,Rx,0,8,00,00,00,00,B3,01,F0,00,
3036672,00000102,false,Rx,0,8,02,9A,01,00,00,C8,03,00,
3046672,18FF50E5,true,Rx,0,2,01,02,
3081672,00000109,false,Rx,0,8,02,00,00,00,01,20,FF,FF,
""",
    "GVRET": """\
Time Stamp,ID,Extended,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8
-65000,100,false,0,8,0,0,0,0,B3,1,F0,0
-45000,102,false,0,8,2,9A,1,0,0,C8,3,0
-35000,18FF50E5,true,0,2,1,2
0,109,false,0,8,2,0,0,0,1,20,FF,FF
""",
    "ASC": """\
date Thu Jan 1 00:00:00.000 2026
base hex  timestamps absolute
internal events logged
// version 9.0.0
Begin Triggerblock Thu Jan 1 00:00:00.000 2026
   0.000000 Start of measurement
   0.000000 1  100             Rx   d 8 00 00 00 00 B3 01 F0 00  Length = 0 BitCount = 0 ID = 256
   0.010000 1  Statistic: D 1 R 0 XD 0 XR 0 E 0 O 0 B 0.00%
   0.020000 1  102             Tx   d 8 02 9A 01 00 00 C8 03 00
   0.030000 1  18FF50E5x       Rx   d 2 01 02
   0.065000 1  109             Rx   d 8 02 00 00 00 01 20 FF FF
End TriggerBlock
""",
    "ASC, decimal and relative": """\
date Thu Jan 1 00:00:00.000 2026
base dec  timestamps relative
   0.000000 1  256             Rx   d 8 0 0 0 0 179 1 240 0
   0.020000 1  258             Tx   d 8 2 154 1 0 0 200 3 0
   0.010000 1  419385573x      Rx   d 2 1 2
   0.035000 1  265             Rx   d 8 2 0 0 0 1 32 255 255
""",
    "TRC 1.0": """\
;##########################################################################
;   C:\\trace.trc
;---+--   ----+----  --+--  ----+---  +  -+ -- -- -- -- -- -- --
     1)      1000       0100  8 00 00 00 00 B3 01 F0 00
     2)      1020       0102  8 02 9A 01 00 00 C8 03 00
     3)      1030   18FF50E5  2 01 02
     4)      1065       0109  8 02 00 00 00 01 20 FF FF
""",
    "TRC 1.1": """\
;$FILEVERSION=1.1
;$STARTTIME=46023.0
     1)      1000.0  Rx         0100  8  00 00 00 00 B3 01 F0 00
     2)      1020.0  Tx         0102  8  02 9A 01 00 00 C8 03 00
     3)      1030.0  Rx     18FF50E5  2  01 02
     4)      1040.0  Warng  FFFFFFFF  4  00 00 00 08  BUSHEAVY
     5)      1065.0  Rx         0109  8  02 00 00 00 01 20 FF FF
""",
    "TRC 1.3": """\
;$FILEVERSION=1.3
     1)      1000.000 1  Rx        0100 -  8    00 00 00 00 B3 01 F0 00
     2)      1020.000 1  Tx        0102 -  8    02 9A 01 00 00 C8 03 00
     3)      1030.000 1  Rx    18FF50E5 -  2    01 02
     4)      1065.000 1  Rx        0109 -  8    02 00 00 00 01 20 FF FF
""",
    "TRC 2.0": """\
;$FILEVERSION=2.0
;$COLUMNS=N,O,T,I,d,l,D
      1      1000.000 DT     0100 Rx 8  00 00 00 00 B3 01 F0 00
      2      1020.000 DT     0102 Tx 8  02 9A 01 00 00 C8 03 00
      3      1030.000 DT 18FF50E5 Rx 2  01 02
      4      1040.000 ST          Rx    00 00 00 08
      5      1065.000 DT     0109 Rx 8  02 00 00 00 01 20 FF FF
""",
    "TRC 2.1": """\
;$FILEVERSION=2.1
;$COLUMNS=N,O,T,B,I,d,R,L,D
      1      1000.000 DT 1      0100 Rx -  8    00 00 00 00 B3 01 F0 00
      2      1020.000 DT 1      0102 Tx -  8    02 9A 01 00 00 C8 03 00
      3      1030.000 DT 1  18FF50E5 Rx -  2    01 02
      4      1065.000 DT 1      0109 Rx -  8    02 00 00 00 01 20 FF FF
""",
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("kind", LITERAL)
def test_every_make_of_log_gives_the_same_frames(write, kind, newline):
    frames = list(LogReader(write(LITERAL[kind], newline=newline)))
    assert [(f.identifier, f.data.hex().upper(), f.extended) for f in frames] == FRAMES
    assert [f.t_s - frames[0].t_s for f in frames] == pytest.approx(TIMES, abs=1e-6)
    assert not any(f.remote for f in frames)


def test_frames_know_their_line(write):
    frames = list(LogReader(write(LITERAL["SavvyCAN"])))
    assert [f.line for f in frames] == [2, 3, 4, 5]


def test_a_byte_order_mark_is_no_part_of_the_log(write):
    assert len(list(LogReader(write("\ufeff" + LITERAL["SavvyCAN"])))) == 4


@pytest.mark.parametrize(
    ("text", "left_out"),
    [
        ("(1.000000) can0 20000080#0000000000000000\n", "1 error frame left out"),
        ("(1.000000) can0 109##10102\n", "1 CAN FD frame left out"),
        (
            "(1.000000)  can0  20000080   [8]  00 00 00 00 00 00 00 00   ERRORFRAME\n",
            "1 error frame left out",
        ),
        ("(1.000000)  can0  109  [12]  00 00 00 00 00 00 00 00 00 00 00 00\n", "1 CAN FD"),
    ],
)
def test_what_is_no_classic_frame_is_left_out_and_told(write, text, left_out):
    log = LogReader(write(text))
    assert list(log) == []
    assert log.notes[0].startswith(left_out)


@pytest.mark.parametrize(
    "text",
    ["(1.000000) can0 102#R8\n", "(1.000000)  can0  102   [8]  remote request\n"],
)
def test_remote_frames_are_frames(write, text):
    (frame,) = LogReader(write(text))
    assert (frame.remote, frame.data) == (True, b"")


BAD = [
    ("(1.000000) can0 100#00\n(1.100000) can0 100#0x\n", 2, "candump"),
    ("(1.000000) can0 100#00\n(soon) can0 100#00\n", 2, "candump"),
    ("(1.000000)  can0  100   [8]  00 00 00\n", 1, "candump"),
    (LITERAL["SavvyCAN"] + "4,100,false,Rx,0,8,00,00\n", 6, "SavvyCAN CSV"),
    (LITERAL["SavvyCAN"] + "now,100,false,Rx,0,1,00\n", 6, "SavvyCAN CSV"),
    (LITERAL["SavvyCAN"] + "4,100,maybe,Rx,0,1,00\n", 6, "SavvyCAN CSV"),
    (LITERAL["SavvyCAN"] + "nan,100,false,Rx,0,1,00\n", 6, "SavvyCAN CSV"),
    ("(1.0) can0 100#00\n(1e999) can0 100#00\n", 2, "candump"),
    ("date today\nbase hex  timestamps absolute\n 0.1 1 100 Rx d 8 00\n", 3, "Vector ASC"),
    ("date today\nbase hex  timestamps absolute\n 0.1 1 100 Rx\n", 3, "Vector ASC"),
    ("date today\nbase seven  timestamps absolute\n", 2, "Vector ASC"),
    (LITERAL["TRC 2.1"] + "      5  soon DT 1      0109 Rx -  8    02\n", 7, "PEAK TRC"),
    ("Dear diary,\n", 1, "got 'Dear diary,'"),
    ("(1.0\0\0\0\0\n", 1, "got binary data"),
    ("", 1, "got nothing"),
    ("\n\n", 1, "got nothing"),
]


@pytest.mark.parametrize(("text", "line", "told"), BAD)
def test_a_bad_line_is_refused_in_one_line_that_names_file_line_and_what_was_expected(
    write, text, line, told
):
    path = write(text)
    with pytest.raises(UsageError) as caught:
        list(LogReader(path))
    message = str(caught.value)
    assert message.startswith(f"{path}:{line}: expected ")
    assert told in message
    assert "\n" not in message


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        LogReader(tmp_path / "none.log")
    with pytest.raises(UsageError, match="cannot be read"):
        LogReader(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_before_it_is_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="is a pipe"):
        LogReader(tmp_path / "pipe")


def test_binary_rubbish_is_refused(tmp_path):
    path = tmp_path / "x.bin"
    path.write_bytes(bytes(range(256)) * 8)
    with pytest.raises(UsageError, match="expected a candump"):
        LogReader(path)


def test_a_last_line_cut_by_the_end_of_recording_is_left_out(write):
    log = LogReader(write(LITERAL["SavvyCAN"] + "3083000,00000208,false,Rx,0,8,FF,F"))
    assert len(list(log)) == 4
    assert log.notes == ["line 6, the last one, is cut short and left out"]


def test_a_last_frame_that_may_have_lost_bytes_is_left_out(write):
    """Of candump's compact lines none tells how many bytes there were."""
    log = LogReader(write(LITERAL["candump -L"] + "(1767225600.100000) can0 208#FFF4"))
    assert len(list(log)) == 4
    assert log.notes == ["line 5, the last one, is cut short and left out"]


def test_a_last_frame_with_all_its_bytes_needs_no_line_end(write):
    log = LogReader(write(LITERAL["SavvyCAN"].rstrip("\n")))
    assert (len(list(log)), log.notes) == (4, [])


def test_comments_and_empty_lines_say_nothing(write):
    log = LogReader(write(f"# taken in June\n\n{LITERAL['candump -L']}\n# the end\n"))
    assert [f.identifier for f in log] == [identifier for identifier, *_ in FRAMES]


def test_interfaces_may_have_any_name(write):
    for stamp in ("", "(1.0) "):
        log = LogReader(write(f"{stamp}vcan-2.test 100#00000000B301F000\n"))
        assert [f.channel for f in log] == ["vcan-2.test"]


def test_what_the_shell_of_windows_kept_is_read(tmp_path):
    path = tmp_path / "wide.log"
    path.write_text(LITERAL["candump -L"], encoding="utf-16")
    assert len(list(LogReader(path))) == 4


def test_a_packed_log_is_to_be_unpacked(tmp_path):
    path = tmp_path / "session.log.gz"
    path.write_bytes(gzip.compress(LITERAL["candump -L"].encode()))
    with pytest.raises(UsageError, match=r"is packed \(gzip\): unpack it first"):
        LogReader(path)
