"""One plug between processes: a simulated bus with two SLCAN adapters, and the cable over TCP.

``python wall_plug.py bus FILE`` serves them until its input ends, then writes the frames to FILE;
``python wall_plug.py vehicle PTY PORT [JSON]`` plays the vehicle on the second adapter;
``python wall_plug.py machine`` tells how late this machine wakes a process that does nothing.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from pathlib import Path

from instruments.clock import WallClock, hurry
from instruments.links.byte_stream import SerialStream
from instruments.links.wire import RealWires
from instruments.ratings import SlcanDialect
from instruments.slcan import Slcan
from rig.chademo.roles import Line, Measured, Vehicle, VehicleParameters, VehicleState
from rig.clock import VirtualClock
from rig.virtual.boxes.slcan_adapter import SlcanAdapter
from rig.virtual.boxes.slcan_bus import CanBus
from rig.virtual.chademo import BIT_RATE, Cable, EvpsEnd, VehicleEnd
from rig.virtual.wires import Hub

FRESH_S = 0.008
USB_BAUD = 3_000_000
"""What a serial line inside USB carries, about."""
END_ACTIONS = {
    "drive", "cut", "hold_voltage", "set_current", "switch_off", "evps_contactor",
    "vehicle_contactor",
}  # fmt: skip


class CableService:
    """Lets other processes see and move a cable: one JSON line each way."""

    def __init__(self, line, cable):
        self.line, self.cable, self.rest = line, cable, b""
        self.evps, self.vehicle = EvpsEnd(cable), VehicleEnd(cable)

    def received(self, data):
        *lines, self.rest = (self.rest + data).split(b"\n")
        for each in lines:
            name, *values = json.loads(each)
            if name in END_ACTIONS:
                self.act(name, values)
            self.line.send(json.dumps(self.state()).encode() + b"\n")

    def closed(self):
        pass

    def act(self, name, values):
        actions = {
            "drive": lambda line, on: self.cable.drive(Line(line), on),
            "cut": lambda line: self.cable.cut(Line(line)),
            "hold_voltage": self.evps.hold_voltage,
            "set_current": self.evps.set_current,
            "switch_off": self.evps.switch_off,
            "evps_contactor": self.evps.set_contactor,
            "vehicle_contactor": self.vehicle.set_contactor,
        }
        actions[name](*values)

    def state(self):
        plug = self.cable.plug()
        return {
            "levels": self.cable.levels,
            "volts": plug.volts,
            "amps": plug.amps,
            "behind_v": self.cable.behind_v(),
            "battery_v": self.cable.battery_v,
            "percent": self.cable.charge_percent,
            "closed": self.vehicle.contactor_closed(),
            "opened_a": [abs(e.amps) for e in self.cable.switchings if not e.closed],
        }


class RemoteCable:
    """Lines and power of either end, over TCP; what is read is at most 8 ms old."""

    def __init__(self, port, clock):
        self.clock, self.asked_s = clock, -1.0
        self.lock = threading.Lock()
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=2.0)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        self.last = {}
        self.memory = {}

    def exchange(self, *words):
        with self.lock:
            self.socket.sendall(json.dumps(words).encode() + b"\n")
            self.last = json.loads(self.file.readline())
            self.asked_s = self.clock.now()

    def act(self, name, *values):
        if self.memory.get((name, *values[:-1])) != values or name in {"cut", "drive"}:
            self.exchange(name, *values)
        self.memory[name, *values[:-1]] = values

    def now(self):
        if self.clock.now() - self.asked_s > FRESH_S:
            self.exchange("look")
        return self.last

    def close(self):
        self.file.close()
        self.socket.close()

    def read(self, line):
        return self.now()["levels"][line]

    def set(self, line, on):
        self.act("drive", line, on)

    def changed_s(self, line):
        return 0.0

    def measure(self):
        state = self.now()
        return Measured(state["volts"], state["amps"])


class RemoteEvps(RemoteCable):
    """The EVPS's end."""

    def hold_voltage(self, volts):
        self.exchange("hold_voltage", volts)

    def set_current(self, amps):
        self.exchange("set_current", amps)

    def switch_off(self):
        self.exchange("switch_off")

    def set_contactor(self, closed):
        self.exchange("evps_contactor", closed)

    def voltage_behind(self):
        return self.now()["behind_v"]

    def insulation_ohm(self):
        return 1e6


class RemoteVehicle(RemoteCable):
    """The vehicle's end."""

    def battery_v(self):
        return self.now()["battery_v"]

    def charge_percent(self):
        return self.now()["percent"]

    def set_contactor(self, closed):
        self.exchange("vehicle_contactor", closed)

    def contactor_closed(self):
        return self.now()["closed"]


def can_port(path, clock):
    link = SerialStream(path, name="slcan", clock=clock, wires=RealWires(clock))
    port = Slcan(link, clock, SlcanDialect())
    port.join(BIT_RATE)
    return port


def serve(file):
    clock = VirtualClock()
    hub, bus, cable = Hub(clock), CanBus(clock), Cable(clock)
    frames, over = [], threading.Event()
    # The clock goes by whole milliseconds here: what periods are judged by is read off the wall.
    bus.attach(lambda frame: frames.append((time.monotonic(), frame)), bit_rate=BIT_RATE)
    adapters = [SlcanAdapter(clock, bus, acknowledges=False, baud=USB_BAUD) for _ in range(2)]
    ports = [hub.open_serial(each.service()) for each in adapters]
    tcp = hub.listen_tcp(lambda line: CableService(line, cable))
    cable.drive(Line.PROXIMITY, on=True)
    sys.stdout.write(json.dumps({"ptys": ports, "port": tcp}) + "\n")
    sys.stdout.flush()

    def wait():
        sys.stdin.read()
        over.set()
        hub.wake()

    threading.Thread(target=wait, daemon=True).start()
    hurry()  # as a bus does, which waits for nobody
    hub.serve_until(over.is_set)
    hub.close()
    rows = [[t_s, each.identifier, each.data.hex()] for t_s, each in frames]
    opened = [abs(e.amps) for e in cable.switchings if e.who == "vehicle" and not e.closed]
    Path(file).write_text(json.dumps({"frames": rows, "opened_a": opened}))


def play_vehicle(pty, port, options):
    clock = WallClock(urgent=True)
    remote = RemoteVehicle(int(port), clock)
    parameters = VehicleParameters(**json.loads(options))
    vehicle = Vehicle(clock, can_port(pty, clock), remote, remote, parameters)
    vehicle.begin()
    sys.stdout.write("ready\n")
    sys.stdout.flush()

    def listen():
        for line in sys.stdin:
            name, *values = json.loads(line)
            getattr(vehicle, name)(*values)

    threading.Thread(target=listen, daemon=True).start()
    while vehicle.state is not VehicleState.FINISHED:
        clock.sleep_until(clock.now() + 0.1)
    vehicle.end()
    clock.close()
    reason = vehicle.ending and vehicle.ending.reason
    sys.stdout.write(json.dumps({"reason": reason}) + "\n")


def watch_the_machine():
    """Wake up every 10 ms till the input ends; tell how late the latest wake-up was."""
    clock, over, late_s = WallClock(), threading.Event(), 0.0
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    due_s = clock.now()
    while not over.is_set():
        due_s = max(due_s + 0.01, clock.now())
        clock.sleep_until(due_s)
        late_s = max(late_s, clock.now() - due_s)
    sys.stdout.write(json.dumps(1e3 * late_s) + "\n")


if __name__ == "__main__":
    {"bus": serve, "vehicle": play_vehicle, "machine": watch_the_machine}[sys.argv[1]](
        *sys.argv[2:]
    )
