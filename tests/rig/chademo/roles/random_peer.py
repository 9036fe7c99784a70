"""A role against a peer that says almost anything: its rules must hold at every instant.

The peer plays the part the role waits for often enough to lead it into every state, and otherwise
sends random frames, repeats, drops, cuts or flips them, and moves lines at random.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

from instruments.capabilities import CanFrame
from rig.chademo.frames import (
    BatteryLimits,
    ChargerCapability,
    ChargerStatus,
    ChargeTimes,
    DischargeCapability,
    DischargeLimits,
    VehicleStatus,
)
from rig.chademo.roles import (
    Evps,
    EvpsParameters,
    EvpsState,
    Line,
    Vehicle,
    VehicleParameters,
    VehicleState,
)
from rig.clock import VirtualClock
from rig.virtual.boxes.slcan_bus import BusFrame, CanBus
from rig.virtual.chademo import BIT_RATE, BusPort, Cable, CableLines, EvpsEnd, VehicleEnd, Who

CYCLE_S = 0.1
LONGEST_END_S = 60.0
QUICK_EVPS = EvpsParameters(
    enable_s=2.0, skew_s=0.4, test_s=0.1, close_s=1.0, request_s=1.0, permission_s=1.0, weld_s=1.5,
    d2_s=4.0, can_loss_s=0.5, discharge_time_min=1, keep_alive_s=2.0,
)  # fmt: skip
QUICK_VEHICLE = VehicleParameters(
    wake_s=0.0, answer_s=2.0, ready_s=0.3, d2_s=2.0, close_after_s=0.2, request_after_s=0.3,
    can_loss_s=0.5, weld_after_s=0.5, d1_s=1.5, deviation_s=0.8, voltage_deviation_s=0.8,
    reverse_s=0.3, no_charge_s=3.0, request_s=2.0,
)  # fmt: skip


class Broken(AssertionError):
    """A rule did not hold; the seed is in the message."""


class RandomPeer:
    """What both kinds of peer share."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.seed = seed
        self.clock = VirtualClock()
        self.bus = CanBus(self.clock)
        self.cable = Cable(self.clock)
        self.lines = CableLines(self.cable)
        self.node = self.bus.attach(lambda frame: None, bit_rate=BIT_RATE)
        self.port = BusPort(self.bus)
        self.port.join(BIT_RATE)
        # Some peers behave for long enough to be led far, some hardly at all.
        self.honesty = self.random.choice((0.5, 0.9, 0.97, 0.995, 1.0))
        self.cable.drive(Line.PROXIMITY, on=True)

    def insist(self, holds, what):
        if not holds:
            raise Broken(f"seed {self.seed} at {self.clock.now():.2f} s: {what}")

    def maybe(self, chance):
        return self.random.random() < chance

    def send(self, message):
        frame = CanFrame(message.IDENTIFIER, message.encode())
        if not self.maybe(self.honesty):
            frame = self.spoilt(frame)
        if frame is not None:
            self.node.send(
                BusFrame(frame.identifier, frame.data, frame.extended, length=frame.length)
            )

    def spoilt(self, frame):
        pick, flip = self.random.randrange(6), self.random.randrange(64)
        if pick == 0:
            return None
        if pick == 1:
            return replace(frame, data=frame.data[: self.random.randrange(8)])
        if pick == 2:
            return replace(frame, extended=True)
        if pick == 3:
            return replace(frame, data=self.random.randbytes(8))
        if pick == 4:
            return CanFrame(self.random.randrange(0x800), self.random.randbytes(8))
        bits = int.from_bytes(frame.data, "little") ^ (1 << flip)
        return replace(frame, data=bits.to_bytes(8, "little"))

    def run(self, cycles):
        """Play; then be silent and see the role come to its end."""
        self.clock.call_every(0.02, self.check, first=0.011)
        for cycle in range(cycles):
            if not self.maybe(self.honesty):
                self.disturb()
            self.play(cycle)
            self.clock.sleep_until((cycle + 1) * CYCLE_S)
        self.leave()
        limit_s = self.clock.now() + LONGEST_END_S
        while not self.over and self.clock.now() < limit_s:
            self.clock.sleep_until(self.clock.now() + 1.0)
        self.insist(self.over, f"stuck in {self.role.state}")
        return {state for _, state in self.role.path}


class AgainstEvps(RandomPeer):
    """A random vehicle."""

    def __init__(self, seed):
        super().__init__(seed)
        self.role = Evps(self.clock, self.port, self.lines, EvpsEnd(self.cable), QUICK_EVPS)
        self.wanted = self.random.choice((-20.0, -5.0, 0.0, 5.0, 20.0))
        self.request_a = self.limit_a = self.outside = 0
        self.stop_cycle = self.random.randrange(10, 90)
        self.role.begin()
        self.role.start()
        self.role.want(self.wanted)

    @property
    def over(self):
        return self.role.state in {EvpsState.FINISHED, EvpsState.DISCHARGING}

    def leave(self):
        self.cable.drive(Line.K, on=False)
        self.cable.ask_contactor(Who.VEHICLE, closed=False)

    def disturb(self):
        pick = self.random.randrange(5)
        if pick == 0:
            self.cable.drive(Line.K, on=self.maybe(0.5))
        elif pick == 1:
            self.cable.drive(Line.PROXIMITY, on=self.maybe(0.8))
        elif pick == 2:
            self.cable.ask_contactor(Who.VEHICLE, closed=self.maybe(0.5))
        elif pick == 3:
            self.random.choice((self.role.stop, self.role.emergency_stop, self.role.malfunction))()
        else:
            self.role.offer_current(self.random.randrange(30), self.random.randrange(30))

    def play(self, cycle):
        state = self.role.state
        stops = cycle >= self.stop_cycle
        enabled = cycle >= 3 and not stops
        if enabled == (cycle % 2 == 1) or stops:
            self.cable.drive(Line.K, on=enabled)
        closes = state in {EvpsState.CLOSING, EvpsState.PRECHARGE, EvpsState.READY}
        if closes and enabled:
            self.cable.ask_contactor(Who.VEHICLE, closed=True)
        over = state in {EvpsState.WELD_CHECK, EvpsState.D2_OFF}
        if over:
            self.cable.ask_contactor(Who.VEHICLE, closed=False)
        closed = self.cable.closed[Who.VEHICLE]
        runs = enabled and closed and state in {EvpsState.READY, EvpsState.TRANSFER}
        self.request_a = min(self.request_a + 2, 15) if runs else 0
        self.limit_a = min(self.limit_a + 2, 15) if runs else 0
        self.send(BatteryLimits(max_battery_voltage_v=435, charge_rate_reference=100))
        self.send(ChargeTimes(max_charge_time_10s=255, max_charge_time_min=60))
        self.send(
            VehicleStatus(
                protocol=2,
                target_voltage_v=410,
                current_request_a=self.request_a,
                enabled=enabled,
                contactor_open=not closed,
                discharge_compatible=True,
                charge_rate=60,
            )
        )
        self.send(DischargeLimits(max_discharge_current_a=self.limit_a))

    def check(self):
        evps, cable = self.role, self.cable
        amps = cable.amps
        driving = {EvpsState.TRANSFER, EvpsState.RAMP_DOWN}
        self.insist(evps.state in driving or evps.current_a == 0.0, "current out of transfer")
        if evps.state is EvpsState.TRANSFER:
            status, bounds = evps.heard.get(VehicleStatus), evps.bounds
            self.insist(status.enabled, "transfer without 102.5.0")
            inside = bounds.low_a - 1e-9 <= evps.current_a <= bounds.high_a + 1e-9
            # A bound that has just fallen is obeyed at the next tick, before the next look.
            self.outside = 0 if inside else self.outside + 1
            self.insist(self.outside <= 1, "current over bounds")
        if evps.state is EvpsState.RAMP_DOWN:
            self.insist(self.clock.now() - evps.since_s <= 0.53, "current after permission")
        self.insist(amps == 0.0 or abs(amps - evps.current_a) < 1e-9, "current not set")
        early = {EvpsState.IDLE, EvpsState.WAKING, EvpsState.PARAMETERS, EvpsState.LOCKING}
        own = cable.closed[Who.EVPS]
        self.insist(not (own and evps.state in early | {EvpsState.CLOSING}), "closed too early")
        d1, d2 = cable.levels[Line.D1], cable.levels[Line.D2]
        self.insist(d1 or not d2, "d2 without d1")
        self.insist(not d2 or EvpsState.BLEEDING in {s for _, s in evps.path}, "d2 untested")


class AgainstVehicle(RandomPeer):
    """A random EVPS."""

    def __init__(self, seed):
        super().__init__(seed)
        self.role = Vehicle(
            self.clock, self.port, self.lines, VehicleEnd(self.cable), QUICK_VEHICLE
        )
        self.d1_cycle = self.random.randrange(3)
        self.d2_cycle = self.d1_cycle + self.random.randrange(4, 14)
        self.stop_cycle = self.random.randrange(15, 90)
        self.drive_a = self.random.choice((-30.0, -10.0, 0.0, 10.0, 30.0))
        self.role.begin()

    @property
    def over(self):
        return self.role.state in {VehicleState.FINISHED, VehicleState.OFF}

    def leave(self):
        self.cable.hold(None, 0.0)
        self.cable.drive(Line.D2, on=False)
        self.cable.drive(Line.D1, on=False)

    def disturb(self):
        line = self.random.choice((Line.D1, Line.D2, Line.PROXIMITY))
        pick = self.random.randrange(4)
        if pick < 2:
            self.cable.drive(line, on=self.maybe(0.7))
        elif pick == 2:
            self.random.choice((self.role.stop, self.role.leave_park))()
        else:
            self.cable.hold(None, self.random.uniform(-40.0, 40.0))

    def play(self, cycle):
        state, stops = self.role.state, cycle >= self.stop_cycle
        if cycle == self.d1_cycle:
            self.cable.drive(Line.D1, on=True)
        enabled = state in {VehicleState.ENABLED, VehicleState.CLOSING}
        if cycle >= self.d2_cycle and enabled and not stops:
            self.cable.drive(Line.D2, on=True)
        runs = state is VehicleState.RUN and not stops
        if state is VehicleState.CLOSED:
            self.cable.ask_contactor(Who.EVPS, closed=True)
        if state is VehicleState.OPENED:
            self.leave()
        if runs:
            most_a, least_a = self.role.request_a, -self.role.discharge_limit_a
            honest = min(max(self.drive_a, least_a), most_a)
            self.cable.hold(None, self.drive_a if self.honesty < 0.95 else honest)
        elif state is not VehicleState.CLOSED:
            self.cable.hold(None, 0.0)
            self.cable.ask_contactor(Who.EVPS, closed=False)
        if not self.cable.levels[Line.D1]:
            return
        plug, charging = self.cable.plug(), runs
        self.send(
            ChargerCapability(
                weld_detection_support=1,
                available_voltage_v=500,
                available_current_a=self.random.choice((15, 15, 15, 3)),
                threshold_voltage_v=435,
            )
        )
        self.send(
            ChargerStatus(
                protocol=2,
                voltage_v=max(round(plug.volts), 0),
                current_a=min(max(round(plug.amps), 0), 255),
                discharge_compatible=True,
                charging=charging,
                energizing=True,
                stop_control=not charging,
                remaining_time_10s=255 if charging else 0,
                remaining_time_min=60 * charging,
            )
        )
        self.send(
            DischargeCapability(
                discharge_current_a=min(max(round(-plug.amps), 0), 255),
                available_input_current_a=15,
            )
        )

    def check(self):
        vehicle, cable = self.role, self.cable
        closed = cable.closed[Who.VEHICLE]
        may = {
            VehicleState.CLOSING, VehicleState.CLOSED, VehicleState.RUN, VehicleState.STOPPING,
        }  # fmt: skip
        self.insist(not closed or vehicle.state in may, f"closed in {vehicle.state}")
        asks = vehicle.request_a or vehicle.discharge_limit_a
        self.insist(not asks or vehicle.state is VehicleState.RUN, "request out of run")
        k = cable.levels[Line.K]
        on = vehicle.state in {
            VehicleState.PERMITTED, VehicleState.ENABLED, VehicleState.CLOSING,
            VehicleState.CLOSED, VehicleState.RUN,
        }  # fmt: skip
        self.insist(k is on, "k does not follow the state")
        offer = vehicle.heard.get(ChargerCapability).available_current_a
        self.insist(vehicle.request_a <= offer, "request above 108.3")
        if vehicle.state is VehicleState.STOPPING:
            self.insist(self.clock.now() - vehicle.since_s <= 2.53, "closed after the stop")


def play_many(kind, seeds, cycles=100):
    """Play one sequence a seed; return how many reached each state."""
    reached = Counter()
    for seed in seeds:
        reached.update(kind(seed).run(cycles))
    return reached
