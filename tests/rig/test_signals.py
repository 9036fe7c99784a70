"""How signals end a plan: in order, whatever their number."""

import os
import signal
import time

import pytest

from rig.signals import Interrupted, orderly_signals, power_path, powered, undisturbed


def send(number):
    """Send a signal to this process and give Python the moment to take it."""
    os.kill(os.getpid(), number)
    time.sleep(0.001)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_is_raised_like_ctrl_c(number):
    with orderly_signals(), powered(), pytest.raises(KeyboardInterrupt, match=number.name):
        send(number)


def test_a_second_signal_waits_until_the_power_path_is_cut():
    done = []
    with orderly_signals(), powered():
        try:
            send(signal.SIGTERM)
        except Interrupted:
            send(signal.SIGINT)
            done.append("before")
            with pytest.raises(Interrupted, match="SIGHUP, again"), power_path():
                send(signal.SIGHUP)
                done.append("cut")
            with pytest.raises(Interrupted):
                send(signal.SIGINT)
    assert done == ["before", "cut"]


def test_one_signal_alone_hastens_nothing():
    with orderly_signals(), powered():
        with pytest.raises(Interrupted):
            send(signal.SIGTERM)
        with power_path():
            pass


def test_without_power_every_signal_is_raised():
    with orderly_signals():
        for _ in range(2):
            with pytest.raises(Interrupted):
                send(signal.SIGTERM)


def test_a_new_powering_begins_anew():
    with orderly_signals():
        for _ in range(2):
            with powered(), pytest.raises(Interrupted):
                send(signal.SIGTERM)


def test_the_handlers_of_before_are_put_back():
    before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    with orderly_signals():
        assert signal.getsignal(signal.SIGTERM) is not before[1]
    assert [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before


def test_nohup_is_respected():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with orderly_signals():
            send(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_work_that_must_end_is_not_disturbed_by_any_of_them():
    before = signal.getsignal(signal.SIGTERM)
    with undisturbed():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            send(number)
    assert signal.getsignal(signal.SIGTERM) is before
