"""EA PSB 10000: who holds remote control, how long a connection lives, what a restart leaves."""

import pytest

from rig.virtual.boxes.ea_psb10000 import Interface
from rig.virtual.modbus import seal


def test_status_shows_location_remote_and_output(ea):
    assert ea.status() == 0
    ea.energise()
    assert ea.status() == 6 | 1 << 7 | 1 << 11
    ea.coil(402, on=False)
    assert ea.status() == 0
    assert not ea.terminals.setting.on


def test_connections_of_one_interface_share_remote_and_another_interface_is_refused(ea):
    ea.remote()
    usb = ea.connect(Interface.USB)
    assert usb.request("00 06 01F4 1000") == "00 86 07"
    assert usb.request("00 05 0192 FF00") == "00 85 07"
    assert usb.request("00 05 0192 0000") == "00 85 07"
    assert usb.request("00 03 01F4 0001") == "00 03 02 00 00"
    assert ea.connect().request("00 06 01F4 1000") == "00 06 01 F4 10 00"
    ea.coil(402, on=False)
    assert usb.request("00 05 0192 FF00") == "00 05 01 92 FF 00"
    assert ea.status() & 0x1F == 3


def test_local_throws_remote_out(ea):
    ea.energise()
    ea.box.press_local(True)
    assert ea.status() == 1
    assert ea.write(500, 0) == "00 86 17"
    ea.box.press_local(False)
    ea.remote()


def test_remote_outlives_the_connection(ea):
    ea.energise()
    ea.session.closed()
    assert ea.connect().status() >> 11 & 1 == 1
    assert ea.terminals.setting.on


def test_the_output_stays_as_it_is_after_remote_when_425_says_so(ea):
    ea.energise()
    ea.coil(425, on=True)
    ea.coil(402, on=False)
    assert ea.status() == 1 << 7
    assert ea.terminals.setting.on


@pytest.mark.parametrize(
    "speak", [lambda ea: ea.status(), lambda ea: ea.say("OUTP?")], ids=["Modbus", "SCPI"]
)
def test_an_idle_connection_is_closed_5_s_after_its_last_message(ea, speak):
    ea.clock.sleep_until(4.0)
    speak(ea)
    ea.clock.sleep_until(8.999)
    assert ea.line.open
    ea.clock.sleep_until(9.0)
    assert not ea.line.open


def test_the_idle_time_can_be_set_and_0_means_never(ea):
    ea.remote()
    assert ea.write(10889, 4) == "00 86 03"
    ea.write(10889, 60)
    ea.clock.sleep_until(50.0)
    assert ea.line.open
    ea.write(10889, 0)
    ea.clock.sleep_until(5000.0)
    assert ea.line.open
    ea.write(10889, 5)
    ea.clock.sleep_until(5010.0)
    assert not ea.line.open


def test_the_usb_port_has_no_idle_time(ea):
    usb = ea.connect(Interface.USB)
    ea.clock.sleep_until(100.0)
    assert usb.line.open


def test_a_warm_start_leaves_remote_switches_off_and_hangs_up(ea):
    ea.energise()
    assert ea.coil(410, on=True) == "00 05 01 9A FF 00"
    assert not ea.terminals.setting.on
    ea.clock.sleep_until(0.01)
    assert not ea.line.open
    again = ea.connect()
    assert again.status() == 0
    assert again.read(500) == [52428]


def test_a_warm_start_restores_the_output_when_408_says_so(ea):
    ea.energise()
    assert ea.write(408, 1) == "00 86 03"
    ea.write(408, 0xFFFE)
    ea.coil(410, on=True)
    assert ea.terminals.setting.on


def test_a_factory_reset_brings_the_defaults_back(ea):
    ea.energise()
    ea.coil(10013, on=True)
    ea.coil(432, on=True)
    assert ea.read(500) == [0]
    assert ea.read(550) == [0xE147]
    assert not ea.terminals.setting.on


def test_either_protocol_can_be_switched_off_but_not_both(ea):
    ea.remote()
    ea.coil(10011, on=False)
    assert ea.say("*IDN?") == ""
    assert ea.coil(10010, on=False) == "00 85 04"
    ea.coil(10011, on=True)
    ea.coil(10010, on=False)
    assert ea.frame("00 03 01 F9 00 02 14 17") == ""
    assert ea.say("OUTP?") == "OFF"


def test_scpi_and_modbus_share_one_connection_and_one_state(ea):
    reading = seal(bytes.fromhex("0003 01F4 0001"))
    reply = ea.raw(b"SYST:LOCK ON;VOLT 370\nVOLT?\n" + reading)
    assert reply == b"370.0V\n" + seal(bytes.fromhex("0003 02 978D"))


def test_each_message_costs_5_ms(ea):
    ea.status()
    ea.say("*IDN?")
    ea.lock()
    assert ea.line.charged_s == pytest.approx(0.015)
