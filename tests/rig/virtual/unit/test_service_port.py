import pytest

from rig.virtual.ports import ServiceRefusal


def code_of(call, *arguments):
    with pytest.raises(ServiceRefusal) as caught:
        call(*arguments)
    return caught.value.code


@pytest.mark.parametrize(
    ("address", "values"),
    [
        (0, [0]), (0, [5]), (1, [8]), (2, [0x123 + 1]), (2, [0x112]), (2, [0x1132]), (3, [9]),
        (3, [91]), (4, [2]), (5, [499]), (5, [15001]), (6, [4]), (7, [31]), (8, [1]), (9, [1]),
        (10, [101]), (16, [1001]), (19, [0x8000]), (16, [500, 1200, 1200, 250, 16, 0, 1]),
    ],
)  # fmt: skip
def test_a_value_out_of_range_is_refused_with_03_and_nothing_is_written(plug_in, address, values):
    unit = plug_in().unit
    before = unit.read_holding(1, 10)[:7]
    assert code_of(unit.write_holding, address, values) == 3
    assert unit.read_holding(1, 10)[:7] == before


def test_one_bad_value_spoils_the_whole_request(plug_in):
    unit = plug_in().unit
    assert code_of(unit.write_holding, 3, [20, 7]) == 3
    assert unit.read_holding(3, 1) == [10]


def test_unknown_addresses_are_refused_with_02(plug_in):
    unit = plug_in().unit
    for address, count in ((11, 1), (15, 1), (23, 1), (10, 2)):
        assert code_of(unit.read_holding, address, count) == 2
        assert code_of(unit.write_holding, address, [0] * count) == 2
    for address, count in ((40, 1), (53, 1), (60, 1), (98, 1), (324, 1), (16, 25), (323, 2)):
        assert code_of(unit.read_input, address, count) == 2


def test_defaults_are_those_of_the_reference_unit(plug_in):
    unit = plug_in().unit
    assert unit.read_holding(0, 8) == [0, 7, 0x132, 10, 0, 6000, 0, 15]
    assert unit.read_holding(10, 1) == [20]
    unit.write_holding(3, [30])
    assert unit.read_holding(10, 1) == [40]


def test_settings_survive_a_power_cycle_and_the_vehicle_block_does_not(plug_in):
    circuit = plug_in()
    circuit.unit.write_holding(3, [25])
    circuit.power_cycle()
    assert circuit.unit.read_holding(3, 1) == [25]
    assert circuit.unit.read_holding(16, 1) == [0]


def test_readings_are_within_the_sensors_tolerance(running):
    circuit = running()
    circuit.load(4.0, 6.0, 8.0)
    circuit.run(2.0)
    assert circuit.registers(8)[0] == pytest.approx(2300, rel=0.003)
    assert circuit.registers(9)[0] == pytest.approx(5000, abs=1)
    assert circuit.registers(5)[0] == pytest.approx(18 * 230, rel=0.01)
    assert circuit.registers(3)[0] == pytest.approx(3800, rel=0.006)
    amps = [circuit.registers(at)[0] / 100.0 for at in (17, 25, 33)]
    assert amps == pytest.approx([4.0, 6.0, 8.0], rel=0.007)
    assert 0x10000 - circuit.registers(4)[0] == pytest.approx(10 * 18 * 230 / 0.93 / 380, rel=0.01)


def test_readings_are_the_same_on_both_scales(running):
    sampled, steady = running(stay=lambda: True), running()
    for circuit in (sampled, steady):
        circuit.load(4.0, 6.0, 8.0, lag_rad=0.6)
        circuit.run(2.0)
    for address in (5, 8, 9, 17, 18, 25, 26, 33, 34):
        got, expected = sampled.registers(address)[0], steady.registers(address)[0]
        assert got == pytest.approx(expected, rel=0.0015, abs=1)


def test_energy_and_run_time_are_counted(running):
    circuit = running()
    circuit.load(10.0, 0.0, 0.0)
    circuit.run(3600.0)
    high, low = circuit.registers(19, 2)
    assert (high << 16) + low == pytest.approx(2300, rel=0.01)
    high, low = circuit.registers(10, 2)
    assert (high << 16) + low == pytest.approx(0.7 * 62000)
    assert circuit.registers(12)[0] == pytest.approx(0.7 * 62000 / (2300 / 0.93) * 60, rel=0.015)
    assert circuit.registers(14, 2) == [0, 3604]


def test_the_clock_can_be_set_and_stamps_what_follows(running):
    circuit = running()
    utc = 1_800_000_000
    circuit.unit.write_holding(8, [utc >> 16, utc & 0xFFFF])
    circuit.percent(200)
    circuit.run(2.25)
    assert circuit.unit.read_holding(8, 2) == [utc >> 16, (utc + 2) & 0xFFFF]
    newest = circuit.registers(99)[0]
    record = circuit.registers(100 + 7 * (newest - 1), 7)
    assert record[0] == newest
    assert (record[3] << 16) + record[4] == utc
    assert 100 < record[5] < 200


def test_event_records_are_read_one_at_a_time(plug_in):
    circuit = plug_in()
    assert circuit.registers(100, 7) == [0] * 7
    assert code_of(circuit.registers, 100, 8) == 3
    assert circuit.registers(100 + 31 * 7, 7) == [0] * 7


def test_the_log_keeps_the_newest_32_records_and_survives_a_power_cycle(running):
    circuit = running(limit_w=1000)
    for _ in range(40):
        circuit.load(3.7, 0.0, 0.0)
        circuit.run(2.0)
        circuit.load(0.0, 0.0, 0.0)
        circuit.run(2.0)
    circuit.power_cycle()
    assert circuit.registers(99) == [40]
    sequences = sorted(circuit.registers(100 + 7 * n)[0] for n in range(32))
    assert sequences == list(range(9, 41))


def test_every_event_is_a_console_line_with_utc_in_milliseconds(running):
    circuit = running()
    circuit.percent(200)
    circuit.run(1.0)
    trips = [line for line in circuit.console if " TRIP " in line]
    assert trips == [
        f"2026-01-01T00:00:04.{round(1000 * circuit.times('stop')[0]) % 1000:03d}Z"
        " TRIP code=1 socket=- value=200 overload inverter"
    ]
