"""What tells the simulated PSB 9000 from the 10000, and the module for Modbus TCP."""

import struct

import numpy as np
import pytest

from rig.clock import VirtualClock
from rig.virtual.boxes.ea_psb10000 import EaIdentity, EaPsb10000, Interface
from rig.virtual.boxes.ea_registers import load_registers
from rig.virtual.modbus import seal


class Wire:
    def __init__(self):
        self.sent, self.open = b"", True

    def send(self, data):
        self.sent += data

    def charge(self, turnaround_s):
        assert turnaround_s >= 0.0

    def close(self):
        self.open = False


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture
def older(clock, circuit):
    return EaPsb10000(circuit, clock, np.random.default_rng(1), identity=EaIdentity.psb_9000())


def rtu(box):
    wire = Wire()
    session = box.service()(wire)

    def ask(body):
        wire.sent = b""
        session.received(seal(bytes.fromhex(body)))
        return wire.sent[:-2].hex(" ").upper()

    return ask, wire


def test_it_says_it_is_a_9000(older):
    ask, _ = rtu(older)
    assert ask("00 03 0000 0001") == "00 03 02 00 3A"
    model = bytes.fromhex(ask("00 03 0001 0014"))[3:].rstrip(b"\0")
    assert model == b"PSB 9500-90"


def test_registers_of_the_10000_alone_do_not_exist(older):
    ask, _ = rtu(older)
    ask("00 05 0192 FF00")
    gone = sorted(set(load_registers()) - set(load_registers("9000")))
    assert len(gone) == 31
    for address in gone:
        assert ask(f"00 03 {address:04X} 0001") == "00 83 02"
        assert ask(f"00 06 {address:04X} 0001") == "00 86 02"


def test_it_closes_an_idle_socket_after_what_the_modules_register_says(older, clock):
    ask, wire = rtu(older)
    ask("00 05 0192 FF00")
    assert ask("00 06 294D 0008") == "00 06 29 4D 00 08"  # register 10573
    clock.sleep_until(clock.now() + 7.9)
    assert wire.open
    clock.sleep_until(clock.now() + 0.2)
    assert not wire.open


def test_the_module_for_modbus_tcp_holds_the_lock_as_an_interface_of_its_own(older):
    wire, ask = Wire(), rtu(older)[0]
    session = older.modbus_tcp_service()(wire)

    def tcp(unit, pdu):
        wire.sent = b""
        body = bytes.fromhex(pdu)
        session.received(struct.pack(">HHHB", 7, 0, 1 + len(body), unit) + body)
        return wire.sent[6:].hex(" ").upper()

    assert tcp(0, "05 0192 FF00") == "00 05 01 92 FF 00"
    status = bytes.fromhex(tcp(0, "03 01F9 0002"))[-4:]
    assert struct.unpack(">I", status)[0] & 0x1F == Interface.MODBUS_TCP
    assert ask("00 06 01F4 1000") == "00 86 07"
    assert tcp(0, "06 01F4 1000") == "00 06 01 F4 10 00"
    assert tcp(1, "03 01F9 0002") == "01 83 02"  # Limited compliance
