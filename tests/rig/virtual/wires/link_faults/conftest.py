"""An echoing box behind faults, and a plain client that asks it."""

from __future__ import annotations

import numpy as np
import pytest

from rig.virtual.wires import LinkFaults, stream_service

TIMEOUT_S = 0.5


@pytest.fixture
def make_faults(hub, clock):
    def make(*, serial=False, seed=1):
        return LinkFaults(
            clock,
            np.random.default_rng(seed),
            box="load_a",
            timeout_s=TIMEOUT_S,
            serial=serial,
            in_wall_time=lambda: hub.in_wall_time,
        )

    return make


@pytest.fixture
def faults(make_faults):
    return make_faults()


@pytest.fixture
def port(hub, device, faults):
    return hub.listen_tcp(faults.guard(stream_service(device)))


@pytest.fixture
def wire(wires, port):
    return wires.wire(f"127.0.0.1:{port}")


@pytest.fixture
def ask(wire):
    def send(client, message=b"ECHO? hello"):
        client.sendall(message + b"\n")
        wire.sent(len(message) + 1)
        return client.recv(1000)

    return send
