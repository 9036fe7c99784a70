import numpy as np
import pytest

SHORT_A = 1 << 6


def short(rig, angle_deg, hold_s=0.05):
    """Short-circuit socket A at an angle; return the instant of closing."""
    pow_ = rig.net.point_on_wave()
    t = pow_.next_zero_crossing() + angle_deg / 360.0 * 0.02
    if t < rig.clock.now() + 0.001:
        t += 0.02
    pow_.switch(SHORT_A, True, t)
    pow_.switch(SHORT_A, False, t + hold_s)
    pow_.trigger(t)
    return t


@pytest.mark.parametrize("angle_deg", [0, 45, 90])
def test_the_current_is_the_limiters_after_100_us_and_i2t_stays_small(make_rig, angle_deg):
    rig = make_rig(protects=False).energise()
    scope = rig.probe("A")
    t0 = short(rig, angle_deg)
    rig.run(0.2)
    t = t0 + np.arange(100_000) * 1e-7
    i = scope.samples(2, t)
    assert np.max(np.abs(i[t > t0 + 100e-6])) < 88.0
    assert np.sum(i * i) * 1e-7 < 80.0


def test_the_capacitor_gives_its_energy_to_the_branch(make_rig, nominal):
    rig = make_rig(protects=False).energise()
    scope = rig.probe("A")
    t0 = short(rig, 90)
    rig.run(0.2)
    before = scope.samples(1, np.array([t0 - 1e-9]))[0]
    t = t0 + (np.arange(200_000) + 0.5) * 1e-9
    limiter = np.sign(before) * nominal.limit_a
    free = scope.samples(2, t) - limiter
    wanted = 0.5 * nominal.capacitor_f * before**2 / 0.1
    assert np.sum(free**2) * 1e-9 == pytest.approx(wanted, rel=1e-3)


def test_a_short_circuit_takes_the_voltage_of_all_until_the_unit_has_opened_the_socket(make_rig):
    rig = make_rig().energise()
    pow_ = rig.net.point_on_wave()
    pow_.switch(0b1100, True, rig.clock.now())
    rig.run(0.3)
    scope = rig.probe("A")
    t0 = short(rig, 90)
    rig.run(0.2)
    truth = rig.net.truth
    blocked = truth.first("gates_blocked", after_s=t0)
    released = truth.first("gates_released", after_s=t0)
    parted = truth.first("contact_parted", "A", after_s=t0)
    assert blocked - t0 <= 20e-6
    assert 0.006 <= parted - blocked <= 0.012
    held = scope.samples(4, np.linspace(blocked + 30e-6, released, 500))
    assert np.max(np.abs(held)) == 0.0
    t = released + 0.015 + np.arange(2000) * 1e-5
    assert np.sqrt(np.mean(scope.samples(4, t) ** 2)) == pytest.approx(230.0, rel=0.1)
    assert np.max(np.abs(scope.samples(2, t))) == 0.0


def test_without_protection_the_neighbours_voltage_stays_collapsed(make_rig):
    rig = make_rig(protects=False).energise()
    scope = rig.probe("A")
    t0 = short(rig, 90)
    rig.run(0.2)
    collapsed = scope.samples(4, np.linspace(t0 + 2e-4, t0 + 0.045, 500))
    back = scope.samples(4, np.linspace(t0 + 0.055, t0 + 0.095, 4000))
    assert np.max(np.abs(collapsed)) == pytest.approx(8.0, rel=0.01)
    assert np.sqrt(np.mean(back**2)) == pytest.approx(230.0, rel=0.01)


def test_an_electronic_load_draws_nothing_while_the_voltage_is_gone(make_rig):
    rig = make_rig(protects=False).energise()
    rig.load("B", "current", 10.0)
    rig.run(0.2)
    scope = rig.probe("B")
    t0 = short(rig, 90)
    rig.run(0.2)
    assert np.max(np.abs(scope.samples(2, np.linspace(t0 + 0.001, t0 + 0.04, 500)))) == 0.0
    again = scope.samples(2, t0 + 0.1 + np.arange(2000) * 1e-5)
    assert np.sqrt(np.mean(again**2)) == pytest.approx(10.0, rel=1e-3)


def test_gates_end_every_current_within_20_us(rig):
    rig.net.point_on_wave().switch(0b11, True, rig.clock.now())
    rig.run(0.2)
    scope = rig.probe("A")
    zero = rig.net.point_on_wave().next_zero_crossing()
    rig.net.actuators.block_gates(zero + 0.005)
    rig.run(0.1)
    t = zero + 0.005 + np.array([-1e-6, 10e-6, 20e-6, 30e-6])
    i = scope.samples(2, t)
    assert i[1] == pytest.approx(i[0] / 2, rel=1e-3)
    assert i[2] == pytest.approx(0.0, abs=1e-6)
    assert i[3] == 0.0
    ended = rig.net.truth.times("current_ended", "A")
    assert ended == [pytest.approx(zero + 0.005 + 20e-6, abs=1e-12)]
