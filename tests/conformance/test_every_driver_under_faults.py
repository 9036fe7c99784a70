"""Random operations with every driver while its link misbehaves: right, or a typed error in time.

``make soak`` makes 10 000 with each; here is a sample. Texts have no checksum: where a fault has
changed or cut bytes during an operation, what it gave is not held against the truth.
"""

import os
import time
from collections import Counter
from random import Random

import pytest

from instruments.errors import BenchError, CannotDo, LinkClosed, LinkTimeout
from rig.virtual.wires import (
    Corrupt,
    Delay,
    Drop,
    Duplicate,
    HalfClose,
    Jitter,
    Late,
    Refuse,
    Reset,
    Stuck,
    Truncate,
    When,
)

SOAK = int(os.environ.get("RIG_SOAK", "1"))
COUNT = 10_000 if SOAK > 1 else 100
CHANCE = 0.01
TIMEOUT_S = 0.02
"""Short, since a serial line has no connection to end: there a time-out is waited for."""
THREADED, THREADED_S = ("hislip", "vxi11", "InfiniiVision"), 0.1
"""Over HiSLIP and VXI-11 another thread answers, which a busy machine may let wait."""
AWAITS_S = 1.0
"""How long a driver may wait by itself, such as for terminals to follow a switch."""
HANGS_S = 20.0
"""Of wall time: no operation may come near it."""


def break_often(faults):
    """Give a link every kind of fault that it can have."""
    seldom, often = When(probability=CHANCE / 2), When(probability=CHANCE)
    quick_s = 0.2 * faults.timeout_s
    faults.add(
        Delay(by_s=quick_s, when=often),
        Jitter(up_to_s=2 * quick_s, when=often),
        Late(by_s=0.5 * faults.timeout_s, when=seldom),
        Drop(when=seldom),
        Drop(side="request", when=seldom),
        Duplicate(when=often),
        Duplicate(side="request", when=seldom),
        Truncate(when=seldom),
        Truncate(side="request", when=seldom),
        Corrupt(when=often),
        Corrupt(side="request", when=seldom),
        Stuck(when=seldom),
    )
    if not faults.serial:
        faults.add(HalfClose(when=often), Reset(when=often), Refuse(when=When(probability=0.05)))


def garbling(faults):
    """Count the faults that change a text."""
    return faults.struck["corrupt"] + faults.struck["truncate"]


def undisturbed_s(operations, count=40):
    """Return the longest operation of a few without any fault, in virtual time."""
    longest, clock = 0.0, operations.subject.clock
    for _ in range(count):
        (call, right), before = operations.draw(), clock.now()
        try:
            result = call()
        except CannotDo:
            operations.after(failed=False)
            continue
        except (LinkTimeout, LinkClosed):  # of wall time: the machine is busy
            operations.after(failed=True)
            continue
        operations.after(failed=False)
        assert right(result), "wrong without any fault"
        longest = max(longest, clock.now() - before)
    return longest


def run(subject, operations, longest_s):
    """Make the operations; return how they ended, by kind."""
    faults, clock, ends, errors = subject.faults, subject.clock, Counter(), Counter()
    for n in range(COUNT):
        call, right = operations.draw()
        struck, began_s, wall_s = garbling(faults), clock.now(), time.monotonic()
        try:
            result = call()
        except CannotDo:
            end = "cannot"
        except BenchError as error:
            end = type(error).__name__
            errors[str(error)[:160]] += 1
        else:
            end = "right"
        took_s = clock.now() - began_s
        assert time.monotonic() - wall_s < HANGS_S, n
        assert took_s <= longest_s, f"{n}: {took_s:.2f} s"
        operations.after(failed=end not in ("right", "cannot"))
        if end == "right" and not right(result):
            assert garbling(faults) > struck, f"{n}: {call}, {result} with no byte changed"
            end = "garbled"
        ends[end] += 1
    return ends, errors


def test_no_driver_gives_a_wrong_value_or_hangs(
    simulated_model, make_subject, operations_of, record_property
):
    threaded = any(each in simulated_model for each in THREADED)
    subject = make_subject(simulated_model, timeout_s=THREADED_S if threaded else TIMEOUT_S)
    if subject.faults is None:
        pytest.skip("no link of ours")
    operations = operations_of(subject, Random(subject.model.name))
    # Faults add delays, a time-out, and after it another to hear a serial line out.
    longest_s = 2 * undisturbed_s(operations) + 4 * subject.faults.timeout_s + AWAITS_S
    break_often(subject.faults)
    ends, errors = run(subject, operations, longest_s)
    subject.faults.clear()
    record_property("ends", dict(ends))  # for the figures in docs/benchmarks.md
    assert subject.faults.struck.total() >= COUNT / 60, "hardly any fault: the test is blind"
    assert ends["right"] + ends["cannot"] > COUNT / 3, (ends, errors.most_common(5))
