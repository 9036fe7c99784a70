"""Which answer ends the past on a line where late ones cannot be shut out."""

import pytest

from instruments.links.resync import Resync


def asked(command):
    resync = Resync()
    resync.lost(command)
    return resync


@pytest.mark.parametrize(
    "late",
    [b"12.5\n", b"1,2,3,4,5\n", b"+1.50E+02,-1.2E-03,0,1E5\n", b"12.5V, 33.3A, 420W\n", b"a;b\n"],
)
def test_a_late_reading_is_no_identity(late):
    resync = asked("MEAS?")
    assert resync.marker() == "*IDN?"
    assert not resync.answered(bytearray(late))
    assert resync.answered(bytearray(late + b"Chroma,63804,0,1.00\n"))


def test_an_identity_with_something_begun_behind_it_is_not_the_end():
    assert not asked("MEAS?").answered(bytearray(b"Chroma,63804,0,1.00\n12"))


def test_where_an_identity_is_owed_a_status_byte_ends_the_past():
    resync = asked("*idn?")
    assert resync.marker() == "*STB?"
    assert not resync.answered(bytearray(b"Chroma,63804,0,1.00\n"))
    assert resync.answered(bytearray(b"Chroma,63804,0,1.00\n+16\n"))
