"""Clients that share no code with the rig, against the served bench (docs/foreign-clients.md)."""

from __future__ import annotations

import shutil
import socket
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import minimalmodbus
import pytest
from patience import wait_until
from pymodbus import FramerType
from pymodbus.client import ModbusTcpClient

pytestmark = pytest.mark.wall_clock

REMOTE_COIL = 402
COMPLIANCE_COIL = 10013
"""Of an EA supply: on = "Full", unit 1 and standard coil replies (facts A1.2)."""


def tool(name: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(name) is None, reason=f"{name} is not installed")


def run(*command: str, expect: int = 0) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode == expect, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


@dataclass(frozen=True)
class Mbpoll:
    """mbpoll on a serial device, one poll, references as they stand on the wire."""

    device: object
    unit: int
    baud: int = 115200

    def __call__(
        self,
        kind: str,
        reference: int,
        count: int = 1,
        *,
        write: int | None = None,
        expect: int = 0,
    ) -> str:
        options = ["-m", "rtu", "-a", str(self.unit), "-b", str(self.baud), "-P", "none", "-0"]
        options += ["-1", "-o", "2", "-B", "-t", kind, "-r", str(reference)]
        if write is None:
            return run("mbpoll", *options, "-c", str(count), str(self.device), expect=expect)
        return run("mbpoll", *options, str(self.device), str(write), expect=expect)


def values(printed: str) -> dict[int, str]:
    r"""Return what mbpoll printed as ``[507]: \t1234`` by reference."""
    lines = (line.partition("]:") for line in printed.splitlines() if line.startswith("["))
    return {int(head[1:]): value.strip() for head, _, value in lines}


@contextmanager
def socat(one: str, other: str, ready: Path | int) -> Iterator[None]:
    process = subprocess.Popen(["socat", one, other])
    try:
        wait_until(lambda: _is_there(ready) or process.poll() is not None)
        assert process.poll() is None, "socat did not start"
        yield
    finally:
        process.terminate()
        process.wait(5.0)


def _is_there(ready: Path | int) -> bool:
    if isinstance(ready, Path):
        return ready.exists()
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", ready))
        except OSError:
            return True
        return False


@tool("mbpoll")
def test_mbpoll_reads_the_controller_s_service_port(bench):
    printed = values(Mbpoll(bench.address("controller"), 17)("3", 0, 14))
    assert printed.keys() == set(range(14))
    assert printed[0] in {"0", "1"}  # off or standby


@tool("mbpoll")
def test_mbpoll_writes_a_setting_of_the_controller_and_is_refused_a_wrong_one(bench):
    poll = Mbpoll(bench.address("controller"), 17)
    poll("4", 3, write=27)
    assert values(poll("4", 3)) == {3: "27"}
    assert "Illegal data value" in poll("4", 3, write=5, expect=1)
    assert "Illegal data address" in poll("4", 900, expect=1)


@tool("mbpoll")
def test_mbpoll_switches_a_relay_and_reads_it_back(bench):
    poll = Mbpoll(bench.address("faults_2"), 2, baud=9600)
    poll("0", 5, write=1)
    assert values(poll("0", 0, 8)) == {n: str(int(n == 5)) for n in range(8)}


def test_minimalmodbus_works_with_the_controller_s_service_port(bench):
    client = minimalmodbus.Instrument(bench.address("controller"), 17)
    client.serial.baudrate, client.serial.timeout = 115200, 1.0
    try:
        client.write_register(3, 31, functioncode=6)
        assert client.read_register(3) == 31
        client.write_registers(1, [0, 0x132])
        assert client.read_registers(1, 2) == [0, 0x132]
        assert client.read_registers(0, 16, functioncode=4)[0] in {0, 1}
        with pytest.raises(minimalmodbus.IllegalRequestError):
            client.write_register(3, 5, functioncode=6)
    finally:
        client.serial.close()


@tool("socat")
def test_a_device_server_made_of_socat_brings_the_service_port_to_tcp(bench):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    listen = f"TCP4-LISTEN:{port},bind=127.0.0.1,reuseaddr"
    with socat(listen, f"{bench.address('controller')},raw,echo=0", port):
        client = ModbusTcpClient(
            "127.0.0.1", port=port, framer=FramerType.RTU, timeout=2, retries=0
        )
        try:
            assert client.connect()
            assert client.read_input_registers(0, count=2, device_id=17).registers[0] in {0, 1}
        finally:
            client.close()


def set_compliance(port: int, *, full: bool) -> None:
    client = ModbusTcpClient("127.0.0.1", port=port, framer=FramerType.RTU, timeout=2, retries=0)
    try:
        assert client.connect()
        for coil, on in ((REMOTE_COIL, True), (COMPLIANCE_COIL, full), (REMOTE_COIL, False)):
            assert not client.write_coil(coil, on, device_id=0).isError()
    finally:
        client.close()


@pytest.fixture
def full_compliance(bench):
    set_compliance(bench.port("pack"), full=True)
    yield
    set_compliance(bench.port("pack"), full=False)


@tool("mbpoll")
@tool("socat")
def test_mbpoll_drives_the_supply_through_a_terminal_made_of_socat(
    bench, full_compliance, tmp_path
):
    device = tmp_path / "supply"
    with socat(f"PTY,raw,echo=0,link={device}", f"TCP4:127.0.0.1:{bench.port('pack')}", device):
        poll = Mbpoll(device, 1)
        assert float(values(poll("4:float", 121))[121]) == 500.0
        poll("0", 402, write=1)
        poll("4", 500, write=26214)
        assert values(poll("4", 500)) == {500: "26214"}
        assert values(poll("0", 402)) == {402: "1"}
        poll("0", 402, write=0)


@tool("mbpoll")
@tool("socat")
def test_in_limited_compliance_the_supply_refuses_unit_1(bench, tmp_path):
    device = tmp_path / "supply"
    with socat(f"PTY,raw,echo=0,link={device}", f"TCP4:127.0.0.1:{bench.port('pack')}", device):
        assert "Illegal data address" in Mbpoll(device, 1)("4", 507, 3, expect=1)


@tool("lxi")
@pytest.mark.parametrize("role", ["scope_dc", "load_c"])
def test_lxi_tools_identify_boxes_on_raw_sockets(bench, role):
    printed = run("lxi", "scpi", "-a", "127.0.0.1", "-r", "-p", str(bench.port(role)), "*IDN?")
    assert {"scope_dc": "KEYSIGHT", "load_c": "ITECH"}[role] in printed


@tool("lxi")
def test_lxi_tools_measure_the_rate_of_a_raw_socket(bench):
    port = str(bench.port("scope_dc"))
    printed = run("lxi", "benchmark", "-a", "127.0.0.1", "-r", "-p", port, "-c", "100")
    assert "requests/second" in printed


@tool("lxi")
def test_lxi_tools_find_a_vxi11_box_through_the_portmapper(start):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", 111))
        except OSError as error:
            pytest.skip(f"port 111 cannot be had here: {error.strerror}")
    start("--portmapper", "analyser_dc")
    assert "YOKOGAWA" in run("lxi", "scpi", "-a", "127.0.0.1", "*IDN?")


def test_a_plain_rpc_call_reaches_a_vxi11_box(bench):
    """Sun RPC by hand: procedure 0 of the core channel answers that it is there."""
    with bench.connect("analyser_ac") as client:
        call = struct.pack(">10I", 7, 0, 2, 0x0607AF, 1, 0, 0, 0, 0, 0)
        client.sendall(struct.pack(">I", 0x80000000 | len(call)) + call)
        reply = client.recv(1000)
    assert struct.unpack(">7I", reply) == (0x80000000 | 24, 7, 1, 0, 0, 0, 0)
