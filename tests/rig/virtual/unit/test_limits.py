import pytest


def test_stale_vehicle_data_switch_off_within_2500_ms_and_latch(running):
    circuit = running()
    circuit.run(0.1)
    last = 4.0  # spoken each 0.5 s
    circuit.soc = None
    circuit.run(10.0)
    assert 2.0 <= circuit.times("stop")[0] - last <= 2.5
    assert circuit.registers(0, 2) == [5, 22]
    circuit.soc = 800
    circuit.run(60.0)
    assert circuit.registers(0) == [5]


@pytest.mark.parametrize(
    ("volts", "code"), [(246.0, 13), (414.0, 14)], ids=["under-voltage", "over-voltage"]
)
def test_a_pack_outside_its_window_switches_off_within_200_ms(running, volts, code):
    circuit = running()
    since = circuit.now_s
    circuit.change(dc_volts=volts)
    circuit.run(1.0)
    assert circuit.times("stop")[0] - since <= 0.2
    assert circuit.events()[-1][:2] == (code, 0)
    circuit.change(dc_volts=380.0)
    circuit.run(20.0)
    assert circuit.registers(0) == [3 if code == 13 else 5]


@pytest.mark.parametrize(
    ("change", "code", "limit_s"),
    [
        ({"volts": 264.5}, 8, 1.0),
        ({"volts": 276.0}, 8, 0.1),
        ({"volts": 179.0}, 9, 6.0),
        ({"volts": 98.0}, 9, 0.1),
        ({"hertz": 51.05}, 10, 1.0),
        ({"hertz": 48.95}, 10, 1.0),
    ],
)
@pytest.mark.parametrize("unit_seed", [0, 1, 2])
def test_output_outside_its_window_switches_off_in_time(running, change, code, limit_s, unit_seed):
    circuit = running(unit_seed=unit_seed)
    circuit.load(3.0, 3.0, 3.0)
    circuit.run(1.0)
    since = circuit.now_s
    circuit.change(**change)
    circuit.run(limit_s + 0.1)
    assert circuit.times("stop")[0] - since <= limit_s
    assert circuit.events()[-1][:2] == (code, 0)


@pytest.mark.parametrize("change", [{"volts": 245.0}, {"volts": 200.0}, {"hertz": 50.6}])
def test_output_inside_its_window_is_left_alone(running, change):
    circuit = running()
    circuit.change(**change)
    circuit.run(20.0)
    assert circuit.times("stop") == []


def test_the_power_limit_warns_then_sheds_the_least_important_socket(running):
    circuit = running(limit_w=6000)
    circuit.percent(85)
    circuit.run(5.0)
    assert [event[:2] for event in circuit.events()] == [(120, 0)]
    since = circuit.now_s
    circuit.percent(115)
    circuit.run(2.0)
    assert 0.7 <= circuit.times("open", "B")[0] - since <= 2.0
    assert circuit.registers(24)[0] == 4
    assert circuit.times("open", "A") == circuit.times("open", "C") == []


def test_a_shed_socket_returns_after_60_s_with_headroom(running):
    circuit = running(limit_w=6000)
    circuit.percent(115)
    circuit.run(5.0)
    circuit.percent(60)
    circuit.run(50.0)
    assert circuit.registers(24)[0] == 4
    circuit.run(12.0)
    assert circuit.registers(24)[0] == 1


def test_the_last_socket_on_is_never_shed(running):
    circuit = running(limit_w=1000)
    circuit.load(5.0, 5.0, 5.0)
    circuit.run(30.0)
    assert [circuit.registers(at)[0] for at in (16, 24, 32)] == [1, 4, 4]


def test_above_125_percent_the_overload_stages_act_first(running):
    circuit = running(limit_w=6000)
    circuit.percent(150)
    circuit.run(3.0)
    assert circuit.times("stop")
    assert (20, 2) not in [event[:2] for event in circuit.events()]


def test_sockets_go_by_priority_on_the_way_to_the_floor(running):
    circuit = running()
    gone = {}
    for soc in range(160, 98, -1):
        circuit.soc = soc
        circuit.run(0.6)
        for socket, register in (("A", 16), ("B", 24), ("C", 32)):
            if circuit.registers(register)[0] != 1:
                gone.setdefault(socket, soc)
    assert gone == {"B": 130, "C": 115, "A": 100}
    assert (112, 0, 150) in circuit.events()
    assert circuit.registers(0) == [5]


def test_after_the_floor_it_comes_back_3_percent_higher_not_below(running):
    circuit = running()
    circuit.soc = 100
    circuit.run(1.0)
    circuit.soc = 129
    circuit.run(20.0)
    assert circuit.registers(0) == [5]
    circuit.soc = 130
    circuit.run(5.0)
    assert circuit.registers(0) == [3]


def test_the_floor_is_remembered_over_a_power_cycle(running):
    circuit = running()
    circuit.soc = 100
    circuit.run(1.0)
    circuit.power_cycle()
    circuit.soc = 120
    circuit.run(2.0)
    with pytest.raises(Exception, match="04"):
        circuit.command(1)
