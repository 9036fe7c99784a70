"""A single shot finds its trigger however often, and whenever, somebody looks."""

import pytest

from rig.virtual.boxes.scope_acquisition import (
    Acquisition,
    ChannelState,
    RecordLayout,
    TriggerState,
)

JUMP_S = 2.0


class Step:
    """A probe whose value jumps at one instant; a span that begins there shows no jump."""

    def crossing(self, channel, level, slope, start_s, end_s):
        return JUMP_S if start_s < JUMP_S < end_s else None


@pytest.mark.parametrize("looks", [[3.0], [1.0, 3.0], [JUMP_S, 3.0], [1.5, JUMP_S, 2.5]])
def test_a_jump_at_the_instant_of_a_look_is_found_by_the_next(looks):
    shot = Acquisition(
        start_s=0.0,
        layout=RecordLayout(origin_s=0.0, rate_hz=1000.0, points=10),
        trigger=TriggerState(source=1, level=0.0, slope="rising", auto_s=None),
        channels={1: ChannelState(display=True)},
        bits=8,
        noise_start=0,
    )
    for now in looks:
        shot.follow(Step(), now)
    assert shot.trigger_s == JUMP_S
