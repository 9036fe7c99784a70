"""EA PSB 10000: interface monitoring leaves remote control when an interface falls silent."""

from rig.virtual.boxes.ea_psb10000 import Interface


def test_the_interface_monitor_leaves_remote_and_switches_off(ea):
    ea.lock()
    ea.say("SYST:COMM:MON:TIM 5;SYST:COMM:MON:ACT ON;OUTP ON")
    for second in range(1, 12):
        ea.clock.sleep_until(second)
        ea.say("MEAS:VOLT?")
    assert ea.terminals.setting.on
    ea.clock.sleep_until(15.9)
    assert ea.terminals.setting.on
    ea.clock.sleep_until(16.0)
    assert not ea.terminals.setting.on
    again = ea.connect()
    assert again.say("SYST:LOCK:OWN?;STAT:OPER:COND?") == "NONE;128"
    assert again.status() & 0x9F == 0x1C
    again.lock()
    assert again.say("STAT:OPER:COND?") == "0"


def test_the_monitor_armed_on_a_second_connection_watches_the_whole_interface(ea):
    ea.lock()
    ea.connect().say("SYST:COMM:MON:TIM 2;SYST:COMM:MON:ACT ON;OUTP ON")
    for tick in range(1, 10):
        ea.clock.sleep_until(tick)
        ea.connect().status()
    assert ea.terminals.setting.on
    ea.clock.sleep_until(20.0)
    assert not ea.terminals.setting.on


def test_the_monitor_leaves_the_output_when_told_so(ea):
    ea.lock()
    ea.say("POW:STAG:AFT:REM AUTO;SYST:COMM:MON:ACT ON;OUTP ON")
    ea.clock.sleep_until(60.0)
    assert ea.box.supply.remote.holder is None
    assert ea.terminals.setting.on


def test_traffic_on_another_interface_does_not_feed_the_monitor(ea):
    usb = ea.connect(Interface.USB)
    ea.lock()
    ea.say("SYST:COMM:MON:ACT ON;OUTP ON")
    for second in range(1, 7):
        ea.clock.sleep_until(second)
        usb.say("MEAS:VOLT?")
    assert not ea.terminals.setting.on


def test_a_monitor_switched_off_does_nothing(ea):
    ea.lock()
    ea.say("SYST:COMM:MON:ACT ON;OUTP ON")
    ea.say("SYST:COMM:MON:ACT OFF")
    ea.clock.sleep_until(100.0)
    assert ea.terminals.setting.on
