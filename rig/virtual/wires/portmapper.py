"""A portmapper that knows one program, for clients that cannot be given a port (RFC 1833 v2)."""

from __future__ import annotations

from rig.virtual.wires.contract import Line, Service, Session
from rig.virtual.wires.rpc import Call, NoSuchProcedureError, RpcSession, words
from rig.virtual.wires.vxi11 import CORE

__all__ = ["portmapper_service"]

_PORTMAPPER = (100000, 2)
_GET_PORT = 3
_TCP = 6


def portmapper_service(core_port: int) -> Service:
    """Answer GETPORT for the VXI-11 core channel over TCP; 0 (not registered) for all else."""

    def program(procedure: int, call: Call) -> bytes:
        if procedure != _GET_PORT:
            raise NoSuchProcedureError
        asked = (call.word(), call.word())
        transport = call.word()
        return words(core_port if asked == CORE and transport == _TCP else 0)

    def connect(line: Line) -> Session:
        return RpcSession(line, {_PORTMAPPER: program})

    return connect
