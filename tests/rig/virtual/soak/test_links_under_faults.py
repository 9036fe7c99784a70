"""Random operations over every kind of link under random faults: no wrong value, no hang."""

from __future__ import annotations

import logging
import os
import random
import time
from collections import Counter

import pytest

from instruments.errors import BenchError
from instruments.links import VisaLink
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

_log = logging.getLogger(__name__)

SOAK = int(os.environ.get("RIG_SOAK", "1"))
"""How many times longer than in daily runs; ``make soak`` sets it."""
VISA = ("visa-socket", "visa-serial", "visa-hislip", "visa-vxi11")
MODBUS = ("modbus-tcp", "modbus-rtu-tcp", "modbus-rtu-serial")
BUSY_S = 1.0
"""What a busy machine may add to an operation."""
GARBLED = "garbled, and without a checksum to tell"


def random_faults(box, *, chance):
    """Give a link every kind of fault that it can have, each with a small chance."""

    def at(share):
        return When(probability=chance * share)

    quick_s = 0.2 * box.timeout_s
    faults = [
        Delay(by_s=quick_s, when=at(1)),
        Jitter(up_to_s=2 * quick_s, when=at(1)),
        Late(by_s=0.5 * box.timeout_s, when=at(0.5)),
        Drop(when=at(0.5)),
        Drop(side="request", when=at(0.5)),
        Duplicate(when=at(1)),
        Duplicate(side="request", when=at(0.5)),
        Truncate(when=at(0.5)),
        Truncate(side="request", when=at(0.5)),
        Corrupt(when=at(1)),
        Corrupt(count=4, when=at(1)),
        Corrupt(side="request", when=at(0.5)),
        Stuck(when=at(0.5)),
    ]
    if not box.faults.serial:
        faults += [HalfClose(when=at(1)), Reset(when=at(1)), Refuse(when=When(probability=0.05))]
    box.faults.add(*faults)


class Operations:
    """Random operations with one box, each checked against what only it can have caused."""

    def __init__(self, box, seed, proofs):
        self.box, self.random = box, random.Random(seed)
        self.sealed, self.holding, self.coils = proofs
        self.number = self.random.randrange(1000)
        self.outcomes = Counter()
        self.errors = Counter()
        self.slowest_s = 0.0
        message = isinstance(box.link, VisaLink)
        self.one = self.random_message if message else self.random_request
        self.registers = None if message else box.link.unit(7)

    def run(self, count):
        for _ in range(count):
            self.number += 1
            struck = self.garbling()
            started = time.monotonic()
            try:
                outcome = self.one(lambda struck=struck: self.garbling() > struck)
            except BenchError as error:
                outcome = type(error).__name__
                self.errors[str(error)] += 1
            self.slowest_s = max(self.slowest_s, time.monotonic() - started)
            self.outcomes[outcome] += 1

    def garbling(self):
        """Count the faults after which a text without checksum of its own may be wrong."""
        struck = self.box.faults.struck
        return struck["corrupt"] + struck["truncate"]

    def random_message(self, garbled):
        link, device, number = self.box.link, self.box.device, self.number
        what = self.random.randrange(4)
        if what == 0:
            link.write(f"SET {self.asked(number)}")
            return "written"
        if what == 1:
            size = self.random.randrange(3000)
            block = link.query_block(f"BLOCK? {self.asked(f'{number}:{size}')}")
            pattern = bytes(n & 255 for n in range(size))
            return self.judged(block == self.sealed(b"%d" % number) + pattern, block, garbled)
        answer = link.query(f"ECHO? {self.asked(number)}").encode()
        assert device.done[number] >= 1 or garbled()
        return self.judged(answer == self.sealed(b"%d" % number), answer, garbled)

    def asked(self, what):
        return self.sealed(str(what).encode()).decode()

    def judged(self, right, answer, garbled):
        if right:
            return "right"
        number, _, rest = bytes(answer).partition(b",")
        foreign = number != b"%d" % self.number and self.sealed(number)[-8:] == rest[:8]
        assert not foreign, f"{self.number} was answered by {answer[:40]!r}"
        assert garbled(), f"{answer[:40]!r} came for {self.number} without any fault"
        return GARBLED

    def random_request(self, garbled):
        try:
            return self.checked_request()
        except AssertionError:
            # Modbus TCP has no checksum of its own: what is damaged behind TCP's goes unseen.
            if self.box.kind == "modbus-tcp" and garbled():
                return GARBLED
            raise

    def checked_request(self):
        unit, written = self.registers, self.box.unit.written
        address = (self.number * 8) & 0xFFFF
        what = self.random.randrange(6)
        count = self.random.randrange(1, 9)
        if what == 0:
            assert unit.read_holding(address, count) == self.holding(address, count)
        elif what == 1:
            assert unit.read_input(address, count) == [
                word ^ 0xFFFF for word in self.holding(address, count)
            ]
        elif what == 2:
            assert unit.read_coils(address, 48) == self.coils(address, 48)
        elif what == 3:
            self.wrote(lambda: unit.write_register(address, self.number), (address, self.number))
        elif what == 4:
            self.wrote(lambda: unit.write_coil(address, on=True), (address, 1))
        else:
            values = [self.number & 0xFFFF] * count
            self.wrote(lambda: unit.write_registers(address, values), (address, *values))
        assert all(times <= 2 for times in written.values())
        written.clear()
        return "right"

    def wrote(self, write, what):
        write()
        assert self.box.unit.written[what] >= 1, f"{what} was acknowledged and never done"


def judge(operations, count, *, most_failures):
    box, outcomes = operations.box, operations.outcomes
    _log.info("%s: %d operations, slowest %.3f s", box.kind, count, operations.slowest_s)
    _log.info("outcomes %s, struck %s", dict(outcomes), dict(box.faults.struck))
    assert sum(outcomes.values()) == count
    assert outcomes["right"] > (1.0 - most_failures) * count / 2
    assert outcomes.keys() - {"right", "written"}, "no fault had any effect: the test is blind"
    assert operations.slowest_s < 4 * box.timeout_s + BUSY_S
    if isinstance(box.link, VisaLink):
        assert max(box.device.done.values()) <= 2


@pytest.mark.parametrize("seed", range(4 if SOAK > 1 else 1))
@pytest.mark.parametrize("kind", VISA + MODBUS)
def test_no_link_gives_a_wrong_value_in_virtual_time(make_box, proofs, kind, seed):
    box = make_box(kind, seed=seed, timeout_s=0.01, virtual=True)
    random_faults(box, chance=0.01)
    operations = Operations(box, seed, proofs)
    count = 2500 * SOAK
    operations.run(count)
    judge(operations, count, most_failures=0.4)


@pytest.mark.wall_clock
@pytest.mark.parametrize("kind", VISA + MODBUS)
def test_no_link_gives_a_wrong_value_in_wall_time(make_box, proofs, kind):
    box = make_box(kind, seed=9, timeout_s=0.05, virtual=False)
    random_faults(box, chance=0.012)
    operations = Operations(box, 9, proofs)
    count = 200 * SOAK
    operations.run(count)
    judge(operations, count, most_failures=0.4)
