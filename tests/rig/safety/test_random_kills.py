"""A plan killed at any moment leaves nothing on, its lock free, and the next run starts."""

import sys

import pytest

if sys.platform == "win32":
    pytest.skip("served benches need pseudo-terminals", allow_module_level=True)

pytestmark = pytest.mark.wall_clock


def test_random_kills(random_kills, show_at_the_end):
    kills = random_kills().result()
    late = [kill for kill in kills if kill.off_s is None or kill.off_s > 1.0]
    slowest = max((kill.off_s for kill in kills if kill.off_s is not None), default=0.0)
    on = sum(kill.was_on for kill in kills)
    show_at_the_end(f"{len(kills)} kills at random times, {on} of them with power on:")
    show_at_the_end(f"all off after at most {slowest:.3f} s, {len(late)} too late or never")
    assert late == []
    assert on >= len(kills) // 2
