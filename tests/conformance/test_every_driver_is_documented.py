"""Every registered driver has what its roles promise, said in words and with units."""

import inspect
import re
import typing
from importlib import import_module

from instruments.registry import find_model, known_models

UNSIMULATED: set[str] = set()
"""Models whose box nothing simulates yet: they are documented and scripted, but not walked."""

UNITS = {
    "_v": r"\bV\b|volt",
    "_a": r"\bA\b|amp",
    "_w": r"\bW\b|watt|power",
    "_wh": r"\bWh\b",
    "_s": r"\bs\b|\bms\b|time|seconds",
    "_hz": r"\bHz\b",
    "_ohm": r"\bohm\b",
    "bit_rate": r"bit/s",
}


def methods(protocol):
    for name, member in inspect.getmembers(protocol):
        if not name.startswith("_") and (
            inspect.isfunction(member) or isinstance(member, property)
        ):
            yield name, member


def promised(model, part_of):
    """Yield each method of the protocols of a model with the driver's own."""
    module, _, name = find_model(model).driver.partition(":")
    driver = getattr(import_module(module), name)
    for view, protocol in part_of(find_model(model)).capabilities.items():
        owner = driver
        if view.strip() and isinstance(getattr(driver, view, None), property):
            owner = typing.get_type_hints(getattr(driver, view).fget)["return"]
        for method, declared in methods(protocol):
            yield owner, method, declared, getattr(owner, method, None)


def test_models_without_a_simulated_box_are_known(walk):
    walked = set(walk["simulated"]())
    assert {model.name for model in known_models()} - walked == UNSIMULATED


def test_the_driver_has_every_method_of_its_roles_with_the_same_parameters(model, walk):
    for owner, name, declared, own in promised(model, walk["part_of"]):
        where = f"{owner.__name__}.{name}"
        assert own is not None, f"{where} is missing"
        if isinstance(declared, property):
            assert isinstance(own, property), where
            continue
        wanted, given = (inspect.signature(each).parameters for each in (declared, own))
        assert list(given) == list(wanted), where
        for parameter in wanted:
            assert given[parameter].kind == wanted[parameter].kind, f"{where}({parameter})"
            assert given[parameter].default == wanted[parameter].default, f"{where}({parameter})"


def test_every_method_has_a_sentence_that_names_the_units(model, walk):
    for owner, name, declared, own in promised(model, walk["part_of"]):
        where = f"{owner.__name__}.{name}"
        own_words, words = inspect.getdoc(own) or "", inspect.getdoc(declared) or ""
        assert re.match(r"[A-Z].*\.", own_words, re.DOTALL), f"{where} has no sentence"
        if isinstance(declared, property):
            continue
        for parameter in list(inspect.signature(declared).parameters)[1:]:
            for suffix, unit in UNITS.items():
                if parameter.endswith(suffix):
                    assert re.search(unit, words), f"{where}: no unit for {parameter} in {words!r}"
                    assert re.search(unit, own_words), f"{where}: no unit for {parameter}"


def test_readings_carry_their_units_in_their_names():
    import instruments.capabilities as module

    plain = {"power_factor", "crest_factor", "level", "resolution", "values"}
    for name in ("DcReading", "AcReading", "PowerReading", "ScopeTrace", "WatchdogState"):
        for field, kind in typing.get_type_hints(getattr(module, name)).items():
            if kind in (float, float | None) and field not in plain:
                assert re.search(r"_(v|a|w|va|var|hz|s|ms|deg|percent)$", field), (name, field)
