"""What a session's meter makes of changes that are only known to within some milliseconds."""

from types import SimpleNamespace

import pytest

from rig.bench.v2h.lines import LineChange, PlugLines
from rig.bench.v2h.meter import SessionMeter
from rig.chademo.roles import Line
from rig.clock import VirtualClock


@pytest.fixture
def session():
    lines = PlugLines({}, {}, VirtualClock(), (0.005, 0.012), lambda: None)
    return SimpleNamespace(lines=lines, adapter_flags=frozenset())


@pytest.fixture
def meter(session):
    return SessionMeter(session, requirement=None, stamp_s=0.001)


def test_an_answer_that_was_seen_as_early_as_its_cause_counts(session, meter):
    """k answers d1 within a millisecond or two, and is read more often than the relay."""
    session.lines.changes += [
        LineChange(Line.D1, False, 13.3750, 13.3886),
        LineChange(Line.K, False, 13.3550, 13.3798),
    ]
    lost = meter.line(Line.D1, on=False)
    assert lost.value > 13.3798
    released = meter.line(Line.K, on=False, after=lost)
    assert released is not None
    assert abs(released.value - lost.value) < 2 * (released.u + lost.u)


def test_what_was_over_before_the_cause_can_have_been_does_not_count(session, meter):
    session.lines.changes += [
        LineChange(Line.K, False, 13.300, 13.360),
        LineChange(Line.D1, False, 13.375, 13.389),
        LineChange(Line.K, False, 15.000, 15.020),
    ]
    lost = meter.line(Line.D1, on=False)
    assert meter.line(Line.K, on=False, after=lost).value == pytest.approx(15.01)


@pytest.mark.parametrize(
    ("flags", "problems"),
    [
        ({"OVERRUN", "BUS_OFF"}, ("the CAN adapter says BUS_OFF, OVERRUN",)),
        ({"ERROR_PASSIVE", "BUS_ERROR", "TX_FULL"}, ()),
    ],
)
def test_an_adapter_that_may_have_lost_frames_lets_nothing_be_judged(
    session, meter, flags, problems
):
    session.adapter_flags = frozenset(flags)
    assert meter.count("stops", 0).problems == problems
    assert meter.amps("rise", 2.0).problems == problems
