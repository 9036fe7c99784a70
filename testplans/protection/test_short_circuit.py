"""The short-circuit protection of each socket."""

from contextlib import suppress

import pytest

from instruments.errors import Refused
from rig.bench.selectivity import ShortBeside
from rig.controller import TripCode

HOLD_S = 0.1
RECORD_S = 0.25
DEAD_V = 50.0


@pytest.mark.requirement("R-SC-01")
@pytest.mark.duration(20)
@pytest.mark.parametrize("angle_deg", [0, 45, 90])
def test_a_short_circuit_is_limited_and_off_in_time(bench, socket, requirement, verify, angle_deg):
    """The range is that of the limited current; the capacitor's surge before it may pass it."""
    with bench.energised():
        rate_hz = requirement.number("sample_rate_hz")
        limit = requirement.limit("peak_current").maximum
        with bench.capture(socket, RECORD_S, sample_rate_hz=rate_hz, peak_a=limit) as wave:
            bench.faults.short_circuit(socket, angle_deg=angle_deg, hold_s=HOLD_S)
        proof = wave.prove_angle(angle_deg, requirement.number("angle_tolerance_deg"), HOLD_S)
        verify(wave.trip_time(proof, stimulus_ends_s=HOLD_S))
        later_than_s = requirement.number("peak_later_than_s")
        verify(wave.peak_current(later_than_s=later_than_s).with_stimulus(proof))


@pytest.mark.requirement("R-SC-01")
@pytest.mark.duration(20)
@pytest.mark.parametrize("angle_deg", [0, 45, 90])
def test_a_short_circuit_lets_little_energy_through(bench, socket, requirement, verify, angle_deg):
    """The range is the probe's own, so that the capacitor's surge counts in full."""
    with bench.energised():
        rate_hz = requirement.number("sample_rate_hz")
        with bench.capture(socket, RECORD_S, sample_rate_hz=rate_hz) as wave:
            bench.faults.short_circuit(socket, angle_deg=angle_deg, hold_s=HOLD_S)
        proof = wave.prove_angle(angle_deg, requirement.number("angle_tolerance_deg"), HOLD_S)
        within_s = requirement.number("i2t_window_s")
        verify(wave.let_through(within_s=within_s).with_stimulus(proof))


@pytest.mark.requirement("R-SC-02")
@pytest.mark.duration(20)
@pytest.mark.parametrize("angle_deg", [0, 45, 90])
@pytest.mark.parametrize("step", [1, 2], ids=["next", "last"])
def test_the_other_sockets_come_back_at_once(bench, socket, requirement, verify, step, angle_deg):
    """Each other socket is watched once: the next one in the bench's order, and the last."""
    watched = bench.sockets[(bench.sockets.index(socket) + step) % len(bench.sockets)]
    with bench.energised():
        for result in ShortBeside(bench, socket, watched, requirement).run(angle_deg):
            verify(result)


@pytest.mark.requirement("R-SC-03")
@pytest.mark.duration(120)
def test_a_short_circuit_stays_latched_until_acknowledged(bench, socket, requirement, verify):
    with bench.energised():
        bench.faults.short_circuit(socket, angle_deg=90, hold_s=HOLD_S)
        bench.faults.wait_until_fired()
        code = bench.unit.wait_for_trip(socket, within_s=1.0)
        bench.sleep(HOLD_S)
        with bench.capture(socket, RECORD_S, trigger="voltage", level=DEAD_V) as wave:
            bench.sleep(requirement.number("watch_s"))
        latched = code is TripCode.SHORT_CIRCUIT
        problems = () if latched else (f"the short circuit ended in {code.name.lower()}",)
        verify(wave.triggers("restarts_without_acknowledge", problems))


@pytest.mark.requirement("R-SC-03")
@pytest.mark.duration(120)
def test_a_12_v_cut_does_not_lift_the_latch(bench, socket, requirement, verify):
    with bench.energised():
        bench.faults.short_circuit(socket, angle_deg=90, hold_s=HOLD_S)
        bench.faults.wait_until_fired()
        code = bench.unit.wait_for_trip(socket, within_s=1.0)
        bench.power_cycle_unit(requirement.number("power_off_s"))
        with bench.capture(socket, RECORD_S, trigger="voltage", level=DEAD_V) as wave:
            bench.controller.enable_sockets(bench.sockets)
            with suppress(Refused):
                bench.controller.start()
            bench.sleep(requirement.number("watch_s"))
        latched = code is TripCode.SHORT_CIRCUIT
        problems = () if latched else (f"the short circuit ended in {code.name.lower()}",)
        verify(wave.triggers("restarts_without_acknowledge", problems))
