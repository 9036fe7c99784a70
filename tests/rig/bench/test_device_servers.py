"""Boxes without a LAN port, reached over TCP: their serial line outlives every connection."""

from pathlib import Path

import pytest
import yaml

from instruments.clock import WallClock
from instruments.links import ModbusLine, RealWires, RtuOverTcp, VisaLink
from rig.bench import roles
from rig.bench.model import BenchFile

FILE = Path(__file__).parents[3] / "benches" / "example-lab.yaml"
OVER_TCP = {"kind": "modbus-rtu-tcp", "address": "10.0.0.9:4001", "unit": 1}


@pytest.fixture
def links(monkeypatch):
    """Return, by role, what each link of the lab bench was made with; some roles changed."""

    def make(**changed):
        made = {}

        class Line(ModbusLine):
            def __init__(self, transport, **options):
                made[options["name"]] = transport
                super().__init__(transport, **options)

        class Visa(VisaLink):
            def __init__(self, resource, **options):
                made[options["name"]] = options
                super().__init__(resource, **options)

        monkeypatch.setattr(roles, "ModbusLine", Line)
        monkeypatch.setattr(roles, "VisaLink", Visa)
        text = yaml.safe_load(FILE.read_text())
        for role, link in changed.items():
            text["roles"][role]["link"] = link
        bench = BenchFile.model_validate(text)
        addresses = {name: spec.link.address for name, spec in bench.roles.items()}
        clock = WallClock()
        roles.bind_roles(bench, addresses, clock, RealWires(clock), None)
        clock.close()
        return made

    return make


def test_a_load_with_rs_232_only_is_behind_a_device_server_and_one_with_lan_is_not(links):
    address = "TCPIP::10.0.0.9::4001::SOCKET"
    made = links(load_a={"kind": "visa-socket", "address": address})
    assert made["load_a"]["device_server"]
    assert not made["load_c"]["device_server"]


@pytest.mark.parametrize("role", ["faults_1", "controller"])
def test_rs_485_over_tcp_is_behind_a_device_server(links, role):
    assert links(**{role: OVER_TCP})[role] == RtuOverTcp("10.0.0.9", 4001, device_server=True)


def test_a_supply_with_a_lan_port_is_not(links):
    assert links()["pack"] == RtuOverTcp("192.168.1.20", 5025)


def test_an_ipv6_address_may_stand_in_brackets(links):
    made = links(faults_1=OVER_TCP | {"address": "[fd00::20]:4001"})
    assert made["faults_1"] == RtuOverTcp("fd00::20", 4001, device_server=True)


@pytest.mark.parametrize("address", ["192.168.1.20", "192.168.1.20:scpi", "10.0.0.9:70000", ":502"])
def test_an_address_without_a_port_that_can_be_is_the_authors_mistake(links, address):
    with pytest.raises(roles.UsageError, match=r"roles.pack.link.address: expected host:port"):
        links(pack={"kind": "modbus-rtu-tcp", "address": address, "unit": 0})
