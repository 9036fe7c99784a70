"""What a served bench offers to trials from outside: its truth, broken links, a bench file."""

import json
import socket
import time

import pytest
from patience import wait_until

from rig.cli import main
from rig.session import load_bench

pytestmark = pytest.mark.wall_clock


def ask(served, command):
    host, _, port = served.control.rpartition(":")
    with socket.create_connection((host, int(port)), 2.0) as connection:
        connection.sendall(command + b"\n")
        return connection.recv(200).decode().strip()


def say(served, role, message):
    with served.connect(role) as connection:
        connection.settimeout(0.3)
        connection.sendall(message)
        try:
            return connection.recv(200)
        except TimeoutError:
            return b""


def start_with(start, tmp_path, *options):
    served = start(*options)
    served.control = json.loads((tmp_path / "addresses.json").read_text())["control"]
    return served


def test_links_are_broken_and_mended_on_demand(start, tmp_path):
    served = start_with(start, tmp_path, "--control")
    assert ask(served, b"stick load_c") == "ok"
    assert say(served, "load_c", b"*IDN?\n") == b""
    assert ask(served, b"mend load_c") == "ok"
    assert say(served, "load_c", b"*IDN?\n").startswith(b"ITECH")
    assert ask(served, b"cut load_c") == "ok"
    try:
        served.connect("load_c")
    except ConnectionRefusedError:
        pass
    else:
        raise AssertionError("the cable is cut")
    assert ask(served, b"stick nobody").startswith("error: no role")
    assert ask(served, b"burn load_a").startswith("error: no command")


def test_without_the_option_nobody_can_break_anything(start, tmp_path):
    assert start_with(start, tmp_path).control is None


def test_the_truth_is_written_as_it_changes(start, tmp_path):
    truth = tmp_path / "truth.jsonl"
    served = start("--truth", str(truth))
    with served.connect("pack") as connection:
        connection.sendall(b"SYST:LOCK ON\nVOLT 100\nOUTP ON\n")
        sent = time.monotonic()
        wait_until(lambda: '"supply_on": true' in truth.read_text(), within_s=3.0)
    last = json.loads(truth.read_text().splitlines()[-1])
    assert last["supply_on"]
    assert not last["contactors_closed"]
    assert last["dc_voltage_v"] == 0
    assert abs(last["monotonic_s"] - sent) < 1.0


def test_the_bench_file_reaches_the_served_boxes(start, tmp_path, capsys):
    file = tmp_path / "bench.yaml"
    served = start("--bench-file", str(file))
    spec = load_bench(file)
    assert spec.clock == "wall"
    assert not spec.is_virtual
    assert spec.roles["pack"].link.address == served.address("pack")
    assert main(["safe", str(file)]) == 0
    assert "bench safe after" in capsys.readouterr().out


def test_a_truth_that_cannot_be_written_is_wrong_usage(refused):
    assert "--truth /no/such/folder/t" in refused("--truth", "/no/such/folder/t")
