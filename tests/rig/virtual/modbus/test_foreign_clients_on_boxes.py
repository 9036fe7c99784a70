"""Clients of other makers against the simulated boxes, in wall time, bounded."""

import shutil
import socket
import subprocess

import minimalmodbus
import numpy as np
import pytest
from pymodbus import FramerType
from pymodbus.client import ModbusSerialClient, ModbusTcpClient

from rig.clock import VirtualClock
from rig.virtual.boxes.ea_psb10000 import EaPsb10000
from rig.virtual.boxes.point_on_wave import PointOnWaveTrigger
from rig.virtual.boxes.service_port import service_port_line
from rig.virtual.boxes.waveshare_relay import WaveshareRelay
from rig.virtual.modbus import RtuLine
from rig.virtual.ports import ServiceRefusal, SupplyReading


class Terminals:
    def apply(self, setting):
        self.setting = setting

    def read(self):
        return SupplyReading(self.setting.voltage_v if self.setting.on else 0.0, 0.0, 0.0, "CV")


class Contacts:
    def __init__(self):
        self.closed = [False] * 8

    def drive(self, relay, closed):
        self.closed[relay] = closed


class DeadMains:
    def next_zero_crossing(self):
        return None

    def phase_deg(self, t_s):
        return 0.0

    def switch(self, branches, closed, at_s):
        pass

    def trigger(self, at_s):
        pass


class Controller:
    def read_input(self, address, count):
        if address + count > 324:
            raise ServiceRefusal(2)
        return [3 * (address + index) for index in range(count)]

    def read_holding(self, address, count):
        return [0] * count

    def write_holding(self, address, values):
        if values[0] > 15000:
            raise ServiceRefusal(3)

    def on_console_line(self, listener):
        pass


@pytest.fixture
def supply():
    return EaPsb10000(Terminals(), VirtualClock(), np.random.default_rng(1), meter_noise=0.0)


def test_pymodbus_drives_the_supply_through_unit_0(tcp_port, supply):
    client = ModbusTcpClient(
        "127.0.0.1", port=tcp_port(supply.service()), framer=FramerType.RTU, timeout=1, retries=0
    )
    assert client.connect()
    try:
        denied = client.write_coil(405, True, device_id=0)
        assert denied.isError()
        assert denied.exception_code == 7
        assert not client.write_coil(402, True, device_id=0).isError()
        assert not client.write_register(500, 38797, device_id=0).isError()
        assert not client.write_coil(405, True, device_id=0).isError()
        assert client.read_coils(405, count=1, device_id=0).bits[0] is True
        raw = client.read_holding_registers(507, count=3, device_id=0).registers
        assert raw[0] * 500 / 52428 == pytest.approx(370.0, abs=0.5)
        nominal = client.read_holding_registers(121, count=2, device_id=0).registers
        assert client.convert_from_registers(nominal, client.DATATYPE.FLOAT32) == 500.0
    finally:
        client.close()


def test_a_plain_socket_speaks_scpi_with_the_supply(tcp_port, supply):
    with socket.create_connection(("127.0.0.1", tcp_port(supply.service())), 2.0) as client:
        client.sendall(b"SYST:LOCK ON\nVOLT 12.5;OUTP ON\nMEAS:VOLT?;OUTP?\n")
        assert client.makefile().readline() == "12.5V;ON\n"


@pytest.fixture
def fault_line():
    clock = VirtualClock()
    boards = {address: Contacts() for address in (1, 2)}
    units = {
        address: WaveshareRelay(contacts, clock, address=address)
        for address, contacts in boards.items()
    }
    trigger = PointOnWaveTrigger(DeadMains(), clock, np.random.default_rng(1))
    return boards, RtuLine({**units, 33: trigger}, clock)


def test_pymodbus_reaches_several_boxes_on_one_line(serial_port, fault_line):
    boards, line = fault_line
    client = ModbusSerialClient(serial_port(line), baudrate=9600, timeout=1, retries=0)
    assert client.connect()
    try:
        assert not client.write_coil(3, True, device_id=1).isError()
        assert not client.write_coils(0, [True] * 8, device_id=2).isError()
        assert boards[1].closed == [False] * 3 + [True] + [False] * 4
        assert all(boards[2].closed)
        assert not client.write_registers(0, [500, 1, 1, 40], device_id=33).isError()
        assert client.read_input_registers(0, count=3, device_id=33).registers == [0, 0, 1]
    finally:
        client.close()


def test_minimalmodbus_switches_relays(serial_port, fault_line):
    boards, line = fault_line
    board = minimalmodbus.Instrument(serial_port(line), 2)
    board.serial.baudrate, board.serial.timeout = 9600, 0.5
    try:
        board.write_bit(6, 1)
        assert board.read_bits(0, 8, functioncode=1) == [0, 0, 0, 0, 0, 0, 1, 0]
        assert board.read_register(0x8000) == 200
        assert boards[2].closed[6]
    finally:
        board.serial.close()


@pytest.mark.skipif(shutil.which("mbpoll") is None, reason="mbpoll is not installed")
def test_mbpoll_reads_the_controllers_service_port(serial_port):
    port = serial_port(service_port_line(Controller(), VirtualClock()))
    run = subprocess.run(
        ["mbpoll", "-mrtu", "-a17", "-b115200", "-Pnone", "-0", "-1", "-t3", "-r16", "-c3", port],
        capture_output=True,
        text=True,
        timeout=5,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "[16]: \t48" in run.stdout
    assert "[18]: \t54" in run.stdout
