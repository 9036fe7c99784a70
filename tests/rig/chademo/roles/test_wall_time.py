"""EVPS against vehicle through SLCAN on pseudo-terminals, in wall time, in three processes."""

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import quantiles

import pytest

from instruments.capabilities import CanFrame
from instruments.clock import WallClock
from rig.chademo.check import SessionChecker, Severity
from rig.chademo.roles import Evps, EvpsState
from rig.virtual.chademo import StopKind

pytestmark = pytest.mark.wall_clock

wall_plug = pytest.importorskip("wall_plug", reason="needs pseudo-terminals", exc_type=ImportError)

HERE = Path(__file__).parent
SOAK = int(os.environ.get("RIG_SOAK", "1"))
P99_MS, WORST_MS, PERIOD_MS = 3.0, 10.0, 100.0
ERRORS_MS = []
"""Of all sessions on a machine that was not late itself; p99 is a figure of many, not of one."""
QUICK = {"ready_s": 1.0, "close_after_s": 0.5, "request_after_s": 0.5, "max_time_min": 1}
PERIODIC = (0x100, 0x101, 0x102, 0x200, 0x201, 0x108, 0x109, 0x208, 0x209)
KINDS = [kind for kind in StopKind if kind not in {StopKind.TIME_OVER, StopKind.EVPS_OVER_VOLTAGE}]


@contextmanager
def process(*words):
    """Run a part of the plug; ended by the end of its input."""
    started = subprocess.Popen(
        [sys.executable, str(HERE / "wall_plug.py"), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=HERE.parents[3],
        env={**os.environ, "PYTHONPATH": str(HERE.parents[3])},
    )
    try:
        yield started
    finally:
        if started.stdin is not None and not started.stdin.closed:
            started.stdin.close()
        try:
            started.wait(10.0)
        finally:
            started.kill()
            started.stdout.close()


class Plug:
    """A session in wall time."""

    def __init__(self, folder, options):
        self.file = folder / "bus.json"
        self.options, self.evps = options, None
        self.vehicle = None
        self.machine_ms = 0.0

    def order(self, name, *values):
        self.vehicle.stdin.write(json.dumps([name, *values]) + "\n")
        self.vehicle.stdin.flush()

    def run(self, kind, transfer_s, amps):
        """Run one session, then return what was on the bus."""
        with ExitStack() as stack:
            bus = stack.enter_context(process("bus", str(self.file)))
            where = json.loads(bus.stdout.readline())
            words = where["ptys"][1], str(where["port"]), json.dumps(self.options)
            machine = stack.enter_context(process("machine"))
            self.vehicle = stack.enter_context(process("vehicle", *words))
            assert self.vehicle.stdout.readline() == "ready\n"
            clock = WallClock(urgent=True)
            stack.callback(clock.close)
            remote = wall_plug.RemoteEvps(where["port"], clock)
            stack.callback(remote.close)
            port = wall_plug.can_port(where["ptys"][0], clock)
            stack.callback(port.close)
            self.evps = Evps(clock, port, remote, remote)
            stack.callback(self.evps.end)
            self.play(clock, remote, kind, transfer_s, amps)
            machine.stdin.close()
            self.machine_ms = json.loads(machine.stdout.readline())
            self.reason = json.loads(self.vehicle.stdout.readline())["reason"]
        return json.loads(self.file.read_text())

    def play(self, clock, remote, kind, transfer_s, amps):
        self.evps.begin()
        self.evps.want(amps)
        clock.call_at(clock.now(), self.evps.start)
        limit_s = clock.now() + 30.0
        first = EvpsState.PARAMETERS if kind is StopKind.BEFORE_CHARGE else EvpsState.TRANSFER
        while self.evps.state is not first and clock.now() < limit_s:
            clock.sleep_until(clock.now() + 0.05)
        turn_s = clock.now() + transfer_s / 2.0
        clock.sleep_until(turn_s if kind is not StopKind.BEFORE_CHARGE else clock.now())
        self.evps.want(-amps)
        clock.sleep_until(turn_s + transfer_s / 2.0)
        self.stop(remote, kind)
        while self.evps.state is not EvpsState.FINISHED and clock.now() < limit_s:
            clock.sleep_until(clock.now() + 0.05)

    def stop(self, remote, kind):
        evps = {
            StopKind.EVPS_BUTTON: "stop",
            StopKind.EVPS_MALFUNCTION: "malfunction",
            StopKind.EVPS_EMERGENCY: "emergency_stop",
        }
        vehicle = {
            StopKind.VEHICLE_BUTTON: ("stop",),
            StopKind.BEFORE_CHARGE: ("stop_before_charge",),
            StopKind.OUT_OF_PARK: ("leave_park",),
            StopKind.OVER_VOLTAGE: ("fail", "fault_over_voltage"),
            StopKind.UNDER_VOLTAGE: ("fail", "fault_under_voltage"),
            StopKind.CURRENT_DEVIATION: ("fail", "fault_current_deviation"),
            StopKind.OVER_TEMPERATURE: ("fail", "fault_over_temperature"),
            StopKind.VOLTAGE_DEVIATION: ("fail", "fault_voltage_deviation"),
            StopKind.SYSTEM_FAULT: ("fail", "system_fault"),
        }
        lines = {
            StopKind.D1_LOST: "d1", StopKind.D2_LOST: "d2", StopKind.K_LOST: "k",
            StopKind.UNPLUGGED: "proximity",
        }  # fmt: skip
        if kind in evps:
            getattr(self.evps, evps[kind])()
        elif kind in vehicle:
            self.order(*vehicle[kind])
        else:
            remote.exchange("cut", lines[kind])


def judge(found):
    checker = SessionChecker()
    for t_s, identifier, data in found["frames"]:
        checker.feed(CanFrame(identifier, bytes.fromhex(data), t_s=t_s))
    return checker.finish()


def period_errors_ms(found):
    """Return how far each gap between frames of one identifier is from 100 ms."""
    errors = []
    for identifier in PERIODIC:
        times = [t_s for t_s, each, _ in found["frames"] if each == identifier]
        gaps = zip(times[1:], times[:-1], strict=True)
        errors += [abs(1e3 * (new - old) - PERIOD_MS) for new, old in gaps]
    return errors


def figures(found):
    errors = period_errors_ms(found)
    return quantiles(errors, n=100)[98], max(errors), len(errors)


def run_once(tmp_path, kind, options, transfer_s, record_property):
    plug = Plug(tmp_path, options)
    found = plug.run(kind, transfer_s, 12.0)
    p99_ms, worst_ms, count = figures(found)
    record_property("p99_ms", p99_ms)
    record_property("worst_ms", worst_ms)
    record_property("machine_ms", round(plug.machine_ms, 3))
    told = f"{kind}: {count} gaps, p99 {p99_ms:.2f}, worst {worst_ms:.2f} ms"
    print(f"\n{told}; an idle process woke {plug.machine_ms:.2f} ms late at worst")  # noqa: T201
    report = judge(found)
    assert report.verdict.held, [str(each) for each in report.of(Severity.ERROR)]
    assert plug.evps.state is EvpsState.FINISHED
    if kind not in {StopKind.D1_LOST, StopKind.D2_LOST, StopKind.UNPLUGGED}:
        assert all(each <= 5.0 for each in found["opened_a"])
    assert worst_ms < PERIOD_MS * 0.9, "a frame was missed"
    # A machine that wakes even an idle process that late shows its own lateness, not the rig's.
    # Two processes and a kernel worker stand between sender and bus, each of which may be late.
    if plug.machine_ms <= WORST_MS:
        ERRORS_MS.extend(period_errors_ms(found))
        assert worst_ms <= WORST_MS
    else:
        assert worst_ms <= WORST_MS + 3 * plug.machine_ms
    return report


@pytest.mark.skipif(SOAK == 1, reason="make soak: the periods of frames need a quiet machine")
def test_a_session_through_slcan_keeps_its_periods(tmp_path, record_property):
    began = time.monotonic()
    report = run_once(tmp_path, StopKind.EVPS_BUTTON, QUICK, 3.0, record_property)
    assert report.energy.most_charge_a == 12
    assert report.energy.most_discharge_a == 12
    assert time.monotonic() - began < 15.0


@pytest.mark.skipif(SOAK == 1, reason="make soak: sixteen sessions of half a minute")
@pytest.mark.parametrize("kind", KINDS)
def test_every_stop_kind_works_in_wall_time(tmp_path, kind, record_property):
    report = run_once(tmp_path, kind, {}, 10.0, record_property)
    assert report.verdict.held


@pytest.mark.skipif(SOAK == 1, reason="make soak: after the sessions above")
def test_all_sessions_together_keep_their_periods():
    if not ERRORS_MS:
        pytest.skip("no session ran on a machine that was not late itself")
    p99_ms = quantiles(ERRORS_MS, n=100)[98]
    print(f"\nall sessions: {len(ERRORS_MS)} gaps, p99 {p99_ms:.2f} ms")  # noqa: T201
    assert p99_ms <= P99_MS
