"""The requirement file, and the errors a wrong one gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from instruments.errors import UsageError
from rig.measure import load_requirements
from rig.yaml_lines import load_model, read_yaml

PROJECT = Path(__file__).parents[3] / "testplans" / "requirements.yaml"

GOOD = """\
unit: a unit
version: "1"
requirements:
  - id: R-A-01
    title: t
    text: t
    version: "1"
    source: s
    rationale: r
    limits:
      trip_time: {unit: s, min: 1, max: 3, kind: trip_time}
    stimulus:
      load_percent: 110
      angle_deg: [0, 90]
      earthing: tn
"""


def load(tmp_path, text):
    path = tmp_path / "requirements.yaml"
    path.write_text(text, encoding="utf-8")
    return load_requirements(path)


def wrong(tmp_path, text):
    with pytest.raises(UsageError) as error:
        load(tmp_path, text)
    return str(error.value)


def test_the_projects_requirements_load_and_carry_their_numbers():
    found = load_requirements(PROJECT)
    wanted = {f"R-OVL-0{n}" for n in range(1, 10)} | {"R-OUT-01", "R-SC-01", "R-LOG-01", "R-REC-01"}
    assert wanted <= set(found.by_id)
    assert found.limit("R-OVL-03").text == "10 to 30 s"
    assert found.get("R-OVL-02").number("load_percent") == 110
    assert found.rating("socket_current_a") == 16


def test_every_overload_trip_is_held_longer_than_its_limit():
    for requirement in load_requirements(PROJECT).by_id.values():
        limit = requirement.limits.get("trip_time")
        if limit is not None and "hold_s" in requirement.stimulus:
            longest = limit.maximum if limit.maximum is not None else limit.minimum
            assert requirement.number("hold_s") >= longest


def test_a_missing_requirement_limit_or_stimulus_is_a_usage_error(tmp_path):
    found = load(tmp_path, GOOD)
    for ask in (
        lambda: found.get("R-B-01"),
        lambda: found.limit("R-A-01", "voltage"),
        lambda: found.get("R-A-01").number("socket_percent"),
        lambda: found.get("R-A-01").number("earthing"),
        lambda: found.get("R-A-01").word("load_percent"),
        lambda: found.rating("power_va"),
    ):
        with pytest.raises(UsageError):
            ask()
    assert found.get("R-A-01").numbers("angle_deg") == (0.0, 90.0)


def test_an_unknown_key_is_named_with_its_line_and_value(tmp_path):
    message = wrong(tmp_path, GOOD.replace("    rationale: r", "    rationale: r\n    colour: red"))
    assert "requirements.yaml:10: requirements.0.colour: got 'red', expected" in message


def test_a_wrong_value_is_named_with_its_line_and_expectation(tmp_path):
    message = wrong(tmp_path, GOOD.replace("min: 1", "min: soon"))
    assert "requirements.yaml:11: requirements.0.limits.trip_time.min: got 'soon'" in message
    assert "number" in message


def test_a_missing_key_is_named_with_the_line_of_its_requirement(tmp_path):
    message = wrong(tmp_path, GOOD.replace("    source: s\n", ""))
    assert "requirements.yaml:4: requirements.0: source: Field required" in message


def test_a_key_given_twice_is_an_error_that_names_both_lines(tmp_path):
    message = wrong(tmp_path, GOOD.replace("    title: t", "    title: t\n    title: u"))
    assert message.endswith(
        "requirements.yaml:6: requirements.0.title: given twice, first in line 5"
    )


def test_an_id_given_twice_is_an_error(tmp_path):
    entry = GOOD[GOOD.index("  - id") :]
    assert "requirements.1.id: got 'R-A-01'" in wrong(tmp_path, GOOD + entry)


@pytest.mark.parametrize(
    "limit",
    [
        "{unit: s}",
        "{unit: s, min: 3, max: 1}",
        "{unit: s, min: 1, kind: trip_time}",
        "{unit: s, max: 1, kind: no_trip}",
        "{unit: V, min: 1, kind: no_trip}",
        "{unit: s, max: .inf}",
        "{unit: s, max: 1, rule: coin}",
    ],
)
def test_a_limit_that_bounds_nothing_or_contradicts_itself_is_an_error(tmp_path, limit):
    text = GOOD.replace("{unit: s, min: 1, max: 3, kind: trip_time}", limit)
    assert "requirements.yaml:11" in wrong(tmp_path, text)


@pytest.mark.parametrize(
    "text", ["", "a: [1", "a: &x [*x]", "? [1, 2]\n: 3", "a: 1\n---\nb: 2", "a: !!python/none x"]
)
def test_what_is_no_plain_yaml_is_one_readable_line(tmp_path, text):
    message = wrong(tmp_path, text)
    assert message.startswith(str(tmp_path / "requirements.yaml"))
    assert "\n" not in message


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        load_requirements(tmp_path / "none.yaml")


def test_plain_words_and_times_stay_text(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("a: on\nb: 12:30\nc: 1e3\nd: true\ne: 0x11\nf: -1.5\n", encoding="utf-8")
    expected = {"a": "on", "b": "12:30", "c": 1000.0, "d": True, "e": 17, "f": -1.5}
    assert read_yaml(path).data == expected


class Numbers(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    items: dict[str, int]


@given(st.lists(st.booleans(), min_size=1, max_size=20))
def test_every_wrong_value_is_reported_on_its_own_line(tmp_path_factory, right):
    path = tmp_path_factory.mktemp("y") / "n.yaml"
    lines = [f"  k{i}: {i if good else 'x'}" for i, good in enumerate(right)]
    path.write_text("items:\n" + "\n".join(lines) + "\n", encoding="utf-8")
    if all(right):
        assert load_model(path, Numbers).items == {f"k{i}": i for i in range(len(right))}
        return
    with pytest.raises(UsageError) as error:
        load_model(path, Numbers)
    expected = [f"{path}:{i + 2}: items.k{i}: got 'x'" for i, good in enumerate(right) if not good]
    found = str(error.value).splitlines()
    assert [line.split(", expected")[0] for line in found] == expected


@pytest.mark.parametrize("rule", ["guard_band", "simple_acceptance", "ilac_g8"])
def test_a_file_chooses_the_rule_of_every_limit_that_names_none(tmp_path, rule):
    text = GOOD.replace("unit: a unit\n", f"unit: a unit\nrule: {rule}\n")
    assert load(tmp_path, text).limit("R-A-01").rule == rule
    own = text.replace("kind: trip_time}", "kind: trip_time, rule: guard_band}")
    assert load(tmp_path, own).limit("R-A-01").rule == "guard_band"


def test_without_a_rule_a_file_is_decided_by_the_guard_band(tmp_path):
    assert load(tmp_path, GOOD).limit("R-A-01").rule == "guard_band"


def test_an_unknown_rule_of_a_file_is_named_with_its_line(tmp_path):
    text = GOOD.replace("unit: a unit\n", "unit: a unit\nrule: coin\n")
    message = wrong(tmp_path, text)
    assert "requirements.yaml:2: rule: got 'coin'" in message
