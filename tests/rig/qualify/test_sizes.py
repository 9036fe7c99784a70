"""A defect just inside a limit is never failed, one outside by more than 2 U always is.

By default a sample of the subjects at one noise; all, at ``RIG_SOAK`` noises, in a soak run.
"""

import json
import os
from pathlib import Path

import pytest

from rig.virtual.unit import load_defects

SIZED = Path(__file__).with_name("sized.py")
ROOT = Path(__file__).parents[3]
SOAK = int(os.environ.get("RIG_SOAK", "1"))
SAMPLE = ("overload-150-late", "voltage-high", "short-circuit-late")
TESTS = {
    "overload-150-late": "protection/test_overload.py::test_the_inverter_trips_at_150_percent[A]",
    "overload-150-early": "protection/test_overload.py::test_the_inverter_trips_at_150_percent[A]",
    "voltage-high": "output/test_steady_output.py::test_the_voltage_is_steady_at_any_load[0-1.0]",
    "frequency-high": "output/test_steady_output.py::test_the_frequency_is_held_at_any_load[0]",
    "short-circuit-late": "protection/test_short_circuit.py"
    "::test_a_short_circuit_is_limited_and_off_in_time[A-0]",
    "vehicle-stale-late": "operation/test_vehicle_data.py"
    "::test_the_outlets_go_off_when_the_vehicle_s_data_are_stale[A-silence]",
    "pack-under-late": "protection/test_pack_voltage.py"
    "::test_the_outlets_go_off_when_the_pack_leaves_its_window[A-under]",
    "sockets-close": "operation/test_start.py::test_sockets_come_on_one_by_one_by_priority[A-BAC]",
    "soc-warning-early": "operation/test_charge.py::test_the_unit_warns_of_the_floor[ACB-10]",
}
"""One test a subject that measures what it changes."""
SUBJECTS = tuple(TESTS) if SOAK > 1 else SAMPLE
DEFECTS = [each for each in load_defects(SIZED) if each.id.rpartition("-")[0] in SUBJECTS]


@pytest.fixture(scope="module")
def matrix(qualify, tmp_path_factory):
    """Run every size at noise of ``RIG_SOAK`` seeds; by defect, what failed and what was said."""
    folder, found = tmp_path_factory.mktemp("sizes"), {}
    for seed in range(SOAK):
        out = folder / f"{seed}.json"
        plan = sorted({f"testplans/{TESTS[each]}" for each in SUBJECTS})
        words = [*plan, "--defects", SIZED, "--seed", seed, "--json", out, "--jobs", 2]
        words += [word for each in DEFECTS for word in ("--defect", each.id)]
        result = qualify(ROOT, words)
        assert result.returncode == 1, result.stderr
        for each in json.loads(out.read_text())["defects"]:
            line = next(x for x in result.stdout.splitlines() if f" {each['id']} " in x)
            found.setdefault(each["id"], []).append((each["caught_by"], line))
    return found


@pytest.mark.parametrize("name", [d.id for d in DEFECTS if d.id.endswith("-inside")])
def test_what_lies_just_inside_passes_or_stays_open(matrix, name):
    for caught_by, line in matrix[name]:
        assert caught_by == []
        assert "MISSED" in line  # met, and neither failed nor broken


@pytest.mark.parametrize("name", [d.id for d in DEFECTS if d.id.endswith("-outside")])
def test_what_lies_outside_by_more_than_2_u_is_failed(matrix, name):
    requirement = next(d.requirement for d in DEFECTS if d.id == name)
    for caught_by, _ in matrix[name]:
        assert caught_by == [requirement]
