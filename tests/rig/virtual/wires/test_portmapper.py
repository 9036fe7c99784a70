"""Clients that ask where the core channel is."""

from __future__ import annotations

import struct

import pytest


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [((0x0607AF, 1, 6), 40123), ((0x0607AF, 1, 17), 0), ((0x0607AF, 2, 6), 0), ((5, 1, 6), 0)],
)
def test_it_tells_the_port_of_the_core_channel_and_of_nothing_else(
    hub, wires, connect, mapping, expected
):
    port = hub.listen_portmapper(40123, port=0)
    client = connect(port)
    asked = (1, 0, 2, 100000, 2, 3, 0, 0, 0, 0, *mapping, 0)
    client.sendall(struct.pack(">15I", 0x80000000 | 56, *asked))
    wires.wire(f"127.0.0.1:{port}").sent(60)
    assert struct.unpack(">8I", client.recv(100))[-2:] == (0, expected)


def test_it_knows_no_other_procedure(hub, wires, connect):
    port = hub.listen_portmapper(40123, port=0)
    client = connect(port)
    client.sendall(struct.pack(">11I", 0x80000000 | 40, 1, 0, 2, 100000, 2, 4, 0, 0, 0, 0))
    wires.wire(f"127.0.0.1:{port}").sent(44)
    assert struct.unpack(">7I", client.recv(100))[-1] == 3
