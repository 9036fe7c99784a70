"""Fields of frozen parameters, changed by their names, which are checked where they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, TypeVar

from instruments.errors import UsageError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["fields_of"]

_Whole = TypeVar("_Whole", bound="DataclassInstance")


def fields_of(whole: Callable[[], _Whole], *path: str) -> Callable[..., Callable[[_Whole], _Whole]]:
    """Return what makes changes of fields, named as keywords, in a part of ``whole``.

    ``path``: the fields that lead to the part; none: ``whole`` itself. A name that is no field
    raises ``UsageError`` at once, not when the change is applied.
    """

    def changing(**changes: object) -> Callable[[_Whole], _Whole]:
        def changed(parameters: _Whole) -> _Whole:
            return _changed(parameters, path, changes)

        changed(whole())
        return changed

    return changing


def _changed(part: _Whole, path: tuple[str, ...], changes: Mapping[str, object]) -> _Whole:
    _check(part, path[:1] or changes)
    if path:
        changes = {path[0]: _changed(getattr(part, path[0]), path[1:], changes)}
    return replace(part, **changes)


def _check(part: DataclassInstance, names: Iterable[str]) -> None:
    known = [each.name for each in fields(part)]
    for name in names:
        if name not in known:
            raise UsageError(
                f"{type(part).__name__} has no field {name!r}; expected one of {', '.join(known)}"
            )
