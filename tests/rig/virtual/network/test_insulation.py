"""The pack's insulation: what the ladder's relays make of it."""

import pytest

from rig.virtual.network.insulation import pack_insulation

FAULT = "insulation_fault"


def parallel(insulation):
    return 1 / (1 / insulation.first_ohm + 1 / insulation.second_ohm)


def test_a_healthy_pack_is_insulated_by_megohms():
    assert parallel(pack_insulation(frozenset())) > 10e6


@pytest.mark.parametrize(
    ("name", "ohm"),
    [
        ("insulation_39k2", 39_200),
        ("insulation_42k2", 42_200),
        ("insulation_196k", 196_000),
        ("insulation_210k", 210_000),
    ],
)
@pytest.mark.parametrize("rail", ["positive", "negative"])
def test_a_resistor_of_the_ladder_lies_at_the_rail_that_is_chosen(name, ohm, rail):
    insulation = pack_insulation({f"insulation_{rail}", name, FAULT})
    faulty, sound = insulation.first_ohm, insulation.second_ohm
    if rail == "negative":
        faulty, sound = sound, faulty
    assert faulty == pytest.approx(ohm, rel=0.01)
    assert sound > 10e6


@pytest.mark.parametrize(
    "inserted",
    [
        {"insulation_positive", "insulation_39k2"},
        {"insulation_39k2", FAULT},
        {"insulation_positive", FAULT},
    ],
    ids=["not connected", "at no rail", "no resistor"],
)
def test_half_a_ladder_is_no_fault(inserted):
    assert parallel(pack_insulation(inserted)) > 10e6


def test_y_capacitors_hang_there_whatever_the_ladder_does():
    bare, more = pack_insulation(frozenset()), pack_insulation({"insulation_y_1u"})
    assert more.farad - bare.farad == pytest.approx(1e-6)
