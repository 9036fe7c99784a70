"""Envelopes: what is refused, with which words, and what is called out when time passes."""

import pytest
from pydantic import BaseModel

from instruments.errors import LinkTimeout, UsageError
from rig.bench import Bench, Journal
from rig.bench.demand import Demand
from rig.bench.envelope import Envelopes, OutsideEnvelope
from rig.bench.limited import check_envelopes, limited
from rig.clock import VirtualClock
from rig.recording import Recorder
from rig.session import DEFAULT_BENCH, load_bench, open_bench


class Box:
    """Any driver: notes what it was told, and does it unless told to fail."""

    def __init__(self):
        self.told = []
        self.fails = False
        self.source = self.sink = self

    def __getattr__(self, name):
        def tell(*values, **named):
            self.told.append((name, *values))
            if self.fails:
                raise LinkTimeout("telling", box="box", address="there", expected="a", got="b")

        return tell


def bench_file(**parts):
    spec = load_bench(DEFAULT_BENCH)
    whole = {"bench_envelope": {}, "envelope": {}} | parts
    return type(spec).model_validate(spec.model_dump(exclude_unset=True) | whole)


class Rig:
    def __init__(self, **parts):
        self.spec = bench_file(**parts)
        self.clock, self.overruns = VirtualClock(), []
        self.boxes = {role: Box() for role in self.spec.roles if role != "controller"}
        demand = Demand(Envelopes(self.spec, "lab.yaml"), self.clock, self.overruns.append)
        self.demand = demand
        demand.begin()
        self.drivers = limited(self.spec, self.boxes, demand, self.clock, self.overruns.append)

    def __getitem__(self, role):
        return self.drivers[role]

    def told(self, role):
        return self.boxes[role].told

    def after(self, seconds):
        self.clock.sleep_until(self.clock.now() + seconds)


LOAD = {"envelope": {"load_a": {"current_a": 20, "power_w": 4000}}}


def test_the_message_names_role_value_limit_and_file():
    rig = Rig(**LOAD)
    with pytest.raises(OutsideEnvelope) as refused:
        rig["load_a"].set_power(5000)
    assert str(refused.value) == (
        "load_a: power_w = 5000 is outside the envelope of this bench, at most 4000"
        " (lab.yaml: envelope.load_a.power_w); nothing was sent"
    )
    assert rig.told("load_a") == []


@pytest.mark.parametrize("watts", [4000.1, -4000.1, float("nan"), float("inf")])
def test_a_power_beyond_the_limit_in_any_way_is_refused(watts):
    rig = Rig(**LOAD)
    with pytest.raises(OutsideEnvelope):
        rig["load_a"].set_power(watts)
    assert rig.told("load_a") == []


def test_a_value_at_its_limit_is_allowed():
    rig = Rig(**LOAD)
    rig["load_a"].set_power(4000, power_factor=1.0)
    rig["load_a"].set_current(20, power_factor=0.5)
    assert [name for name, *_ in rig.told("load_a")] == ["set_power", "set_current"]


def test_the_power_factor_counts_for_the_current():
    with pytest.raises(OutsideEnvelope, match="current_a"):
        Rig(**LOAD)["load_a"].set_power(4000, power_factor=0.8)
    with pytest.raises(OutsideEnvelope, match="current_a"):
        Rig(**LOAD)["load_a"].set_power(1, power_factor=0.0)


def test_a_resistance_counts_by_what_it_draws_at_nominal_voltage():
    rig = Rig(**LOAD)
    rig["load_a"].set_resistance(230 / 17)
    for ohms in (230 / 21, 0.0):
        with pytest.raises(OutsideEnvelope):
            rig["load_a"].set_resistance(ohms)
    assert len(rig.told("load_a")) == 1


def test_loads_together_stay_within_the_bench():
    rig = Rig(bench_envelope={"power_w": 5000})
    for load in ("load_a", "load_b"):
        rig[load].set_power(2500)
        rig[load].input_on()
    rig["load_c"].set_power(100)
    with pytest.raises(OutsideEnvelope, match=r"bench: power_w = 5100 .*bench_envelope\.power_w"):
        rig["load_c"].input_on()
    rig["load_a"].input_off()
    rig["load_c"].input_on()


def test_the_step_bank_counts_with_the_loads_for_as_long_as_it_may_be_closed():
    rig = Rig(bench_envelope={"power_w": 3000})
    rig["point_on_wave"].arm(0b1, delay_s=0.0, hold_s=5.0)
    rig["load_a"].set_power(2500)
    with pytest.raises(OutsideEnvelope, match="power_w = 3500"):
        rig["load_a"].input_on()
    rig.after(10.0)
    rig["load_a"].input_on()
    with pytest.raises(OutsideEnvelope, match="power_w = 3500"):
        rig["point_on_wave"].arm(0b1, delay_s=0.0, hold_s=5.0)


def test_a_setting_that_failed_counts_as_the_worse_of_both():
    rig = Rig(bench_envelope={"power_w": 3000})
    rig["load_a"].set_power(2500)
    rig["load_a"].input_on()
    rig.boxes["load_a"].fails = True
    with pytest.raises(LinkTimeout):
        rig["load_a"].set_power(100)
    rig["load_b"].set_power(1000)
    with pytest.raises(OutsideEnvelope, match="power_w = 3500"):
        rig["load_b"].input_on()


def test_energy_is_called_out_at_the_instant_it_is_used_up():
    rig = Rig(envelope={"load_a": {"energy_wh": 10}})
    rig["load_a"].set_power(3600)
    rig["load_a"].input_on()
    rig.after(4.0)
    rig["load_a"].set_power(1800)
    rig.after(11.9)
    assert rig.overruns == []
    rig.after(0.2)
    (error,) = rig.overruns
    assert "load_a: energy_wh = 10 is outside" in str(error)
    with pytest.raises(OutsideEnvelope, match="energy_wh"):
        rig["load_a"].set_power(10)


def test_energy_ends_with_the_load_and_begins_anew_with_the_next_energising():
    rig = Rig(envelope={"load_a": {"energy_wh": 10}})
    for _ in range(3):
        rig.demand.begin()
        rig["load_a"].set_power(3600)
        rig["load_a"].input_on()
        rig.after(9.0)
        rig["load_a"].make_safe()
        rig.after(100.0)
    assert rig.overruns == []


def test_all_loads_and_steps_share_the_energy_of_the_bench():
    rig = Rig(bench_envelope={"energy_wh": 10})
    for load in ("load_a", "load_b"):
        rig[load].set_power(1200)
        rig[load].input_on()
    rig["point_on_wave"].arm(0b1, delay_s=0.0, hold_s=6.0)  # 1.67 Wh
    rig.after(12.4)
    assert rig.overruns == []
    rig.after(0.2)
    assert "bench: energy_wh = 10 is outside" in str(rig.overruns[0])


def test_a_pulse_of_more_energy_than_is_left_is_refused():
    rig = Rig(bench_envelope={"energy_wh": 10})
    with pytest.raises(OutsideEnvelope, match="bench: energy_wh = 16"):
        rig["point_on_wave"].arm(0b1, delay_s=0.0, hold_s=60.0)
    assert rig.told("point_on_wave") == []


def test_a_load_rises_no_faster_than_its_slew():
    rig = Rig(envelope={"load_a": {"slew_a": 10}})
    rig["load_a"].set_current(6)
    rig["load_a"].input_on()
    rig.after(0.5)
    with pytest.raises(OutsideEnvelope, match="slew_a = 11"):
        rig["load_a"].set_current(11)
    rig["load_a"].set_current(2)
    rig.after(0.6)
    rig["load_a"].set_current(12)


def test_the_voltage_of_a_supply_that_is_off_may_be_set_at_once():
    rig = Rig(envelope={"pack": {"slew_v": 50}})
    rig["pack"].source.set_voltage(360)
    rig["pack"].source.output_on()
    rig["pack"].source.set_voltage(320)
    with pytest.raises(OutsideEnvelope, match="slew_v = 60"):
        rig["pack"].source.set_voltage(340)
    rig.after(1.1)
    rig["pack"].source.set_voltage(340)
    rig["pack"].make_safe()
    rig["pack"].source.set_voltage(0)


def test_after_a_voltage_that_failed_the_slew_counts_from_the_worse():
    rig = Rig(envelope={"pack": {"slew_v": 50}})
    rig["pack"].source.set_voltage(360)
    rig["pack"].source.output_on()
    rig.boxes["pack"].fails = True
    with pytest.raises(LinkTimeout):
        rig["pack"].source.set_voltage(330)
    rig.boxes["pack"].fails = False
    rig.after(1.1)
    with pytest.raises(OutsideEnvelope, match="slew_v = 60"):
        rig["pack"].source.set_voltage(300)


@pytest.mark.parametrize("view", ["source", "sink"])
def test_both_views_of_a_supply_are_limited(view):
    rig = Rig(envelope={"pack": {"current_a": 60, "power_w": 15000, "voltage_v": 420}})
    supply = getattr(rig["pack"], view)
    with pytest.raises(OutsideEnvelope, match="current_a"):
        supply.set_current_limit(61)
    with pytest.raises(OutsideEnvelope, match="power_w"):
        supply.set_power_limit(15001)
    assert rig.told("pack") == []


def test_short_circuits_steps_and_residual_currents_have_times_of_their_own():
    rig = Rig(
        envelope={"point_on_wave": {"short_hold_s": 0.2, "step_hold_s": 60, "residual_hold_s": 5}}
    )
    rig["point_on_wave"].arm(0b1, delay_s=0.0, hold_s=60)
    for mask in (1 << 6, 1 << 8 | 1):
        with pytest.raises(OutsideEnvelope, match="short_hold_s"):
            rig["point_on_wave"].arm(mask, delay_s=0.0, hold_s=0.3)
    with pytest.raises(OutsideEnvelope, match="step_hold_s"):
        rig["point_on_wave"].arm(0b1, delay_s=0.0, hold_s=61)
    with pytest.raises(OutsideEnvelope, match="residual_hold_s"):
        rig["point_on_wave"].arm(1 << 9, delay_s=0.0, hold_s=6)
    with pytest.raises(UsageError, match="not wired"):
        rig["point_on_wave"].arm(1 << 12, delay_s=0.0, hold_s=0.1)
    assert len(rig.told("point_on_wave")) == 1


def test_a_relay_that_stays_closed_is_called_out():
    rig = Rig(envelope={"faults_3": {"relay_hold_s": 5}})
    rig["faults_3"].set_relay(2, True)
    rig.after(4.9)
    rig["faults_3"].set_relay(2, False)
    rig["faults_3"].set_relay(2, True)
    rig.after(4.9)
    assert rig.overruns == []
    rig.after(1.0)
    assert "faults_3: relay_hold_s" in str(rig.overruns[0])
    with pytest.raises(OutsideEnvelope):
        rig["faults_3"].pulse(2, 5.1)


@pytest.mark.parametrize("order", [("load_a", "faults_2"), ("faults_2", "load_a")])
def test_roles_that_may_not_be_on_together_are_not(order):
    rig = Rig(bench_envelope={"never_together": [["load_a", "faults_2"]]})
    switch = {
        "load_a": (rig["load_a"].input_on, rig["load_a"].input_off),
        "faults_2": (lambda: rig["faults_2"].set_relay(1, True), rig["faults_2"].all_off),
    }
    first, second = order
    switch[first][0]()
    with pytest.raises(OutsideEnvelope, match=f"{second}: may not be on while {first} is"):
        switch[second][0]()
    assert rig.told(second) == []
    switch[first][1]()
    switch[second][0]()


def test_a_pulse_of_a_relay_counts_as_on_until_it_is_over():
    rig = Rig(bench_envelope={"never_together": [["load_a", "faults_2"]]})
    rig["faults_2"].pulse(1, 2.0)
    with pytest.raises(OutsideEnvelope, match="may not be on"):
        rig["load_a"].input_on()
    rig.after(2.1)
    rig["load_a"].input_on()


def test_switching_off_is_never_refused():
    rig = Rig(envelope={"load_a": {"energy_wh": 1}})
    rig["load_a"].set_power(3600)
    rig["load_a"].input_on()
    rig.after(100.0)
    rig["load_a"].input_off()
    rig["load_a"].make_safe()
    rig["pack"].source.output_off()
    rig["faults_2"].all_off()


@pytest.mark.parametrize(
    ("role", "key"), [("pack", "slew_a"), ("load_a", "voltage_v"), ("scope_ac", "current_a")]
)
def test_a_limit_that_means_nothing_for_a_role_is_a_mistake_in_the_file(role, key):
    with pytest.raises(UsageError, match=rf"envelope\.{role}\.{key}: means nothing"):
        check_envelopes(bench_file(envelope={role: {key: 1}}))


def test_no_driver_that_can_carry_power_is_without_its_envelope():
    rig = Rig()
    bare = [role for role, driver in rig.drivers.items() if driver is rig.boxes[role]]
    assert set(bare) == {"scope_ac", "scope_dc", "analyser_ac", "analyser_dc", "ambient", "can"}


def public_parts(thing, seen):
    """Walk over everything that can be had from a thing without an underscore."""
    if id(thing) in seen or isinstance(thing, str | bytes | int | float | type | BaseModel):
        return
    seen[id(thing)] = thing
    names = [name for name in dir(thing) if not name.startswith("_")]
    parts = [getattr(thing, name, None) for name in names]
    parts += list(thing.values()) if isinstance(thing, dict) else []
    for part in parts:
        if not callable(part):
            public_parts(part, seen)


def test_from_the_bench_of_a_plan_no_driver_and_no_link_can_be_reached(tmp_path):
    spec = load_bench(DEFAULT_BENCH)
    with open_bench(spec, DEFAULT_BENCH) as opened:
        recorder = Recorder(tmp_path / "run", opened.clock)
        seen = {}
        public_parts(Bench(spec, "x", opened.roles, opened.clock, Journal(recorder)), seen)
        recorder.close()
    modules = {type(each).__module__ for each in seen.values()}
    assert "rig.bench.appliance" in modules
    assert {each for each in modules if each.startswith("instruments")} == set()
