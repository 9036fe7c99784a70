"""EA PSB 10000 over Modbus: protections switch off, latch, count and tell source from sink."""

import pytest

from rig.virtual.boxes.ea_psb10000 import Alarm


def test_ovp_latches_counts_and_waits_for_the_acknowledgement(ea):
    ea.energise()
    ea.write(550, 52428)
    ea.terminals.show(510.0, 1.0)
    ea.clock.sleep_until(1.5)
    assert not ea.terminals.setting.on
    assert ea.status() & (1 << 16 | 1 << 15 | 1 << 7) == 1 << 16 | 1 << 15
    assert ea.coil(405, on=True) == "00 85 04"
    ea.coil(411, on=True)
    assert ea.status() >> 16 & 1 == 1  # its cause still stands
    ea.terminals.show(0.0, 0.0)
    ea.coil(411, on=True)
    assert ea.status() & (1 << 16 | 1 << 15) == 0
    assert ea.read(520) == [1]
    assert ea.coil(405, on=True) == "00 05 01 95 FF 00"


@pytest.mark.parametrize(
    ("threshold", "amps", "bits", "counter"),
    [
        (553, 50.0, 1 << 17, 521),
        (556, 50.0, 1 << 18, 522),
        (569, -50.0, 1 << 17 | 1 << 31, 525),
        (570, -50.0, 1 << 18 | 1 << 31, 526),
    ],
)
def test_current_and_power_protections_tell_source_from_sink(ea, threshold, amps, bits, counter):
    ea.energise()
    ea.write(threshold, 20000)
    ea.terminals.show(250.0, amps)
    assert ea.status() & 0xFFFF0000 == bits
    assert ea.status() >> 7 & 1 == 0
    assert ea.read(counter) == [1]


@pytest.mark.parametrize(
    ("action", "on", "bit", "alarm"), [(0, 1, 0, 0), (2, 1, 1, 0), (3, 0, 1, 1)]
)
def test_under_voltage_supervision_does_what_its_action_says(ea, action, on, bit, alarm):
    ea.energise()
    ea.terminals.show(200.0, 0.0)
    ea.write(559, 26214)
    ea.write(560, action)
    status = ea.status()
    assert (status >> 7 & 1, status >> 24 & 1, status >> 15 & 1) == (on, bit, alarm)


def test_overheating_switches_off_and_the_output_returns_by_itself(ea):
    ea.energise()
    ea.box.set_cause(Alarm.OT, True)
    assert ea.status() >> 19 & 1 == 1
    assert not ea.terminals.setting.on
    ea.box.set_cause(Alarm.OT, False)
    assert ea.terminals.setting.on
    assert ea.read(523) == [1]


def test_a_power_fail_leaves_the_output_off(ea):
    ea.energise()
    ea.box.set_cause(Alarm.PF, True)
    ea.box.set_cause(Alarm.PF, False)
    assert ea.status() & (1 << 21 | 1 << 7) == 1 << 21
