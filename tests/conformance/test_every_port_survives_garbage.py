"""Fuzzed bytes at every kind of port of every simulated box: none breaks, nothing leaks."""

from __future__ import annotations

import gc
import os
import random
import socket
import struct
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
import serial

from instruments.errors import BenchError
from rig.session import DEFAULT_BENCH, load_bench
from rig.virtual.bench import VirtualBench
from rig.virtual.modbus import seal

SOAK = int(os.environ.get("RIG_SOAK", "1"))
ROUNDS = 20 * SOAK
MOST_GROWTH_BYTES = 4 << 20

WORDS = (
    b"*IDN? *RST *CLS *OPC? *ESR? *ESE 255 *STB? *SRE 255 *TST? *TRG *SAV 1 *RCL 1 SYST:ERR?"
    b" SYST:VERS? :SYSTem:ERRor:COUNt? SYST:LOCK ON VOLT 12.5V VOLT? CURR 1e99 CURR? POW -1"
    b" OUTP ON OUTP? MEAS:VOLT? MEAS:ARR? FETC:CURR? LOAD ON LOAD? INP 1 SOUR:VOLT? MODE CC"
    b" :WAV:DATA? :WAV:PRE? :CHAN1:SCAL 1E-3 :TIM:RANG 10 :SING :STOP :RUN :DIG :ACQ:TYPE HRES"
    b" :NUM:NORM:VAL? :NUM:NORM:NUM 255 :INP:VOLT:RANG 300V :RATE 100MS :INT:STAR :COMM:REM 1"
    b" VOLT:PROT:LEV MAX CURR MIN 'quoted' \"open #H1F #15abcde #0 #9 ; : , ? @ (@1:4) nan inf"
).split()


def random_scpi(rng: random.Random) -> bytes:
    parts = [rng.choice(WORDS) for _ in range(rng.randrange(1, 6))]
    return rng.choice((b" ", b";", b";:", b",", b":")).join(parts) + rng.choice((b"\n", b"\r\n"))


def random_rtu(rng: random.Random) -> bytes:
    head = bytes([rng.choice((0, 1, 2, 3, 4, 5, 17, 33, 255)), rng.choice((1, 2, 3, 4, 5, 6))])
    body = struct.pack(">HH", rng.choice((0, 8, 405, 500, 32768, rng.randrange(65536))),
                       rng.choice((0, 1, 0xFF00, 0x5500, 125, rng.randrange(65536))))  # fmt: skip
    if rng.random() < 0.4:
        values = rng.randbytes(2 * rng.randrange(1, 20))
        head = head[:1] + bytes([rng.choice((15, 16))])
        body = body[:2] + struct.pack(">HB", len(values) // 2, len(values)) + values
    return seal(head + body)


def random_mbap(rng: random.Random) -> bytes:
    pdu = random_rtu(rng)[1:-2]
    length = rng.choice((len(pdu) + 1, len(pdu) + 1, 0, 2, 0xFFFF))
    return struct.pack(">HHHB", rng.randrange(65536), rng.choice((0, 0, 0, 7)), length,
                       rng.choice((0, 1, 255))) + pdu  # fmt: skip


def random_slcan(rng: random.Random) -> bytes:
    digits = b"".join(
        rng.choice((b"0", b"1", b"8", b"A", b"f", b"x")) for _ in range(rng.randrange(30))
    )
    return rng.choice(tuple(b"SOCLtTrRFVNZMmsQXW")).to_bytes(1, "big") + digits + b"\r"


def random_hislip(rng: random.Random) -> bytes:
    body = rng.choice((b"hislip0", b"", random_scpi(rng), rng.randbytes(rng.randrange(40))))
    length = rng.choice((len(body), len(body), len(body) + 5, 1 << 63, 0))
    header = struct.pack("!2sBBIQ", b"HS", rng.randrange(28), rng.randrange(3), rng.randrange(9),
                         length)  # fmt: skip
    return struct.pack("!2sBBIQ", b"HS", 0, 0, 0x01006F72, 7) + b"hislip0" + header + body


def random_rpc(rng: random.Random) -> bytes:
    arguments = struct.pack(">4I", 1, 0, 0, 5) + b"inst0\0\0\0" + rng.randbytes(rng.randrange(60))
    call = struct.pack(">10I", rng.randrange(9), rng.choice((0, 0, 0, 1)), 2, 0x0607AF, 1,
                       rng.choice((10, 11, 12, 13, 15, 22, 23, 99)), 0, 0, 0, 0)  # fmt: skip
    record = call + rng.choice((arguments, struct.pack(">6I", 1, 9, 9, 9, 8, 4) + b"*IDN"))
    return struct.pack(">I", 0x80000000 | rng.choice((len(record), len(record), 3))) + record


MAKERS = {
    "visa-socket": (random_scpi,),
    "visa-serial": (random_scpi,),
    "visa-hislip": (random_hislip, random_scpi),
    "visa-vxi11": (random_rpc, random_scpi),
    "modbus-rtu-tcp": (random_rtu, random_scpi),
    "modbus-rtu-serial": (random_rtu,),
    "modbus-tcp": (random_mbap, random_rtu),
    "stream-serial": (random_slcan,),
}


def random_bytes(kind: str, rng: random.Random) -> bytes:
    """Return what a client of the right protocol, a broken one, or none at all would send."""
    if rng.random() < 0.15:
        return rng.randbytes(rng.randrange(1, 400))
    data = bytearray(b"".join(rng.choice(MAKERS[kind])(rng) for _ in range(rng.randrange(1, 4))))
    for _ in range(rng.choice((0, 0, 0, 1, 3, 10))):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data[: rng.choice((len(data), len(data), rng.randrange(len(data)) + 1))])


class Place:
    """Where a box is reached without any link: a socket or a serial device."""

    def __init__(self, virtual, address):
        self.path = address.removeprefix("ASRL").removesuffix("::INSTR")
        parts = address.replace(",", "::").replace(":", " ").split()
        ports = [int(part) for part in parts if part.isdigit() and len(part) > 3]
        self.serial = not ports or "/" in address
        self.port = 0 if self.serial else ports[0]
        where = self.path if self.serial else f"127.0.0.1:{self.port}"
        self.wire = virtual.wires.wire(where)

    def send(self, data):
        """Say something, listen a little, and go without a farewell."""
        if self.serial:
            with serial.Serial(self.path, timeout=0) as line:
                for start in range(0, len(data), 1000):
                    line.write(data[start : start + 1000])
                    self.wire.sent(len(data[start : start + 1000]))
                line.read(1 << 16)
            return
        with socket.create_connection(("127.0.0.1", self.port), 1.0) as client:
            client.sendall(data)
            self.wire.sent(len(data))
            client.setblocking(False)
            with suppress(OSError):
                client.recv(1 << 16)

    def fuzz(self, kind, rng, rounds):
        """Send this much, each message on a connection of its own."""
        for _ in range(rounds):
            self.send(random_bytes(kind, rng))
            self.wire.settle()
        self.wire.sent(0)
        gc.collect()


def descriptors():
    return len(list(Path("/dev/fd").iterdir()))


def fuzz(place, kind, rng):
    """Fuzz a port, and hold descriptors and memory against what they were before."""
    place.fuzz(kind, rng, ROUNDS // 2)
    open_before = descriptors()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        place.fuzz(kind, rng, ROUNDS)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert descriptors() == open_before
    assert after - before < MOST_GROWTH_BYTES


def test_no_bytes_break_a_box_or_leave_anything_behind(subject):
    if subject.faults is None:
        pytest.skip("no port of ours")
    link, rng = subject.spec.roles[subject.role].link, random.Random(subject.model.name)
    fuzz(Place(subject.virtual, subject.virtual.addresses[subject.role]), link.kind, rng)
    with suppress(BenchError):  # on a serial line it may meet the rest of a garbled message
        subject.driver.identify()
    assert subject.driver.identify()


@pytest.mark.parametrize("where", ["controller", "console"])
def test_no_bytes_break_the_unit_under_test(where):
    virtual = VirtualBench(load_bench(DEFAULT_BENCH))
    try:
        address = virtual.console if where == "console" else virtual.addresses[where]
        fuzz(Place(virtual, address), "modbus-rtu-serial", random.Random(where))
        assert virtual.controller.read_input(0, 2)
    finally:
        virtual.close()
