"""Every registered driver against its simulated box in wall time: threads, silence, plugs."""

import threading
import time

import pytest

from instruments.errors import LinkTimeout
from rig.virtual.wires import Drop

pytestmark = pytest.mark.wall_clock

TOGETHER_S = 0.1


def test_two_threads_use_one_driver_and_neither_hears_the_others_answer(served):
    errors, rounds, until = [], [], time.monotonic() + TOGETHER_S

    def use(job):
        done = 0
        try:
            while done < 2 or time.monotonic() < until:
                job()
                done += 1
        except Exception as error:  # whatever it is, the test is to show it
            errors.append(error)
        rounds.append(done)

    who = served.driver.identify()

    def ask():
        assert served.driver.identify() == who

    jobs = (ask, served.part.in_use)
    threads = [threading.Thread(target=use, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20.0)
        assert not thread.is_alive()
    assert errors == []
    assert min(rounds) >= 2


def test_silence_is_a_time_out_in_time_and_the_next_answer_is_right(served):
    if served.faults is None:
        pytest.skip("no link of ours")
    who, timeout_s = served.driver.identify(), served.spec.roles[served.role].link.timeout_s
    served.faults.add(Drop())
    start = time.monotonic()
    with pytest.raises(LinkTimeout):
        served.driver.identify()
    assert timeout_s <= time.monotonic() - start + 0.01 <= timeout_s + 0.5
    served.faults.clear()
    assert served.driver.identify() == who
