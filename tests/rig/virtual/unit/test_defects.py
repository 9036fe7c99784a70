import pytest

from instruments.errors import UsageError
from rig.virtual.unit import Parameters, SimulatedController, defect_by_id, list_defects
from rig.virtual.unit.spread import spread


def defective(running, name, **options):
    return running(defect_by_id(name).apply(Parameters()), **options)


@pytest.mark.parametrize(
    ("name", "percent", "allowed_s"),
    [
        ("overload-110-late", 110, 120.0),
        ("overload-125-late", 125, 30.0),
        ("overload-150-threshold", 150, 3.0),
        ("overload-200-late", 200, 0.2),
    ],
)
@pytest.mark.parametrize("unit_seed", [0, 1])
def test_a_late_unit_misses_its_requirement(running, name, percent, allowed_s, unit_seed):
    circuit = defective(running, name, unit_seed=unit_seed)
    circuit.percent(percent)
    circuit.run(allowed_s)
    assert circuit.times("stop") == []


def test_a_forgetful_unit_does_not_trip_on_pulses(running):
    circuit = defective(running, "overload-forgets")
    for _ in range(6):
        circuit.percent(150)
        circuit.run(0.8)
        circuit.percent(80)
        circuit.run(0.8)
    assert circuit.times("stop") == []


def test_socket_b_never_trips_where_the_others_do(running):
    circuit = defective(running, "socket-b-no-overload")
    circuit.load(0.0, 25.6, 0.0)
    circuit.run(20.0)
    assert circuit.times("open", "B") == []
    circuit.load(25.6, 0.0, 0.0)
    circuit.run(20.0)
    assert circuit.times("open", "A")


def test_a_short_circuit_is_retried(running):
    circuit = defective(running, "short-circuit-restarts")
    circuit.change(shorted=1)
    circuit.run(15.0)
    assert len(circuit.times("block")) >= 2


def test_slow_gates_let_current_flow_longer_than_20_ms(running):
    circuit = defective(running, "gate-block-slow")
    since = circuit.now_s
    circuit.change(shorted=1)
    circuit.run(0.3)
    assert circuit.times("block")[0] - since > 0.02
    assert circuit.times("open", "B")[0] - since > 0.02


def test_the_late_relay_of_c_lets_the_short_circuit_come_back(running):
    def blocks(shorted):
        circuit = defective(running, "relay-c-late")
        circuit.change(shorted=shorted)
        circuit.run(0.5)
        return len(circuit.times("block"))

    assert blocks(1) == 1
    assert blocks(2) > 1


def test_the_socket_trip_is_missing_in_the_log_only(running):
    circuit = defective(running, "socket-overload-not-logged")
    circuit.load(0.0, 25.6, 0.0)
    circuit.run(6.0)
    assert circuit.events() == []
    assert circuit.registers(1) == [2]


def test_the_inverter_of_a_defective_unit_is_off():
    high = spread(defect_by_id("output-high").apply(Parameters()), 0).inverter
    assert high.voltage_v > 230.0 * 1.03
    assert (
        spread(defect_by_id("frequency-high").apply(Parameters()), 0).inverter.frequency_hz > 50.25
    )
    rises = defect_by_id("output-rises-with-load").apply(Parameters()).inverter
    assert -26.1 * rises.output_resistance_ohm > 230.0 * 0.03


def test_every_defect_has_its_own_id_and_changes_the_unit():
    ids = [defect.id for defect in list_defects()]
    assert len(set(ids)) == len(ids)
    first, *others = (each for each in list_defects() if each.change_box is None)
    for defect in (first, *others):
        changed = defect.apply(Parameters())
        assert changed.defect == defect.id
        assert changed != first.apply(Parameters()) or defect is first
        described = SimulatedController(changed, unit_seed=1, seed=1).describe()
        assert described["defect"] == defect.id


def test_a_defect_can_come_from_a_file_and_replace_a_protection(running, tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(
        "from rig.virtual.unit import Defect\n"
        "class Never:\n"
        "    def __init__(self, healthy): self.healthy = healthy\n"
        "    def find(self, span): return None\n"
        "    def live(self, span, ticks): self.healthy.live(span, ticks)\n"
        "    def decide(self, span, ticks): return []\n"
        "    def standing(self, span): return False\n"
        "DEFECTS = [Defect('deaf', 'R-OVL-05', 'never', wrap={'inverter_overload': Never})]\n"
    )
    circuit = defective(running, f"{file}:deaf")
    circuit.percent(200)
    circuit.run(60.0)
    assert circuit.times("stop") == []


def test_an_unknown_defect_names_those_there_are():
    with pytest.raises(UsageError, match="overload-110-late"):
        defect_by_id("nonsense")
    with pytest.raises(UsageError, match="no defect file"):
        defect_by_id("nowhere.py:deaf")
