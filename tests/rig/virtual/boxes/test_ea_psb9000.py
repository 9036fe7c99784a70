"""What tells the simulated PSB 9000 from the 10000, and the module for Modbus TCP."""

import struct

import pytest
from box_client import BoxClient, spaced
from ea_bench import EaBench

from rig.virtual.boxes.ea_psb10000 import EaIdentity, Interface
from rig.virtual.boxes.ea_registers import load_registers


@pytest.fixture
def older():
    return EaBench(identity=EaIdentity.psb_9000())


def test_it_says_it_is_a_9000(older):
    assert older.read(0) == [0x3A]
    model = struct.pack(">20H", *older.read(1, 20))
    assert model.rstrip(b"\0") == b"PSB 9500-90"


def test_registers_of_the_10000_alone_do_not_exist(older):
    older.remote()
    gone = sorted(set(load_registers()) - set(load_registers("9000")))
    assert len(gone) == 31
    for address in gone:
        assert older.request(f"00 03 {address:04X} 0001") == "00 83 02"
        assert older.request(f"00 06 {address:04X} 0001") == "00 86 02"


def test_it_closes_an_idle_socket_after_what_the_modules_register_says(older):
    older.remote()
    assert older.write(10573, 8) == "00 06 29 4D 00 08"
    older.clock.sleep_until(7.9)
    assert older.line.open
    older.clock.sleep_until(8.1)
    assert not older.line.open


def test_the_module_for_modbus_tcp_holds_the_lock_as_an_interface_of_its_own(older):
    module = BoxClient(older.box.modbus_tcp_service())

    def tcp(unit, pdu):
        body = bytes.fromhex(pdu)
        reply = module.raw(struct.pack(">HHHB", 7, 0, 1 + len(body), unit) + body)
        return spaced(reply[6:])

    assert tcp(0, "05 0192 FF00") == "00 05 01 92 FF 00"
    status = bytes.fromhex(tcp(0, "03 01F9 0002"))[-4:]
    assert struct.unpack(">I", status)[0] & 0x1F == Interface.MODBUS_TCP
    assert older.write(500, 0x1000) == "00 86 07"
    assert tcp(0, "06 01F4 1000") == "00 06 01 F4 10 00"
    assert tcp(1, "03 01F9 0002") == "01 83 02"  # Limited compliance
