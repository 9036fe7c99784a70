"""A simulated box of ours, on its circuit, beside one of sinstruments, asked by raw sockets."""

from __future__ import annotations

import multiprocessing
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from benchmarks.paired import Pair
from benchmarks.waiting import awaited
from rig.session import DEFAULT_BENCH, load_bench
from rig.virtual.bench import VirtualBench
from rig.virtual.boxes.itech_it8600 import ItechIt8600
from rig.virtual.wires import stream_service

__all__ = ["asked_by_sockets"]

_SCRIPT = Path(__file__).parent / "peer_scripts" / "serve_sinstruments.py"
_STARTS_S = 20.0


@contextmanager
def asked_by_sockets(python: Path, question: bytes) -> Iterator[Pair]:
    """Ask the same question of an IT8600 without turnaround and of a box of sinstruments."""
    with (
        _ours() as ours_at,
        _theirs(python) as theirs_at,
        _connected(ours_at) as ours,
        _connected(theirs_at) as theirs,
    ):
        yield Pair(partial(_ask, ours, question), partial(_ask, theirs, question))


def _ask(box: socket.socket, question: bytes) -> bytes:
    box.sendall(question + b"\n")
    answer = box.recv(4096)
    assert answer.endswith(b"\n")
    return answer


@contextmanager
def _ours() -> Iterator[int]:
    context = multiprocessing.get_context("fork")
    near, far = context.Pipe()
    process = context.Process(target=_serve, args=(far,), daemon=True)
    process.start()
    try:
        yield int(near.recv())
    finally:
        process.terminate()
        process.join()


def _serve(told: Connection) -> None:
    bench = VirtualBench(load_bench(DEFAULT_BENCH))
    port = bench.network.load("load_c")
    box = ItechIt8600(bench.clock, port, np.random.default_rng(1), turnaround_s=0.0)
    told.send(bench.hub.listen_tcp(stream_service(box)))
    bench.hub.serve_until(lambda: False)


@contextmanager
def _theirs(python: Path) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    process = subprocess.Popen([str(python), str(_SCRIPT), str(port)])
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _connected(port: int) -> Iterator[socket.socket]:
    box = awaited(partial(_connection, port), _STARTS_S)
    assert box is not None, f"nothing listens on port {port}"
    box.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with box:
        yield box


def _connection(port: int) -> socket.socket | None:
    try:
        return socket.create_connection(("127.0.0.1", port), 5.0)
    except ConnectionRefusedError:
        return None
