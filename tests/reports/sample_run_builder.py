"""A realistic run for the tests of reports: written with the rig's own recorder and judging."""

from collections.abc import Callable

import numpy as np

from instruments.links.wire import Exchange
from rig.clock import VirtualClock
from rig.measure import (
    Budget,
    Component,
    Evidence,
    Limit,
    Measurement,
    NoTripSeen,
    StimulusProof,
    Verdict,
    judge,
)
from rig.recording import Recorder

INSTRUMENTS = ("scope_ac",)


def begin(recorder):
    recorder.event(
        "run.started",
        {
            "bench": "virtual",
            "clock": "virtual",
            "seed": 7,
            "unit_seed": 3,
            "defect": None,
            "earthing": "IT",
        },
    )
    recorder.event(
        "run.environment",
        {"python": "3.11", "platform": "Linux", "bench_file": "virtual.yaml", "numpy version": "2"},
        hashed=False,
    )
    recorder.event(
        "requirement",
        {
            "id": "R-SC-01",
            "title": "Short circuit",
            "text": "A short circuit is off <= 20 ms.",
            "version": "1.0",
            "source": "specification, section 3",
        },
    )
    recorder.event(
        "instrument",
        {
            "role": "scope_ac",
            "model": "keysight_infiniivision",
            "address": "127.0.0.1:4711",
            "answer": "KEYSIGHT TECHNOLOGIES DSOX1204G CN1 1.0",
            "calibration": {
                "certificate": "C-12",
                "date": "2025-06-01",
                "due": "2026-06-01",
                "state": "valid",
            },
        },
        hashed=False,
    )


def start_test(recorder, name, requirement, parameters, title, *, feature="Overload"):
    values = "-".join(parameters.values())
    test = f"testplans/protection/test_{feature.lower()}.py::test_{name}"
    test += f"[{values}]" if values else ""
    recorder.event(
        "test.started",
        {
            "test": test,
            "title": title,
            "description": "Draw too much and see when the inverter lets go.",
            "requirements": [requirement],
            "parameters": parameters,
            "epic": "Outlet controller",
            "feature": feature,
            "severity": "critical",
            "tags": ["long"],
        },
    )
    return test


def end_test(recorder, test, outcome, message="", trace=""):
    recorder.event("test.ended", {"test": test, "outcome": outcome, "message": message})
    if trace:
        recorder.event("test.trace", {"test": test, "trace": trace}, hashed=False)


def proof(level, unit, held_s):
    return StimulusProof(level, unit, level * 0.98, level * 1.02, held_s, held_s, level, level)


def keep_capture(recorder, name, waves, *, trigger, dt_s=0.0, t0_s=0.0, problems=()):
    arrays = {key: values.astype(np.float32) for key, (_, values) in waves.items()}
    ref = recorder.waveform(name, arrays)
    recorder.event(
        "capture",
        {
            "id": name,
            "scope": "scope_ac",
            "socket": name[-1],
            "file": ref.file,
            "sha256": ref.sha256,
            "trigger": trigger,
            "triggered": bool(waves),
            "problems": list(problems),
            "channels": [
                {
                    "name": key,
                    "unit": unit,
                    "t0_s": t0_s,
                    "dt_s": dt_s,
                    "n": int(values.size),
                    "key": key,
                }
                for key, (unit, values) in waves.items()
            ],
        },
    )


def keep_verdict(recorder, test, result, limit, edges=(None, None)) -> Verdict:
    verdict = judge(result, limit)
    if isinstance(result, Measurement):
        recorder.event(
            "measurement",
            {
                "capture": result.evidence.capture or None,
                "quantity": result.quantity_name,
                "value": verdict.value,
                "unit": result.unit,
                "u": result.budget.u,
                "onset_s": edges[0],
                "end_s": edges[1],
                "budget": result.budget.table().splitlines(),
                "notes": list(result.notes),
                "problems": list(result.problems),
            },
        )
    recorder.event("verdict", {"test": test, **verdict.to_json()})
    return verdict


def trip(value, u, capture, held_s, level=32.6):
    budget = Budget(
        "s",
        (
            Component("end: zero of fitted sine", "A", "normal", u * 0.8),
            Component("trigger jitter", "B", "normal", u * 0.5),
            Component("time base", "B", "normal", 25e-6, value),
        ),
    )
    return Measurement(
        "trip_time",
        value,
        "s",
        budget,
        Evidence(capture, INSTRUMENTS),
        stimulus=proof(level, "A", held_s),
    )


def overload_waves(*, trip_s=18.4, rate_hz=20_000.0, length_s=24.0, pre_s=1.0):
    """Return 230 V and a step from 8.7 A to 32.6 A that ends at the first zero after a trip."""
    rng = np.random.default_rng(1)
    n = int(length_s * rate_hz)
    t = -pre_s + np.arange(n) / rate_hz
    wave = np.sin(2 * np.pi * 50 * t)
    end_s = np.ceil(trip_s * 100) / 100
    amps = np.where(t < 0, 8.7, 32.6) * np.sqrt(2)
    current = np.where(t < end_s, amps * wave, 0.0) + rng.normal(0, 0.1, n)
    sag = np.where(t < 0, 1.0, 0.985)
    voltage = np.where(
        t < end_s, 325 * sag * wave, 325 * np.exp(-np.clip(t - end_s, 0, 1) / 0.004) * wave
    )
    return {
        "socket_voltage": ("V", voltage + rng.normal(0, 1.0, n)),
        "socket_current": ("A", current),
    }, float(end_s)


def short_circuit_waves(*, angle_deg=90.0, end_s=0.0136, rate_hz=200_000.0, length_s=0.3):
    """Return a limited short circuit, closed at an angle of the voltage, ended by the unit."""
    rng = np.random.default_rng(2)
    n = int(length_s * rate_hz)
    t = -0.1 + np.arange(n) / rate_hz
    wave = np.sin(2 * np.pi * 50 * t + np.radians(angle_deg))
    shorted = (t >= 0) & (t < end_s)
    rise = 1 - np.exp(-np.clip(t, 0, None) / 60e-6)
    limited = np.clip(3000 * wave, -80, 80) * rise
    spike = 40 * np.exp(-((t - 80e-6) ** 2) / (2 * (25e-6) ** 2)) * np.sign(wave)
    current = np.where(shorted, limited + spike * (t >= 0), np.where(t < 0, 12 * wave, 0.0))
    voltage = np.where(shorted, 0.1 * current, np.where(t < 0, 325 * wave, 0.0))
    return {
        "socket_voltage": ("V", voltage + rng.normal(0, 1.0, n)),
        "socket_current": ("A", current + rng.normal(0, 0.4, n)),
    }


def step(recorder, text, depth, inside: Callable[[], None], outcome="passed"):
    recorder.event("step.started", {"text": text, "depth": depth})
    inside()
    recorder.event("step.ended", {"text": text, "depth": depth, "outcome": outcome})


def overload_passes(recorder, clock):
    test = start_test(
        recorder, "125_percent", "R-OVL-03", {"socket": "A"}, "125 percent trips in time [A]"
    )

    def energise():
        recorder.exchange(
            Exchange(clock.now(), "pack", "127.0.0.1:502", b"\x01\x05\x01\x95\xff\x00", b"\x01\x05")
        )
        recorder.event(
            "stimulus", {"role": "pack", "text": "350 V, at most 20 A", "voltage_v": 350.0}
        )
        step(recorder, "start the unit", 1, lambda: recorder.event("note", {"text": "heartbeat"}))

    step(recorder, "energise sockets A", 0, energise)
    recorder.exchange(Exchange(clock.now(), "load_a", "pty", b"CURR 32.6\n", b""))
    recorder.event(
        "stimulus",
        {
            "role": "load_a",
            "text": "draw 7500 W at power factor 1",
            "power_w": 7500.0,
            "crest_factor": 1.414,
        },
    )
    clock.sleep_until(clock.now() + 23.0)
    recorder.event("console", {"line": "TRIP stage 117 %"})
    waves, end_s = overload_waves()
    keep_capture(recorder, "capture-001-A", waves, trigger="level", dt_s=1 / 20_000.0, t0_s=-1.0)
    recorder.event(
        "reading",
        {
            "role": "controller",
            "text": "socket A",
            "values": {"state": "tripped", "uptime_s": 31.5},
        },
    )
    limit = Limit("R-OVL-03", "1.0", "trip_time", "s", 10, 30, kind="trip_time")
    result = trip(end_s - 0.0004, 0.0011, "capture-001-A", 18.4)
    keep_verdict(recorder, test, result, limit, edges=(0.0004, end_s))
    recorder.event("truth", {"text": "contact of socket A open", "t_s": 18.404})
    end_test(recorder, test, "passed")


def short_circuit_fails(recorder, clock):
    test = start_test(
        recorder,
        "short_circuit",
        "R-SC-01",
        {"socket": "B", "angle_deg": "90"},
        "a short circuit is off in time [B-90]",
        feature="Short_circuit",
    )
    recorder.event(
        "stimulus",
        {"role": "faults", "text": "short circuit at socket B", "branches": 2, "angle_deg": 90.0},
    )
    clock.sleep_until(clock.now() + 0.3)
    waves = short_circuit_waves(end_s=0.0236)
    keep_capture(recorder, "capture-002-B", waves, trigger="stimulus", dt_s=5e-6, t0_s=-0.1)
    limit = Limit("R-SC-01", "1.0", "trip_time", "s", None, 0.02, kind="trip_time")
    result = trip(0.0236, 40e-6, "capture-002-B", 0.0236, level=0.1)
    verdict = keep_verdict(recorder, test, result, limit, edges=(3e-6, 0.0236))
    peak = Limit("R-SC-01", "1.0", "peak_current", "A", None, 88)
    budget = Budget("A", (Component("gain of channel and probe", "B", "normal", 0.6),))
    measured = Measurement(
        "peak_current", 81.4, "A", budget, Evidence("capture-002-B", INSTRUMENTS)
    )
    keep_verdict(recorder, test, measured, peak)
    end_test(recorder, test, "failed", verdict.sentence(), "test_short.py:12: VerdictFailed")


def residual_is_inconclusive(recorder, clock):
    title = "150 mA opens the socket in time"
    test = start_test(recorder, "not_triggered", "R-RCD-04", {}, title, feature="Rcd")
    clock.sleep_until(clock.now() + 1.0)
    problems = ("scope_ac: not triggered",)
    keep_capture(recorder, "capture-003-C", {}, trigger="stimulus", problems=problems)
    limit = Limit("R-RCD-04", "1.0", "trip_time", "s", None, 0.04, kind="trip_time")
    result = NoTripSeen("trip_time", 0.0, problems=problems)
    verdict = keep_verdict(recorder, test, result, limit)
    end_test(recorder, test, "inconclusive", verdict.sentence(), "trace")


def load_does_not_answer(recorder, clock):
    test = start_test(recorder, "memory", "R-OVL-06", {}, "dips do not clear the timers")
    recorder.event("step.started", {"text": "energise sockets A", "depth": 0})
    recorder.exchange(
        Exchange(clock.now(), "load_a", "pty", b"MEAS:CURR?\n", b"", "no answer in 2 s")
    )
    recorder.event("step.ended", {"text": "energise sockets A", "depth": 0, "outcome": "broken"})
    message = "reading the current on load_a at pty: expected a number, got no answer"
    end_test(recorder, test, "broken", message, "LinkTimeout")


def bench_is_gone(recorder, clock):
    test = start_test(recorder, "held", "R-OVL-07", {}, "110 percent is held")
    end_test(recorder, test, "skipped", "NOT TESTED: the bench is broken: load_a: NO ANSWER")


TESTS = (
    overload_passes,
    short_circuit_fails,
    residual_is_inconclusive,
    load_does_not_answer,
    bench_is_gone,
)


def write_sample(folder, tests=TESTS, *, crash=False):
    """Write a run with one test of every outcome; a crashed one stops within its last test."""
    clock = VirtualClock()
    recorder = Recorder(folder, clock)
    begin(recorder)
    for test in tests:
        test(recorder, clock)
        clock.sleep_until(clock.now() + 5.0)
    if crash:
        start_test(recorder, "cut_short", "R-OVL-02", {}, "cut short")
        recorder.event("step.started", {"text": "energise sockets A", "depth": 0})
    else:
        recorder.event(
            "run.ended", {"passed": 1, "failed": 1, "broken": 1, "inconclusive": 1, "skipped": 1}
        )
    recorder.close()
    return folder


__all__ = ["TESTS", "write_sample"]
