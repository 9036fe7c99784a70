"""Watchdogs of a bench: armed and fed while energised, tried on purpose, let go in order."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from instruments.errors import BenchError, UsageError
from rig.bench.feeding import Feeding
from rig.bench.steps import Journal
from rig.bench.watchdog_trial import WatchdogTrial, try_watchdogs, watchdog_table
from rig.bench.watchdogs import Watchdogs, watchdogs_armed
from rig.cli import main
from rig.clock import VirtualClock
from rig.recording import Recorder
from rig.session import DEFAULT_BENCH, load_bench, open_bench
from rig.virtual.wires import Stuck

SPEC = load_bench(DEFAULT_BENCH)


@pytest.fixture
def opened():
    with suppress(ExceptionGroup), open_bench(SPEC, DEFAULT_BENCH) as bench:
        yield bench  # closing boxes that a test has unplugged is what may fail


@pytest.fixture
def watchdogs(opened, tmp_path):
    recorder = Recorder(tmp_path / "record", opened.clock)
    roles = opened.roles
    yield Watchdogs(SPEC, roles.drivers, roles.watchdogs, opened.clock, Journal(recorder))
    recorder.close()


def sleep(opened, seconds):
    opened.clock.sleep_until(opened.clock.now() + seconds)


def switch_on(opened):
    pack = opened.roles.drivers["pack"]
    opened.roles.demand.begin()
    pack.source.set_voltage(300.0)
    pack.source.output_on()


def is_on(opened):
    return opened.virtual.network.observe().supply_on


def test_an_armed_supply_stays_on_while_it_is_fed(opened, watchdogs):
    with watchdogs_armed(watchdogs):
        switch_on(opened)
        sleep(opened, 300.0)
        assert is_on(opened)
        opened.roles.drivers["pack"].make_safe()
    assert opened.roles.watchdogs["pack"].read_watchdog().timeout_s is None


def test_a_supply_that_hears_nothing_switches_off_by_itself(opened, watchdogs):
    watchdogs.arm()
    switch_on(opened)
    opened.virtual.faults["pack"].add(Stuck())
    with pytest.raises(BenchError):
        sleep(opened, 100.0)
    sleep(opened, 100.0)
    assert not is_on(opened)


def test_a_box_that_cannot_be_disarmed_hides_no_worse_error(opened, watchdogs):
    with pytest.raises(RuntimeError) as caught, watchdogs_armed(watchdogs):
        opened.virtual.unplug("pack")
        raise RuntimeError("the plan")
    assert "while disarming watchdogs" in caught.value.__notes__[0]


def test_a_box_that_cannot_be_disarmed_is_an_error_by_itself(opened, watchdogs):
    with pytest.raises(ExceptionGroup, match="could not be disarmed"), watchdogs_armed(watchdogs):
        opened.virtual.unplug("pack")


def test_a_starved_supply_goes_off_by_itself_and_is_disarmed_all_the_same(opened, watchdogs):
    with watchdogs_armed(watchdogs):
        switch_on(opened)
        watchdogs.starve()
        sleep(opened, 60.0)
        assert not is_on(opened)
    assert opened.roles.watchdogs["pack"].read_watchdog().timeout_s is None
    with watchdogs_armed(watchdogs):
        switch_on(opened)
        assert is_on(opened)


def test_a_model_without_a_watchdog_is_refused():
    pack = SPEC.roles["pack"]
    watchdog = pack.watchdog.model_copy(update={"model": None})
    roles = SPEC.roles | {"pack": pack.model_copy(update={"watchdog": watchdog})}
    spec = SPEC.model_copy(update={"roles": roles})
    refused = pytest.raises(UsageError, match=r"roles\.pack\.watchdog: EA PSB 10000 has none")
    with refused, open_bench(spec, DEFAULT_BENCH):
        pass


def test_each_watchdog_runs_out_on_purpose_in_its_time(opened):
    contactors, pack = try_watchdogs(SPEC, opened.roles, opened.clock)
    assert contactors.sound
    assert contactors.low_s == pytest.approx(40.0, abs=0.1)
    assert pack.sound
    assert pack.low_s < 40.1
    assert pack.high_s - pack.low_s < 3.0
    assert not is_on(opened)
    assert opened.roles.watchdogs["pack"].read_watchdog().timeout_s is None


def test_a_watchdog_that_never_acts_is_found(opened):
    deaf = SPEC.roles["pack"].watchdog
    box = opened.roles.watchdogs["pack"]

    class Forgetful:
        def __getattr__(self, name):
            return getattr(box, name)

        def arm_watchdog(self, timeout_s):
            """Say nothing to the box."""

    roles = replace(opened.roles, watchdogs={"pack": Forgetful()})
    trial = try_watchdogs(SPEC, roles, opened.clock)[-1]
    assert trial.trouble == "it did not act"
    assert not trial.sound
    assert "it did not act" in watchdog_table([trial])
    assert deaf.timeout_s == trial.set_s


def test_too_early_and_too_late_are_not_sound():
    assert WatchdogTrial("x", 2.0, 1.95, 2.05).sound
    assert not WatchdogTrial("x", 2.0, 0.5, 2.0).sound
    assert not WatchdogTrial("x", 2.0, 2.5, 2.6).sound


def test_check_prints_the_measured_times(capsys):
    assert main(["bench", "check", str(DEFAULT_BENCH), "--watchdogs"]) == 0
    out = capsys.readouterr().out
    assert "contactors (faults_1 relay 0)" in out
    assert "40.0" in out


class Fed:
    def __init__(self, *failures):
        self.times, self.failures = [], list(failures)

    def __call__(self):
        self.times.append(1)
        if self.failures and self.failures.pop(0):
            raise BenchError("feeding", box="x", address="y", expected="an answer", got="nothing")


def test_one_failed_feeding_is_forgiven_the_second_in_a_row_is_not():
    clock, feed = VirtualClock(), Fed(False, True, False, True, True)
    feeding = Feeding(clock, 1.0, feed)
    feeding.start()
    clock.sleep_until(2.5)
    with pytest.raises(BenchError):
        clock.sleep_until(10.0)
    clock.sleep_until(20.0)
    assert len(feed.times) == 5


def test_a_stopped_feeding_feeds_no_more_and_can_begin_again():
    clock, feed = VirtualClock(), Fed()
    feeding = Feeding(clock, 1.0, feed)
    feeding.start()
    clock.sleep_until(3.5)
    feeding.stop()
    feeding.stop()
    clock.sleep_until(10.0)
    assert len(feed.times) == 4
    feeding.start()
    clock.sleep_until(12.5)
    assert len(feed.times) == 7


def test_what_cannot_be_fed_once_is_not_fed_again():
    clock, feed = VirtualClock(), Fed(True)
    with pytest.raises(BenchError):
        Feeding(clock, 1.0, feed).start()
    clock.sleep_until(10.0)
    assert len(feed.times) == 1


def test_the_served_bench_file_has_the_times_of_a_real_bench():
    import yaml

    from rig.virtual.served_file import served_bench

    text = served_bench(SPEC, dict.fromkeys(SPEC.roles, "127.0.0.1:1"), "/dev/pts/1")
    document = yaml.safe_load(text)
    assert document["wiring"]["contactors"]["timeout_s"] == 2.0
    assert document["roles"]["pack"]["watchdog"]["feed_s"] == 0.5
    assert document["clock"] == "wall"
    assert Path(DEFAULT_BENCH).exists()
