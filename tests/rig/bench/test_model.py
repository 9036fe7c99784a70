"""The bench file's models."""

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from rig.bench.model import BenchFile

BENCHES = Path(__file__).parents[3] / "benches"


def lab() -> dict:
    return yaml.safe_load((BENCHES / "example-lab.yaml").read_text())


@pytest.mark.parametrize("name", ["virtual.yaml", "example-lab.yaml"])
def test_the_shipped_bench_files_are_valid(name):
    BenchFile.model_validate(yaml.safe_load((BENCHES / name).read_text()))


def test_the_lab_bench_differs_from_the_virtual_one_in_name_clock_and_addresses_only():
    virtual = yaml.safe_load((BENCHES / "virtual.yaml").read_text())
    real = lab()
    for bench in (virtual, real):
        del bench["name"], bench["clock"]
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
