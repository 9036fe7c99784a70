"""The unit's console log in the record: whole lines, whatever the pieces, and never a failure."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from instruments.errors import LinkClosed
from rig.bench.console import Console
from rig.clock import VirtualClock


class Pieces:
    """A line that gives one piece at each read."""

    name, address = "console", "nowhere"

    def __init__(self, pieces):
        self.pieces = list(pieces)
        self.closed = False

    def read(self):
        piece = self.pieces.pop(0) if self.pieces else b""
        if isinstance(piece, Exception):
            raise piece
        return piece

    def close(self):
        self.closed = True


class Record:
    def __init__(self):
        self.events = []

    def event(self, kind, data):
        self.events.append((kind, *data.values()))


def heard(pieces, seconds=0.0):
    clock, record, line = VirtualClock(), Record(), Pieces(pieces)
    with Console(line, record, clock).listening():
        clock.sleep_until(clock.now() + seconds)
    assert line.closed
    return record.events


def test_lines_are_taken_down_as_they_come():
    assert heard([b"", b"one\r\ntwo\n", b"three\n"], 12.5) == [
        ("console", "one"),
        ("console", "two"),
        ("console", "three"),
    ]


@given(st.lists(st.text("abc \u00e9", max_size=20), max_size=8), st.lists(st.integers(0, 60)))
def test_lines_are_the_same_however_they_are_cut(lines, cuts):
    data = "".join(f"{line}\n" for line in lines).encode()
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[a:b] for a, b in itertools.pairwise(edges)]
    assert heard(pieces, 5.0 * len(pieces)) == [("console", line) for line in lines]


def test_bytes_that_are_no_text_are_shown_as_bytes():
    assert heard([b"\xff\x00ok\n"]) == [("console", "\\xff\x00ok")]


def test_garbage_without_an_end_does_not_grow_without_bound():
    events = heard([b"x" * 3000] * 10, 60.0)
    assert sum(len(text) for _, text in events) > 20_000


def test_a_console_that_is_lost_is_noted_once_and_breaks_nothing():
    lost = LinkClosed("receiving", box="console", address="p", expected="a line", got="nothing")
    events = heard([b"one\n", lost, b"two\n"], 20.0)
    assert events[0] == ("console", "one")
    assert [kind for kind, _ in events] == ["console", "note"]
    assert "the console log ends here" in events[1][1]
