"""What there is one of for each socket, by the socket's name."""

from __future__ import annotations

from typing import NoReturn, TypeVar

from instruments.errors import UsageError

__all__ = ["BySocket"]

T = TypeVar("T")


class BySocket(dict[str, T]):
    """A dictionary that names its sockets when it is asked for another."""

    def __missing__(self, socket: object) -> NoReturn:
        raise UsageError(f"expected a socket of {', '.join(self)}, got {socket!r}")
