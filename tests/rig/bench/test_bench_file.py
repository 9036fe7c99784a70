"""A bench file that cannot be meant so is refused: where it stands, what it has, what it needs."""

import copy
from pathlib import Path

import pytest
import yaml

from instruments.errors import UsageError
from rig.bench.address_check import address_problems
from rig.bench.limited import envelope_problems
from rig.bench.model import BenchFile
from rig.bench.safe_state_check import safe_state_problems
from rig.bench.wiring_check import wiring_problems
from rig.session import load_bench

BENCHES = Path(__file__).parents[3] / "benches"
LAB = yaml.safe_load((BENCHES / "example-lab.yaml").read_text())
CHECKS = (wiring_problems, safe_state_problems, envelope_problems, address_problems)


def problems(change):
    document = copy.deepcopy(LAB)
    change(document)
    bench = BenchFile.model_validate(document)
    found = [problem for check in CHECKS for problem in check(bench)]
    return [f"{'.'.join(map(str, where))}: {expected}" for where, expected in found]


def put(value, *where):
    """Return what puts a value at a place of the file."""

    def change(document):
        for key in where[:-1]:
            document = document[key]
        document[where[-1]] = value

    return change


def relay(board, number):
    return {"board": board, "relay": number}


SOCKETS = ("wiring", "sockets")
ELSE = "that nothing else uses"


@pytest.mark.parametrize("name", [path.name for path in BENCHES.glob("*.yaml")])
def test_the_shipped_files_are_sound(name):
    load_bench(BENCHES / name)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put("scope_ac", *SOCKETS, "A", "load"), "A.load: a role that is an electronic AC load"),
        (put("controller", *SOCKETS, "A", "load"), "A.load: a role that is an electronic AC load"),
        (put("load_a", "wiring", "mux_board"), "mux_board: a role that is a relay board"),
        (
            put("load_a", "wiring", "contactors", "board"),
            "contactors.board: a role that is a relay",
        ),
        (put("load_a", "wiring", "v2h", "supply"), "v2h.supply: a role that is a bidirectional"),
        (put("faults_1", "interlock", "board"), "interlock.board: a role that is a board with dig"),
        (put("Yokogawa WT500", "roles", "pack", "model"), "pack.model: a role that is a bidirec"),
    ],
)
def test_a_role_of_the_wrong_kind_is_refused(change, said):
    assert any(said in each for each in problems(change))


@pytest.mark.parametrize("role", ["scope_ac", "analyser_ac", "analyser_dc"])
def test_a_role_that_every_plan_needs_is_missed(role):
    (missed,) = problems(lambda document: document["roles"].pop(role))
    assert missed.startswith(f"roles: the role {role}, ")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put("load_a", *SOCKETS, "B", "load"), f"B.load: a load {ELSE}; wiring.sockets.A.load has"),
        (put(1, *SOCKETS, "B", "analyser_element"), f"B.analyser_element: an element {ELSE}"),
        (put(0, *SOCKETS, "B", "mux_relay"), f"B.mux_relay: a relay {ELSE}"),
        (put([0, 3], *SOCKETS, "B", "step_branches"), f"B.step_branches.0: a branch {ELSE}"),
        (put(0, *SOCKETS, "A", "short_branch"), f"A.short_branch: a branch {ELSE}"),
        (put(6, *SOCKETS, "A", "residual_branch"), f"A.residual_branch: a branch {ELSE}"),
        (put("A", *SOCKETS, "A", "neighbour"), "A.neighbour: another socket"),
        (put(relay("faults_4", 0), "wiring", "contactors"), f"contactors: a relay {ELSE}"),
        (put(relay("faults_3", 0), "wiring", "v2h", "d1"), f"v2h.d1: a relay {ELSE}"),
        (put(0, "interlock", "door"), f"interlock.door: an input {ELSE}; interlock.emergency_stop"),
        (put("socket_voltage", "wiring", "scope_ac", 4, "sees"), f"4.sees: something {ELSE}"),
    ],
)  # fmt: skip
def test_what_has_one_use_is_not_given_two(change, said):
    assert any(said in each for each in problems(change))


def without(role):
    return lambda d: put([s for s in d["safe_state"] if s["role"] != role], "safe_state")(d)


def tidied(role):
    def change(document):
        without(role)(document)
        document["safe_state"].append({"role": role, "tidy": True})

    return change


POWER = ["pack", "evps", "load_a", "point_on_wave", "faults_1", "faults_11", "v2h_io"]


@pytest.mark.parametrize("role", POWER)
def test_nothing_that_carries_power_is_left_out_of_the_safe_state_or_tidied_up_late(role):
    assert problems(without(role)) == [
        f"safe_state: a step for {role} besides, which carries power"
    ]
    (late,) = problems(tidied(role))
    assert late.startswith("safe_state.15: ")
    assert late.endswith(f"{role} among the first, without tidy: it carries power")


def test_a_board_that_inserts_faults_is_made_safe_too_and_each_role_once():
    assert problems(without("faults_2")) == [
        "safe_state: a step for faults_2 besides, which puts something in"
    ]
    assert problems(tidied("faults_2")) == []
    (twice,) = problems(lambda d: d["safe_state"].insert(0, {"role": "pack"}))
    assert twice.startswith("safe_state.3: a role that nothing else uses; safe_state.0 has")


@pytest.mark.parametrize(
    ("role", "key"),
    [("pack", "voltage_v"), ("load_b", "power_w"), ("point_on_wave", "short_hold_s")],
)
def test_a_limit_that_nobody_wrote_down_is_missed(role, key):
    assert problems(lambda d: d["envelope"][role].pop(key)) == [
        f"envelope.{role}: limits for {role}: {key}"
    ]


def link(role, **values):
    return lambda d: d["roles"][role]["link"].update(values)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (link("faults_2", unit=1), f"faults_2.link.address: a box {ELSE}"),
        (link("load_b", address="ASRL/dev/ttyUSB0::INSTR"), f"load_b.link.address: a box {ELSE}"),
        (link("evps", address="TCPIP::192.168.1.23::30000::SOCKET"), "evps.link.address: a box"),
        (link("faults_2", baud_rate=19200), "faults_2.link.baud_rate: 9600 as faults_1 on"),
        (link("load_a", address="ASRL/dev/ttyUSB2::INSTR"), "faults_1.link.address: a line of its"),
        (put("/dev/ttyUSB3", "unit", "console", "address"), f"unit.console.address: a line {ELSE}"),
        (link("load_c", kind="visa-serial"), "load_c.link.address: a VISA resource of link k"),
        (link("load_c", address="12 V"), "load_c.link.address: VISA resource '12 V'"),
        (link("load_a", address="virtual"), "load_a.link.address: a real address, as other roles"),
        (put("virtual", "clock"), "clock: wall: the boxes have real addresses"),
    ],
)  # fmt: skip
def test_addresses_that_cannot_be_or_lead_to_one_box_are_refused(change, said):
    assert any(said in each for each in problems(change))


def test_two_names_of_one_serial_device_are_one_line(tmp_path):
    (tmp_path / "by-id").symlink_to("/dev/ttyUSB0")
    found = problems(link("load_b", address=f"ASRL{tmp_path / 'by-id'}::INSTR"))
    assert any(f"load_b.link.address: a box {ELSE}" in each for each in found)


def refused(tmp_path, old, new):
    text = (BENCHES / "example-lab.yaml").read_text()
    assert old in text
    file = tmp_path / "lab.yaml"
    file.write_bytes(text.replace(old, new, 1).encode("latin-1"))
    with pytest.raises(UsageError) as error:
        load_bench(file)
    return str(error.value).removeprefix(str(file)), text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("door: 1,", "door: true,", "interlock.door: got True"),
        ("current_a: 60,", "current_a: .inf,", "envelope.pack.current_a: got inf, expected"),
        ("load: load_a,", "load: load_x,", "wiring.sockets.A.load: 'load_x' is no role of this"),
        ("priority: [A, C, B]", "priority: [A, C, B, B]", "must name each of ['A', 'B', 'C'] once"),
        (
            "earthing: tn\n",
            "earthing: tn\n  tint: red\n",
            "unit.tint: got 'red', expected: no such key here",
        ),
        ("roles:\n", "roles:\n  <<: {}\n", ": roles: keys are not merged here (<<): write them"),
        ("example lab", "Pr\u00fcfstand", ":7: not YAML: a character that cannot stand in it"),
        ("emergency_stop: 0, door: 1, temperature: 2", "", "interlock: emergency_stop, door or"),
        ("unit: V, full_scale: 500", "unit: A, full_scale: 500", "unit: got 'A', expected: 'V'"),
        ("baud_rate: 57600}", "baud_rate: 57601}", "the guardian cannot run /dev/ttyUSB0 at 57601"),
        (
            "EA PSB 10000\n",
            "EA PSB 10000\n    rating: {amps: 9}\n",
            "roles.pack.rating: ['amps'] unknown",
        ),
        ("[230, 420]", "[420, 230]", "expected the lower voltage first"),
        ("{role: pack}", "{role: pack, within_s: 900}", "within_s: got 900, expected"),
        ("timeout_s: 2, feed_s: 0.5}", "timeout_s: 900, feed_s: 0.5}", "timeout_s: got 900, exp"),
    ],
)
def test_a_mistake_is_told_by_file_line_key_and_what_was_expected(tmp_path, old, new, said):
    message, line = refused(tmp_path, old, new)
    assert said in message
    assert "\n" not in message
    if not said.startswith(_OF_MORE):
        assert message.startswith((f":{line}: ", f":{line + 1}: "))


_OF_MORE = ("must name each", "the guardian cannot", "roles.pack.rating")
"""What is found in several keys together, or by a driver, is told without a line."""
