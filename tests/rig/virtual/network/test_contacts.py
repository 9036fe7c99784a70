import numpy as np
import pytest


def current_at(rig, socket, t_s):
    return rig.net.scope("scope_ac").samples(2, np.atleast_1d(t_s))


@pytest.mark.parametrize("pf", [1.0, 0.5, -0.9])
def test_a_socket_relay_opens_in_6_to_12_ms_and_its_current_ends_at_the_next_zero(rig, pf):
    rig.load("A", "current", 12.0, pf)
    rig.run(0.2)
    rig.probe("A")
    commanded = rig.clock.now() + 0.0031
    rig.net.actuators.drive_relay("A", False, commanded)
    rig.run(0.1)
    parted = rig.net.truth.first("contact_parted", "A", after_s=commanded)
    ended = rig.net.truth.first("current_ended", "A", after_s=commanded)
    assert 0.006 <= parted - commanded <= 0.012
    assert 0.0 <= ended - parted <= 0.01
    arc = current_at(rig, "A", np.linspace(parted, ended - 1e-6, 1000))
    assert np.all(arc > 0) or np.all(arc < 0)
    assert abs(arc[-1]) < 0.02
    assert np.max(np.abs(current_at(rig, "A", np.linspace(ended, ended + 0.03, 500)))) == 0.0


def test_a_relay_without_current_opens_at_once(rig):
    rig.net.actuators.drive_relay("B", False, rig.clock.now())
    rig.run(0.05)
    truth = rig.net.truth
    assert truth.times("contact_parted", "B") == truth.times("current_ended", "B")


def test_a_block_of_the_gates_ends_the_arc_of_a_parted_contact(rig):
    rig.load("A", "current", 12.0)
    rig.run(0.2)
    zero = rig.net.point_on_wave().next_zero_crossing()
    commanded = rig.clock.now()
    rig.net.actuators.drive_relay("A", False, commanded)
    while rig.net.truth.first("contact_parted", "A") is None:
        rig.run(0.0001)
    now = rig.clock.now()
    rig.net.actuators.block_gates(now)
    rig.run(0.05)
    assert zero < rig.clock.now()
    (ended,) = rig.net.truth.times("current_ended", "A")
    assert now - 0.001 <= ended <= now + 20e-6


def test_a_coil_that_is_released_again_in_time_moves_nothing(make_rig):
    rig = make_rig(protects=False).energise("")
    rig.net.actuators.drive_relay("A", True, 0.6)
    rig.net.actuators.drive_relay("A", False, 0.602)
    rig.clock.sleep_until(0.7)
    rig.net.advance()
    assert rig.net.truth.times("contact_closed", "A") == []


def test_operate_times_belong_to_the_unit_with_a_scatter_by_seed(make_rig):
    def closing(seed, unit_seed):
        rig = make_rig(seed, unit_seed, protects=False).energise("A")
        return rig.net.truth.first("contact_closed", "A")

    assert closing(1, 1) == closing(1, 1)
    assert 0 < abs(closing(1, 1) - closing(2, 1)) < 0.0007
    assert len({round(closing(1, unit), 4) for unit in range(6)}) > 3


def test_a_step_branch_opens_at_its_next_current_zero_and_a_short_branch_at_once(rig):
    pow_ = rig.net.point_on_wave()
    zero = pow_.next_zero_crossing()
    pow_.switch(0b1, True, zero + 0.02)
    pow_.switch(0b1, False, zero + 0.043)
    pow_.switch(1 << 7, True, zero + 0.062)
    pow_.switch(1 << 7, False, zero + 0.065)
    rig.run(0.2)
    truth = rig.net.truth
    assert truth.times("branch_closed", "branch 0") == [zero + 0.02]
    assert truth.times("branch_opened", "branch 0") == [pytest.approx(zero + 0.05, abs=1e-6)]
    assert truth.times("branch_opened", "branch 7") == [zero + 0.065]


def test_bench_relays_follow_their_coils_after_5_to_12_ms(rig):
    board = rig.net.relays(1)
    times = []
    for n in range(16):
        driven = rig.clock.now()
        board.drive(n, True)
        rig.run(0.02)
        name = f"board 1 relay {n}"
        times.append(rig.net.truth.first("bench_contact_closed", name) - driven)
        assert board.closed(n)
    assert 0.005 <= min(times) < max(times) <= 0.012
    assert len(set(times)) == 16
