"""A transmitter's one register: sign, counts, kind of register, broken sensors."""

import pytest

from instruments.errors import BenchError
from instruments.ratings import TemperatureRegister
from instruments.register_thermometer import RegisterThermometer


@pytest.fixture
def make(scripted_registers, clock):
    def make_thermometer(*steps, **given):
        return RegisterThermometer(scripted_registers(*steps), clock, TemperatureRegister(**given))

    return make_thermometer


@pytest.mark.parametrize(("word", "celsius"), [(253, 25.3), (0, 0.0), (0xFFF6, -1.0)])
def test_a_reading_is_signed_and_in_tenths(make, word, celsius):
    assert make(((4, 0, 1), [word])).read_temperature() == pytest.approx(celsius)


def test_register_kind_and_counts_are_those_of_the_bench_file(make):
    box = make(((3, 40, 1), [2_345]), register=40, input=0, per_degree=100)
    assert box.read_temperature() == pytest.approx(23.45)


@pytest.mark.parametrize("word", [0x7FFF, 0x8000, 851, 0x10000 - 401])
def test_a_broken_sensor_is_no_temperature(make, word):
    with pytest.raises(BenchError, match=r"-40 to 85 degC.*register 0 holds"):
        make(((4, 0, 1), [word])).read_temperature()


def test_it_is_identified_by_reading_it(make):
    assert make(((4, 0, 1), [250])).identify().model == "temperature transmitter"
