"""`rig serve`: what it says, how it stops, and that no client can bring it down."""

from __future__ import annotations

import shlex
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import serial
import yaml

pytestmark = pytest.mark.wall_clock

BENCHES = Path(__file__).parents[4] / "benches"


def ask(client: socket.socket, message: bytes) -> bytes:
    client.sendall(message + b"\n")
    return client.makefile("rb").readline()


def test_every_role_is_in_the_file_and_in_the_table(start):
    served = start()
    code, out, errors = served.stop()
    assert (code, errors) == (0, "")
    for role, each in served.roles.items():
        line = next(line for line in out.splitlines() if line.startswith(f"{role} "))
        assert str(each["address"]) in line
        assert str(each["model"]) in line
    assert out.endswith("stopped by SIGTERM; every box is off its wire\n")


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGHUP])
def test_it_stops_cleanly_in_the_middle_of_a_conversation(start, by):
    served = start()
    with served.connect("load_c") as client:
        assert ask(client, b"*IDN?").startswith(b"ITECH")
        code, out, errors = served.stop(by)
        assert (code, errors) == (0, "")
        assert out.splitlines()[-1] == f"stopped by {by.name}; every box is off its wire"


def test_what_it_says_about_reaching_a_box_is_true(start):
    served = start()
    tools = {
        "lxi": shutil.which("lxi"),
        "mbpoll": shutil.which("mbpoll"),
        "pyvisa.ResourceManager": sys.executable,
        "pymodbus.client.ModbusTcpClient": sys.executable,
        "can.Bus": sys.executable,
    }
    lines = []
    for line in iter(served.process.stdout.readline, ""):
        role, _, example = line.strip().partition(": ")
        if role in served.roles and not example.endswith("out of reach"):
            lines.append(example)
        if line.startswith("serving"):
            break
    assert len(lines) >= 8
    for example in lines:
        tool = next(name for name in tools if example.startswith(name))
        if tools[tool] is None:
            continue
        command = shlex.split(example)
        if tools[tool] == sys.executable:
            code = f"import can, pyvisa, pymodbus, pymodbus.client\nprint(repr({example}\n))"
            command = [sys.executable, "-c", code]
        run = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
        assert run.returncode == 0, f"{example}\n{run.stdout}{run.stderr}"
        assert run.stdout.strip()
        assert "rror" not in run.stdout


def test_no_client_can_bring_it_down(bench):
    with bench.connect("load_c") as polite:
        for role in ("pack", "load_c", "scope_ac", "scope_dc", "analyser_ac"):
            for _ in range(20):
                bench.connect(role).close()
            with bench.connect(role) as vanishing:
                vanishing.sendall(b"*IDN?\n" * 10)
            with bench.connect(role) as garbage:
                garbage.sendall(bytes(range(256)) * 200)
            with bench.connect(role) as flooding:
                flooding.settimeout(0.05)
                try:
                    for _ in range(100):
                        flooding.sendall(b"\n" * 65536)
                except OSError:
                    pass
        assert ask(polite, b"*IDN?").startswith(b"ITECH")
    path = bench.address("load_a").removeprefix("ASRL").removesuffix("::INSTR")
    with serial.Serial(path, timeout=2.0) as line:
        line.write(bytes(range(256)) * 4 + b"\n*CLS\n*IDN?\n")
        assert any(b"Chroma" in line.readline() for _ in range(20))
    assert bench.process.poll() is None


def test_a_box_listens_where_its_file_says(start, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    spec = yaml.safe_load((BENCHES / "virtual.yaml").read_text())
    spec["roles"]["load_c"]["link"]["address"] = f"virtual:{port}"
    file = tmp_path / "fixed.yaml"
    file.write_text(yaml.safe_dump(spec))
    assert start(str(file)).port("load_c") == port


FAULTS = """\
schema_version: 1
faults:
  load_c:
    - {kind: drop, when: {nth: 1}}
    - {kind: duplicate, when: {nth: 2}}
"""


def test_faults_come_from_a_file(start, tmp_path):
    file = tmp_path / "faults.yaml"
    file.write_text(FAULTS)
    with start("--faults", str(file)).connect("load_c") as client:
        client.settimeout(0.3)
        with pytest.raises(TimeoutError):
            ask(client, b"*IDN?")
        client.settimeout(2.0)
        client.sendall(b"*IDN?\n")
        reader = client.makefile("rb")
        assert reader.readline() == reader.readline() != b""


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        (FAULTS.replace("nth: 1", "nth: 0"), 4, "faults.load_c.0.when.nth: got 0, expected:"),
        (FAULTS.replace("kind: drop", "kind: fire"), 4, "'fire'"),
        (FAULTS.replace("load_c", "load_x"), 3, "faults.load_x: no such role"),
        (FAULTS.replace("load_c", "load_a").replace("drop", "reset"), 4, "got a serial line"),
    ],
)
def test_a_wrong_fault_is_named_by_file_line_and_key(refused, tmp_path, text, line, expected):
    file = tmp_path / "faults.yaml"
    file.write_text(text)
    said = refused("--faults", str(file))
    assert said.startswith(f"rig: {file}:{line}: ")
    assert expected in said


def test_a_bench_with_real_addresses_cannot_be_served(refused):
    assert "has real addresses" in refused(str(BENCHES / "example-lab.yaml"))


def test_an_unknown_defect_is_a_usage_error(refused):
    assert "no-such-defect" in refused("--defect", "no-such-defect")


def test_a_portmapper_announces_vxi11_roles_only(refused):
    assert "expected a VXI-11 role (analyser_ac, analyser_dc)" in refused("--portmapper", "load_a")


def test_addresses_of_an_earlier_run_are_gone_before_anything_else(refused, tmp_path):
    file = tmp_path / "addresses.json"
    file.write_text("{}")
    refused("--json", str(file), "--defect", "no-such-defect")
    assert not file.exists()
