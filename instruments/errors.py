"""The two families of errors: fix your plan, or the bench misbehaved."""

from __future__ import annotations

__all__ = ["BenchError", "CannotDo", "LinkClosed", "LinkTimeout", "Refused", "UsageError"]


class UsageError(Exception):
    """Say that a plan, a file or a call is wrong and must be changed by its author."""


class CannotDo(UsageError):
    """Say that a box has no such ability; raised before any byte is sent."""


class BenchError(Exception):
    """Say that the bench misbehaved while doing something to one box.

    The message always has one shape: what was being done, on which role and address, what was
    expected, what came back, and what the rig did about it.
    """

    def __init__(
        self,
        doing: str,
        *,
        box: str,
        address: str,
        expected: str,
        got: str,
        did: str = "nothing more was sent",
    ) -> None:
        self.doing, self.box, self.address = doing, box, address
        self.expected, self.got, self.did = expected, got, did
        super().__init__(f"{doing} on {box} at {address}: expected {expected}, got {got}; {did}")


class LinkTimeout(BenchError):
    """Say that a box did not answer within its time-out."""


class LinkClosed(BenchError):
    """Say that the connection to a box could not be opened or was lost."""


class Refused(BenchError):
    """Say that a box answered, and refused: an exception code or an entry of its error queue.

    ``code`` is the box's own number (Modbus exception code or SCPI error number).
    """

    def __init__(
        self,
        doing: str,
        *,
        box: str,
        address: str,
        expected: str,
        got: str,
        code: int,
        did: str = "nothing more was sent",
    ) -> None:
        self.code = code
        super().__init__(doing, box=box, address=address, expected=expected, got=got, did=did)
