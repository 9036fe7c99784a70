"""Clients of other makers against the engine, in wall time, bounded."""

import shutil
import subprocess

import minimalmodbus
import pytest
from pymodbus import FramerType
from pymodbus.client import ModbusSerialClient, ModbusTcpClient

from instruments.clock import WallClock
from rig.virtual.modbus import RtuLine, Unit, mbap_service


class Memory(Unit):
    def __init__(self):
        self.registers = dict.fromkeys(range(64), 0)
        self.coils = dict.fromkeys(range(64), False)

    def read_holding(self, address, count):
        return [self.registers[a] for a in range(address, address + count)]

    def read_input(self, address, count):
        return [2 * a for a in range(address, address + count)]

    def write_register(self, address, value):
        self.registers[address] = value

    def write_registers(self, address, values):
        for offset, value in enumerate(values):
            self.registers[address + offset] = value

    def read_coils(self, address, count):
        return [self.coils[a] for a in range(address, address + count)]

    def read_discrete_inputs(self, address, count):
        return [a % 3 == 0 for a in range(address, address + count)]

    def write_coil(self, address, on):
        self.coils[address] = on

    def write_coils(self, address, on):
        for offset, value in enumerate(on):
            self.coils[address + offset] = value


@pytest.fixture
def rtu():
    return RtuLine({17: Memory()}, WallClock())


def exercise(client):
    assert client.connect()
    try:
        assert not client.write_registers(3, [1, 2, 65535], device_id=17).isError()
        assert not client.write_register(6, 77, device_id=17).isError()
        assert client.read_holding_registers(3, count=4, device_id=17).registers == [
            1,
            2,
            65535,
            77,
        ]
        assert client.read_input_registers(5, count=2, device_id=17).registers == [10, 12]
        assert not client.write_coils(1, [True] * 9, device_id=17).isError()
        assert not client.write_coil(2, False, device_id=17).isError()
        assert client.read_coils(0, count=4, device_id=17).bits[:4] == [False, True, False, True]
        assert client.read_discrete_inputs(2, count=3, device_id=17).bits[:3] == [
            False,
            True,
            False,
        ]
    finally:
        client.close()


def test_pymodbus_speaks_rtu_with_it_over_a_serial_port(serial_port, rtu):
    exercise(ModbusSerialClient(serial_port(rtu), baudrate=115200, timeout=1, retries=0))


def test_pymodbus_speaks_rtu_with_it_over_tcp(tcp_port, rtu):
    exercise(
        ModbusTcpClient(
            "127.0.0.1", port=tcp_port(rtu), framer=FramerType.RTU, timeout=1, retries=0
        )
    )


def test_pymodbus_speaks_modbus_tcp_with_it(tcp_port):
    port = tcp_port(mbap_service({17: Memory()}))
    exercise(ModbusTcpClient("127.0.0.1", port=port, timeout=1, retries=0))


def test_minimalmodbus_speaks_rtu_with_it(serial_port, rtu):
    instrument = minimalmodbus.Instrument(serial_port(rtu), 17)
    instrument.serial.baudrate, instrument.serial.timeout = 115200, 0.3
    try:
        instrument.write_registers(8, [5, 6])
        instrument.write_register(10, 9, functioncode=6)
        assert instrument.read_registers(8, 3) == [5, 6, 9]
        instrument.write_bits(0, [1, 0, 1])
        assert instrument.read_bits(0, 3, functioncode=1) == [1, 0, 1]
        instrument.write_float(20, 80.0)
        assert instrument.read_float(20) == 80.0
        with pytest.raises(minimalmodbus.IllegalRequestError):
            instrument._perform_command(0x2B, b"\x0e\x01\x00")
    finally:
        instrument.serial.close()


@pytest.mark.skipif(shutil.which("mbpoll") is None, reason="mbpoll is not installed")
def test_mbpoll_speaks_rtu_with_it(serial_port, rtu):
    port = serial_port(rtu)
    command = ["mbpoll", "-m", "rtu", "-a", "17", "-b", "9600", "-P", "none", "-0", "-1"]
    run = subprocess.run(
        [*command, "-t", "3", "-r", "21", "-c", "2", port],
        capture_output=True,
        text=True,
        timeout=5,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "[21]: \t42" in run.stdout and "[22]: \t44" in run.stdout
