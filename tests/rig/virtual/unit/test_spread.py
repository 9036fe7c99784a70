import pytest

from rig.virtual.unit import Parameters
from rig.virtual.unit.spread import spread
from rig.virtual.unit.streams import stream


@pytest.mark.parametrize("unit_seed", range(20))
def test_a_healthy_unit_stays_within_its_tolerances(unit_seed):
    unit, nominal = spread(Parameters(), unit_seed), Parameters()
    for got, stage in zip(unit.stages, nominal.stages, strict=True):
        assert got.percent == pytest.approx(stage.percent, rel=0.01)
        assert got.time_s == pytest.approx(stage.time_s, rel=0.05)
    for socket in unit.sockets:
        assert socket.current.gain == pytest.approx(1.0, abs=0.005)
    assert abs(unit.ac_voltage.gain * unit.ac_current.gain - 1.0) < 0.0076
    assert unit.dc_voltage.gain == pytest.approx(1.0, abs=0.005)


def test_a_unit_is_the_same_each_time_and_different_from_its_brother():
    assert spread(Parameters(), 3) == spread(Parameters(), 3)
    assert spread(Parameters(), 3) != spread(Parameters(), 4)
    assert spread(Parameters(), 0) != Parameters()


def test_streams_hang_on_name_and_seed_only():
    assert stream("a", 1).random() == stream("a", 1).random()
    assert len({stream(name, seed).random() for name in "ab" for seed in (1, 2)}) == 4


@pytest.mark.parametrize("sign", [-1, 1])
def test_the_packs_window_keeps_its_limits_whatever_the_sensor_is_off(sign):
    window, sensor = Parameters().dc_window, Parameters().dc_voltage

    def seen_v(true_v):
        return true_v * (1.0 + sign * 0.005) + sign * 0.0003 * sensor.range

    assert seen_v(249.99) < window.under.value < window.over.value < seen_v(410.01)
    assert seen_v(405.5) < window.over.value
