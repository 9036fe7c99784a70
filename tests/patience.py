"""Wait in wall time for what other threads and processes do."""

import time


def wait_until(condition, within_s=5.0):
    """Return what the condition returns as soon as that is true; fail after ``within_s``."""
    deadline = time.monotonic() + within_s
    while not (found := condition()):
        assert time.monotonic() < deadline, f"did not come true within {within_s} s"
        time.sleep(0.005)
    return found
