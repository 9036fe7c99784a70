"""A plan killed at any moment leaves nothing on, its lock free, and the next run starts."""

import os
import sys

import pytest

if sys.platform == "win32":
    pytest.skip("served benches need pseudo-terminals", allow_module_level=True)

from benchmarks.kill.random_kills import kill_at_random

pytestmark = pytest.mark.wall_clock

COUNT = int(os.environ.get("RIG_SOAK_KILLS", "4"))
"""A sample; `make soak` kills 200 times."""
SEED = int(os.environ.get("RIG_SOAK_SEED", "4"))


def test_random_kills(tmp_path, show_at_the_end):
    kills = kill_at_random(COUNT, SEED, tmp_path / "kills")
    late = [kill for kill in kills if kill.off_s is None or kill.off_s > 1.0]
    slowest = max((kill.off_s for kill in kills if kill.off_s is not None), default=0.0)
    on = sum(kill.was_on for kill in kills)
    show_at_the_end(f"{len(kills)} kills at random times, {on} of them with power on:")
    show_at_the_end(f"all off after at most {slowest:.3f} s, {len(late)} too late or never")
    assert late == []
    assert on >= len(kills) // 4
