"""The bench file's models."""

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from rig.bench.model import BenchFile

BENCHES = Path(__file__).parents[3] / "benches"


def lab() -> dict:
    return yaml.safe_load((BENCHES / "example-lab.yaml").read_text())


@pytest.mark.parametrize("name", ["virtual.yaml", "virtual-offboard.yaml", "example-lab.yaml"])
def test_the_shipped_bench_files_are_valid(name):
    BenchFile.model_validate(yaml.safe_load((BENCHES / name).read_text()))


def test_the_lab_bench_differs_from_the_virtual_one_in_name_addresses_and_times_only():
    virtual = yaml.safe_load((BENCHES / "virtual.yaml").read_text())
    real = lab()
    for bench in (virtual, real):
        del bench["name"], bench["clock"], bench["unit"]["console"]
        bench["supervision"].pop("plan_silence_s", None)
        wiring = bench["wiring"]
        watchdogs = [bench["roles"]["pack"]["watchdog"], wiring["contactors"]]
        watchdogs.append(wiring["v2h"]["contactor"])
        for watchdog in watchdogs:
            del watchdog["timeout_s"], watchdog["feed_s"]
        for role in bench["roles"].values():
            del role["link"]["address"]
    assert virtual == real


def refused(bench: dict) -> str:
    with pytest.raises(ValidationError) as error:
        BenchFile.model_validate(bench)
    return str(error.value)


def test_a_role_that_does_not_exist_is_named():
    bench = lab()
    bench["wiring"]["sockets"]["A"]["load"] = "load_x"
    assert "wiring.sockets.A.load: 'load_x' is no role of this bench" in refused(bench)


def test_a_modbus_box_needs_its_unit_address():
    bench = lab()
    del bench["roles"]["pack"]["link"]["unit"]
    assert "needs 'unit'" in refused(bench)


def test_a_visa_box_takes_no_unit_address():
    bench = lab()
    bench["roles"]["load_c"]["link"]["unit"] = 1
    assert "takes no 'unit'" in refused(bench)


def test_a_certificate_cannot_be_due_before_it_was_written():
    bench = lab()
    bench["roles"]["pack"]["calibration"]["due"] = "2025-01-01"
    assert "must be after date" in refused(bench)


def test_priorities_name_every_socket_once():
    bench = lab()
    bench["unit"]["priority"] = ["A", "B", "B"]
    assert "must name each of" in refused(bench)


def test_an_unknown_key_is_refused():
    bench = lab()
    bench["roles"]["pack"]["adress"] = "typo"
    assert "Extra inputs are not permitted" in refused(bench)


def virtual(role: str, address: str, **more: object) -> dict:
    bench = yaml.safe_load((BENCHES / "virtual.yaml").read_text())
    bench["roles"][role]["link"].update(address=address, **more)
    return bench


@pytest.mark.parametrize("role", ["pack", "load_c", "scope_ac", "analyser_ac"])
def test_a_simulated_box_on_tcp_may_be_given_a_port(role):
    bench = BenchFile.model_validate(virtual(role, "virtual:15025"))
    assert bench.roles[role].link.virtual_port == 15025
    assert bench.roles[role].link.virtual_line is None


def test_a_simulated_box_on_a_serial_line_may_be_given_a_line():
    link = BenchFile.model_validate(virtual("controller", "virtual:rs485")).roles["controller"].link
    assert (link.virtual_line, link.virtual_port) == ("rs485", 0)


def test_a_real_address_names_neither_virtual_port_nor_line():
    link = BenchFile.model_validate(lab()).roles["pack"].link
    assert (link.virtual_port, link.virtual_line, link.is_virtual) == (0, None, False)


@pytest.mark.parametrize(
    ("role", "address"),
    [
        ("load_c", "virtual:faults"),
        ("load_c", "virtual:0"),
        ("load_c", "virtual:65536"),
        ("load_c", "virtual:"),
        ("load_c", "virtual::5025"),
        ("load_c", "virtually"),
        ("load_a", "virtual:5025"),
        ("load_a", "virtual:line"),
        ("controller", "virtual:5025"),
    ],
)
def test_a_virtual_address_that_does_not_fit_its_kind_is_refused(role, address):
    assert f"address {address!r} does not fit link kind" in refused(virtual(role, address))


def test_a_port_cannot_be_given_to_two_simulated_boxes():
    bench = virtual("load_c", "virtual:15025")
    bench["roles"]["pack"]["link"]["address"] = "virtual:15025"
    assert "roles.load_c.link.address: port 15025 is that of pack already" in refused(bench)


def test_on_a_real_bench_a_dead_holder_lets_go_within_two_seconds():
    bench = BenchFile.model_validate(lab())
    assert bench.wiring.contactors.timeout_s == bench.roles["pack"].watchdog.timeout_s == 2.0


def test_a_watchdog_that_would_be_fed_too_late_is_refused():
    bench = lab()
    bench["wiring"]["contactors"]["feed_s"] = 1.5
    with pytest.raises(ValidationError, match=r"feed_s 1\.5 must be at most 1"):
        BenchFile.model_validate(bench)


def test_contactors_on_a_board_that_is_no_role_are_refused():
    bench = lab()
    bench["wiring"]["contactors"]["board"] = "faults_99"
    with pytest.raises(ValidationError, match=r"wiring\.contactors\.board: 'faults_99'"):
        BenchFile.model_validate(bench)


def test_a_contact_of_the_port_serves_one_line():
    bench = lab()
    bench["wiring"]["v2h"]["d2"] = bench["wiring"]["v2h"]["d1"]
    assert "d2: relay 0 of v2h_io is that of d1 already" in refused(bench)


def test_a_port_names_roles_of_the_bench():
    bench = lab()
    bench["wiring"]["v2h"]["can"] = "can_x"
    assert "wiring.v2h.can: 'can_x' is no role of this bench" in refused(bench)


def test_a_port_says_which_end_of_the_plug_the_rig_is():
    bench = lab()
    bench["wiring"]["v2h"]["rig"] = "charger"
    assert "'evps', 'vehicle'" in refused(bench)
