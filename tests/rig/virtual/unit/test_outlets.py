"""Lid, water, earth, backfeed and weld, as the controller's firmware treats them."""

import math
from dataclasses import replace

import pytest

from rig.virtual.unit import Parameters
from rig.virtual.unit.defect_changes import restart_kind

RELAY_S = 0.008
STATE, TRIP_CODE, FLAGS = 0, 5, 7
OFF, ON, TRIPPED, LOCKED_OUT, INHIBITED = 0, 1, 2, 3, 5


def only(n, value=True, other=False):
    """Return a value for socket ``n`` (1 to 3) and another for the rest."""
    return tuple(value if k == n else other for k in (1, 2, 3))


def socket(circuit, n, register):
    return circuit.registers(16 + 8 * (n - 1) + register)[0]


def enable(circuit, mask=0b111):
    circuit.unit.write_holding(1, [mask])


def power_cycle(circuit):
    circuit.change(supply_12v=0.0)
    circuit.run(0.5)
    circuit.change(supply_12v=12.6)
    circuit.run(0.5)


def opened_after(circuit, n, since):
    return [t - since for t in circuit.times("open", "ABC"[n - 1]) if t >= since]


@pytest.mark.parametrize("unit_seed", [0, 1, 2])
@pytest.mark.parametrize(
    ("change", "sockets", "code", "limit_s", "state"),
    [
        ("lid_open", (1, 2), 15, 0.5, TRIPPED),
        ("wet", (1, 2), 16, 0.5, TRIPPED),
        ("pe_lost", (1, 2, 3), 17, 5.0, INHIBITED),
    ],
)
def test_a_sensor_switches_its_own_socket_off_in_time(
    running, unit_seed, change, sockets, code, limit_s, state
):
    for n in sockets:
        circuit = running(unit_seed=unit_seed)
        circuit.load(4.0, 4.0, 4.0)
        circuit.run(0.5)
        since = circuit.now_s
        circuit.change(**{change: only(n)})
        circuit.run(6.0)
        (after_s,) = opened_after(circuit, n, since)
        assert after_s + RELAY_S <= limit_s
        assert circuit.events() == [(code, n, 1)]
        assert (socket(circuit, n, STATE), socket(circuit, n, TRIP_CODE)) == (state, code)
        assert [socket(circuit, k, STATE) for k in (1, 2, 3) if k != n] == [ON, ON]


def test_the_socket_in_the_boot_has_neither_lid_nor_water_sensor(running):
    circuit = running()
    circuit.change(lid_open=only(3), wet=only(3))
    circuit.run(2.0)
    assert socket(circuit, 3, STATE) == ON


def test_a_contact_that_bounces_for_a_moment_trips_nothing(running):
    circuit = running()
    for _ in range(5):
        circuit.change(lid_open=only(1), wet=only(2))
        circuit.run(0.1)
        circuit.change(lid_open=only(0), wet=only(0))
        circuit.run(0.15)
    assert circuit.events() == []


def test_a_closed_lid_alone_brings_nothing_back_and_enabling_does(running):
    circuit = running()
    circuit.change(lid_open=only(1))
    circuit.run(2.0)
    enable(circuit)
    circuit.change(lid_open=only(0))
    circuit.run(5.0)
    assert socket(circuit, 1, STATE) == OFF
    enable(circuit)
    circuit.run(2.0)
    assert socket(circuit, 1, STATE) == ON


@pytest.mark.parametrize("change", ["lid_open", "wet", "pe_lost"])
def test_a_socket_is_never_closed_while_its_sensor_forbids_it(plug_in, change):
    circuit = plug_in()
    circuit.change(**{change: only(2)})
    circuit.run(4.0)
    circuit.command(1)
    circuit.run(6.0)
    for _ in range(3):
        if change != "lid_open":
            circuit.command(3)
        enable(circuit)
        circuit.run(2.0)
    assert circuit.times("close", "B") == []
    assert circuit.times("close", "A")
    assert circuit.times("close", "C")


@pytest.mark.parametrize("change", ["wet", "pe_lost"])
def test_water_and_earth_wait_for_an_acknowledge(running, change):
    circuit = running()
    circuit.change(**{change: only(1)})
    circuit.run(5.0)
    circuit.change(**{change: only(0)})
    circuit.run(100.0)
    assert socket(circuit, 1, STATE) in (TRIPPED, INHIBITED)
    circuit.command(3)
    circuit.run(2.0)
    assert socket(circuit, 1, STATE) == ON


def test_a_lost_earth_is_still_latched_after_a_power_cycle(running):
    circuit = running()
    circuit.change(pe_lost=only(3))
    circuit.run(5.0)
    power_cycle(circuit)
    circuit.run(1.0)
    assert socket(circuit, 3, STATE) == INHIBITED


@pytest.mark.parametrize(("volts", "closes"), [(22.0, True), (25.0, False), (250.0, False)])
@pytest.mark.parametrize("unit_seed", [0, 1, 2])
def test_a_relay_does_not_close_onto_foreign_voltage(running, volts, closes, unit_seed):
    circuit = running(unit_seed=unit_seed)
    enable(circuit, 0b110)
    circuit.run(0.5)
    circuit.change(outside_v=only(1, volts, 0.0))
    circuit.run(0.5)
    before = len(circuit.times("close", "A"))
    enable(circuit)
    circuit.run(2.0)
    assert (len(circuit.times("close", "A")) > before) is closes
    if not closes:
        assert circuit.events()[-1][:2] == (18, 1)
        assert circuit.events()[-1][2] == pytest.approx(10 * volts, rel=0.02)
        assert socket(circuit, 1, FLAGS) == 8


@pytest.mark.parametrize("unit_seed", [0, 1, 2])
def test_reverse_power_above_5_percent_for_half_a_second_opens_the_socket(running, unit_seed):
    circuit = running(unit_seed=unit_seed)
    since = circuit.now_s
    circuit.load(1.01 * 0.05 * 3680.0 / 230.0, 0.0, 0.0, lag_rad=math.pi)
    circuit.run(2.0)
    (after_s,) = opened_after(circuit, 1, since)
    assert 0.5 <= after_s <= 1.0 - 0.02
    assert circuit.events()[-1][:2] == (18, 1)


def test_a_short_or_small_reversal_trips_nothing(running):
    circuit = running()
    circuit.load(0.0, 1.4, 0.0, lag_rad=math.pi)
    circuit.run(0.5)
    circuit.load(0.0, 0.5, 0.0, lag_rad=math.pi)
    circuit.run(5.0)
    assert circuit.events() == []


def test_the_voltage_that_fed_back_is_not_taken_for_a_weld(running):
    circuit = running()
    circuit.change(outside_v=only(1, 250.0, 0.0))
    circuit.load(1.4, 0.0, 0.0, lag_rad=math.pi)
    circuit.run(2.0)
    assert [event[:2] for event in circuit.events()] == [(18, 1)]
    circuit.command(3)
    circuit.run(2.0)
    assert [event[:2] for event in circuit.events()] == [(18, 1), (18, 1)]


def weld(circuit, n):
    """Let a socket's relay stick: its voltage stays when it opens."""
    circuit.change(outside_v=only(n, 230.0, 0.0))


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("unit_seed", [0, 1])
def test_a_weld_is_found_at_the_next_opening_and_takes_the_voltage_from_all(running, n, unit_seed):
    circuit = running(unit_seed=unit_seed)
    weld(circuit, n)
    circuit.run(5.0)
    assert circuit.times("stop") == []
    since = circuit.now_s
    enable(circuit, 0b111 & ~(1 << (n - 1)))
    circuit.run(1.0)
    (stopped,) = circuit.times("stop")
    assert stopped - since <= 0.2
    assert circuit.registers(0, 2) == [6, 19]
    assert (socket(circuit, n, STATE), socket(circuit, n, FLAGS)) == (LOCKED_OUT, 16)


def test_only_clearing_the_lock_out_lifts_it_even_after_a_power_cycle(running):
    circuit = running()
    weld(circuit, 1)
    enable(circuit, 0b110)
    circuit.run(1.0)
    power_cycle(circuit)
    circuit.run(1.0)
    assert circuit.registers(0) == [6]
    circuit.change(outside_v=(0.0, 0.0, 0.0))
    circuit.command(4)
    assert circuit.registers(0) == [1]
    enable(circuit)
    circuit.command(1)
    circuit.run(5.0)
    assert [socket(circuit, n, STATE) for n in (1, 2, 3)] == [ON, ON, ON]


def test_a_relay_that_is_welded_when_the_output_starts_is_found_then(plug_in):
    circuit = plug_in()
    weld(circuit, 2)
    enable(circuit, 0b101)
    circuit.command(1)
    circuit.run(2.0)
    assert circuit.registers(0, 2) == [6, 19]


def test_no_opening_of_a_sound_relay_is_taken_for_a_weld(running):
    circuit = running()
    circuit.load(5.0, 5.0, 5.0)
    for mask in (0b110, 0b111, 0b001, 0b111) * 3:
        enable(circuit, mask)
        circuit.run(3.0)
    circuit.change(shorted=0)
    circuit.run(1.0)
    assert [event[0] for event in circuit.events()] == [3]


def test_backfeed_that_is_no_longer_latched_restores_itself_and_is_seen_to(running):
    circuit = running(restart_kind(18, "C")(Parameters()))
    enable(circuit, 0b110)
    circuit.run(0.5)
    circuit.change(outside_v=only(1, 250.0, 0.0))
    circuit.run(0.5)
    enable(circuit)
    circuit.run(1.0)
    circuit.change(outside_v=(0.0, 0.0, 0.0))
    circuit.run(2.0)
    assert socket(circuit, 1, STATE) == ON


def test_a_lid_that_counts_only_under_load_lets_the_socket_be_closed(running):
    outlets = Parameters().outlets
    blind = replace(outlets[0], lid=replace(outlets[0].lid, while_off=False))
    circuit = running(replace(Parameters(), outlets=(blind, *outlets[1:])))
    circuit.change(lid_open=only(1))
    circuit.run(2.0)
    before = len(circuit.times("close", "A"))
    circuit.unit.write_holding(0, [2])
    enable(circuit)
    circuit.command(1)
    circuit.run(3.0)
    assert len(circuit.times("close", "A")) > before
