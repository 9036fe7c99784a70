"""Bare PyVISA beside a peer, timed by turns."""

from __future__ import annotations

import json
import socket
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pyvisa

from benchmarks.paired import Pair, compare

QUESTION = "MEAS:VOLT?;:FETC:CURR?"


def main(open_peer: Callable[[str], Callable[[], object]]) -> None:
    """Print the medians of some repetitions as JSON; arguments: port, repetitions."""
    warnings.simplefilter("ignore")
    resource = f"TCPIP::127.0.0.1::{sys.argv[1]}::SOCKET"
    medians = [compare(_pair(open_peer, resource)) for _ in range(int(sys.argv[2]))]
    print(json.dumps(medians))


@contextmanager
def _pair(open_peer: Callable[[str], Callable[[], object]], resource: str) -> Iterator[Pair]:
    bare = pyvisa.ResourceManager("@py").open_resource(
        resource, read_termination="\n", write_termination="\n"
    )
    session = bare.visalib.sessions[bare.session]
    session.interface.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    yield Pair(open_peer(resource), lambda: bare.query(QUESTION))
    bare.close()
