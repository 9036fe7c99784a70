"""The bench file that a served bench writes for its clients."""

import pytest

from rig.session import DEFAULT_BENCH, load_bench
from rig.virtual.served_file import reachable, served_bench


@pytest.fixture(scope="module")
def spec():
    return reachable(load_bench(DEFAULT_BENCH))


def test_no_box_stays_within_the_serving_process(spec):
    assert {each.link.kind for each in spec.roles.values()}.isdisjoint({"can-python"})
    assert spec.roles.keys() == load_bench(DEFAULT_BENCH).roles.keys()


def test_a_client_can_load_it(spec, tmp_path):
    forms = {"visa-socket": "TCPIP::127.0.0.1::{}::SOCKET", "visa-serial": "ASRL/dev/tty{}::INSTR",
             "visa-hislip": "TCPIP::127.0.0.1::hislip0,{}::INSTR",
             "visa-vxi11": "TCPIP::127.0.0.1,{}::inst0::INSTR",
             "modbus-rtu-tcp": "127.0.0.1:{}", "modbus-tcp": "127.0.0.1:{}"}  # fmt: skip
    addresses = {
        role: forms.get(each.link.kind, "/dev/tty{}").format(
            each.link.virtual_line or 5000 + number
        )
        for number, (role, each) in enumerate(spec.roles.items())
    }
    file = tmp_path / "bench.yaml"
    file.write_text(served_bench(spec, addresses, "/dev/console"))
    loaded = load_bench(file)
    assert loaded.clock == "wall"
    assert {role: each.link.address for role, each in loaded.roles.items()} == addresses
