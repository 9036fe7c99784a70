"""Where each simulated box is plugged in: its link by kind, its fixed port, its link's faults."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from rig.bench.model import LinkSpec
from rig.clock import VirtualClock
from rig.virtual.network import rng_for
from rig.virtual.wires import (
    Hub,
    LinkFaults,
    MessageDevice,
    Service,
    stream_service,
)
from rig.virtual.wires.tcp_port import HOST

__all__ = ["Plugs"]

_numbers = count()
"""python-can's buses are those of the whole process, and two benches must not meet on one."""


class Plugs:
    """Plug boxes into a hub; ``faults`` has the fault layer in front of each role's box."""

    def __init__(self, hub: Hub, clock: VirtualClock, seed: int) -> None:
        self.faults: dict[str, LinkFaults] = {}
        self._hub, self._clock, self._seed = hub, clock, seed
        self._number = next(_numbers)

    def message_box(self, role: str, device: MessageDevice, link: LinkSpec) -> str:
        """Serve a message-based instrument; return its VISA resource."""
        faults = self._fault_layer((role,), link)
        port = link.virtual_port
        if link.kind == "visa-serial":
            return f"ASRL{self._hub.open_serial(faults.guard(stream_service(device)))}::INSTR"
        if link.kind == "visa-hislip":
            port = self._hub.listen_hislip(device, port=port, guard=faults.guard)
            return f"TCPIP0::{HOST}::hislip0,{port}::INSTR"
        if link.kind == "visa-vxi11":
            port = self._hub.listen_vxi11(device, port=port, guard=faults.guard)
            return f"TCPIP0::{HOST},{port}::inst0::INSTR"
        port = self._hub.listen_tcp(faults.guard(stream_service(device)), port=port)
        return f"TCPIP0::{HOST}::{port}::SOCKET"

    def tcp_box(self, role: str, service: Service, link: LinkSpec) -> str:
        """Serve a box with a protocol of its own on a socket; return ``host:port``."""
        guard = self._fault_layer((role,), link).guard
        return f"{HOST}:{self._hub.listen_tcp(guard(service), port=link.virtual_port)}"

    def serial_line(self, roles: Sequence[str], service: Service, link: LinkSpec) -> str:
        """Serve a serial line that the boxes of ``roles`` share; return its device path."""
        return self._hub.open_serial(self._fault_layer(roles, link).guard(service))

    def can_channel(self, role: str, link: LinkSpec) -> str:
        """Return a channel of python-can's in-process bus, this bench's own, as its address."""
        return f"virtual:{link.virtual_line or role} of bench {self._number}"

    def _fault_layer(self, roles: Sequence[str], link: LinkSpec) -> LinkFaults:
        faults = LinkFaults(
            self._clock,
            rng_for(self._seed, f"link of {roles[0]}"),
            box=", ".join(roles),
            timeout_s=link.timeout_s,
            serial=link.kind.endswith("serial"),
            in_wall_time=lambda: self._hub.in_wall_time,
        )
        self.faults.update(dict.fromkeys(roles, faults))
        return faults
