"""When the trigger of the port's record came: by looks at the scope, and by line k."""

from types import SimpleNamespace

import numpy as np
import pytest

from rig.bench.v2h.lines import LineChange
from rig.bench.v2h.scope import PortWave
from rig.chademo.roles import Line
from rig.measure import Waveform

DT_S, PRE_S = 5e-5, 0.5
OTHER = LineChange(Line.D1, False, 13.475, 13.489)


def record(*edges_s, first=True):
    """Return a record whose line k changes at times after the trigger."""
    t_s = np.arange(30_000) * DT_S - PRE_S
    level = first ^ (np.searchsorted(np.array(edges_s), t_s, side="right") % 2 == 1)
    noise = 0.2 * np.sin(1e4 * t_s)
    wave = Waveform(-PRE_S, DT_S, np.where(level, 12.0, 0.0) + noise, "V", "line_k")
    capture = SimpleNamespace(waveforms=(wave,), waveform=lambda name: wave)
    return PortWave(SimpleNamespace(capture=capture))


def looked(wave, before_s=13.4842, after_s=13.5332):
    wave.looked(before_s - 0.005, before_s - 0.003, triggered=False)
    wave.looked(before_s, before_s + 0.002, triggered=False)
    wave.looked(before_s + 0.005, after_s, triggered=True)
    return wave


def test_a_slow_look_alone_leaves_the_whole_of_it_open():
    trigger = looked(record()).clock(0.0)
    assert trigger.value == pytest.approx((13.4842 + 13.5332) / 2)
    assert trigger.u == pytest.approx(0.0245 / 3**0.5)


def test_line_k_that_record_and_input_both_saw_says_better_when_it_triggered():
    wave = looked(record(-0.0081))
    wave.meet(
        [OTHER, LineChange(Line.K, True, 8.0, 8.03), LineChange(Line.K, False, 13.477, 13.483)]
    )
    trigger = wave.clock(0.0)
    assert abs(trigger.value - (13.480 + 0.0081)) < 0.001
    assert trigger.u < 0.005 / 3**0.5
    assert wave.clock(0.1).value == pytest.approx(trigger.value + 0.1)


@pytest.mark.parametrize(
    ("edges_s", "change"),
    [
        ((), LineChange(Line.K, False, 13.477, 13.483)),
        ((-0.3, -0.2, -0.0081), LineChange(Line.K, False, 13.477, 13.483)),
        ((-0.0081,), LineChange(Line.K, True, 13.477, 13.483)),
        ((-0.0081,), LineChange(Line.K, False, 13.377, 13.383)),
        ((-0.0081,), OTHER),
    ],
    ids=["no edge", "edges", "the other way", "another time", "another line"],
)
def test_what_does_not_fit_says_nothing(edges_s, change):
    wave = looked(record(*edges_s))
    wave.meet([change])
    assert wave.clock(0.0).u == pytest.approx(0.0245 / 3**0.5)


def test_line_k_does_not_say_when_what_no_look_saw_triggered():
    wave = record(-0.0081)
    wave.meet([LineChange(Line.K, False, 13.477, 13.483)])
    assert wave.clock(0.0) is None
