"""The order of events is the same in every run."""

from __future__ import annotations

import random

import pyvisa

from rig.clock import VirtualClock
from rig.virtual.wires import Hub, Response, VirtualWires, stream_service

TERMINATED = {"read_termination": "\n", "write_termination": "\n"}


class Logger:
    """Writes down every message it serves, with the virtual time, in one list for all boxes."""

    def __init__(self, name, clock, log):
        self.name, self.clock, self.log = name, clock, log

    def execute(self, message):
        self.log.append((self.clock.now(), self.name, message))
        return Response(message, len(message) / 1000.0)


def mixed_run(count):
    log = []
    clock, rng = VirtualClock(), random.Random(7)
    manager = pyvisa.ResourceManager("@py")
    with Hub(clock) as hub:
        wires = VirtualWires(hub, clock)
        boxes = [Logger(name, clock, log) for name in ("tcp", "serial", "vxi11", "hislip")]
        port = hub.listen_tcp(stream_service(boxes[0]))
        path = hub.open_serial(stream_service(boxes[1]))
        core, hislip = hub.listen_vxi11(boxes[2]), hub.listen_hislip(boxes[3])
        links = [
            (f"127.0.0.1:{port}", f"TCPIP::127.0.0.1::{port}::SOCKET"),
            (path, f"ASRL{path}::INSTR"),
            (f"127.0.0.1:{core}", f"TCPIP0::127.0.0.1,{core}::inst0::INSTR"),
            (f"127.0.0.1:{hislip}", f"TCPIP0::127.0.0.1::hislip0,{hislip}::INSTR"),
        ]
        sides = [wires.wire(address) for address, _ in links]
        clients = []
        for side, (_, resource) in zip(sides, links, strict=True):
            with side.blocking():
                clients.append(manager.open_resource(resource, **TERMINATED))

        def exchange(which, text):
            if which < 2:
                sides[which].sent(clients[which].write(text))
                reply = clients[which].read()
            else:
                with sides[which].blocking():
                    reply = clients[which].query(text)
            assert reply == text
            sides[which].settle()

        beats = iter(range(1 << 30))
        clock.call_every(0.05, lambda: exchange(0, f"beat {next(beats)}"))
        for number in range(count):
            if number % 10:
                exchange(rng.randrange(4), f"message {number}" + "." * rng.randrange(20))
            else:
                with wires.together():
                    for which in rng.sample(range(4), 4):
                        exchange(which, f"all {number}")
        with sides[2].blocking():
            manager.close()
    return log, clock.now()


def test_2000_mixed_exchanges_are_served_in_the_same_order_at_the_same_times():
    first, second = mixed_run(1250), mixed_run(1250)
    assert len(first[0]) > 2000
    assert first == second
